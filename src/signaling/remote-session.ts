/**
 * Sessions of other nodes, as the home of their meeting sees them: what it says to one travels to
 * the node that has its socket, in order, and what becomes of it comes back from there.
 */
import { causeway } from '#proto';
import type { Cluster } from '../platform/cluster/index.js';
import type { ErrorCode, Language } from '../platform/errors.js';
import { type Session, type SessionWatcher, WatchedSession } from '../platform/gateway/index.js';
import type { Principal } from '../platform/principal.js';
import type { SessionFace } from './meeting-words.js';

export class RemoteSession extends WatchedSession implements Session {
  /** Where its socket is. */
  readonly node: string;
  readonly #cluster: Cluster;
  #face: SessionFace;
  #ended = false;
  /** Calls that are under way. */
  calls = 0;

  constructor(node: string, face: SessionFace, cluster: Cluster) {
    super();
    this.node = node;
    this.#face = face;
    this.#cluster = cluster;
  }

  get id(): string {
    return this.#face.id;
  }

  get principal(): Principal {
    return this.#face.principal;
  }

  get language(): Language {
    return this.#face.language;
  }

  get connected(): boolean {
    return !this.#ended && this.#face.connected;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Nobody here needs it any more. */
  get idle(): boolean {
    return this.calls === 0 && !this.watched;
  }

  send(event: causeway.ISessionEvent): void {
    if (this.#ended) return;
    this.#cluster.tell(this.node, 'session.send', { sessionId: this.id, event: causeway.SessionEvent.encode(event).finish() });
  }

  subscribe(topic: string): void {
    if (!this.#ended) this.#cluster.tell(this.node, 'session.subscribe', { sessionId: this.id, topic });
  }

  unsubscribe(topic: string): void {
    if (!this.#ended) this.#cluster.tell(this.node, 'session.unsubscribe', { sessionId: this.id, topic });
  }

  end(reason: ErrorCode): void {
    if (!this.#ended) this.#cluster.tell(this.node, 'session.end', { sessionId: this.id, reason });
  }

  /** As its node sees it now. */
  update(face: SessionFace): void {
    this.#face = face;
  }

  /** Its node says so, or is gone. */
  finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.tell('ended');
  }

  /** Its node says so. */
  changed(change: keyof SessionWatcher): void {
    this.tell(change);
  }
}

export class RemoteSessions {
  readonly #cluster: Cluster;
  readonly #nodes = new Map<string, Map<string, RemoteSession>>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.hear('session.changed', ({ session: face, change }, from) => {
      const session = this.#nodes.get(from)?.get(face.id);
      if (!session) return;
      session.update(face);
      if (change === 'ended') {
        this.#forget(session);
        session.finish();
      } else session.changed(change);
    });
    cluster.on('gone', (nodeId) => {
      const sessions = [...(this.#nodes.get(nodeId)?.values() ?? [])];
      this.#nodes.delete(nodeId);
      for (const session of sessions) session.finish();
    });
  }

  /** The one that stands for the session; kept as long as somebody listens to it. */
  of(node: string, face: SessionFace): RemoteSession {
    const sessions = this.#nodes.get(node) ?? new Map<string, RemoteSession>();
    this.#nodes.set(node, sessions);
    const session = sessions.get(face.id) ?? new RemoteSession(node, face, this.#cluster);
    sessions.set(face.id, session);
    session.update(face);
    return session;
  }

  /** Runs a call of the session, and forgets the session where nobody needs it afterwards. */
  async during<Result>(session: RemoteSession, call: () => Promise<Result>): Promise<Result> {
    session.calls += 1;
    try {
      return await call();
    } finally {
      session.calls -= 1;
      this.forgetIdle(session);
    }
  }

  forgetIdle(session: RemoteSession): void {
    if (session.idle) this.#forget(session);
  }

  #forget(session: RemoteSession): void {
    const sessions = this.#nodes.get(session.node);
    if (sessions?.get(session.id) !== session) return;
    sessions.delete(session.id);
    if (sessions.size === 0) this.#nodes.delete(session.node);
  }
}
