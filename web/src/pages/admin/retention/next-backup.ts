/** When the server makes the next monthly backup: the day and hour are UTC's. */
export function nextBackup(now: Date, { day, hour }: { readonly day: number; readonly hour: number }): Date {
  const ofMonth = (month: number) => new Date(Date.UTC(now.getUTCFullYear(), month, day, hour));
  const thisMonth = ofMonth(now.getUTCMonth());
  return thisMonth > now ? thisMonth : ofMonth(now.getUTCMonth() + 1);
}
