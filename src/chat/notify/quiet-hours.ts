/** When a person wants to be left alone, by the clock on his wall. */

export interface QuietHours {
  /** HH:MM */
  readonly from: string;
  /** HH:MM. At or before `from`: on the next day. */
  readonly to: string;
  /** Days on which they begin; 0 is Sunday. */
  readonly days: readonly number[];
  /** IANA name. */
  readonly timeZone: string;
}

interface Wall {
  readonly day: number;
  readonly minute: number;
}

const dayMinutes = 1_440;
const minuteMs = 60_000;
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Null: it is no quiet hour now. Otherwise when this one ends, milliseconds since 1970. */
export function quietUntil(quiet: QuietHours | null, now: number): number | null {
  if (!quiet) return null;
  const { day, minute } = wallAt(now, quiet.timeZone);
  const from = minutesOf(quiet.from);
  const length = (minutesOf(quiet.to) - from + dayMinutes) % dayMinutes || dayMinutes;
  // One that began today, and one that began yesterday and goes over midnight.
  const ends = [
    { began: day, left: minute >= from ? from + length - minute : 0 },
    { began: (day + 6) % 7, left: from + length - minute - dayMinutes },
  ].filter(({ began, left }) => quiet.days.includes(began) && left > 0);
  if (ends.length === 0) return null;
  const end = now - (now % minuteMs) + Math.max(...ends.map(({ left }) => left)) * minuteMs;
  // The clocks may have been changed in between.
  const target = (from + length) % dayMinutes;
  const shown = wallAt(end, quiet.timeZone).minute;
  const correction = ((target - shown + dayMinutes * 1.5) % dayMinutes) - dayMinutes / 2;
  return Math.max(end + correction * minuteMs, now + 1);
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function wallAt(now: number, timeZone: string): Wall {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return {
    day: weekdays.indexOf(parts.get('weekday') ?? ''),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}
