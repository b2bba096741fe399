/**
 * What is to be delivered, as the database knows it: a cursor for each webhook and conversation, and
 * the lease of the node that moves it. Times are the database's own, because nodes' clocks differ.
 */
import type { Audit } from '../../platform/audit.js';
import type { Database, Query } from '../../platform/database/index.js';
import type { ConversationFace } from '../ports.js';
import type { WebhookEvent } from './schema.js';

/** One webhook and one conversation: what is delivered in order, by one node at a time. */
export interface Pair {
  readonly webhookId: string;
  readonly conversationId: string;
}

/** What is valid for the next delivery. */
export interface Position {
  readonly orgId: string;
  readonly webhookId: string;
  readonly appId: string;
  readonly url: string;
  readonly secret: string;
  readonly events: readonly WebhookEvent[];
  readonly conversation: Pick<ConversationFace, 'orgId' | 'id' | 'kind' | 'title'>;
  /** The app may read what comes after this number. */
  readonly visibleAfter: number;
  /** Everything up to here is done. */
  readonly number: number;
  /** The newest number of the log. */
  readonly latest: number;
  /** Of what comes next, those that failed. */
  readonly tries: number;
  /** What comes next may be tried now. */
  readonly due: boolean;
}

/** Why a try did not succeed. */
export interface Failure {
  /** HTTP status; null: there was no answer. */
  readonly status: number | null;
  readonly error: string;
  /** The beginning of the answer. */
  readonly answer: string;
  /** The receiver wants to be left alone this long, milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

export interface Letter {
  readonly id: string;
  readonly number: number;
}

export interface WebhookQueueDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly leaseMs: number;
  /** A webhook is disabled when no try has succeeded for this long. */
  readonly disableMs: number;
}

interface PositionRow {
  org_id: string;
  app_id: string;
  url: string;
  secret: string;
  events: WebhookEvent[];
  kind: ConversationFace['kind'];
  title: string;
  visible_after: number;
  last_number: number;
  number: number;
  tries: number;
  due: boolean;
}

/** Of what happened this long before the app became a member it may be told too, where it may read it: clocks differ. */
const joinMarginMs = 5_000;

export class WebhookQueue {
  readonly #deps: WebhookQueueDeps;

  constructor(deps: WebhookQueueDeps) {
    this.#deps = deps;
  }

  /** Pairs with something to do that no node does, some of each webhook, so that none makes the others wait. `among`: of these conversations; null: of all. */
  async pairs(perWebhook: number, limit: number, among: readonly string[] | null): Promise<Pair[]> {
    const rows = await this.#deps.database.query<{ webhook_id: string; conversation_id: string }>(
      `select webhook_id, conversation_id from (
         select w.id as webhook_id, c.id as conversation_id, k.next_try_at,
                row_number() over (partition by w.id order by k.next_try_at nulls first, random()) as place
         from outgoing_webhooks w
         join apps a on a.id = w.app_id and a.disabled_at is null
         join conversation_members m on m.org_id = w.org_id and m.person_id = w.app_id
         join conversations c on c.id = m.conversation_id
         left join webhook_cursors k on k.webhook_id = w.id and k.conversation_id = c.id
         where w.disabled_at is null and (w.conversation_ids is null or c.id = any(w.conversation_ids))
           and ($3::uuid[] is null or c.id = any($3))
           and (k.lease is null or k.leased_until < now())
           and ((c.last_number > coalesce(k.number, 0) and (k.next_try_at is null or k.next_try_at <= now()))
             or exists (select 1 from webhook_dead_letters d
                        where d.webhook_id = w.id and d.conversation_id = c.id and d.replay_at is not null))
       ) waiting where place <= $1 order by next_try_at nulls first limit $2`,
      [perWebhook, limit, among],
    );
    return rows.map((row) => ({ webhookId: row.webhook_id, conversationId: row.conversation_id }));
  }

  /** Takes the lease. False: another node has it. */
  async claim({ webhookId, conversationId }: Pair, lease: string): Promise<boolean> {
    const { database, leaseMs } = this.#deps;
    await database.query(
      // A membership that it does not know, the first or another one, begins where it began.
      `insert into webhook_cursors as k (org_id, webhook_id, conversation_id, number, joined_at)
       select w.org_id, w.id, c.id,
              least(coalesce((select min(x.number) - 1 from messages x where x.conversation_id = c.id and x.sent_at >= since.at), c.last_number),
                    coalesce((select min(x.number) - 1 from message_changes x where x.conversation_id = c.id and x.at >= since.at), c.last_number)),
              m.joined_at
       from outgoing_webhooks w
       join conversation_members m on m.org_id = w.org_id and m.person_id = w.app_id
       join conversations c on c.id = m.conversation_id
       cross join lateral (select greatest(w.created_at, m.joined_at) - $3 * interval '1 millisecond' as at) since
       where w.id = $1 and c.id = $2
         and not exists (select 1 from webhook_cursors k where k.webhook_id = w.id and k.conversation_id = c.id and k.joined_at = m.joined_at)
       on conflict (webhook_id, conversation_id) do update
         set number = excluded.number, joined_at = excluded.joined_at, tries = 0, next_try_at = null, last_error = null
         where k.joined_at <> excluded.joined_at`,
      [webhookId, conversationId, joinMarginMs],
    );
    const rows = await database.query(
      `update webhook_cursors set lease = $3, leased_until = now() + $4 * interval '1 millisecond'
       where webhook_id = $1 and conversation_id = $2 and (lease is null or leased_until < now()) returning 1`,
      [webhookId, conversationId, lease, leaseMs],
    );
    return rows.length > 0;
  }

  /** Prolongs the lease and says what is valid now. Null: it was lost, or there is nothing to deliver to any more. */
  async position({ webhookId, conversationId }: Pair, lease: string): Promise<Position | null> {
    const [row] = await this.#deps.database.query<PositionRow>(
      `with held as (
         update webhook_cursors set leased_until = now() + $4 * interval '1 millisecond'
         where webhook_id = $1 and conversation_id = $2 and lease = $3
         returning number, tries, next_try_at is null or next_try_at <= now() as due
       )
       select w.org_id, w.app_id, w.url, w.secret, w.events, c.kind, c.title, c.last_number, m.visible_after, held.number, held.tries, held.due
       from held, outgoing_webhooks w
       join apps a on a.id = w.app_id and a.disabled_at is null
       join conversation_members m on m.org_id = w.org_id and m.person_id = w.app_id
       join conversations c on c.id = m.conversation_id
       where w.id = $1 and c.id = $2 and w.disabled_at is null and (w.conversation_ids is null or c.id = any(w.conversation_ids))`,
      [webhookId, conversationId, lease, this.#deps.leaseMs],
    );
    if (!row) return null;
    return {
      orgId: row.org_id,
      webhookId,
      appId: row.app_id,
      url: row.url,
      secret: row.secret,
      events: row.events,
      conversation: { orgId: row.org_id, id: conversationId, kind: row.kind, title: row.title },
      visibleAfter: row.visible_after,
      number: row.number,
      latest: row.last_number,
      tries: row.tries,
      due: row.due,
    };
  }

  /** Everything up to here is done. */
  async advance(pair: Pair, lease: string, number: number): Promise<void> {
    await advance(this.#deps.database, pair, lease, number);
  }

  async succeeded({ webhookId }: Pair): Promise<void> {
    await this.#deps.database.query('update outgoing_webhooks set failing_since = null where id = $1 and failing_since is not null', [
      webhookId,
    ]);
  }

  /** The next try comes after this time, and the conversation waits for it. */
  async failed(pair: Pair, lease: string, failure: Failure, retryMs: number): Promise<void> {
    await this.#deps.database.query(
      `update webhook_cursors set tries = tries + 1, next_try_at = now() + $4 * interval '1 millisecond', last_error = $5
       where webhook_id = $1 and conversation_id = $2 and lease = $3`,
      [pair.webhookId, pair.conversationId, lease, retryMs, failure.error],
    );
    await this.#markFailing(pair);
  }

  /** Enough tries: it becomes a dead letter, and the conversation goes on. */
  async park(pair: Pair, lease: string, at: Position, letter: Letter & { event: WebhookEvent }, failure: Failure): Promise<void> {
    await this.#deps.database.transaction(async (tx) => {
      if (!(await advance(tx, pair, lease, letter.number))) return;
      await tx.query(
        `insert into webhook_dead_letters (org_id, id, webhook_id, conversation_id, number, event, tries, status, error, answer, parked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now()) on conflict (id) do nothing`,
        [
          at.orgId,
          letter.id,
          pair.webhookId,
          pair.conversationId,
          letter.number,
          letter.event,
          at.tries + 1,
          failure.status,
          failure.error,
          failure.answer,
        ],
      );
    });
    await this.#markFailing(pair);
  }

  /** Dead letters that an administrator wants tried once more, in order. */
  async replays(pair: Pair, limit: number): Promise<Letter[]> {
    return this.#deps.database.query<{ id: string; number: number }>(
      `select id, number from webhook_dead_letters where webhook_id = $1 and conversation_id = $2 and replay_at is not null
       order by number limit $3`,
      [pair.webhookId, pair.conversationId, limit],
    );
  }

  async replayed(letter: Letter): Promise<void> {
    await this.#deps.database.query('delete from webhook_dead_letters where id = $1', [letter.id]);
  }

  async replayFailed(letter: Letter, failure: Failure): Promise<void> {
    await this.#deps.database.query(
      'update webhook_dead_letters set replay_at = null, tries = tries + 1, status = $2, error = $3, answer = $4, parked_at = now() where id = $1',
      [letter.id, failure.status, failure.error, failure.answer],
    );
  }

  /** Gives the lease back, if it is still held. */
  async release({ webhookId, conversationId }: Pair, lease: string): Promise<void> {
    await this.#deps.database.query(
      'update webhook_cursors set lease = null, leased_until = null where webhook_id = $1 and conversation_id = $2 and lease = $3',
      [webhookId, conversationId, lease],
    );
  }

  /** Nothing got through for too long: nobody reads there any more. What it missed it gets when it is switched on again. */
  async #markFailing({ webhookId }: Pair): Promise<void> {
    const { database, audit, disableMs } = this.#deps;
    await database.transaction(async (tx) => {
      const [row] = await tx.query<{ org_id: string; name: string; over: boolean }>(
        `update outgoing_webhooks set failing_since = coalesce(failing_since, now()) where id = $1 and disabled_at is null
         returning org_id, name, failing_since <= now() - $2 * interval '1 millisecond' as over`,
        [webhookId, disableMs],
      );
      if (!row?.over) return;
      await tx.query('update outgoing_webhooks set disabled_at = now(), disabled_reason = $2 where id = $1', [webhookId, 'failing']);
      await audit.record(tx, {
        orgId: row.org_id,
        actor: null,
        action: 'chat.webhook-disabled',
        subject: { webhook: webhookId },
        detail: { name: row.name, reason: 'failing' },
      });
    });
  }
}

async function advance(tx: Query, { webhookId, conversationId }: Pair, lease: string, number: number): Promise<boolean> {
  const rows = await tx.query(
    `update webhook_cursors set number = greatest(number, $4), tries = 0, next_try_at = null, last_error = null
     where webhook_id = $1 and conversation_id = $2 and lease = $3 returning 1`,
    [webhookId, conversationId, lease, number],
  );
  return rows.length > 0;
}
