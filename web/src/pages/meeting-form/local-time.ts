/** Between a moment and what the browser's date and time inputs hold (HTML, valid date string and time string). */

export function toLocalDate(date: Date): string {
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function toLocalTime(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** In the time zone of the reader: a date-time string without an offset is local (ECMA-262, Date Time String Format). */
export function fromLocal(date: string, time: string): Date {
  return new Date(`${date}T${time}`);
}

/** The time that most meetings begin at. */
export function nextHalfHour(now: Date): Date {
  const next = new Date(now);
  next.setMinutes(now.getMinutes() < 30 ? 30 : 60, 0, 0);
  return next;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
