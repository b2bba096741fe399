/**
 * Tells people of messages that they have not read: a while after the message, if they are not there,
 * want to be told, and have not been told of the conversation just now.
 *
 * Waits in memory, and writes down beside it that it waits (waiting-notices.ts): what a node that was killed
 * did not tell, another one tells. It is a courtesy all the same: what is lost in the moment between a message and
 * that row, or between the decision to tell somebody and the push, is told by nobody. The message itself is kept and
 * counted as unread. What must not be forgotten is an urgent message (urgent.ts).
 */
import { z } from 'zod';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { newId } from '../../platform/ids.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Message } from '../message.js';
import { Audience, type Candidate } from './audience.js';
import { type NotificationSettingsStore, silentUntil } from './notification-settings.js';
import type { PushDelivery, PushNotice } from './push-delivery.js';
import { WaitingNotices } from './waiting-notices.js';

export interface MessageNoticesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: Jobs;
  readonly settings: NotificationSettingsStore;
  readonly delivery: PushDelivery;
  /** Somebody of the organisation has a device to push to. */
  readonly anyDevice: (orgId: string) => Promise<boolean>;
  /** He uses a device just now, and sees for himself. */
  readonly isActive: (personId: string) => boolean | Promise<boolean>;
  readonly delayMs: number;
  readonly everyMs: number;
}

interface Waiting {
  readonly id: string;
  readonly orgId: string;
  readonly conversationId: string;
  /** By number: when it was posted. */
  readonly messages: Map<number, number>;
  timer: NodeJS.Timeout;
  due: number;
  /** The first message of which is written down that it waits. */
  from: number;
  /** Resolves when that is written. */
  written: Promise<void>;
}

/** Every minute, once over all nodes: whatever a node should have told and none will. */
const lookForLate: JobKind<Record<string, never>> = { name: 'notify.notices-late', schema: z.record(z.string(), z.never()) };
const lateMs = 60_000;

/** Where people write all the time, a conversation is looked at this often at most, milliseconds. */
const breathMs = 2_000;
/** Of a conversation, the newest are told of. */
const keptMessages = 200;

export class MessageNotices {
  readonly #deps: MessageNoticesDeps;
  readonly #audience: Audience;
  readonly #written: WaitingNotices;
  readonly #waiting = new Map<string, Waiting>();
  readonly #running = new Set<Promise<void>>();
  /** By organisation: whether there is anybody to tell, and until when that is believed. */
  readonly #worthwhile = new Map<string, { readonly until: number; readonly answer: Promise<boolean> }>();
  #closed = false;

  constructor(deps: MessageNoticesDeps) {
    this.#deps = deps;
    this.#audience = new Audience(deps.database, deps.clock);
    this.#written = new WaitingNotices(deps.database);
  }

  async start(): Promise<void> {
    const { jobs } = this.#deps;
    await jobs.work(lookForLate, () => this.#takeLate());
    await jobs.schedule(lookForLate, '* * * * *', {});
  }

  posted({ orgId, conversationId, number, kind, extra }: Pick<Message, 'orgId' | 'conversationId' | 'number' | 'kind' | 'extra'>): void {
    // What somebody shares with all of a conversation is told of as what he writes there.
    const isTold = kind !== 'system' || extra?.system?.what === 'recording-shared';
    if (!isTold || this.#closed) return;
    const now = this.#deps.clock.now();
    this.#wait(orgId, conversationId, new Map([[number, now]]), now + this.#deps.delayMs);
  }

  /** Tells at once of what waits. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of [...this.#waiting.values()]) {
      clearTimeout(waiting.timer);
      this.#run(waiting);
    }
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Others who do so at the same time agree with this one by the marks of who was told. */
  async #takeLate(): Promise<void> {
    const { clock } = this.#deps;
    for (const late of await this.#written.late(new Date(clock.now() - lateMs))) {
      if (this.#closed) return;
      const messages = await this.#written.messages(late, keptMessages);
      const own = messages.size > 0 ? this.#wait(late.orgId, late.conversationId, messages, clock.now()) : null;
      await own?.written;
      await this.#written.forget(late);
    }
  }

  #wait(orgId: string, conversationId: string, messages: ReadonlyMap<number, number>, due: number): Waiting {
    const before = this.#waiting.get(conversationId);
    const waiting = before && before.due <= due ? before : this.#replace(before, { orgId, conversationId, due });
    const { messages: kept } = waiting;
    for (const [number, at] of messages) kept.set(number, at);
    while (kept.size > keptMessages) kept.delete(Math.min(...kept.keys()));
    this.#write(waiting, waiting === before ? messages : kept);
    if (before && before !== waiting) this.#background(this.#forget(before, waiting));
    return waiting;
  }

  #replace(before: Waiting | undefined, { orgId, conversationId, due }: Pick<Waiting, 'orgId' | 'conversationId' | 'due'>): Waiting {
    clearTimeout(before?.timer);
    const now = this.#deps.clock.now();
    const next: Waiting = {
      id: newId(now),
      orgId,
      conversationId,
      messages: new Map(before?.messages),
      due,
      timer: setTimeout(() => this.#run(next), Math.max(0, due - now)).unref(),
      from: Number.POSITIVE_INFINITY,
      written: Promise.resolve(),
    };
    this.#waiting.set(conversationId, next);
    return next;
  }

  /** Once for each that waits: messages that come while it does have higher numbers. `messages`: those that are new to it. */
  #write(waiting: Waiting, messages: ReadonlyMap<number, number>): void {
    const { orgId, id, conversationId } = waiting;
    const from = Math.min(...messages.keys());
    if (from >= waiting.from) return;
    waiting.from = from;
    const write = async (): Promise<void> => {
      if (await this.#isWorthwhile(orgId, this.#deps.clock.now()))
        await this.#written.keep({ orgId, id, conversationId, from }, new Date(waiting.due));
    };
    waiting.written = waiting.written
      .then(write)
      .catch((error: unknown) => this.#deps.log.warn({ err: error, conversation: conversationId }, 'notices: not written down'));
  }

  /** When what follows it, if anything does, is written down. */
  async #forget(waiting: Waiting, next: Waiting | undefined): Promise<void> {
    await waiting.written;
    await next?.written;
    if (await this.#isWorthwhile(waiting.orgId, this.#deps.clock.now())) await this.#written.forget(waiting);
  }

  #run(waiting: Waiting): void {
    const { conversationId } = waiting;
    this.#waiting.delete(conversationId);
    const telling = this.#tell(waiting).catch((error: unknown) =>
      this.#deps.log.warn({ err: error, conversation: conversationId }, 'notices: nobody was told'),
    );
    this.#background(telling.then(() => this.#forget(waiting, this.#waiting.get(conversationId))));
  }

  #background(work: Promise<void>): void {
    const running = work
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'notices: what was told is told again'))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #tell({ orgId, conversationId, messages }: Waiting): Promise<void> {
    const { clock, delayMs, everyMs, delivery } = this.#deps;
    const now = clock.now();
    const ripe = new Map([...messages].filter(([, at]) => this.#closed || at + delayMs <= now));
    const unripe = new Map([...messages].filter(([number]) => !ripe.has(number)));
    if (unripe.size > 0) {
      const due = Math.max(Math.min(...unripe.values()) + delayMs, now + Math.min(delayMs, breathMs));
      this.#wait(orgId, conversationId, unripe, due);
    }
    if (!(await this.#isWorthwhile(orgId, now))) return;

    const candidates = await this.#audience.of(orgId, conversationId, [...ripe.keys()]);
    const there = await Promise.all(candidates.map(({ personId }) => this.#deps.isActive(personId)));
    const absent = candidates.filter((_, index) => !there[index]);
    const reachable = await this.#notSilent(orgId, absent, now);
    // A mention that he was not told of yet doesn't wait for others.
    const isNew = ({ mention, toldNumber }: Candidate) => mention > toldNumber;
    const told = new Set([
      ...(await this.#claim(orgId, conversationId, reachable.filter(isNew), now, null)),
      ...(await this.#claim(
        orgId,
        conversationId,
        reachable.filter((one) => !isNew(one)),
        now,
        now - everyMs,
      )),
    ]);
    const early = reachable.filter((one) => !told.has(one));
    // Whoever was told just now is told of the rest later; when he was told is known next time.
    const again = Math.min(...early.map(({ toldAt }) => Math.max(now, toldAt + everyMs)));
    if (early.length > 0 && !this.#closed) this.#wait(orgId, conversationId, ripe, again);
    const notices = [...told].map((one): PushNotice => {
      const { personId, number, mention } = one;
      return isNew(one)
        ? { orgId, personId, conversationId, number: mention, kind: 'mention' }
        : { orgId, personId, conversationId, number, kind: 'message' };
    });
    await delivery.deliver(notices);
  }

  /** Asked once in a while for each organisation: most messages of most organisations concern no device at all. */
  #isWorthwhile(orgId: string, now: number): Promise<boolean> {
    const known = this.#worthwhile.get(orgId);
    if (known && known.until > now) return known.answer;
    const answer = this.#deps.anyDevice(orgId);
    this.#worthwhile.set(orgId, { until: now + Math.min(this.#deps.delayMs, breathMs), answer });
    // What failed is asked again.
    answer.catch(() => this.#worthwhile.delete(orgId));
    return answer;
  }

  async #notSilent(orgId: string, candidates: readonly Candidate[], now: number): Promise<Candidate[]> {
    if (candidates.length === 0) return [];
    const { settings } = this.#deps;
    const policy = await settings.policy(orgId);
    const wishes = await settings.ofPeople(
      orgId,
      candidates.map(({ personId }) => personId),
    );
    return candidates.filter(({ personId }) => {
      const wish = wishes.get(personId);
      return wish && silentUntil(policy, wish, false, now) === null;
    });
  }

  /** Those to be told now, who were not told since `since`: of several nodes that want to tell the same person one does. */
  async #claim(
    orgId: string,
    conversationId: string,
    candidates: readonly Candidate[],
    now: number,
    since: number | null,
  ): Promise<Candidate[]> {
    if (candidates.length === 0) return [];
    const rows = await this.#deps.database.query<{ person_id: string }>(
      `insert into push_marks as k (org_id, conversation_id, person_id, told_at, told_number)
       select $1, $2, q.person_id, $3, q.number from unnest($4::uuid[], $5::int[]) as q (person_id, number)
       join conversation_members m on m.conversation_id = $2 and m.person_id = q.person_id
       order by q.person_id
       on conflict (conversation_id, person_id) do update set told_at = excluded.told_at, told_number = excluded.told_number
       where k.told_number < excluded.told_number and ($6::timestamptz is null or k.told_at <= $6)
       returning person_id`,
      [
        orgId,
        conversationId,
        new Date(now),
        candidates.map((one) => one.personId),
        candidates.map((one) => one.number),
        since === null ? null : new Date(since),
      ],
    );
    const claimed = new Set(rows.map(({ person_id }) => person_id));
    return candidates.filter(({ personId }) => claimed.has(personId));
  }
}
