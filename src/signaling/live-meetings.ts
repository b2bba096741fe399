/**
 * The meetings that are on at this node: opened with the first who knocks, ended when nobody has
 * been in them for a while, taken up again after a restart.
 */
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import { isId } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import type { Principal } from '../platform/principal.js';
import { LiveMeeting, type LiveMeetingDeps } from './live-meeting.js';
import type { MeetingRecord, MeetingRecords } from './meeting-records.js';

export interface LiveMeetingsDeps extends LiveMeetingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly records: MeetingRecords;
  /** A meeting that nobody is in ends after this time, milliseconds. */
  readonly emptyMs: number;
  /** A meeting is over for all. */
  readonly ended: (meetingId: string) => void;
}

const seenEveryMs = 15_000;

export class LiveMeetings {
  readonly #deps: LiveMeetingsDeps;
  readonly #open = new Map<string, LiveMeeting>();
  readonly #emptyTimers = new Map<string, NodeJS.Timeout>();
  readonly #seen: NodeJS.Timeout;

  constructor(deps: LiveMeetingsDeps) {
    this.#deps = deps;
    this.#seen = setInterval(() => this.#markSeen(), seenEveryMs).unref();
  }

  /** Takes up the meetings that were on when the server went down. */
  async recover(): Promise<void> {
    for (const record of await this.#deps.records.recover()) this.#start(record);
    this.#markSeen();
  }

  /** Meetings that are open here, for metrics. */
  get count(): number {
    return this.#open.size;
  }

  get participants(): number {
    return [...this.#open.values()].reduce((sum, meeting) => sum + meeting.state.participants.size, 0);
  }

  get viewers(): number {
    return [...this.#open.values()].reduce((sum, meeting) => sum + meeting.viewers, 0);
  }

  /** How many are in the meeting now, viewers included. */
  participantsOf(meetingId: string): number {
    const meeting = this.#open.get(meetingId);
    return meeting ? meeting.state.participants.size + meeting.viewers : 0;
  }

  /** The meeting that is on, if it is. */
  find(meetingId: string): LiveMeeting | undefined {
    return this.#open.get(meetingId);
  }

  /** The meeting, opened if need be. @throws MEETING_NOT_FOUND, MEETING_ENDED */
  async toJoin(principal: Principal, meetingId: string): Promise<LiveMeeting> {
    // A guest's token is good for one meeting; any other does not exist for him.
    if (!isId(meetingId) || (principal.guestOf !== undefined && principal.guestOf !== meetingId))
      throw new CausewayError('MEETING_NOT_FOUND');
    const record = await this.#deps.records.get(principal.orgId, meetingId);
    if (record.status === 'ended') throw new CausewayError('MEETING_ENDED');
    return this.#open.get(record.id) ?? this.#start(record);
  }

  /** The meeting that the session says it is in. @throws MEETING_NOT_IN */
  ofSession(session: Session, meetingId: string): LiveMeeting {
    const meeting = this.#open.get(meetingId);
    if (!meeting || meeting.record.orgId !== session.principal.orgId) throw new CausewayError('MEETING_NOT_IN');
    return meeting;
  }

  /** Ends a meeting, on or not. */
  async end(record: MeetingRecord): Promise<void> {
    const meeting = this.#open.get(record.id);
    if (meeting) await meeting.end();
    else await this.#deps.records.end(record);
  }

  /** The server goes down. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#seen);
    for (const timer of this.#emptyTimers.values()) clearTimeout(timer);
    this.#emptyTimers.clear();
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((meeting) => meeting.close()));
  }

  #start(record: MeetingRecord): LiveMeeting {
    const meeting = new LiveMeeting(record, this.#deps);
    this.#open.set(record.id, meeting);
    meeting.on('empty', () => this.#whenEmpty(meeting));
    meeting.on('occupied', () => this.#stopTimer(record.id));
    meeting.on('ended', () => {
      this.#stopTimer(record.id);
      this.#open.delete(record.id);
      this.#deps.ended(record.id);
    });
    this.#whenEmpty(meeting);
    return meeting;
  }

  #whenEmpty(meeting: LiveMeeting): void {
    this.#stopTimer(meeting.id);
    const timer = setTimeout(() => {
      this.#emptyTimers.delete(meeting.id);
      if (meeting.awaited) this.#whenEmpty(meeting);
      else
        this.#endEmpty(meeting).catch((error) => {
          this.#deps.log.error({ err: error, meeting: meeting.id }, 'live-meetings: an empty meeting could not be ended; trying again');
          if (this.#open.get(meeting.id) === meeting) this.#whenEmpty(meeting);
        });
    }, this.#deps.emptyMs);
    this.#emptyTimers.set(meeting.id, timer.unref());
  }

  /** One that never began is forgotten here, and still to come in the records. */
  async #endEmpty(meeting: LiveMeeting): Promise<void> {
    if (meeting.record.status === 'live') return meeting.end();
    this.#open.delete(meeting.id);
    return meeting.close();
  }

  #stopTimer(meetingId: string): void {
    clearTimeout(this.#emptyTimers.get(meetingId));
    this.#emptyTimers.delete(meetingId);
  }

  #markSeen(): void {
    const ids = [...this.#open.keys()];
    if (ids.length === 0) return;
    this.#deps.records
      .seen(ids)
      .catch((error) => this.#deps.log.warn({ err: error }, 'live-meetings: could not mark the meetings as seen'));
  }
}
