/** What stands on the tab and in the history. */
export function PageTitle({ children }: { children: string }) {
  return <title>{`${children} · Causeway`}</title>;
}
