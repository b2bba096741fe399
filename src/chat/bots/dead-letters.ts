/** What could not be delivered: listed, and tried once more when an administrator wants it. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import { act, requireAdministrator } from './administrators.js';
import type { Deliveries, WebhookEvent } from './schema.js';

export interface DeadLettersDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  /** There may be something to deliver. */
  readonly wake: () => void;
}

interface LetterRow {
  id: string;
  conversation_id: string;
  number: number;
  event: WebhookEvent;
  tries: number;
  status: number | null;
  error: string;
  answer: string;
  parked_at: Date;
  replay_at: Date | null;
}

const mostWaiting = 200;
const forgetAfterMs = 30 * 86_400_000;

export class DeadLetters {
  readonly #deps: DeadLettersDeps;

  constructor(deps: DeadLettersDeps) {
    this.#deps = deps;
  }

  /** The letters by conversation and number, and what waits. @throws BOT_WEBHOOK_NOT_FOUND */
  async list(by: Principal, webhookId: string, { after, limit }: { after?: string | undefined; limit: number }): Promise<Deliveries> {
    requireAdministrator(by);
    const { database } = this.#deps;
    await this.#require(by, webhookId);
    const rows = await database.query<LetterRow>(
      `select d.* from webhook_dead_letters d
       where d.org_id = $1 and d.webhook_id = $2
         and ($3::uuid is null or (d.conversation_id, d.number) >
              (select conversation_id, number from webhook_dead_letters where webhook_id = $2 and id = $3))
       order by d.conversation_id, d.number limit $4`,
      [by.orgId, webhookId, after ?? null, limit + 1],
    );
    const waiting = await database.query<{
      conversation_id: string;
      number: number;
      latest: number;
      tries: number;
      next_try_at: Date | null;
      last_error: string | null;
    }>(
      `select k.conversation_id, k.number, c.last_number as latest, k.tries, k.next_try_at, k.last_error
       from webhook_cursors k
       join outgoing_webhooks w on w.id = k.webhook_id
       join conversations c on c.id = k.conversation_id
       join conversation_members m on m.conversation_id = c.id and m.person_id = w.app_id
       where k.org_id = $1 and k.webhook_id = $2 and c.last_number > k.number
         and (w.conversation_ids is null or c.id = any(w.conversation_ids))
       order by k.tries desc, k.conversation_id limit $3`,
      [by.orgId, webhookId, mostWaiting],
    );
    const shown = rows.slice(0, limit);
    return {
      deadLetters: shown.map((row) => ({
        id: row.id,
        conversationId: row.conversation_id,
        number: row.number,
        event: row.event,
        tries: row.tries,
        status: row.status,
        error: row.error,
        answer: row.answer,
        parkedAt: row.parked_at.toISOString(),
        replaying: row.replay_at !== null,
      })),
      next: rows.length > shown.length ? (shown.at(-1)?.id ?? null) : null,
      waiting: waiting.map((row) => ({
        conversationId: row.conversation_id,
        number: row.number,
        latest: row.latest,
        tries: row.tries,
        nextTryAt: row.next_try_at?.toISOString() ?? null,
        error: row.last_error,
      })),
    };
  }

  /** Marks letters to be tried once more; gives how many. @throws BOT_WEBHOOK_NOT_FOUND */
  async replay(by: Principal, webhookId: string, ids: readonly string[] | null): Promise<number> {
    requireAdministrator(by);
    await this.#require(by, webhookId);
    const marked = await this.#deps.database.transaction(async (tx) => {
      const rows = await tx.query(
        `update webhook_dead_letters set replay_at = now()
         where org_id = $1 and webhook_id = $2 and replay_at is null and ($3::uuid[] is null or id = any($3)) returning 1`,
        [by.orgId, webhookId, ids],
      );
      if (rows.length > 0)
        await this.#deps.audit.record(tx, act(by, 'chat.webhook-replayed', { webhook: webhookId }, { deadLetters: rows.length }));
      return rows.length;
    });
    this.#deps.wake();
    return marked;
  }

  /** Deletes letters that nobody wanted replayed for a month. */
  async forgetOld(): Promise<void> {
    const { database, clock } = this.#deps;
    await database.query('delete from webhook_dead_letters where parked_at < $1 and replay_at is null', [
      new Date(clock.now() - forgetAfterMs),
    ]);
  }

  async #require(by: Principal, webhookId: string): Promise<void> {
    const [row] = await this.#deps.database.query('select 1 from outgoing_webhooks where org_id = $1 and id = $2', [by.orgId, webhookId]);
    if (!row) throw new CausewayError('BOT_WEBHOOK_NOT_FOUND');
  }
}
