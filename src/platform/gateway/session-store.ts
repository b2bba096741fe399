/** The sessions of this node. */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { causeway } from '#proto';
import type { Config } from '../../config.js';
import type { Clock } from '../clock.js';
import { CausewayError, type ErrorCode, type Language } from '../errors.js';
import { hashSecret, newId } from '../ids.js';
import type { Log } from '../log.js';
import type { Principal } from '../principal.js';
import { LiveSession, type SharedOptions } from './live-session.js';
import { ringLimits, type TopicSubscriptions } from './topics.js';

export interface SessionStoreDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: TopicSubscriptions;
}

export class SessionStore {
  readonly #deps: SessionStoreDeps;
  readonly #sessions = new Map<string, LiveSession>();
  /** The one session of a person, or all of them, oldest first. */
  readonly #byPerson = new Map<string, LiveSession | readonly LiveSession[]>();
  readonly #shared: SharedOptions;
  /** The secrets of all sessions follow from it. It ends with the process, as they do. */
  readonly #key = randomBytes(32);

  constructor(deps: SessionStoreDeps) {
    this.#deps = deps;
    const { config, clock, log, topics } = deps;
    this.#shared = {
      topics,
      ring: ringLimits(config),
      requests: {
        perSecond: config.SOCKET_REQUESTS_PER_SECOND,
        burst: config.SOCKET_REQUEST_BURST,
        inFlight: config.SOCKET_IN_FLIGHT,
        clock,
      },
      replayBytes: config.SOCKET_BUFFER_BYTES,
      resumeMs: config.SESSION_RESUME_MS,
      // A dead socket is noticed after SOCKET_IDLE_MS; only then does the time to resume begin.
      keepMs: config.SOCKET_IDLE_MS + config.SESSION_RESUME_MS,
      clock,
      log,
      onEnded: (ended) => this.#forget(ended),
    };
  }

  get size(): number {
    return this.#sessions.size;
  }

  get connected(): number {
    let connected = 0;
    for (const session of this.#sessions.values()) if (session.connected) connected += 1;
    return connected;
  }

  /**
   * A new session, and the secret that brings a client back to it.
   *
   * @throws SOCKET_SESSIONS
   */
  create(principal: Principal, language: Language): { session: LiveSession; secret: string } {
    this.#makeRoom(principal);
    const session = new LiveSession({ id: newId(this.#deps.clock.now()), principal, language, shared: this.#shared });
    this.#sessions.set(session.id, session);
    this.#keep(principal.personId, [...this.#of(principal.personId), session]);
    return { session, secret: this.#secretOf(session) };
  }

  /** The session to resume: the secret is right, and it is the same person at the same sign-in. */
  find(resume: causeway.IResume, principal: Principal): LiveSession | null {
    const session = this.#sessions.get(resume.sessionId ?? '');
    if (!session || !timingSafeEqual(hashSecret(resume.secret ?? ''), hashSecret(this.#secretOf(session)))) return null;
    return isSamePerson(session.principal, principal) && session.principal.signInId === principal.signInId ? session : null;
  }

  end(matches: (principal: Principal) => boolean, reason: ErrorCode): number {
    const ending = [...this.#sessions.values()].filter((session) => matches(session.principal));
    for (const session of ending) session.end(reason);
    return ending.length;
  }

  /** Ends sessions whose last token has ended, and forgets what nobody can ask for any more. Away sessions need a new token to come back anyway. */
  sweep(): void {
    const now = this.#deps.clock.now();
    for (const session of [...this.#sessions.values()]) {
      if (session.connected && session.principal.expiresAt <= now) session.end('AUTH_EXPIRED');
      else session.forgetOld(now);
    }
  }

  /** One who reloads a page often leaves sessions behind that nobody comes back to; these are not counted against him. */
  #makeRoom(principal: Principal): void {
    const sessions = this.#of(principal.personId);
    if (sessions.length < this.#deps.config.SOCKET_SESSIONS_PER_PERSON) return;
    const away = sessions.find((session) => !session.connected);
    if (!away) throw new CausewayError('SOCKET_SESSIONS');
    away.end('SOCKET_REPLACED');
  }

  #forget(session: LiveSession): void {
    this.#sessions.delete(session.id);
    const { personId } = session.principal;
    this.#keep(
      personId,
      this.#of(personId).filter((other) => other !== session),
    );
  }

  #of(personId: string): readonly LiveSession[] {
    const sessions = this.#byPerson.get(personId) ?? [];
    return sessions instanceof LiveSession ? [sessions] : sessions;
  }

  /** Most people have one: a list for each would be as large again. */
  #keep(personId: string, sessions: readonly LiveSession[]): void {
    const [only] = sessions;
    if (!only) this.#byPerson.delete(personId);
    else this.#byPerson.set(personId, sessions.length === 1 ? only : sessions);
  }

  #secretOf({ id }: LiveSession): string {
    return createHmac('sha256', this.#key).update(id).digest('base64url');
  }
}

export function isSamePerson(one: Principal, other: Principal): boolean {
  return one.orgId === other.orgId && one.personId === other.personId;
}
