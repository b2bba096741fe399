/** The session of one client, over as many sockets as it needs. */

import { timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { causeway } from '#proto';
import type { Clock } from '../clock.js';
import { CausewayError, type ErrorCode, type Language } from '../errors.js';
import { hashSecret } from '../ids.js';
import type { Log } from '../log.js';
import type { Principal } from '../principal.js';
import { EventRing, type RingLimits } from './event-ring.js';
import { encodeServerFrame } from './frames.js';
import type { RequestLimits } from './request-limits.js';
import type { Session, SessionEvents } from './session.js';
import type { TopicSubscriptions } from './topics.js';

/** What a session needs of the socket that it has at the moment. */
export interface Line {
  /** False: the socket is closed. */
  send(frame: Uint8Array): boolean;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  /** Says why, and closes. */
  goodbye(reason: ErrorCode): void;
  readonly bufferedBytes: number;
}

export interface LiveSessionOptions {
  readonly id: string;
  /** SHA-256, base64. Text takes less memory than bytes do. */
  readonly secretHash: string;
  readonly principal: Principal;
  readonly language: Language;
  readonly requests: RequestLimits;
  /** The same for all sessions: there may be tens of thousands. */
  readonly shared: SharedOptions;
}

export interface SharedOptions {
  readonly topics: TopicSubscriptions;
  readonly ring: RingLimits;
  /** Bytes that may be sent again at once. */
  readonly replayBytes: number;
  readonly resumeMs: number;
  /** The session's own events are kept this long. */
  readonly keepMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onEnded: (session: LiveSession) => void;
}

/** How a resume went, for the figures. */
export interface Resumed {
  readonly events: number;
  readonly resets: number;
}

const ownTopic = 'session';

export class LiveSession extends EventEmitter<SessionEvents> implements Session {
  readonly id: string;
  readonly requests: RequestLimits;
  readonly #options: SharedOptions;
  readonly #secretHash: string;
  #principal: Principal;
  #language: Language;
  #line: Line | null = null;
  /** What listeners were told last; a line that breaks while it resumes tells them nothing. */
  #away = false;
  #ended = false;
  #awayTimer: NodeJS.Timeout | null = null;
  /** Topic and the newest number there when it was subscribed, where that was known. */
  readonly #topics = new Map<string, number | null>();
  readonly #ring: EventRing;
  #number = 0;

  constructor(options: LiveSessionOptions) {
    super();
    // A session in meetings and conversations has many listeners; that is no leak.
    this.setMaxListeners(100);
    this.id = options.id;
    this.requests = options.requests;
    this.#options = options.shared;
    this.#secretHash = options.secretHash;
    this.#principal = options.principal;
    this.#language = options.language;
    this.#ring = new EventRing(options.shared.ring, 0);
  }

  get principal(): Principal {
    return this.#principal;
  }

  get language(): Language {
    return this.#language;
  }

  get connected(): boolean {
    return this.#line !== null;
  }

  get ended(): boolean {
    return this.#ended;
  }

  hasSecret(secret: string): boolean {
    return timingSafeEqual(hashSecret(secret), Buffer.from(this.#secretHash, 'base64'));
  }

  send(event: causeway.ISessionEvent): void {
    if (this.#ended) return;
    this.#number += 1;
    const frame = encodeServerFrame({ event: { topic: ownTopic, number: this.#number, session: event } });
    this.#ring.push(this.#number, frame, this.#options.clock.now());
    this.#line?.send(frame);
  }

  subscribe(topic: string): void {
    if (topic === ownTopic) throw new RangeError('the topic "session" belongs to every session already');
    if (this.#ended || this.#topics.has(topic)) return;
    this.#topics.set(topic, this.#options.topics.join(topic, this));
    this.#line?.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    if (!this.#topics.delete(topic)) return;
    this.#line?.unsubscribe(topic);
    this.#options.topics.leave(topic, this);
  }

  /** Begins on its first socket. */
  start(line: Line): void {
    this.#line = line;
  }

  /**
   * Goes on with another socket. Everything between reading the rings and subscribing the socket
   * happens in this one turn, so no event falls between, and none comes twice.
   *
   * @returns null when the session's own events are no longer kept: it can't go on.
   */
  resume(line: Line, welcome: Uint8Array, seen: ReadonlyMap<string, number>, principal: Principal, language: Language): Resumed | null {
    const own = this.#ring.after(seen.get(ownTopic) ?? 0);
    let budget = this.#options.replayBytes - size(own ?? []);
    if (this.#ended || own === null || budget < 0) return null;

    const frames: Uint8Array[] = [welcome, ...own];
    const lost: string[] = [];
    for (const [topic, subscribedAt] of this.#topics) {
      // A client that never heard of the topic has missed everything since the subscription.
      const missed = this.#missed(topic, seen.get(topic) ?? subscribedAt);
      if (missed === null || size(missed) > budget) {
        lost.push(topic);
        continue;
      }
      budget -= size(missed);
      frames.push(...missed);
    }

    const before = this.#line;
    this.#line = line;
    before?.goodbye('SOCKET_REPLACED');
    if (this.#awayTimer) clearTimeout(this.#awayTimer);
    this.#awayTimer = null;
    this.#principal = principal;
    this.#language = language;
    for (const frame of frames) if (!line.send(frame)) break;
    for (const topic of this.#topics.keys()) line.subscribe(topic);
    for (const topic of lost) this.send({ topicReset: { topic } });
    // A slow line may have been closed by all that.
    if (this.#away && this.#line === line) {
      this.#away = false;
      this.#tell('back');
    }
    return { events: frames.length - 1, resets: lost.length };
  }

  /**
   * Sends events of a topic again.
   *
   * @returns how many, and the newest number.
   * @throws CausewayError TOPIC_FORBIDDEN, TOPIC_RESET
   */
  replay(topic: string, after: number): { events: number; latest: number } {
    if (topic !== ownTopic && !this.#topics.has(topic)) throw new CausewayError('TOPIC_FORBIDDEN', { field: 'topic' });
    const missed = topic === ownTopic ? this.#ring.after(after) : this.#missed(topic, after);
    if (missed === null || size(missed) + (this.#line?.bufferedBytes ?? 0) > this.#options.replayBytes)
      throw new CausewayError('TOPIC_RESET');
    for (const frame of missed) this.#line?.send(frame);
    const latest = topic === ownTopic ? this.#number : this.#options.topics.latest(topic);
    return { events: missed.length, latest: latest ?? after };
  }

  renew(principal: Principal): void {
    this.#principal = principal;
  }

  /** A socket of the session closed. */
  lost(line: Line): void {
    if (this.#line !== line) return;
    this.#line = null;
    if (this.#ended) return;
    this.#awayTimer ??= setTimeout(() => this.#finish(), this.#options.resumeMs).unref();
    if (this.#away) return;
    this.#away = true;
    this.#tell('away');
  }

  end(reason: ErrorCode): void {
    const line = this.#line;
    this.#finish(() => line?.goodbye(reason));
  }

  /** The client closed its socket in good order: it does not come back. */
  leave(): void {
    this.#finish();
  }

  /** Own events older than any socket could still need. */
  forgetOld(now: number): void {
    this.#ring.forgetBefore(now - this.#options.keepMs);
  }

  /**
   * Events of a subscribed topic after a number. Null: no longer kept, or from before the
   * subscription, which this session may not be meant to see.
   */
  #missed(topic: string, after: number | null): Uint8Array[] | null {
    const subscribedAt = this.#topics.get(topic) ?? null;
    if (subscribedAt !== null && after !== null && after < subscribedAt) return null;
    return this.#options.topics.after(topic, after);
  }

  #finish(sayWhy?: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#awayTimer) clearTimeout(this.#awayTimer);
    for (const topic of [...this.#topics.keys()]) this.unsubscribe(topic);
    sayWhy?.();
    this.#line = null;
    this.#options.onEnded(this);
    this.#tell('ended');
    this.removeAllListeners();
  }

  /** Listeners belong to several parts; one that throws must not keep the others from hearing. */
  #tell(event: keyof SessionEvents): void {
    for (const listener of this.rawListeners(event)) {
      try {
        Reflect.apply(listener, this, [this]);
      } catch (error) {
        this.#options.log.error({ err: error, session: this.id, event }, 'LiveSession | a listener threw');
      }
    }
  }
}

function size(frames: readonly Uint8Array[]): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}
