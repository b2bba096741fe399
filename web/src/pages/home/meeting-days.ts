/** A list of meetings under the days on which they are. */
import type { Meeting } from '@/api';

export interface MeetingDay {
  /** Midnight of the day; null for meetings without a time. */
  readonly day: Date | null;
  readonly meetings: readonly Meeting[];
}

/** When a meeting is or was: what people remember it by. */
export function timeOf(meeting: Meeting): Date | null {
  const at = meeting.status === 'scheduled' ? meeting.startsAt : (meeting.startedAt ?? meeting.startsAt);
  return at === null ? null : new Date(at);
}

/** What goes on now; its day doesn't matter. One that everybody has left stays open, but nothing goes on in it. */
export function splitLive(meetings: readonly Meeting[]): { live: Meeting[]; others: Meeting[] } {
  return { live: meetings.filter(goesOn), others: meetings.filter((meeting) => !goesOn(meeting)) };
}

export function goesOn({ status, participants }: Meeting): boolean {
  return status === 'live' && participants > 0;
}

/** In the order that the server gave. */
export function byDay(meetings: readonly Meeting[]): MeetingDay[] {
  const days = new Map<string, { day: Date | null; meetings: Meeting[] }>();
  for (const meeting of meetings) {
    const at = timeOf(meeting);
    const day = at && new Date(at.getFullYear(), at.getMonth(), at.getDate());
    const key = String(day?.getTime() ?? 'none');
    const entry = days.get(key) ?? { day, meetings: [] };
    entry.meetings.push(meeting);
    days.set(key, entry);
  }
  // Those without a time can wait.
  return [...days.values()].sort((a, b) => Number(a.day === null) - Number(b.day === null));
}
