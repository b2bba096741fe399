/** What the stays of a person add up to. */
import type { Attendance } from '@/api';

type People = Attendance['people'];
type Stays = People[number]['stays'];

export interface Presence {
  readonly from: Date;
  /** Null: still there. */
  readonly until: Date | null;
  readonly totalMs: number;
  readonly times: number;
}

export function presence(stays: Stays, now: Date): Presence {
  const spans = stays.map(({ joinedAt, leftAt }) => ({ from: Date.parse(joinedAt), until: leftAt === null ? null : Date.parse(leftAt) }));
  const inNow = spans.some(({ until }) => until === null);
  const ends = spans.map(({ until }) => until ?? now.getTime());
  return {
    from: new Date(Math.min(...spans.map(({ from }) => from))),
    until: inNow ? null : new Date(Math.max(...ends)),
    totalMs: union(spans.map(({ from }, index) => [from, ends[index] ?? from])),
    times: spans.length,
  };
}

/** Two devices at the same time count once. */
function union(spans: readonly (readonly [number, number])[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [from, until] of [...spans].sort((a, b) => a[0] - b[0])) {
    total += Math.max(0, until - Math.max(from, reached));
    reached = Math.max(reached, until);
  }
  return total;
}

/** For a spreadsheet: RFC 4180, with the mark that tells Excel that it is UTF-8. */
export function attendanceCsv(people: People, header: readonly string[], kinds: { guest: string; member: string }, now: Date): string {
  const rows = people.map(({ name, guest, stays }) => {
    const { from, until, totalMs } = presence(stays, now);
    return [name, guest ? kinds.guest : kinds.member, stamp(from), until ? stamp(until) : '', String(Math.round(totalMs / 60_000))];
  });
  return `\uFEFF${[header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function stamp(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A name that begins like a formula stays a name: guests choose their own, and spreadsheets run formulas. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
