/** The session of one client, over as many sockets as it needs. */

import type { causeway } from '#proto';
import type { Clock } from '../clock.js';
import { CausewayError, type ErrorCode, type Language } from '../errors.js';
import type { Log } from '../log.js';
import type { Principal } from '../principal.js';
import { EventRing, type RingLimits } from './event-ring.js';
import { encodeServerFrame } from './frames.js';
import { RequestLimits, type RequestLimitsOptions } from './request-limits.js';
import type { Session, SessionWatcher } from './session.js';
import type { TopicSubscriptions } from './topics.js';
import { WatchedSession } from './watched-session.js';

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
  readonly principal: Principal;
  readonly language: Language;
  /** The same for all sessions: there may be tens of thousands. */
  readonly shared: SharedOptions;
}

export interface SharedOptions {
  readonly topics: TopicSubscriptions;
  readonly ring: RingLimits;
  readonly requests: RequestLimitsOptions;
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
const none: readonly string[] = [];

/** What an idle one doesn't need it doesn't keep: most are idle, and there may be tens of thousands. */
export class LiveSession extends WatchedSession implements Session {
  readonly id: string;
  readonly #options: SharedOptions;
  #principal: Principal;
  #language: Language;
  #line: Line | null = null;
  /** What listeners were told last; a line that breaks while it resumes tells them nothing. */
  #away = false;
  #ended = false;
  #awayTimer: NodeJS.Timeout | null = null;
  #topics = none;
  /** Its own events; null while none is kept. */
  #ring: EventRing | null = null;
  #number = 0;
  /** Null while it could ask for as much as one that never asked. */
  #requests: RequestLimits | null = null;

  constructor(options: LiveSessionOptions) {
    super();
    this.id = options.id;
    this.#options = options.shared;
    this.#principal = options.principal;
    this.#language = options.language;
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

  get requests(): RequestLimits {
    this.#requests ??= new RequestLimits(this.#options.requests);
    return this.#requests;
  }

  send(event: causeway.ISessionEvent): void {
    if (this.#ended) return;
    this.#ring ??= new EventRing(this.#options.ring, this.#number);
    this.#number += 1;
    const frame = encodeServerFrame({ event: { topic: ownTopic, number: this.#number, session: event } });
    this.#ring.push(this.#number, frame, this.#options.clock.now());
    this.#line?.send(frame);
  }

  subscribe(topic: string): void {
    if (topic === ownTopic) throw new RangeError('the topic "session" belongs to every session already');
    if (this.#ended || this.#topics.includes(topic)) return;
    // What was pushed or spread has room for sixteen more; `concat` copies to the very size.
    this.#topics = this.#topics.concat(this.#options.topics.join(topic, this));
    this.#line?.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    if (!this.#topics.includes(topic)) return;
    this.#topics = this.#topics.filter((other) => other !== topic);
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
    const own = this.#ownAfter(seen.get(ownTopic) ?? 0);
    let budget = this.#options.replayBytes - size(own ?? []);
    if (this.#ended || own === null || budget < 0) return null;

    const frames: Uint8Array[] = [welcome, ...own];
    const lost: string[] = [];
    for (const topic of this.#topics) {
      // A client that never heard of the topic has missed everything since the subscription.
      const missed = this.#missed(topic, seen.get(topic) ?? this.#options.topics.joinedAt(topic, this));
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
    for (const topic of this.#topics) line.subscribe(topic);
    for (const topic of lost) this.send({ topicReset: { topic } });
    // A slow line may have been closed by all that.
    if (this.#away && this.#line === line) {
      this.#away = false;
      this.#say('back');
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
    if (topic !== ownTopic && !this.#topics.includes(topic)) throw new CausewayError('TOPIC_FORBIDDEN', { field: 'topic' });
    const missed = topic === ownTopic ? this.#ownAfter(after) : this.#missed(topic, after);
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
    this.#say('away');
  }

  end(reason: ErrorCode): void {
    const line = this.#line;
    this.#finish(() => line?.goodbye(reason));
  }

  /** The client closed its socket in good order: it does not come back. */
  leave(): void {
    this.#finish();
  }

  /** Own events older than any socket could still need, and what it asked for long ago. */
  forgetOld(now: number): void {
    this.#ring?.forgetBefore(now - this.#options.keepMs);
    if (this.#ring?.isEmpty) this.#ring = null;
    if (this.#requests?.isFresh) this.#requests = null;
  }

  /** Its own events after a number. Null: no longer kept. */
  #ownAfter(number: number): Uint8Array[] | null {
    if (this.#ring) return this.#ring.after(number);
    return number >= this.#number ? [] : null;
  }

  /**
   * Events of a subscribed topic after a number. Null: no longer kept, or from before the
   * subscription, which this session may not be meant to see.
   */
  #missed(topic: string, after: number | null): Uint8Array[] | null {
    const subscribedAt = this.#options.topics.joinedAt(topic, this);
    if (subscribedAt !== null && after !== null && after < subscribedAt) return null;
    return this.#options.topics.after(topic, after);
  }

  #finish(sayWhy?: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#awayTimer) clearTimeout(this.#awayTimer);
    for (const topic of this.#topics) this.unsubscribe(topic);
    sayWhy?.();
    this.#line = null;
    this.#options.onEnded(this);
    this.#say('ended');
  }

  #say(change: keyof SessionWatcher): void {
    try {
      this.tell(change);
    } catch (error) {
      this.#options.log.error({ err: error, session: this.id, change }, 'LiveSession | a watcher threw');
    }
  }
}

function size(frames: readonly Uint8Array[]): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}
