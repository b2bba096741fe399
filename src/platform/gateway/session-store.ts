/** The sessions of this node. */
import type { causeway } from '#proto';
import type { Config } from '../../config.js';
import type { Clock } from '../clock.js';
import { CausewayError, type ErrorCode, type Language } from '../errors.js';
import { hashSecret, newId, newSecret } from '../ids.js';
import type { Log } from '../log.js';
import type { Principal } from '../principal.js';
import { LiveSession, type SharedOptions } from './live-session.js';
import { RequestLimits, type RequestLimitsOptions } from './request-limits.js';
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
  /** The sessions of each person, oldest first. */
  readonly #byPerson = new Map<string, LiveSession[]>();
  readonly #shared: SharedOptions;
  readonly #requests: RequestLimitsOptions;

  constructor(deps: SessionStoreDeps) {
    this.#deps = deps;
    const { config, clock, log, topics } = deps;
    this.#shared = {
      topics,
      ring: ringLimits(config),
      replayBytes: config.SOCKET_BUFFER_BYTES,
      resumeMs: config.SESSION_RESUME_MS,
      // A dead socket is noticed after SOCKET_IDLE_MS; only then does the time to resume begin.
      keepMs: config.SOCKET_IDLE_MS + config.SESSION_RESUME_MS,
      clock,
      log,
      onEnded: (ended) => this.#forget(ended),
    };
    this.#requests = {
      perSecond: config.SOCKET_REQUESTS_PER_SECOND,
      burst: config.SOCKET_REQUEST_BURST,
      inFlight: config.SOCKET_IN_FLIGHT,
      clock,
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
   * A new session, and the secret that brings a client back to it: only its hash stays here.
   *
   * @throws SOCKET_SESSIONS
   */
  create(principal: Principal, language: Language): { session: LiveSession; secret: string } {
    this.#makeRoom(principal);
    const secret = newSecret();
    const session = new LiveSession({
      id: newId(this.#deps.clock.now()),
      secretHash: hashSecret(secret).toString('base64'),
      principal,
      language,
      requests: new RequestLimits(this.#requests),
      shared: this.#shared,
    });
    this.#sessions.set(session.id, session);
    const others = this.#byPerson.get(principal.personId);
    if (others) others.push(session);
    else this.#byPerson.set(principal.personId, [session]);
    return { session, secret };
  }

  /** The session to resume: the secret is right, and it is the same person at the same sign-in. */
  find(resume: causeway.IResume, principal: Principal): LiveSession | null {
    const session = this.#sessions.get(resume.sessionId ?? '');
    if (!session?.hasSecret(resume.secret ?? '')) return null;
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
    const sessions = this.#byPerson.get(principal.personId);
    if (!sessions || sessions.length < this.#deps.config.SOCKET_SESSIONS_PER_PERSON) return;
    const away = sessions.find((session) => !session.connected);
    if (!away) throw new CausewayError('SOCKET_SESSIONS');
    away.end('SOCKET_REPLACED');
  }

  #forget(session: LiveSession): void {
    this.#sessions.delete(session.id);
    const { personId } = session.principal;
    const others = this.#byPerson.get(personId)?.filter((other) => other !== session) ?? [];
    if (others.length === 0) this.#byPerson.delete(personId);
    else this.#byPerson.set(personId, others);
  }
}

export function isSamePerson(one: Principal, other: Principal): boolean {
  return one.orgId === other.orgId && one.personId === other.personId;
}
