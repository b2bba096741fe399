/**
 * The nightly deletion of what is older than its policy: messages with all that belongs to them, in
 * batches of one transaction each with its row in the audit log. What a legal hold covers stays.
 *
 * Members' view of a conversation begins after what was deleted, so their devices, which keep some of
 * it, forget it too.
 *
 * Blobs: rows of attachments that go note their blobs as unneeded, and those notes are forgotten only
 * once the blobs are deleted (see attachments/blob-desk.ts).
 */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { type Holds, messageIsHeld } from './holds.js';
import { atLeast, type Policies } from './policies.js';
import type { DecidedBy, Policy } from './schema.js';

export interface DeletionDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly policies: Policies;
  readonly holds: Holds;
  /** Members see less of these conversations now: tells them. After the commit. */
  readonly hidden: (orgId: string, conversationIds: readonly string[]) => Promise<void>;
}

interface Doomed {
  conversation_id: string;
  number: number;
}

/** What one policy says of whom. */
interface Order {
  readonly policy: Policy;
  readonly days: number;
  readonly decidedBy: DecidedBy;
  readonly before: Date;
}

const messagesAtOnce = 500;
const conversationsAtOnce = 200;
const dayMs = 86_400_000;

export class Deletion {
  readonly #deps: DeletionDeps;

  constructor(deps: DeletionDeps) {
    this.#deps = deps;
  }

  /** Of all organisations. Stops between two batches when it is told to; the next night goes on. */
  async run(signal: AbortSignal): Promise<void> {
    const { database, policies, clock } = this.#deps;
    const organisations = await database.query<{ org_id: string }>(
      'select distinct org_id from retention_policies where days is not null order by org_id',
    );
    for (const { org_id: orgId } of organisations) {
      const { minimum } = await policies.settings(orgId);
      for (const policy of await policies.list(orgId)) {
        const { days, decidedBy } = atLeast(policy, minimum);
        if (days === null) continue;
        await this.#carryOut(orgId, { policy, days, decidedBy, before: new Date(clock.now() - days * dayMs) }, signal);
        if (signal.aborted) return;
      }
    }
  }

  async #carryOut(orgId: string, order: Order, signal: AbortSignal): Promise<void> {
    let last: string | null = null;
    for (;;) {
      const page = await this.#conversations(orgId, order.policy, last);
      last = page.at(-1) ?? null;
      if (last === null) return;
      for (let deleted = messagesAtOnce; deleted === messagesAtOnce; ) {
        if (signal.aborted) return;
        deleted = await this.#deleteBatch(orgId, page, order);
      }
    }
  }

  /** The next conversations that this policy is the nearest of. */
  async #conversations(orgId: string, { scope, id }: Policy, after: string | null): Promise<string[]> {
    const nearest = {
      conversation: 'c.id = $3',
      domain: `coalesce(c.domain_id, (select d.id from domains d where d.org_id = c.org_id and d.is_default)) = $3
        and not exists (select 1 from retention_policies r where r.conversation_id = c.id)`,
      organisation: `$3::uuid is null and not exists (select 1 from retention_policies r where r.org_id = c.org_id and (r.conversation_id = c.id
        or r.domain_id = coalesce(c.domain_id, (select d.id from domains d where d.org_id = c.org_id and d.is_default))))`,
    } as const;
    const rows = await this.#deps.database.query<{ id: string }>(
      `select c.id from conversations c where c.org_id = $1 and ($2::uuid is null or c.id > $2) and ${nearest[scope]} order by c.id limit $4`,
      [orgId, after, id, conversationsAtOnce],
    );
    return rows.map((row) => row.id);
  }

  /** Gives how many messages it deleted. */
  async #deleteBatch(orgId: string, conversationIds: readonly string[], order: Order): Promise<number> {
    const { database, holds, audit, hidden } = this.#deps;
    const conversations = new Set<string>();
    const deleted = await database.transaction(async (tx) => {
      await holds.lockOut(tx, orgId);
      const doomed = await tx.query<Doomed>(
        `select m.conversation_id, m.number from messages m
         where m.org_id = $1 and m.conversation_id = any($2) and m.sent_at < $3 and not ${messageIsHeld}
         order by m.conversation_id, m.number limit $4`,
        [orgId, conversationIds, order.before, messagesAtOnce],
      );
      if (doomed.length === 0) return 0;
      for (const one of doomed) conversations.add(one.conversation_id);
      // Nobody edits one of them meanwhile; the order of ids is the log's own.
      await tx.query('select 1 from conversations where id = any($1) order by id for update', [[...conversations]]);
      const gone = [doomed.map((one) => one.conversation_id), doomed.map((one) => one.number)];
      const counts = {
        changes: await remove(tx, 'message_changes', 'message_number', gone),
        attachments: await remove(tx, 'attachments', 'message_number', gone),
      };
      await remove(tx, 'poll_votes', 'number', gone);
      await remove(tx, 'urgent_receipts', 'number', gone);
      // Rows of the search index go with them.
      const messages = await remove(tx, 'messages', 'number', gone);
      await hide(tx, gone);
      await audit.record(tx, {
        orgId,
        actor: null,
        action: 'chat.retention-deleted',
        subject: conversations.size === 1 ? { conversation: [...conversations].join() } : {},
        detail: {
          messages,
          ...counts,
          conversations: conversations.size,
          olderThan: order.before.toISOString(),
          days: order.days,
          decidedBy: order.decidedBy,
          policy: order.policy.scope,
        },
      });
      return doomed.length;
    });
    if (deleted > 0) await hidden(orgId, [...conversations]);
    return deleted;
  }
}

/** The view of all members, and of those who come, begins after the newest of these. A device hears of it by the version. */
async function hide(tx: Query, gone: readonly unknown[]): Promise<void> {
  await tx.query(
    `with d as (select conversation_id, max(number) as number from unnest($1::uuid[], $2::int[]) as t (conversation_id, number) group by 1),
          c as (update conversations c set deleted_up_to = greatest(c.deleted_up_to, d.number), hidden_up_to = greatest(c.hidden_up_to, d.number)
                from d where c.id = d.conversation_id)
     update conversation_members m set visible_after = greatest(m.visible_after, d.number), version = m.version + 1
     from d where m.conversation_id = d.conversation_id and m.visible_after < d.number`,
    gone,
  );
}

async function remove(
  tx: Query,
  table: 'messages' | 'message_changes' | 'attachments' | 'poll_votes' | 'urgent_receipts',
  column: 'number' | 'message_number',
  gone: readonly unknown[],
): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    `with gone as (
       delete from ${table} t using unnest($1::uuid[], $2::int[]) as d (conversation_id, number)
       where t.conversation_id = d.conversation_id and t.${column} = d.number returning 1)
     select count(*)::int as n from gone`,
    gone,
  );
  return row?.n ?? 0;
}
