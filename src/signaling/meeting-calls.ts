/**
 * Where a page's calls about a meeting are handled: at its home. Calls for a meeting whose home is
 * another node travel there with a face of their session; calls of other nodes come in here. When a
 * home is lost, the sessions of this node find the next one, which may be this node.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { causeway } from '#proto';
import type { Cluster } from '../platform/cluster/index.js';
import { CausewayError, type ErrorCode } from '../platform/errors.js';
import { type Handlers, type Method, MethodTable, type Route, type Session } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import type { Attachments } from './attachments.js';
import type { Homes } from './homes.js';
import { LiveMeeting } from './live-meeting.js';
import type { LiveMeetings } from './live-meetings.js';
import type { MeetingRecords } from './meeting-records.js';
import { toSnapshot } from './meeting-state.js';
import { type ForwardedReply, meetingOf, meetingTopic, toFace } from './meeting-words.js';
import { RemoteSession, type RemoteSessions } from './remote-session.js';

export interface MeetingCallsDeps {
  readonly cluster: Cluster;
  readonly log: Log;
  readonly meetings: LiveMeetings;
  readonly records: MeetingRecords;
  readonly homes: Homes;
  readonly attachments: Attachments;
  readonly remotes: RemoteSessions;
  /** Null: this node is alone, and home to every meeting. */
  readonly leaseMs: number | null;
  readonly handlers: {
    readonly meeting: Handlers<'MeetingService'>;
    readonly media: Handlers<'MediaService'>;
    readonly recording: Handlers<'RecordingService'>;
  };
}

const join = 'MeetingService.Join';
const leave = 'MeetingService.Leave';
/** A call waits at least this long for a home that can answer it, milliseconds. */
const patienceMs = 5_000;

/** How long the home may work on a call, milliseconds: many may want to come in at once. One that is gone is known sooner. */
const workMs = 60_000;

/** What a handler may throw when its meeting goes on at another node meanwhile. */
const movedCodes: ReadonlySet<ErrorCode> = new Set(['SERVER_DRAINING', 'MEETING_NOT_IN', 'CLUSTER_NODE_GONE']);

export class MeetingCalls {
  readonly #deps: MeetingCallsDeps;
  readonly #leaseMs: number;
  /** Calls of other nodes are handled by these. */
  readonly #methods = new MethodTable();
  /** Joins of sessions here that are under way elsewhere. */
  readonly #joining = new Map<string, Promise<unknown>>();
  /** Meetings whose next home is being looked for. */
  readonly #moving = new Map<string, Promise<void>>();
  /** Nodes that were given up. Their ids come again only when that was wrong. */
  readonly #givenUp = new Set<string>();
  #closed = false;

  constructor(deps: MeetingCallsDeps) {
    this.#deps = deps;
    this.#leaseMs = deps.leaseMs ?? 0;
    this.#methods.register('MeetingService', deps.handlers.meeting);
    this.#methods.register('MediaService', deps.handlers.media);
    this.#methods.register('RecordingService', deps.handlers.recording);
    if (deps.leaseMs === null) return;
    this.#serve();
    deps.homes.on('lost', (meetingId) => this.#resign(meetingId));
    deps.cluster.on('joined', ({ id }) => {
      if (this.#givenUp.delete(id)) deps.cluster.tell(id, 'meetings.attach', null);
    });
    deps.cluster.on('gone', (nodeId) => {
      this.#givenUp.add(nodeId);
      for (const meetingId of deps.attachments.at(nodeId)) this.#lose(meetingId, nodeId);
    });
  }

  /** For the gateway: handles a request of a session here, wherever its meeting is. */
  readonly route: Route = async (method, session, request) => {
    if (this.#deps.leaseMs === null) return method.handle(session, request);
    const key = `${session.id} ${meetingOf(request)}`;
    // Whoever leaves while he comes in must not be in afterwards.
    if (method.name === leave) await this.#joining.get(key);
    const running = this.#route(method, session, request);
    if (method.name !== join) return running;
    const joining = Promise.allSettled([this.#joining.get(key), running]);
    this.#joining.set(key, joining);
    void joining.then(() => this.#joining.get(key) === joining && this.#joining.delete(key));
    return running;
  };

  /** Looks for no home any more. Idempotent. */
  close(): void {
    this.#closed = true;
  }

  async #route(method: Method, session: Session, request: object): Promise<object> {
    const { meetings } = this.#deps;
    const meetingId = meetingOf(request);
    const until = performance.now() + Math.max(patienceMs, 3 * this.#leaseMs);
    for (;;) {
      if (meetings.find(meetingId)) {
        const reply = await this.#handleHere(method, session, request);
        if (reply) return reply;
      } else {
        const home = await this.#homeFor(method, session, meetingId, until);
        // Not in a meeting elsewhere: the handlers say what that means.
        if (home === null) return method.handle(session, request);
        if (home !== 'here') {
          const reply = await this.#forward(home, method, session, request);
          if (reply) return reply;
        }
      }
      if (performance.now() > until) throw new CausewayError('CLUSTER_NODE_GONE');
      await (this.#moving.get(meetingId) ?? delay(this.#leaseMs / 40));
    }
  }

  /** Null: this node was home no longer. */
  async #handleHere(method: Method, session: Session, request: object): Promise<object | null> {
    const meeting = this.#deps.meetings.find(meetingOf(request));
    try {
      return await method.handle(session, request);
    } catch (error) {
      const mayHaveMoved = error instanceof CausewayError && movedCodes.has(error.code);
      if (mayHaveMoved && this.#deps.meetings.find(meetingOf(request)) !== meeting) return null;
      throw error;
    }
  }

  /** Null: no node but this one can say anything. */
  async #homeFor({ name }: Method, session: Session, meetingId: string, until: number): Promise<string | null> {
    const { meetings, attachments, cluster } = this.#deps;
    const known = attachments.find(meetingId);
    if (name !== join && !known?.sessions.has(session.id)) return null;
    if (known) {
      await this.#moving.get(meetingId);
      return known.home ?? 'here';
    }
    await meetings.assertMayKnock(session.principal, meetingId);
    for (;;) {
      const found = await meetings.open(meetingId);
      if (found instanceof LiveMeeting) return 'here';
      if (found !== null && found !== cluster.nodeId && cluster.nodes.some(({ id }) => id === found)) return found;
      if (performance.now() > until) throw new CausewayError('CLUSTER_NODE_GONE');
      // The lease of one that died ends soon.
      await delay(this.#leaseMs / 40);
    }
  }

  /** Null: the node is not the home, or is gone. */
  async #forward(home: string, method: Method, session: Session, request: object): Promise<object | null> {
    const { attachments } = this.#deps;
    const meetingId = meetingOf(request);
    // Nobody would tell the home that it has ended.
    if (session.ended) throw new CausewayError('AUTH_SIGNED_OUT');
    const attachment = attachments.add(meetingId, session, 'joining');
    if (method.name === join) attachment.joins += 1;
    const meeting = attachments.find(meetingId);
    if (meeting) meeting.home ??= home;
    try {
      const reply = await this.#call(home, method, session, request);
      if (!reply) {
        this.#lose(meetingId, home);
        return null;
      }
      const answer = method.reply.decode(reply.payload);
      if (method.name === join) this.#joined(meetingId, session, answer, reply);
      if (method.name === leave) attachments.remove(meetingId, session.id);
      return answer;
    } catch (error) {
      const code = error instanceof CausewayError ? error.code : null;
      // One that does not answer may only have lost the bus: it stays home until the cluster gives it up.
      if (code === 'CLUSTER_NODE_GONE' || code === 'SERVER_DRAINING') {
        if (code === 'CLUSTER_NODE_GONE' && method.name === join && attachment.place === 'joining') this.#leaveAt(home, meetingId, session);
        return null;
      }
      // The home gave it up while it could not be heard from.
      if (code === 'MEETING_NOT_IN' && typeof attachment.place === 'object' && (await this.#attach(home, meetingId)))
        return method.reply.decode((await this.#call(home, method, session, request))?.payload ?? new Uint8Array());
      throw error;
    } finally {
      if (method.name === join) attachment.joins -= 1;
      if (attachment.place === 'joining' && attachment.joins === 0) attachments.remove(meetingId, session.id);
    }
  }

  async #call(home: string, method: Method, session: Session, request: object): Promise<ForwardedReply | null> {
    const payload = method.request.encode(request).finish();
    return this.#deps.cluster.call(
      home,
      'meeting.call',
      {
        meetingId: meetingOf(request),
        method: method.name,
        session: toFace(session),
        payload,
      },
      { answerMs: workMs },
    );
  }

  /** It may come in there although nobody waits for the answer any more. */
  #leaveAt(home: string, meetingId: string, session: Session): void {
    const method = this.#methods.find(leave);
    if (method) this.#call(home, method, session, causeway.LeaveRequest.create({ meetingId })).catch(() => undefined);
  }

  #joined(meetingId: string, session: Session, answer: object, { stay }: ForwardedReply): void {
    const meeting = this.#deps.attachments.find(meetingId);
    const attachment = meeting?.sessions.get(session.id);
    if (!meeting || !attachment) return;
    attachment.place = stay ?? 'waiting';
    if (answer instanceof causeway.JoinReply && answer.joined?.snapshot) meeting.replica.take(answer.joined.snapshot);
  }

  // What other nodes ask

  #serve(): void {
    const { cluster, meetings, attachments, remotes, records, log } = this.#deps;
    cluster.answer('meeting.call', async ({ meetingId, method: name, session: face, payload }, from) => {
      if (!meetings.find(meetingId)) return null;
      const method = this.#methods.find(name);
      if (!method) throw new CausewayError('METHOD_UNKNOWN', { field: 'method' });
      const session = remotes.of(from, face);
      return remotes.during(session, async () => {
        const reply = await this.#handleHere(method, session, method.request.decode(payload));
        if (!reply) return null;
        return { payload: method.reply.encode(reply).finish(), stay: meetings.find(meetingId)?.placeOf(session) ?? null };
      });
    });
    cluster.answer('meeting.claim', async ({ meetingId }, from) => {
      if (meetings.find(meetingId)) this.#resign(meetingId);
      const meeting = attachments.find(meetingId);
      if (!meeting) return { snapshot: null, sessions: [] };
      meeting.home = from;
      // It may have given up on this answer already.
      void this.#confirm(meetingId, from);
      const { state } = meeting.replica;
      return { snapshot: state && causeway.MeetingSnapshot.encode(toSnapshot(state)).finish(), sessions: meeting.settled };
    });
    cluster.answer('meeting.attach', async ({ meetingId, sessions }, from) => {
      const meeting = meetings.find(meetingId);
      if (!meeting) return false;
      await Promise.all(
        sessions.map(({ session: face, stay }) => {
          const session = remotes.of(from, face);
          return remotes.during(session, () => meeting.adopt(session, stay));
        }),
      );
      return true;
    });
    cluster.answer('meeting.snapshot', async ({ meetingId }) => {
      const meeting = meetings.find(meetingId);
      return meeting ? causeway.MeetingSnapshot.encode(toSnapshot(meeting.state)).finish() : null;
    });
    cluster.answer('meeting.size', async ({ meetingId }) => meetings.sizeOf(meetingId));
    cluster.hear('meeting.recording-troubled', ({ meetingId, recordingId, trouble }, from) =>
      meetings.find(meetingId)?.recording.troubled(recordingId, from, trouble),
    );
    cluster.hear('meeting.captions-behind', ({ meetingId, behind }) => meetings.find(meetingId)?.recording.captions.behind(behind));
    cluster.answer('meeting.cut', async ({ meetingId, personId }) => meetings.cutHere(meetingId, personId));
    cluster.answer('meeting.end', async ({ meetingId }) => {
      const meeting = meetings.find(meetingId);
      await meeting?.end();
      return meeting !== undefined;
    });
    cluster.hear('meeting.changed', ({ meetingId }) => {
      records.find(meetingId).then(
        (record) => record && meetings.find(meetingId)?.updateRecord(record),
        (error: unknown) => log.warn({ err: error, meeting: meetingId }, 'meeting-calls: a changed meeting could not be read'),
      );
    });
    cluster.hear('meetings.attach', (_, from) => {
      for (const meetingId of attachments.at(from)) void this.#attach(from, meetingId);
    });
    cluster.hear('meeting.resigned', ({ meetingId }, from) => {
      if (attachments.find(meetingId)?.home === from) this.#lose(meetingId, from);
    });
  }

  // When a home is lost

  /** Another node is home now, or may have been: what was said to sessions here since may not be so. */
  #resign(meetingId: string): void {
    const { meetings, attachments, cluster } = this.#deps;
    const nodes = meetings.find(meetingId)?.otherNodes ?? [];
    const resigned = meetings.resign(meetingId);
    if (!resigned) return;
    for (const { session, stay } of resigned.sessions) {
      if (session instanceof RemoteSession) continue;
      attachments.add(meetingId, session, stay ?? 'waiting', true);
      session.unsubscribe(meetingTopic(meetingId));
    }
    attachments.find(meetingId)?.replica.take(toSnapshot(resigned.state));
    for (const node of nodes) cluster.tell(node, 'meeting.resigned', { meetingId });
    this.#move(meetingId);
  }

  #lose(meetingId: string, home: string): void {
    const meeting = this.#deps.attachments.find(meetingId);
    if (meeting?.home !== home) return;
    meeting.home = null;
    this.#move(meetingId);
  }

  #move(meetingId: string): void {
    if (this.#moving.has(meetingId)) return;
    const moving = this.#findHome(meetingId).finally(() => this.#moving.delete(meetingId));
    this.#moving.set(meetingId, moving);
  }

  /** Never rejects: as long as there are sessions in it, some node must become its home. */
  async #findHome(meetingId: string): Promise<void> {
    const { attachments, meetings, cluster, log } = this.#deps;
    while (!this.#closed) {
      const meeting = attachments.find(meetingId);
      // Nobody is in it any more, or its new home has said so.
      if (!meeting || meeting.home !== null) return;
      try {
        const found = await meetings.open(meetingId);
        if (found instanceof LiveMeeting) return;
        const there = found !== null && found !== cluster.nodeId && cluster.nodes.some(({ id }) => id === found);
        if (there && meeting.home === null) {
          // Before its answer come the first words to the sessions.
          meeting.home = found;
          if (await this.#attach(found, meetingId)) return;
          if (meeting.home === found) meeting.home = null;
        }
      } catch (error) {
        log.warn({ err: error, meeting: meetingId }, 'meeting-calls: no home could be found; trying again');
      }
      await delay(this.#leaseMs / 40);
    }
  }

  /** Sees to it that the node that claims the meeting has its sessions. */
  async #confirm(meetingId: string, home: string): Promise<void> {
    const until = performance.now() + this.#leaseMs;
    while (!this.#closed && this.#deps.attachments.find(meetingId)?.home === home) {
      if (await this.#attach(home, meetingId)) return;
      if (performance.now() > until) this.#lose(meetingId, home);
      await delay(this.#leaseMs / 40);
    }
  }

  async #attach(home: string, meetingId: string): Promise<boolean> {
    const sessions = this.#deps.attachments.settled(meetingId);
    return this.#deps.cluster.call(home, 'meeting.attach', { meetingId, sessions }).catch(() => false);
  }
}
