/** Who enters a meeting, who waits, who is refused. Pure. */
import { CausewayError } from '../platform/errors.js';
import type { MeetingRecord, MemberRecord } from './meeting-records.js';

export interface Applicant {
  readonly personId: string;
  readonly guest: boolean;
  /** What the meeting remembers of the person, if anything. */
  readonly member: MemberRecord | null;
}

export interface Door {
  readonly meeting: Pick<MeetingRecord, 'status' | 'guests' | 'lobby'>;
  readonly locked: boolean;
  /** Somebody was removed: from then on guests wait, because a new browser is a new guest, whoever sits at it. */
  readonly someoneWasRemoved: boolean;
}

/** @throws MEETING_ENDED, MEETING_REMOVED, MEETING_GUESTS_OFF, MEETING_LOCKED */
export function decideAdmission({ guest, member }: Applicant, door: Door): 'enter' | 'wait' {
  if (door.meeting.status === 'ended') throw new CausewayError('MEETING_ENDED');
  if (member?.admission === 'removed') throw new CausewayError('MEETING_REMOVED');
  if (guest && !door.meeting.guests) throw new CausewayError('MEETING_GUESTS_OFF');
  // Whoever was in before may come back, also into a locked meeting: a lost connection is no reason to stay out.
  if (member) return 'enter';
  if (door.locked) throw new CausewayError('MEETING_LOCKED');
  if (door.meeting.lobby === 'everyone') return 'wait';
  return guest && (door.meeting.lobby === 'guests' || door.someoneWasRemoved) ? 'wait' : 'enter';
}
