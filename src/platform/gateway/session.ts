/**
 * A session: one client, over as many sockets as it needs. It survives the loss of its socket by
 * SESSION_RESUME_MS; whoever keeps state for a client keys it by the session and hears here when
 * the client is away, back, or gone.
 */
import type { causeway } from '#proto';
import type { ErrorCode, Language } from '../errors.js';
import type { Principal } from '../principal.js';

/** Is told what becomes of sessions. Each call names the session, so that one watcher can serve all of them: there may be tens of thousands. */
export interface SessionWatcher {
  /** The socket is lost; the client may come back. */
  away?(session: Session): void;
  /** The client came back; missed events were sent already. */
  back?(session: Session): void;
  /** For good: it did not come back in time, was signed out, or said goodbye. Always the last. */
  ended?(session: Session): void;
}

export interface Session {
  readonly id: string;
  /** Replaced when the client renews its token; the person stays the same. */
  readonly principal: Principal;
  readonly language: Language;
  readonly connected: boolean;
  readonly ended: boolean;
  /** Sends a numbered event of topic "session", now or when the client is back. */
  send(event: causeway.ISessionEvent): void;
  /** Events of the topic from now on reach this client; while it is away they are kept. */
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  /** Tells the watcher from now on, once, however often it is given. */
  watch(watcher: SessionWatcher): void;
  unwatch(watcher: SessionWatcher): void;
  /** Ends the session for good and closes its socket with the code of the error. Idempotent. */
  end(reason: ErrorCode): void;
}
