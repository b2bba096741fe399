/** Such as 2026-03-02 14:05 GMT+8: read alike by everybody. */
export function timeOf(at: Date, timeZone: string): string {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  const zone = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' }).formatToParts(at);
  return `${clock} ${zone.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC'}`;
}
