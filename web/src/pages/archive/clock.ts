/** Times within a recording, as they stand on players. */

/** 2:03, 1:02:03 */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** As a duration in HTML: PT1H2M3S. */
export function isoDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return `PT${Math.floor(seconds / 3_600)}H${Math.floor(seconds / 60) % 60}M${seconds % 60}S`;
}

/** What somebody wrote as a time: 75, 1:15, 1:02:03. Null: it is none. */
export function readClock(text: string): number | null {
  const found = /^\s*(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5})(?:[.](\d{1,3}))?\s*$/.exec(text);
  if (!found) return null;
  const [, hours = '0', minutes = '0', seconds = '0', rest = ''] = found;
  if (found[2] !== undefined && Number(seconds) > 59) return null;
  if (found[1] !== undefined && Number(minutes) > 59) return null;
  return (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000 + Number(rest.padEnd(3, '0'));
}
