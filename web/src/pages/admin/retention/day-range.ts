/** Days of the reader's calendar, as date fields write them, to moments. Pure. */

/** The beginning of the day; null for an empty field. */
export function startOf(day: string): string | null {
  return day === '' ? null : new Date(`${day}T00:00:00`).toISOString();
}

/** The beginning of the next day: the day itself is part of it. */
export function endOf(day: string): string | null {
  if (day === '') return null;
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return date.toISOString();
}
