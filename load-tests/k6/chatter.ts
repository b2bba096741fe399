/** Somebody who chats, and the book of what came to him: nothing may be missing, nothing may come twice. */
import { check } from 'k6';
import type { causeway } from '#proto';
import { now, until, wait } from './clock.js';
import { ackMs, acknowledged, chatDuplicated, chatLost, delivered, deliveryMs, readMs, resumeMs, syncMs } from './metrics.js';
import { Person } from './person.js';
import { groupOf, leaves, phaseAt, stormBegins, type Turn, turnsOf } from './plan.js';
import { type Session, timed } from './session.js';

interface Page {
  /** The newest number, without a hole before it. */
  seen: number;
  /** Up to here it was asked for: an event that was on its way meanwhile says it once more, harmlessly. */
  asked: number;
}

interface Early {
  readonly event: causeway.IEvent;
  readonly at: number;
}

const prefix = 'conversation/';
/** How often it is looked whether the last messages have come. */
const lookMs = 500;
/** A message of usual length. */
const words = 'a message of a usual length, as people write them to each other';

export class Chatter extends Person {
  readonly #pages = new Map<string, Page>();
  readonly #sends: Promise<void>[] = [];
  #newestOwn = 0;
  /** Events that come while Sync is asked: its answer says from where on they count. Null: it is not. */
  #early: Early[] | null = null;
  /** What was due before came late because he was away. */
  #connectedAt = 0;

  get #conversationId(): string {
    const { stage, plan, index } = this.cast;
    return stage.groups[groupOf(plan, index).group]?.conversationId ?? '';
  }

  async seat(): Promise<void> {
    const session = await this.connect();
    const { ms } = await timed(this.#sync(session));
    syncMs.add(ms);
    check(this.#pages, { 'the conversation is there': (pages) => pages.has(this.#conversationId) });
  }

  async act(): Promise<void> {
    await Promise.all([this.#write(), this.#read(), this.#storm(), this.#churn(), this.keep()]);
    await Promise.all(this.#sends);
  }

  async settle(): Promise<void> {
    const { plan, end } = this.cast;
    const deadline = Math.max(now(), end) + plan.grace * 1_000;
    for (;;) {
      const session = await this.session();
      // Without a cursor the head is answered in any case.
      const { conversations } = await session.chat.sync({ only: [this.#conversationId] });
      const latest = conversations?.[0]?.conversation?.latest ?? 0;
      const missing = latest - (this.#pages.get(this.#conversationId)?.seen ?? 0);
      if (missing <= 0 || now() > deadline) {
        this.#lose(Math.max(0, missing), `the log goes to ${latest}, and what came to ${latest - missing}`);
        this.#lose(Math.max(0, this.#newestOwn - latest), `the log goes to ${latest}, and ${this.#newestOwn} was acknowledged`);
        return;
      }
      await wait(lookMs);
    }
  }

  protected heard(event: causeway.IEvent): void {
    // Without a number: who has read, who writes. The latest wins, and none is missed.
    if (!event.number || !event.topic?.startsWith(prefix)) return;
    if (this.#early) this.#early.push({ event, at: now() });
    else this.#count(event, now());
  }

  #count({ topic, number, chat }: causeway.IEvent, at: number): void {
    const page = this.#pages.get(topic?.slice(prefix.length) ?? '');
    if (!page || !number) return;
    if (number <= page.seen) {
      if (number > page.asked) chatDuplicated.add(1);
      return;
    }
    if (number > page.seen + 1) this.#lose(number - page.seen - 1, `${topic} went from ${page.seen} to ${number}`);
    page.seen = number;
    const { due, dueMs } = dueOf(chat?.message?.body ?? '');
    if (due < this.#connectedAt || !this.isMeasured(dueMs)) return;
    deliveryMs.add(at - due, this.#phase(dueMs));
    delivered.add(1);
  }

  protected seen(): causeway.ISeen[] {
    return [...this.#pages].map(([id, { seen }]) => ({ topic: `${prefix}${id}`, number: seen }));
  }

  protected async caughtUp(session: Session): Promise<void> {
    this.#connectedAt = Number.POSITIVE_INFINITY;
    await this.#sync(session);
    this.#connectedAt = now();
  }

  async #sync(session: Session): Promise<void> {
    const early: Early[] = [];
    this.#early = early;
    try {
      await this.#ask(session);
    } finally {
      this.#early = null;
    }
    for (const { event, at } of early) this.#count(event, at);
  }

  async #ask(session: Session): Promise<void> {
    const { conversations } = await session.chat.sync({ cursors: this.#cursors() });
    for (const { conversation, cursor, more } of conversations ?? []) {
      const id = conversation?.id ?? '';
      let known = cursor ?? 0;
      for (let isMore = more; isMore; ) {
        const next = await session.chat.fetch({ conversationId: id, changedAfter: known });
        known = next.cursor ?? known;
        isMore = next.more;
      }
      const page = this.#pages.get(id);
      if (page) Object.assign(page, { seen: Math.max(page.seen, known), asked: Math.max(page.asked, known) });
      else this.#pages.set(id, { seen: known, asked: known });
    }
  }

  #cursors(): causeway.ICursor[] {
    return [...this.#pages].map(([conversationId, { seen }]) => ({ conversationId, number: seen }));
  }

  async #write(): Promise<void> {
    const { plan, index, begin, end } = this.cast;
    for (const turn of turnsOf(plan, index)) {
      await until(begin + turn.dueMs);
      // Not waited for: who is late is not spared the next.
      this.#sends.push(this.#send(turn, begin + turn.dueMs).catch((error: unknown) => this.trouble(error)));
    }
    await until(end);
  }

  async #send(turn: Turn, due: number): Promise<void> {
    const message = {
      conversationId: this.#conversationId,
      clientId: crypto.randomUUID(),
      body: `${due.toFixed(3)} ${turn.dueMs.toFixed(3)} ${words}`,
    };
    const session = await this.session();
    const { number } = await session.chat.send(message).catch(async (error: unknown) => {
      // Cut off meanwhile: the same message once more, which is harmless where the first has arrived.
      if (this.isConnected) throw error;
      return (await this.session()).chat.send(message);
    });
    this.#newestOwn = Math.max(this.#newestOwn, number);
    acknowledged.add(1);
    if (this.isMeasured(turn.dueMs)) ackMs.add(now() - due, this.#phase(turn.dueMs));
  }

  async #read(): Promise<void> {
    const every = this.cast.plan.read * 1_000;
    if (every === 0) return;
    let last = 0;
    for (let next = this.cast.begin + every * Math.random(); next < this.cast.end; next += every) {
      await until(next);
      const number = this.#pages.get(this.#conversationId)?.seen ?? 0;
      if (number === last || !this.isConnected) continue;
      try {
        const session = await this.session();
        const { ms } = await timed(session.chat.markRead({ conversationId: this.#conversationId, number }));
        last = number;
        readMs.add(ms);
      } catch (error) {
        if (this.isConnected) this.trouble(error);
      }
    }
  }

  async #storm(): Promise<void> {
    const { plan, index, begin } = this.cast;
    if (!leaves(plan, index)) return;
    const cutAt = begin + stormBegins(plan) * 1_000;
    await until(cutAt);
    await this.cutOff(cutAt + Math.random() * plan.back * 1_000, (ms) => resumeMs.add(ms));
  }

  async #churn(): Promise<void> {
    const { plan, index, begin, end } = this.cast;
    const every = plan.churn * 1_000;
    if (every === 0) return;
    for (let next = begin + (every * (index + 1)) / plan.users; next < end; next += every) {
      await until(next);
      if (this.isConnected) await this.cutOff(now() + lookMs, (ms) => resumeMs.add(ms));
    }
  }

  #lose(count: number, why: string): void {
    if (count === 0) return;
    chatLost.add(count);
    this.trouble(`${count} lost: ${why}`);
  }

  #phase(dueMs: number): { phase: string } {
    return { phase: phaseAt(this.cast.plan, dueMs) };
  }
}

/** Every message carries when it was due: by the clock that all share, and after the beginning. Others' messages carry nothing. */
function dueOf(body: string): { due: number; dueMs: number } {
  const [due, dueMs] = body.split(' ', 2).map(Number);
  return { due: due ?? Number.NaN, dueMs: dueMs ?? Number.NaN };
}
