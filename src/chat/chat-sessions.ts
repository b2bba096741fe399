/**
 * The sessions of people who have chat open, so that something can be told to a person on all of his
 * devices, and a member who was removed stops to hear. On every node; nodes tell each other over the bus.
 */

import { z } from 'zod';
import { causeway } from '#proto';
import type { Bus, Unsubscribe } from '../platform/bus/index.js';
import type { Session, SessionWatcher } from '../platform/gateway/index.js';
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
  /** One, or several. */
  readonly #byPerson = new Map<string, Session | Set<Session>>();
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
    const known = this.#byPerson.get(personId);
    if (session.ended || known === session || (known instanceof Set && known.has(session))) return;
    // Most people have one: a set for each would cost more than the session's own part here.
    if (known === undefined) this.#byPerson.set(personId, session);
    else if (known instanceof Set) known.add(session);
    else this.#byPerson.set(personId, new Set([known, session]));
    session.watch(this.#watcher);
    if (known === undefined) this.#deps.presenceChanged(personId);
  }

  of(personId: string): readonly Session[] {
    const known = this.#byPerson.get(personId);
    return known === undefined ? [] : known instanceof Set ? [...known] : [known];
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
    for (const personId of this.#byPerson.keys()) for (const session of this.of(personId)) session.send({ chat: notice });
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
      for (const session of this.of(person)) if (session.id !== but) session.send({ chat: notice });
    }
  }

  #leaveHere(topic: string, people: readonly string[]): void {
    for (const person of people) for (const session of this.of(person)) session.unsubscribe(topic);
  }

  readonly #watcher: SessionWatcher = {
    away: ({ principal }) => this.#deps.presenceChanged(principal.personId),
    back: ({ principal }) => this.#deps.presenceChanged(principal.personId),
    ended: (session) => this.#forget(session),
  };

  #forget(session: Session): void {
    const { personId } = session.principal;
    const known = this.#byPerson.get(personId);
    if (known instanceof Set) known.delete(session);
    if (known !== session && !(known instanceof Set && known.size === 0)) return;
    this.#byPerson.delete(personId);
    this.#deps.presenceChanged(personId);
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
