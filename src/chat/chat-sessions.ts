/**
 * The sessions of people who have chat open, so that something can be told to a person on all of his
 * devices, and a member who was removed stops to hear. On every node; nodes tell each other over the bus.
 */

import { z } from 'zod';
import { causeway } from '#proto';
import type { Bus, Unsubscribe } from '../platform/bus/index.js';
import type { Session } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';

export interface ChatSessionsDeps {
  readonly bus: Bus;
  readonly log: Log;
  readonly nodeId: string;
  /** The first session of a person here came, or the last one went. */
  readonly presenceChanged: (personId: string) => void;
  /** Another node says that what is known of the conversation's members is old. */
  readonly membersChanged: (conversationId: string) => void;
}

type Word =
  | { readonly from: string; readonly what: 'tell'; readonly people: readonly string[]; readonly notice: string; readonly but: string }
  | { readonly from: string; readonly what: 'members'; readonly conversationId: string }
  | { readonly from: string; readonly what: 'leave'; readonly topic: string; readonly people: readonly string[] };

const channel = 'chat.people';
const wordSchema = z.discriminatedUnion('what', [
  z.object({ from: z.string(), what: z.literal('tell'), people: z.array(z.string()), notice: z.string(), but: z.string() }),
  z.object({ from: z.string(), what: z.literal('members'), conversationId: z.string() }),
  z.object({ from: z.string(), what: z.literal('leave'), topic: z.string(), people: z.array(z.string()) }),
]);

export class ChatSessions {
  readonly #deps: ChatSessionsDeps;
  readonly #byPerson = new Map<string, Set<Session>>();
  #stop: Unsubscribe | null = null;

  constructor(deps: ChatSessionsDeps) {
    this.#deps = deps;
  }

  async listen(): Promise<void> {
    const { bus } = this.#deps;
    if (bus.shared) this.#stop = await bus.subscribe(channel, (payload) => this.#hear(payload));
  }

  async close(): Promise<void> {
    const stop = this.#stop;
    this.#stop = null;
    await stop?.();
  }

  /** The session uses chat from now on. */
  enter(session: Session): void {
    const { personId } = session.principal;
    const sessions = this.#byPerson.get(personId) ?? new Set();
    if (sessions.has(session) || session.ended) return;
    this.#byPerson.set(personId, sessions);
    sessions.add(session);
    session.once('ended', () => {
      sessions.delete(session);
      if (sessions.size > 0) return;
      if (this.#byPerson.get(personId) === sessions) this.#byPerson.delete(personId);
      this.#deps.presenceChanged(personId);
    });
    session.on('away', () => this.#deps.presenceChanged(personId));
    session.on('back', () => this.#deps.presenceChanged(personId));
    if (sessions.size === 1) this.#deps.presenceChanged(personId);
  }

  of(personId: string): ReadonlySet<Session> {
    return this.#byPerson.get(personId) ?? new Set();
  }

  /** Tells people, on all nodes and devices; not the session `but`. */
  tell(people: readonly string[], notice: causeway.ChatNotice.$Properties, but: Session | null = null): void {
    if (people.length === 0) return;
    this.#tellHere(people, notice, but?.id ?? '');
    const bytes = Buffer.from(causeway.ChatNotice.encode(notice).finish()).toString('base64');
    this.#say({ from: this.#deps.nodeId, what: 'tell', people, notice: bytes, but: but?.id ?? '' });
  }

  /** Tells everybody at this node. */
  tellAllHere(notice: causeway.ChatNotice.$Properties): void {
    for (const sessions of this.#byPerson.values()) for (const session of sessions) session.send({ chat: notice });
  }

  /** These people hear a topic no more, on all nodes. */
  leave(topic: string, people: readonly string[]): void {
    if (people.length === 0) return;
    this.#leaveHere(topic, people);
    this.#say({ from: this.#deps.nodeId, what: 'leave', topic, people });
  }

  /** For other nodes: forget what is known of the members. */
  tellMembersChanged(conversationId: string): void {
    this.#say({ from: this.#deps.nodeId, what: 'members', conversationId });
  }

  #tellHere(people: readonly string[], notice: causeway.ChatNotice.$Properties, but: string): void {
    for (const person of people) {
      for (const session of this.#byPerson.get(person) ?? []) if (session.id !== but) session.send({ chat: notice });
    }
  }

  #leaveHere(topic: string, people: readonly string[]): void {
    for (const person of people) for (const session of this.#byPerson.get(person) ?? []) session.unsubscribe(topic);
  }

  #say(word: Word): void {
    const { bus, log } = this.#deps;
    if (!bus.shared) return;
    bus.publish(channel, Buffer.from(JSON.stringify(word))).catch((error: unknown) => {
      log.error({ err: error, what: word.what }, 'ChatSessions | other nodes were not reached');
    });
  }

  #hear(payload: Uint8Array): void {
    const word = wordSchema.parse(JSON.parse(Buffer.from(payload).toString()));
    if (word.from === this.#deps.nodeId) return;
    if (word.what === 'members') this.#deps.membersChanged(word.conversationId);
    else if (word.what === 'leave') this.#leaveHere(word.topic, word.people);
    else this.#tellHere(word.people, causeway.ChatNotice.decode(Buffer.from(word.notice, 'base64')), word.but);
  }
}
