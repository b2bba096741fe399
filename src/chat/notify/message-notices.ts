/**
 * Tells people of messages that they have not read: a while after the message, if they are not there,
 * want to be told, and have not been told of the conversation just now.
 *
 * Waits in memory, because it is a courtesy: a node that is killed forgets to tell, and the message itself is
 * kept and counted as unread all the same. What must not be forgotten is an urgent message (urgent.ts).
 */
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { Log } from '../../platform/log.js';
import type { Message } from '../message.js';
import { type NotificationSettingsStore, silentUntil } from './notification-settings.js';
import type { PushDelivery, PushNotice } from './push-delivery.js';
import { isSignedIn } from './push-subscriptions.js';

export interface MessageNoticesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: NotificationSettingsStore;
  readonly delivery: PushDelivery;
  /** He uses a device just now, and sees for himself. */
  readonly isActive: (personId: string) => boolean | Promise<boolean>;
  readonly delayMs: number;
  readonly everyMs: number;
}

interface Waiting {
  readonly orgId: string;
  readonly conversationId: string;
  /** By number: when it was posted. */
  readonly messages: Map<number, number>;
  timer: NodeJS.Timeout;
  due: number;
}

/** Somebody whom messages concern. */
interface Candidate {
  person_id: string;
  number: number;
  mention: number | null;
  told_at: Date | null;
  told_number: number | null;
}

/** Of a conversation, the newest are told of. */
const keptMessages = 200;

export class MessageNotices {
  readonly #deps: MessageNoticesDeps;
  readonly #waiting = new Map<string, Waiting>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(deps: MessageNoticesDeps) {
    this.#deps = deps;
  }

  posted({ orgId, conversationId, number, kind }: Pick<Message, 'orgId' | 'conversationId' | 'number' | 'kind'>): void {
    if (kind === 'system' || this.#closed) return;
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

  #wait(orgId: string, conversationId: string, messages: ReadonlyMap<number, number>, due: number): void {
    const waiting = this.#waiting.get(conversationId);
    if (waiting && waiting.due <= due) {
      for (const [number, at] of messages) waiting.messages.set(number, at);
    } else {
      clearTimeout(waiting?.timer);
      const next: Waiting = {
        orgId,
        conversationId,
        messages: new Map([...(waiting?.messages ?? []), ...messages]),
        due,
        timer: setTimeout(() => this.#run(next), Math.max(0, due - this.#deps.clock.now())).unref(),
      };
      this.#waiting.set(conversationId, next);
    }
    const { messages: kept } = this.#waiting.get(conversationId) ?? { messages: new Map() };
    while (kept.size > keptMessages) kept.delete(Math.min(...kept.keys()));
  }

  #run(waiting: Waiting): void {
    this.#waiting.delete(waiting.conversationId);
    const running = this.#tell(waiting)
      .catch((error: unknown) => this.#deps.log.warn({ err: error, conversation: waiting.conversationId }, 'notices: nobody was told'))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #tell({ orgId, conversationId, messages }: Waiting): Promise<void> {
    const { clock, delayMs, everyMs, delivery } = this.#deps;
    const now = clock.now();
    const ripe = new Map([...messages].filter(([, at]) => this.#closed || at + delayMs <= now));
    const unripe = new Map([...messages].filter(([number]) => !ripe.has(number)));
    if (unripe.size > 0) this.#wait(orgId, conversationId, unripe, Math.min(...unripe.values()) + delayMs);

    const candidates = await this.#candidates(orgId, conversationId, [...ripe.keys()]);
    const there = await Promise.all(candidates.map(({ person_id }) => this.#deps.isActive(person_id)));
    const absent = candidates.filter((_, index) => !there[index]);
    const reachable = await this.#notSilent(orgId, absent, now);
    // A mention that he was not told of yet doesn't wait for others.
    const isNew = ({ mention, told_number }: Candidate) => mention !== null && mention > (told_number ?? 0);
    const told = await this.#claim(orgId, conversationId, reachable, reachable.filter(isNew), now);
    const early = reachable.filter((one) => !told.includes(one));
    // Whoever was told just now is told of the rest later; by whom he was told is known next time.
    const again = Math.min(...early.map(({ told_at }) => Math.max(now, (told_at?.getTime() ?? now) + everyMs)));
    if (early.length > 0 && !this.#closed) this.#wait(orgId, conversationId, ripe, again);
    await delivery.deliver(
      told.map(
        (one): PushNotice => ({
          orgId,
          personId: one.person_id,
          conversationId,
          number: isNew(one) ? (one.mention ?? one.number) : one.number,
          kind: isNew(one) ? 'mention' : 'message',
        }),
      ),
    );
  }

  /**
   * Members with a device to push to, for whom there is something unread among these that they want to be told of. What is
   * written to one person alone is for him as a mention is; what is said in a meeting is for those who are in it.
   */
  #candidates(orgId: string, conversationId: string, numbers: readonly number[]): Promise<Candidate[]> {
    return this.#deps.database.query<Candidate>(
      `with t as (
         select number, sender_id, thread, mentions, mentions_all, urgent from messages
         where org_id = $2 and conversation_id = $3 and number = any($4) and recalled_at is null)
       select m.person_id, n.number, n.mention, k.told_at, k.told_number
       from conversation_members m
       join conversations c on c.id = m.conversation_id
       left join push_marks k on k.conversation_id = m.conversation_id and k.person_id = m.person_id
       join lateral (
         select max(t.number) as number, max(t.number) filter (where t.mentions_all or m.person_id = any(t.mentions)) as mention
         from t
         where t.number > greatest(m.read_number, m.visible_after) and t.sender_id <> m.person_id
           and (t.mentions_all or m.person_id = any(t.mentions)
             or (m.notify = 'all' and c.kind <> 'meeting' or c.kind = 'direct') and (t.thread is null or exists (
               select 1 from messages f
               where f.conversation_id = m.conversation_id and f.sender_id = m.person_id and (f.number = t.thread or f.thread = t.thread))))
           and not (t.urgent and exists (
             select 1 from urgent_receipts r
             where r.conversation_id = m.conversation_id and r.number = t.number and r.person_id = m.person_id))
       ) n on n.number > coalesce(k.told_number, 0)
       where m.org_id = $2 and m.conversation_id = $3 and m.notify <> 'nothing' and (m.muted_until is null or m.muted_until <= $1)
         and exists (select 1 from push_subscriptions s join sign_ins i on ${isSignedIn} where s.org_id = $2 and s.person_id = m.person_id)`,
      [new Date(this.#deps.clock.now()), orgId, conversationId, numbers],
    );
  }

  async #notSilent(orgId: string, candidates: readonly Candidate[], now: number): Promise<Candidate[]> {
    if (candidates.length === 0) return [];
    const { settings } = this.#deps;
    const policy = await settings.policy(orgId);
    const wishes = await settings.ofPeople(
      orgId,
      candidates.map(({ person_id }) => person_id),
    );
    return candidates.filter(({ person_id }) => {
      const wish = wishes.get(person_id);
      return wish && silentUntil(policy, wish, false, now) === null;
    });
  }

  /** Those to be told now: of several nodes that want to tell the same person one does, and none tells him too often but of a mention. */
  async #claim(
    orgId: string,
    conversationId: string,
    candidates: readonly Candidate[],
    mentioned: readonly Candidate[],
    now: number,
  ): Promise<Candidate[]> {
    if (candidates.length === 0) return [];
    const rows = await this.#deps.database.query<{ person_id: string }>(
      `insert into push_marks as k (org_id, conversation_id, person_id, told_at, told_number)
       select $1, $2, q.person_id, $3, q.number from unnest($4::uuid[], $5::int[]) as q (person_id, number)
       join conversation_members m on m.conversation_id = $2 and m.person_id = q.person_id
       order by q.person_id
       on conflict (conversation_id, person_id) do update set told_at = excluded.told_at, told_number = excluded.told_number
       where k.told_number < excluded.told_number and (k.told_at <= $6 or k.person_id = any($7))
       returning person_id`,
      [
        orgId,
        conversationId,
        new Date(now),
        candidates.map((one) => one.person_id),
        candidates.map((one) => one.number),
        new Date(now - this.#deps.everyMs),
        mentioned.map((one) => one.person_id),
      ],
    );
    const claimed = new Set(rows.map(({ person_id }) => person_id));
    return candidates.filter(({ person_id }) => claimed.has(person_id));
  }
}
