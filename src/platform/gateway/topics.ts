/**
 * Topics: events that many sessions hear. An event is encoded once, kept in the topic's ring for
 * those who come back, and sent to the subscribers on this node and, over the bus, on others.
 *
 * A topic lives on a node as long as a session there is subscribed, away or not.
 */
import type { causeway } from '#proto';
import type { Config } from '../../config.js';
import type { Bus, Unsubscribe } from '../bus/index.js';
import { newId } from '../ids.js';
import type { Log } from '../log.js';
import { EventRing, type RingLimits } from './event-ring.js';
import { decodeServerFrame, encodeServerFrame } from './frames.js';
import type { SocketServer } from './socket-server.js';
import { readNodeMessage, writeDropped, writeEvent } from './topic-messages.js';

/** What happened, without topic and number. */
export type EventBody = { readonly meeting: causeway.IMeetingEvent } | { readonly chat: causeway.IChatEvent };

export interface Topics {
  /** Publishes a numbered event. Numbers of a topic count up by one; a number that was published already is ignored. */
  publish(topic: string, number: number, body: EventBody): void;
  /** Publishes an event that is never repeated: the latest wins. */
  publishVolatile(topic: string, body: EventBody): void;
  /** As `publishVolatile`, to the sessions of this node alone. */
  publishHere(topic: string, body: EventBody): void;
  /** Topics that sessions here are subscribed to, with the newest number that was heard of each. */
  live(prefix: string): { readonly topic: string; readonly latest: number | null }[];
  /** Hears what other nodes publish to the topic, whether or not a session here does. Gives how to stop. */
  watch(topic: string, listener: TopicListener): () => void;
  /** The topic has ended: what was published goes out, then everybody is unsubscribed and its events are forgotten, on all nodes. */
  drop(topic: string): void;
}

export type TopicListener = (number: number, event: causeway.IEvent) => void;

/** Who subscribes; a session, to the topics. */
export interface Subscriber {
  unsubscribe(topic: string): void;
}

/** The sessions' side of the topics. */
export interface TopicSubscriptions {
  /** Gives the topic's name in the one copy that all subscribers can share. */
  join(topic: string, subscriber: Subscriber): string;
  /** The newest number that was published before the subscriber joined; null when that is not known here. */
  joinedAt(topic: string, subscriber: Subscriber): number | null;
  leave(topic: string, subscriber: Subscriber): void;
  /** Frames after a number, or after null all since the topic lives here. Null: no longer kept. */
  after(topic: string, number: number | null): Uint8Array[] | null;
  latest(topic: string): number | null;
}

export interface NodeTopicsDeps {
  readonly config: Config;
  readonly bus: Bus;
  readonly log: Log;
  readonly server: () => SocketServer;
  readonly onPublished: () => void;
}

interface Topic {
  readonly name: string;
  readonly ring: EventRing;
  /** With the newest number when each joined. */
  readonly subscribers: Map<Subscriber, number | null>;
  /** Events that overtook others on the way from another node, by number. */
  readonly early: Map<number, Uint8Array>;
  earlyTimer: NodeJS.Timeout | null;
}

const channel = 'topics';
/** How long, and how many, events wait for one that they overtook. Then the gap is taken as it is, and clients replay. */
const earlyMs = 500;
const earlyEvents = 256;

export class NodeTopics implements Topics, TopicSubscriptions {
  readonly #deps: NodeTopicsDeps;
  readonly #topics = new Map<string, Topic>();
  readonly #watchers = new Map<string, Set<TopicListener>>();
  /** Tells our own messages on the bus from others'. */
  readonly #origin = newId();
  #stopListening: Unsubscribe | null = null;

  constructor(deps: NodeTopicsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#topics.size;
  }

  async listen(): Promise<void> {
    if (this.#deps.bus.shared) this.#stopListening = await this.#deps.bus.subscribe(channel, (message) => this.#hear(message));
  }

  async close(): Promise<void> {
    const stop = this.#stopListening;
    this.#stopListening = null;
    for (const topic of this.#topics.values()) if (topic.earlyTimer) clearTimeout(topic.earlyTimer);
    this.#topics.clear();
    await stop?.();
  }

  publish(topic: string, number: number, body: EventBody): void {
    if (!Number.isInteger(number) || number < 1) throw new RangeError(`the number of an event must be at least 1, not ${number}`);
    this.#publish(topic, number, body);
  }

  publishVolatile(topic: string, body: EventBody): void {
    this.#publish(topic, 0, body);
  }

  publishHere(topic: string, body: EventBody): void {
    if (this.#topics.has(topic)) this.#send(topic, encodeServerFrame({ event: { topic, number: 0, ...body } }));
  }

  live(prefix: string): { topic: string; latest: number | null }[] {
    return [...this.#topics].filter(([name]) => name.startsWith(prefix)).map(([name, { ring }]) => ({ topic: name, latest: ring.latest }));
  }

  watch(topic: string, listener: TopicListener): () => void {
    const watchers = this.#watchers.get(topic) ?? new Set();
    watchers.add(listener);
    this.#watchers.set(topic, watchers);
    return () => {
      if (watchers.delete(listener) && watchers.size === 0) this.#watchers.delete(topic);
    };
  }

  drop(topic: string): void {
    this.#drop(topic);
    if (this.#deps.bus.shared) this.#forward(writeDropped(this.#origin, topic));
  }

  join(topic: string, subscriber: Subscriber): string {
    const { name, subscribers, ring } = this.#topics.get(topic) ?? this.#create(topic);
    subscribers.set(subscriber, ring.latest);
    return name;
  }

  joinedAt(name: string, subscriber: Subscriber): number | null {
    return this.#topics.get(name)?.subscribers.get(subscriber) ?? null;
  }

  leave(name: string, subscriber: Subscriber): void {
    const topic = this.#topics.get(name);
    if (!topic?.subscribers.delete(subscriber) || topic.subscribers.size > 0) return;
    if (topic.earlyTimer) clearTimeout(topic.earlyTimer);
    this.#topics.delete(name);
  }

  after(name: string, number: number | null): Uint8Array[] | null {
    return this.#topics.get(name)?.ring.after(number) ?? null;
  }

  latest(name: string): number | null {
    return this.#topics.get(name)?.ring.latest ?? null;
  }

  #publish(topic: string, number: number, body: EventBody): void {
    if (!this.#topics.has(topic) && !this.#deps.bus.shared) return;
    const frame = encodeServerFrame({ event: { topic, number, ...body } });
    this.#take(topic, number, frame);
    if (this.#deps.bus.shared) this.#forward(writeEvent(this.#origin, frame));
  }

  /** An event, from here or from another node. */
  #take(name: string, number: number, frame: Uint8Array): void {
    const topic = this.#topics.get(name);
    if (!topic) return;
    if (number === 0) {
      this.#send(name, frame);
      return;
    }
    const { latest } = topic.ring;
    if (latest !== null && number <= latest) return;
    if (latest !== null && number > latest + 1) {
      this.#keepEarly(name, topic, number, frame);
      return;
    }
    this.#accept(name, topic, number, frame);
    this.#acceptEarly(name, topic);
  }

  #accept(name: string, topic: Topic, number: number, frame: Uint8Array): void {
    topic.ring.push(number, frame);
    this.#send(name, frame);
  }

  #send(name: string, frame: Uint8Array): void {
    this.#deps.server().publish(name, frame);
    this.#deps.onPublished();
  }

  /** Nodes publish to one topic each at its own pace: an event may come before the one with the number below. */
  #keepEarly(name: string, topic: Topic, number: number, frame: Uint8Array): void {
    topic.early.set(number, frame);
    if (topic.early.size > earlyEvents) this.#acceptGap(name, topic);
    else topic.earlyTimer ??= setTimeout(() => this.#acceptGap(name, topic), earlyMs).unref();
  }

  #acceptEarly(name: string, topic: Topic): void {
    for (;;) {
      const next = (topic.ring.latest ?? 0) + 1;
      const frame = topic.early.get(next);
      if (!frame) break;
      topic.early.delete(next);
      this.#accept(name, topic, next, frame);
    }
    if (topic.early.size > 0 || !topic.earlyTimer) return;
    clearTimeout(topic.earlyTimer);
    topic.earlyTimer = null;
  }

  #acceptGap(name: string, topic: Topic): void {
    topic.earlyTimer = null;
    const next = Math.min(...topic.early.keys());
    const frame = topic.early.get(next);
    if (!frame) return;
    this.#deps.log.warn({ topic: name, after: topic.ring.latest, next }, 'NodeTopics | events did not come; clients take a snapshot');
    topic.early.delete(next);
    this.#accept(name, topic, next, frame);
    this.#acceptEarly(name, topic);
    // What is left waits for yet another event, which gets its own time.
    if (topic.early.size > 0) topic.earlyTimer ??= setTimeout(() => this.#acceptGap(name, topic), earlyMs).unref();
  }

  #drop(name: string): void {
    const topic = this.#topics.get(name);
    if (!topic) return;
    for (const subscriber of [...topic.subscribers.keys()]) subscriber.unsubscribe(name);
  }

  #create(name: string): Topic {
    const topic: Topic = {
      name,
      ring: new EventRing(ringLimits(this.#deps.config)),
      subscribers: new Map(),
      early: new Map(),
      earlyTimer: null,
    };
    this.#topics.set(name, topic);
    return topic;
  }

  #forward(message: Uint8Array): void {
    this.#deps.bus.publish(channel, message).catch((error: unknown) => {
      this.#deps.log.error({ err: error }, 'NodeTopics | other nodes were not reached');
    });
  }

  #hear(bytes: Uint8Array): void {
    const message = readNodeMessage(bytes);
    if (message === null) {
      this.#deps.log.warn({ bytes: bytes.length }, 'NodeTopics | a message of another node could not be read');
      return;
    }
    if (message.origin === this.#origin) return;
    if (message.kind === 'dropped') {
      this.#drop(message.topic);
      return;
    }
    // Should the frame be broken, the bus logs what is thrown and goes on.
    const { event } = decodeServerFrame(message.frame);
    if (!event?.topic) return;
    const number = event.number ?? 0;
    this.#take(event.topic, number, message.frame);
    for (const watcher of this.#watchers.get(event.topic) ?? []) watcher(number, event);
  }
}

/** Half of what may wait for a receiver: a ring that is sent again must not make it a slow one. */
export function ringLimits(config: Config): RingLimits {
  return { events: config.TOPIC_KEEP_EVENTS, bytes: config.SOCKET_BUFFER_BYTES / 2 };
}
