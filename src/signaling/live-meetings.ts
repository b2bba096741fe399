/**
 * The meetings whose home is this node: opened with the first who knocks, ended when nobody has been
 * in them for a while, taken up again after a restart, or from another node that was their home.
 */
import { causeway } from '#proto';
import type { Clock } from '../platform/clock.js';
import type { Cluster } from '../platform/cluster/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import { isId } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import type { Principal } from '../platform/principal.js';
import type { Attachments } from './attachments.js';
import type { Homes } from './homes.js';
import { LiveMeeting, type LiveMeetingDeps } from './live-meeting.js';
import type { MeetingRecord, MeetingRecords } from './meeting-records.js';
import { fromSnapshot, type MeetingState } from './meeting-state.js';
import type { Claimed } from './meeting-words.js';
import type { RemoteSessions } from './remote-session.js';

export interface LiveMeetingsDeps extends LiveMeetingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly records: MeetingRecords;
  /** A meeting that nobody is in ends after this time, milliseconds. */
  readonly emptyMs: number;
  /** A meeting is over for all. */
  readonly ended: (meetingId: string) => void;
  readonly cluster: Cluster;
  readonly homes: Homes;
  readonly attachments: Attachments;
  /** Sessions of other nodes. */
  readonly remotes: RemoteSessions;
  /** Null: this node is alone, and home to every meeting. */
  readonly leaseMs: number | null;
}

const seenEveryMs = 15_000;
/** How often a node looks for meetings that are on and have no home, milliseconds. */
const sweepMs = 30_000;

export class LiveMeetings {
  readonly #deps: LiveMeetingsDeps;
  readonly #open = new Map<string, LiveMeeting>();
  readonly #emptyTimers = new Map<string, NodeJS.Timeout>();
  /** Meetings that are being taken up. */
  readonly #opening = new Map<string, Promise<LiveMeeting | string | null>>();
  readonly #seen: NodeJS.Timeout;
  readonly #sweep: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(deps: LiveMeetingsDeps) {
    this.#deps = deps;
    this.#seen = setInterval(() => this.#markSeen(), seenEveryMs).unref();
    if (deps.leaseMs !== null) this.#sweep = setInterval(() => this.#takeUpOld(), sweepMs).unref();
  }

  /** Takes up the meetings that were on when the server went down, and have no home elsewhere. */
  async recover(): Promise<void> {
    if (this.#deps.leaseMs === null) for (const record of await this.#deps.records.recover()) this.#start(record);
    else await this.#takeUpLost(this.#deps.clock.now());
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
  async participantsOf(record: MeetingRecord): Promise<number> {
    const here = this.sizeOf(record.id);
    if (here !== null || record.status !== 'live') return here ?? 0;
    const size = await this.#askHome(record.id, (home) => this.#deps.cluster.call(home, 'meeting.size', { meetingId: record.id }));
    return size ?? 0;
  }

  /** Null: this node is not its home. */
  sizeOf(meetingId: string): number | null {
    const meeting = this.#open.get(meetingId);
    return meeting ? meeting.state.participants.size + meeting.viewers : null;
  }

  /** The meeting that is on, if it is. */
  find(meetingId: string): LiveMeeting | undefined {
    return this.#open.get(meetingId);
  }

  /** The meeting, opened if need be. @throws MEETING_NOT_FOUND, MEETING_ENDED, CLUSTER_NODE_GONE while another node is its home */
  async toJoin(principal: Principal, meetingId: string): Promise<LiveMeeting> {
    const record = await this.assertMayKnock(principal, meetingId);
    if (this.#deps.leaseMs === null) return this.#open.get(record.id) ?? this.#start(record);
    const meeting = await this.open(record.id);
    if (!(meeting instanceof LiveMeeting)) throw new CausewayError('CLUSTER_NODE_GONE');
    return meeting;
  }

  /** @throws MEETING_NOT_FOUND, MEETING_ENDED */
  async assertMayKnock(principal: Principal, meetingId: string): Promise<MeetingRecord> {
    // A guest's token is good for one meeting, or for none when he was invited to conversations; any other does not exist for him.
    const stranger = principal.role === 'guest' || principal.role === 'app';
    if (!isId(meetingId) || (stranger && principal.guestOf !== meetingId)) throw new CausewayError('MEETING_NOT_FOUND');
    // What is on is known here; a crowd at its door asks the database for nothing but themselves.
    const open = this.#open.get(meetingId)?.record;
    const record = open?.orgId === principal.orgId ? open : await this.#deps.records.get(principal.orgId, meetingId);
    if (record.status === 'ended') throw new CausewayError('MEETING_ENDED');
    return record;
  }

  /**
   * The meeting, whose home this node is or becomes. Else the node that is; null: none can be named
   * now. @throws MEETING_NOT_FOUND
   */
  open(meetingId: string): Promise<LiveMeeting | string | null> {
    const open = this.#open.get(meetingId);
    if (open) return Promise.resolve(open);
    const known = this.#opening.get(meetingId);
    if (known) return known;
    const opening = this.#takeUp(meetingId).finally(() => this.#opening.delete(meetingId));
    this.#opening.set(meetingId, opening);
    return opening;
  }

  /** This node stops being home; nobody leaves, nothing ends. Undefined: it was not. */
  resign(meetingId: string): ReturnType<LiveMeeting['resign']> | undefined {
    const meeting = this.#open.get(meetingId);
    if (!meeting) return undefined;
    this.#forget(meetingId);
    return meeting.resign();
  }

  /** The meeting that the session says it is in. @throws MEETING_NOT_IN */
  ofSession(session: Session, meetingId: string): LiveMeeting {
    const meeting = this.#open.get(meetingId);
    if (!meeting || meeting.record.orgId !== session.principal.orgId) throw new CausewayError('MEETING_NOT_IN');
    return meeting;
  }

  /** Takes over what was changed in the records, wherever it is on. */
  async updateRecord(record: MeetingRecord): Promise<void> {
    const meeting = this.#open.get(record.id);
    if (meeting) meeting.updateRecord(record);
    else await this.#askHome(record.id, async (home) => this.#deps.cluster.tell(home, 'meeting.changed', { meetingId: record.id }));
  }

  /** Ends a meeting, on or not, wherever it is. */
  async end(record: MeetingRecord): Promise<void> {
    const meeting = this.#open.get(record.id);
    if (meeting) return meeting.end();
    const ended = await this.#askHome(record.id, (home) => this.#deps.cluster.call(home, 'meeting.end', { meetingId: record.id }));
    if (ended !== true) await this.#deps.records.end(record);
  }

  /** Consent was withdrawn outside the meeting: nothing more of the person is recorded when it resolves, wherever the meeting is on. @throws CLUSTER_NODE_GONE */
  async cut(meetingId: string, personId: string): Promise<void> {
    if ((await this.cutHere(meetingId, personId)) || this.#deps.leaseMs === null) return;
    const { homes, cluster } = this.#deps;
    const home = await homes.holder(meetingId);
    // One that is gone takes nothing any more. One that does not answer may: whoever withdraws is told that it failed.
    if (home !== null && home !== cluster.nodeId && cluster.nodes.some(({ id }) => id === home))
      await cluster.call(home, 'meeting.cut', { meetingId, personId });
  }

  /** The engines of some node are behind with the captions of a meeting, or not any more. */
  captionsBehind(meetingId: string, behind: boolean): void {
    const meeting = this.#open.get(meetingId);
    if (meeting) meeting.recording.captions.behind(behind);
    else void this.#askHome(meetingId, async (home) => this.#deps.cluster.tell(home, 'meeting.captions-behind', { meetingId, behind }));
  }

  /** The disk of this node is full or slow, or well again: what it captures of a meeting is not all kept. */
  recordingTroubled(meetingId: string, recordingId: string, trouble: boolean): void {
    const { cluster } = this.#deps;
    const node = cluster.nodeId;
    const meeting = this.#open.get(meetingId);
    if (meeting) meeting.recording.troubled(recordingId, node, trouble);
    else
      void this.#askHome(meetingId, async (home) => cluster.tell(home, 'meeting.recording-troubled', { meetingId, recordingId, trouble }));
  }

  /** False: this node is not its home. */
  async cutHere(meetingId: string, personId: string): Promise<boolean> {
    const meeting = this.#open.get(meetingId);
    await meeting?.recording.cut(personId);
    return meeting !== undefined;
  }

  /** The server goes down; meetings with people of other nodes go on there. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#seen);
    clearInterval(this.#sweep);
    for (const timer of this.#emptyTimers.values()) clearTimeout(timer);
    this.#emptyTimers.clear();
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((meeting) => this.#leave(meeting)));
    this.#deps.homes.close();
  }

  async #leave(meeting: LiveMeeting): Promise<void> {
    const { homes, cluster } = this.#deps;
    const nodes = meeting.otherNodes;
    if (nodes.length > 0) {
      meeting.resign();
      await homes.release(meeting.id);
      for (const node of nodes) cluster.tell(node, 'meeting.resigned', { meetingId: meeting.id });
      await meeting.settled();
      return;
    }
    await meeting.close();
    await homes.release(meeting.id);
  }

  async #takeUp(meetingId: string): Promise<LiveMeeting | string | null> {
    const { homes, records } = this.#deps;
    if (this.#closing) return null;
    const home = await homes.take(meetingId);
    if (home !== true) return home;
    try {
      const [record, claims] = await Promise.all([records.find(meetingId), this.#claim(meetingId)]);
      if (!record) throw new CausewayError('MEETING_NOT_FOUND');
      if (this.#closing) throw new CausewayError('SERVER_DRAINING');
      if (record.status === 'live') await this.#closeStays(record, claims);
      return this.#takeOver(record, claims);
    } catch (error) {
      await homes.release(meetingId);
      throw error;
    }
  }

  /** What the other nodes have of the meeting. One that does not answer soon brings its sessions later. */
  async #claim(meetingId: string): Promise<(Claimed & { node: string })[]> {
    const { cluster, leaseMs } = this.#deps;
    const others = cluster.nodes.filter(({ id }) => id !== cluster.nodeId);
    const claims = others.map(async ({ id: node }) => {
      const claimed = await within(leaseMs ?? 0, cluster.call(node, 'meeting.claim', { meetingId })).catch(() => null);
      return claimed ? [{ ...claimed, node }] : [];
    });
    return (await Promise.all(claims)).flat();
  }

  /** Of those that no node has a session of. Before anybody comes in, whose stay must not be among them. */
  async #closeStays(record: MeetingRecord, claims: readonly Claimed[]): Promise<void> {
    const held = [...this.#deps.attachments.settled(record.id), ...claims.flatMap(({ sessions }) => sessions)];
    const kept = held.flatMap(({ stay }) => stay?.stayId ?? []);
    await this.#deps.records.closeStays(record, kept, kept.length > 0 ? 'now' : 'when seen last');
  }

  /** In one turn, so that what comes for a session finds it either there or here. */
  #takeOver(record: MeetingRecord, claims: readonly (Claimed & { node: string })[]): LiveMeeting {
    const { attachments, remotes } = this.#deps;
    const { state: own, sessions: here } = attachments.take(record.id);
    const states = claims.flatMap(({ snapshot }) => (snapshot ? [fromSnapshot(causeway.MeetingSnapshot.decode(snapshot))] : []));
    const before = [own, ...states].reduce((best, state) => ((state?.number ?? -1) > (best?.number ?? -1) ? state : best), null);
    const there = claims.flatMap(({ node, sessions }) =>
      sessions.map(({ session, stay }) => ({ session: remotes.of(node, session), stay })),
    );
    const meeting = this.#start(record, before);
    if (before)
      this.#deps.log.warn({ meeting: record.id, number: before.number, sessions: here.length + there.length }, 'live-meetings: taken over');
    const settle = async () => {
      await meeting.takeOver([...here, ...there]);
      for (const { session } of there) remotes.forgetIdle(session);
      // It was ended while it had no home: its people do not know yet.
      if (record.status === 'ended') await meeting.end();
    };
    settle().catch((error: unknown) => this.#deps.log.error({ err: error, meeting: record.id }, 'live-meetings: taken over in part'));
    return meeting;
  }

  async #askHome<Answer>(meetingId: string, ask: (home: string) => Promise<Answer>): Promise<Answer | null> {
    if (this.#deps.leaseMs === null) return null;
    const { homes, cluster } = this.#deps;
    const home = await homes.holder(meetingId);
    if (home === null || home === cluster.nodeId || !cluster.nodes.some(({ id }) => id === home)) return null;
    return ask(home).catch(() => null);
  }

  #takeUpOld(): void {
    this.#takeUpLost(this.#deps.clock.now() - 2 * seenEveryMs).catch((error: unknown) =>
      this.#deps.log.warn({ err: error }, 'live-meetings: could not look for meetings without a home'),
    );
  }

  /** Meetings that are on, were seen last before a time, and have no home: so that they end when nobody comes back. */
  async #takeUpLost(seenBefore: number): Promise<void> {
    for (const id of await this.#deps.records.liveBefore(seenBefore)) {
      if (this.#closing || this.#open.has(id) || this.#deps.attachments.find(id)) continue;
      if ((await this.#deps.homes.holder(id)) !== null) continue;
      await this.open(id).catch((error: unknown) =>
        this.#deps.log.warn({ err: error, meeting: id }, 'live-meetings: a meeting could not be taken up'),
      );
    }
  }

  #forget(meetingId: string): void {
    this.#stopTimer(meetingId);
    this.#open.delete(meetingId);
  }

  #start(record: MeetingRecord, before: MeetingState | null = null): LiveMeeting {
    const meeting = new LiveMeeting(record, this.#deps, before);
    this.#open.set(record.id, meeting);
    meeting.on('empty', () => this.#whenEmpty(meeting));
    meeting.on('occupied', () => this.#stopTimer(record.id));
    meeting.on('ended', () => {
      this.#forget(record.id);
      void this.#deps.homes.release(record.id);
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
    await meeting.close();
    await this.#deps.homes.release(meeting.id);
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

/** @throws Error when it takes longer. */
async function within<Result>(ms: number, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
