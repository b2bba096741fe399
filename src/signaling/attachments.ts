/**
 * The sessions of this node that are in meetings whose home is another node, and what this node
 * knows of these meetings. Carries out what the home says to a session, and tells the home what
 * becomes of it.
 */
import { causeway } from '#proto';
import type { Cluster } from '../platform/cluster/index.js';
import type { Session, Topics } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import { MeetingReplica } from './meeting-replica.js';
import type { MeetingState } from './meeting-state.js';
import { type AttachedSession, meetingTopic, type Snapshot, type Stay, toFace } from './meeting-words.js';

export interface AttachmentsDeps {
  readonly cluster: Cluster;
  readonly topics: Topics;
  readonly log: Log;
}

/** A session in a meeting elsewhere. */
export interface Attachment {
  readonly session: Session;
  /** What it is there; 'joining' until the home has answered. */
  place: 'joining' | 'waiting' | Stay;
  /** Joins that are under way. */
  joins: number;
  /** Events that it has seen may not be those of the new home: it must take a snapshot. */
  stale: boolean;
}

/** A meeting elsewhere with sessions of this node. */
export class AttachedMeeting {
  /** The node that is its home. Null: it has none that is known. */
  home: string | null = null;
  readonly sessions = new Map<string, Attachment>();
  readonly replica: MeetingReplica;

  constructor(replica: MeetingReplica) {
    this.replica = replica;
  }

  /** For its home: those that are in, or wait. */
  get settled(): AttachedSession[] {
    return [...this.sessions.values()].flatMap(({ session, place }) => {
      if (place === 'joining' || session.ended) return [];
      return [{ session: toFace(session), stay: place === 'waiting' ? null : place }];
    });
  }
}

export class Attachments {
  readonly #deps: AttachmentsDeps;
  readonly #meetings = new Map<string, AttachedMeeting>();
  /** Meetings of each session, and how to stop listening to it. */
  readonly #sessions = new Map<string, { session: Session; meetings: Set<string>; forget: () => void }>();

  constructor(deps: AttachmentsDeps) {
    this.#deps = deps;
    const { cluster } = deps;
    cluster.hear('session.send', ({ sessionId, event }, from) => this.#send(sessionId, causeway.SessionEvent.decode(event), from));
    cluster.hear('session.subscribe', ({ sessionId, topic }, from) => this.#subscribe(sessionId, topic, from));
    cluster.hear('session.unsubscribe', ({ sessionId, topic }, from) => this.#unsubscribe(sessionId, topic, from));
    cluster.hear('session.end', ({ sessionId, reason }, from) => this.#of(sessionId, from)?.end(reason));
  }

  find(meetingId: string): AttachedMeeting | undefined {
    return this.#meetings.get(meetingId);
  }

  /** Its sessions for its home: those that are in, or wait. */
  settled(meetingId: string): readonly AttachedSession[] {
    return this.#meetings.get(meetingId)?.settled ?? [];
  }

  /** Meetings whose home is the node. */
  at(home: string): string[] {
    return [...this.#meetings].filter(([, meeting]) => meeting.home === home).map(([id]) => id);
  }

  /** The session is, or is about to be, in the meeting. Gives what it is there already, if anything. */
  add(meetingId: string, session: Session, place: Attachment['place'], stale = false): Attachment {
    const meeting = this.#meetings.get(meetingId) ?? this.#open(meetingId);
    const known = meeting.sessions.get(session.id);
    if (known) return known;
    const attachment: Attachment = { session, place, joins: 0, stale };
    meeting.sessions.set(session.id, attachment);
    this.#listen(session).meetings.add(meetingId);
    return attachment;
  }

  /** The session is no longer in the meeting. */
  remove(meetingId: string, sessionId: string): void {
    const meeting = this.#meetings.get(meetingId);
    if (!meeting?.sessions.delete(sessionId)) return;
    const entry = this.#sessions.get(sessionId);
    entry?.meetings.delete(meetingId);
    if (entry?.meetings.size === 0) {
      entry.forget();
      this.#sessions.delete(sessionId);
    }
    if (meeting.sessions.size > 0) return;
    meeting.replica.close();
    this.#meetings.delete(meetingId);
  }

  /** This node becomes the home: gives the sessions that are in or wait, and what is known. Those on their way in come again. */
  take(meetingId: string): { state: MeetingState | null; sessions: { session: Session; stay: Stay | null }[] } {
    const meeting = this.#meetings.get(meetingId);
    const state = meeting?.replica.state ?? null;
    const sessions: { session: Session; stay: Stay | null }[] = [];
    for (const { session, place } of [...(meeting?.sessions.values() ?? [])]) {
      if (place !== 'joining' && !session.ended) sessions.push({ session, stay: place === 'waiting' ? null : place });
      this.remove(meetingId, session.id);
    }
    return { state, sessions };
  }

  #open(meetingId: string): AttachedMeeting {
    const { cluster, topics } = this.#deps;
    const fetch = async (): Promise<Snapshot | null> => {
      const home = this.#meetings.get(meetingId)?.home;
      const bytes = home ? await cluster.call(home, 'meeting.snapshot', { meetingId }) : null;
      return bytes && causeway.MeetingSnapshot.decode(bytes);
    };
    const meeting = new AttachedMeeting(new MeetingReplica(meetingId, topics, fetch));
    this.#meetings.set(meetingId, meeting);
    return meeting;
  }

  #listen(session: Session): { meetings: Set<string> } {
    const known = this.#sessions.get(session.id);
    if (known) return known;
    const meetings = new Set<string>();
    const tell = (change: 'away' | 'back' | 'ended') => {
      const homes = new Set([...meetings].map((id) => this.#meetings.get(id)?.home));
      for (const home of homes) if (home) this.#deps.cluster.tell(home, 'session.changed', { session: toFace(session), change });
    };
    const away = () => tell('away');
    const back = () => tell('back');
    const ended = () => {
      tell('ended');
      for (const meetingId of [...meetings]) this.remove(meetingId, session.id);
    };
    const watcher = { away, back, ended };
    session.watch(watcher);
    const forget = () => session.unwatch(watcher);
    const entry = { session, meetings, forget };
    this.#sessions.set(session.id, entry);
    return entry;
  }

  /** Only the home of one of its meetings has a say. */
  #of(sessionId: string, from: string): Session | undefined {
    const entry = this.#sessions.get(sessionId);
    if (!entry) return undefined;
    for (const id of entry.meetings) if (this.#meetings.get(id)?.home === from) return entry.session;
    this.#deps.log.debug({ session: sessionId, from }, 'attachments: not from the home of a meeting of this session');
    return undefined;
  }

  #send(sessionId: string, event: causeway.SessionEvent, from: string): void {
    const session = this.#of(sessionId, from);
    if (!session) return;
    // Whoever was answered at the door, or put out of it, waits no longer.
    const done = event.lobbyAnswer?.meetingId ?? event.removed?.meetingId;
    if (done && this.#meetings.get(done)?.sessions.get(sessionId)?.place === 'waiting') this.remove(done, sessionId);
    session.send(event);
  }

  #subscribe(sessionId: string, topic: string, from: string): void {
    const session = this.#of(sessionId, from);
    if (!session) return;
    session.subscribe(topic);
    const attachment = this.#meetingBy(sessionId, topic)?.sessions.get(sessionId);
    if (!attachment?.stale) return;
    attachment.stale = false;
    session.send({ topicReset: { topic } });
    this.#meetingBy(sessionId, topic)?.replica.restart();
  }

  #unsubscribe(sessionId: string, topic: string, from: string): void {
    this.#of(sessionId, from)?.unsubscribe(topic);
    const entry = this.#sessions.get(sessionId);
    for (const id of entry?.meetings ?? []) {
      if (meetingTopic(id) === topic && this.#meetings.get(id)?.home === from) this.remove(id, sessionId);
    }
  }

  #meetingBy(sessionId: string, topic: string): AttachedMeeting | undefined {
    const id = [...(this.#sessions.get(sessionId)?.meetings ?? [])].find((meetingId) => meetingTopic(meetingId) === topic);
    return id === undefined ? undefined : this.#meetings.get(id);
  }
}
