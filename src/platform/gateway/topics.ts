/**
 * Topics: events that many sessions hear. An event is encoded once, kept in the topic's ring for
 * those who come back, and sent to the subscribers on this node and, over the bus, on others.
 */
import type { causeway } from '#proto';

/** What happened, without topic and number. */
export type EventBody = { readonly meeting: causeway.IMeetingEvent } | { readonly chat: causeway.IChatEvent };

export interface Topics {
  /** Publishes a numbered event. Numbers of a topic count up by one; a number that was published already is ignored. */
  publish(topic: string, number: number, body: EventBody): void;
  /** Publishes an event that is never repeated: the latest wins. */
  publishVolatile(topic: string, body: EventBody): void;
  /** The topic has ended: what was published goes out, then everybody is unsubscribed and its events are forgotten, on all nodes. */
  drop(topic: string): void;
}
