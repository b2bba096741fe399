/**
 * Who is there. Each node knows its own people and tells the others what changed, at most once a
 * second; all of them now and then, since a word between nodes may be lost. A session hears of those
 * it watches and of nobody else: a thousand people who come back at the same time are one message each
 * second, not a million.
 */

import { z } from 'zod';
import { causeway } from '#proto';
import type { Bus, Unsubscribe } from '../platform/bus/index.js';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Session, SessionWatcher } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import type { Principal } from '../platform/principal.js';

export interface PresenceDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly nodeId: string;
  readonly sessionsOf: (personId: string) => readonly Session[];
  /** Of these people, those whom the person may know of. */
  readonly knownTo: (principal: Principal, personIds: readonly string[]) => Promise<readonly string[]>;
}

type Status = causeway.PresenceStatus;

interface Elsewhere {
  readonly people: Map<string, Status>;
  heardAt: number;
}

const { PresenceStatus } = causeway;
const channel = 'chat.presence';
const wordSchema = z.object({
  from: z.string(),
  whole: z.boolean(),
  people: z.array(z.tuple([z.string(), z.number().int().min(0).max(3)])),
});
const tellMs = 1_000;
const wholeEveryMs = 15_000;
/** A node that said nothing this long is gone, and its people with it. */
const silentMs = 45_000;
const mostWatched = 500;

export class Presence {
  readonly #deps: PresenceDeps;
  readonly #watcher: SessionWatcher = { ended: (session) => this.#unwatch(session) };
  readonly #idle = new WeakSet<Session>();
  readonly #here = new Map<string, Status>();
  readonly #elsewhere = new Map<string, Elsewhere>();
  readonly #watched = new Map<Session, ReadonlySet<string>>();
  readonly #watchers = new Map<string, Set<Session>>();
  #toOthers = new Set<string>();
  #toWatchers = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #whole: NodeJS.Timeout | undefined;
  #stop: Unsubscribe | null = null;

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  async listen(): Promise<void> {
    const { bus } = this.#deps;
    if (!bus.shared) return;
    this.#stop = await bus.subscribe(channel, (payload) => this.#hear(payload));
    this.#whole = setInterval(() => this.#tellWhole(), wholeEveryMs).unref();
    this.#tellWhole();
  }

  async close(): Promise<void> {
    clearInterval(this.#whole);
    clearTimeout(this.#timer);
    const stop = this.#stop;
    this.#stop = null;
    await stop?.();
  }

  /** A session of the person came or went. */
  changed(personId: string): void {
    const status = this.#statusHere(personId);
    const before = this.#here.get(personId) ?? PresenceStatus.OFFLINE;
    if (status === before) return;
    if (status === PresenceStatus.OFFLINE) this.#here.delete(personId);
    else this.#here.set(personId, status);
    this.#toOthers.add(personId);
    this.#toWatchers.add(personId);
    this.#schedule();
  }

  /** The person is at a device of his, at this node or another. */
  isActive(personId: string): boolean {
    return this.of(personId) === PresenceStatus.ONLINE;
  }

  of(personId: string): Status {
    const all = [this.#here.get(personId), ...[...this.#elsewhere.values()].map(({ people }) => people.get(personId))];
    if (all.includes(PresenceStatus.ONLINE)) return PresenceStatus.ONLINE;
    return all.includes(PresenceStatus.AWAY) ? PresenceStatus.AWAY : PresenceStatus.OFFLINE;
  }

  /** @throws REQUEST_INVALID */
  async watch(session: Session, personIds: readonly string[], idle: boolean): Promise<causeway.Presence.$Properties[]> {
    if (personIds.length > mostWatched)
      throw new CausewayError('REQUEST_INVALID', { field: 'personIds', fill: { detail: `personIds: at most ${mostWatched}` } });
    if (idle) this.#idle.add(session);
    else this.#idle.delete(session);
    this.changed(session.principal.personId);
    const people = new Set(await this.#deps.knownTo(session.principal, personIds));
    if (session.ended) return [];
    session.watch(this.#watcher);
    this.#unwatch(session);
    this.#watched.set(session, people);
    for (const person of people) {
      const watchers = this.#watchers.get(person) ?? new Set();
      this.#watchers.set(person, watchers);
      watchers.add(session);
    }
    return [...people].map((personId) => ({ personId, status: this.of(personId) }));
  }

  #unwatch(session: Session): void {
    for (const person of this.#watched.get(session) ?? []) {
      const watchers = this.#watchers.get(person);
      watchers?.delete(session);
      if (watchers?.size === 0) this.#watchers.delete(person);
    }
    this.#watched.delete(session);
  }

  #statusHere(personId: string): Status {
    const connected = this.#deps.sessionsOf(personId).filter((session) => session.connected);
    if (connected.length === 0) return PresenceStatus.OFFLINE;
    return connected.every((session) => this.#idle.has(session)) ? PresenceStatus.AWAY : PresenceStatus.ONLINE;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const others = this.#toOthers;
      this.#toOthers = new Set();
      this.#say(
        [...others].map((id) => [id, this.#here.get(id) ?? PresenceStatus.OFFLINE]),
        false,
      );
      this.#tellWatchers();
    }, tellMs).unref();
  }

  /** One notice for each session, however many changed. */
  #tellWatchers(): void {
    const changed = this.#toWatchers;
    this.#toWatchers = new Set();
    const notices = new Map<Session, causeway.Presence.$Properties[]>();
    for (const personId of changed) {
      const status = this.of(personId);
      for (const session of this.#watchers.get(personId) ?? []) {
        const people = notices.get(session) ?? [];
        notices.set(session, people);
        people.push({ personId, status });
      }
    }
    // Who is away asks anew when he is back.
    for (const [session, people] of notices) if (session.connected) session.send({ chat: { presence: { people } } });
  }

  #tellWhole(): void {
    this.#say([...this.#here], true);
    const now = this.#deps.clock.now();
    for (const [nodeId, node] of this.#elsewhere) {
      if (now - node.heardAt < silentMs) continue;
      this.#elsewhere.delete(nodeId);
      for (const person of node.people.keys()) this.#toWatchers.add(person);
      this.#schedule();
    }
  }

  #say(people: readonly (readonly [string, Status])[], whole: boolean): void {
    const { bus, log, nodeId } = this.#deps;
    if (!bus.shared || (people.length === 0 && !whole)) return;
    bus.publish(channel, Buffer.from(JSON.stringify({ from: nodeId, whole, people }))).catch((error: unknown) => {
      log.warn({ err: error }, 'Presence | other nodes were not reached');
    });
  }

  #hear(payload: Uint8Array): void {
    const { from, whole, people } = wordSchema.parse(JSON.parse(Buffer.from(payload).toString()));
    if (from === this.#deps.nodeId) return;
    const isNew = !this.#elsewhere.has(from);
    const node = this.#elsewhere.get(from) ?? { people: new Map(), heardAt: 0 };
    this.#elsewhere.set(from, node);
    node.heardAt = this.#deps.clock.now();
    const said = new Map(people);
    if (whole) for (const person of [...node.people.keys()]) if (!said.has(person)) said.set(person, PresenceStatus.OFFLINE);
    for (const [person, status] of said) {
      if ((node.people.get(person) ?? PresenceStatus.OFFLINE) === status) continue;
      if (status === PresenceStatus.OFFLINE) node.people.delete(person);
      else node.people.set(person, status);
      this.#toWatchers.add(person);
    }
    if (this.#toWatchers.size > 0) this.#schedule();
    // It may have come after our last whole word.
    if (isNew) this.#say([...this.#here], true);
  }
}
