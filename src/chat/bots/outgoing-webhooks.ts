/** Outgoing webhooks: who is told of what at which address. The delivering is WebhookWorker's. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { OutboundHttp } from '../../platform/outbound/index.js';
import type { Principal } from '../../platform/principal.js';
import { act, requireAdministrator } from './administrators.js';
import { type Apps, leaveRoom } from './apps.js';
import { checkAddress } from './outside-address.js';
import type { OutgoingWebhook, WebhookEvent } from './schema.js';
import { newSigningSecret } from './signature.js';

export interface OutgoingWebhooksDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly outbound: OutboundHttp;
  readonly apps: Apps;
  /** There may be something to deliver. */
  readonly wake: () => void;
}

export interface NewOutgoingWebhook {
  readonly name: string;
  readonly appId: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly conversationIds: readonly string[] | null;
}

export interface OutgoingWebhookChange {
  readonly name?: string | undefined;
  readonly url?: string | undefined;
  readonly events?: readonly WebhookEvent[] | undefined;
  readonly conversationIds?: readonly string[] | null | undefined;
  readonly disabled?: boolean | undefined;
}

interface Row {
  org_id: string;
  id: string;
  app_id: string;
  app_name: string;
  name: string;
  url: string;
  events: WebhookEvent[];
  conversation_ids: string[] | null;
  created_at: Date;
  failing_since: Date | null;
  disabled_at: Date | null;
  disabled_reason: string | null;
  dead_letters: number;
}

const mostWebhooks = 200;

export class OutgoingWebhooks {
  readonly #deps: OutgoingWebhooksDeps;

  constructor(deps: OutgoingWebhooksDeps) {
    this.#deps = deps;
  }

  async list(by: Principal): Promise<OutgoingWebhook[]> {
    requireAdministrator(by);
    return (await select(this.#deps.database, 'w.org_id = $1', [by.orgId])).map(present);
  }

  /** @throws BOT_WEBHOOK_NOT_FOUND */
  async get(by: Principal, id: string): Promise<OutgoingWebhook> {
    requireAdministrator(by);
    return present(await find(this.#deps.database, by.orgId, id));
  }

  /** Tells of what happens from now on. @throws BOT_APP_NOT_FOUND, BOT_ADDRESS, BOT_LIMIT, CHAT_NOT_FOUND */
  async create(by: Principal, webhook: NewOutgoingWebhook): Promise<OutgoingWebhook & { secret: string }> {
    requireAdministrator(by);
    const { database, clock, audit, outbound, apps } = this.#deps;
    await apps.face(by.orgId, webhook.appId);
    await checkAddress(outbound, webhook.url);
    const now = new Date(clock.now());
    const id = newId(now.getTime());
    const secret = newSigningSecret();
    return database.transaction(async (tx) => {
      await leaveRoom(tx, 'outgoing_webhooks', by.orgId, mostWebhooks);
      await requireConversations(tx, by.orgId, webhook.conversationIds);
      await tx.query(
        `insert into outgoing_webhooks (org_id, id, app_id, name, url, secret, events, conversation_ids, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [by.orgId, id, webhook.appId, webhook.name, webhook.url, secret, webhook.events, webhook.conversationIds, by.personId, now],
      );
      await beginNow(tx, id, null);
      const detail = { name: webhook.name, host: hostOf(webhook.url), events: webhook.events };
      await audit.record(tx, act(by, 'chat.webhook-created', { webhook: id, app: webhook.appId }, detail));
      return { ...present(await find(tx, by.orgId, id)), secret };
    });
  }

  /** @throws BOT_WEBHOOK_NOT_FOUND, BOT_ADDRESS, CHAT_NOT_FOUND */
  async change(by: Principal, id: string, change: OutgoingWebhookChange): Promise<OutgoingWebhook> {
    requireAdministrator(by);
    await find(this.#deps.database, by.orgId, id);
    if (change.url !== undefined) await checkAddress(this.#deps.outbound, change.url);
    const changed = await this.#deps.database.transaction(async (tx) => {
      const before = await find(tx, by.orgId, id, 'for update of w');
      const conversationIds = change.conversationIds === undefined ? before.conversation_ids : change.conversationIds;
      await requireConversations(tx, by.orgId, change.conversationIds ?? null);
      const disabled = change.disabled ?? before.disabled_at !== null;
      await tx.query(
        `update outgoing_webhooks set name = $3, url = $4, events = $5, conversation_ids = $6, disabled_at = $7, disabled_reason = $8,
           failing_since = $9
         where org_id = $1 and id = $2`,
        [
          by.orgId,
          id,
          change.name ?? before.name,
          change.url ?? before.url,
          change.events ?? before.events,
          conversationIds,
          disabled ? (before.disabled_at ?? new Date(this.#deps.clock.now())) : null,
          disabled && change.disabled === undefined ? before.disabled_reason : null,
          // Who switches it on again, or gives it another address, gives it all the time again.
          change.disabled === false || change.url !== undefined ? null : before.failing_since,
        ],
      );
      // Conversations that are new to it begin now; the others go on where they stand.
      if (before.conversation_ids) await beginNow(tx, id, before.conversation_ids);
      if (change.url !== undefined || change.disabled === false)
        await tx.query('update webhook_cursors set next_try_at = null where webhook_id = $1', [id]);
      const { url, ...rest } = change;
      await this.#deps.audit.record(
        tx,
        act(by, 'chat.webhook-changed', { webhook: id }, { ...rest, ...(url === undefined ? {} : { host: hostOf(url) }) }),
      );
      return present(await find(tx, by.orgId, id));
    });
    this.#deps.wake();
    return changed;
  }

  /** What is signed from now on is signed with the new one. @throws BOT_WEBHOOK_NOT_FOUND */
  async rotateSecret(by: Principal, id: string): Promise<OutgoingWebhook & { secret: string }> {
    requireAdministrator(by);
    const secret = newSigningSecret();
    return this.#deps.database.transaction(async (tx) => {
      const row = await find(tx, by.orgId, id, 'for update of w');
      await tx.query('update outgoing_webhooks set secret = $3 where org_id = $1 and id = $2', [by.orgId, id, secret]);
      await this.#deps.audit.record(tx, act(by, 'chat.webhook-secret-rotated', { webhook: id }));
      return { ...present(row), secret };
    });
  }

  /** With its dead letters. @throws BOT_WEBHOOK_NOT_FOUND */
  async remove(by: Principal, id: string): Promise<void> {
    requireAdministrator(by);
    await this.#deps.database.transaction(async (tx) => {
      const row = await find(tx, by.orgId, id, 'for update of w');
      await tx.query('delete from outgoing_webhooks where org_id = $1 and id = $2', [by.orgId, id]);
      await this.#deps.audit.record(
        tx,
        act(by, 'chat.webhook-deleted', { webhook: id }, { name: row.name, deadLetters: row.dead_letters }),
      );
    });
  }
}

/** Sets the cursors of conversations that the webhook covers, but did not before, to the end of their logs. */
async function beginNow(tx: Query, webhookId: string, before: readonly string[] | null): Promise<void> {
  await tx.query(
    `insert into webhook_cursors (org_id, webhook_id, conversation_id, number, joined_at)
     select w.org_id, w.id, c.id, c.last_number, m.joined_at
     from outgoing_webhooks w
     join conversation_members m on m.org_id = w.org_id and m.person_id = w.app_id
     join conversations c on c.id = m.conversation_id
     where w.id = $1 and (w.conversation_ids is null or c.id = any(w.conversation_ids)) and ($2::uuid[] is null or c.id <> all($2))
     on conflict (webhook_id, conversation_id) do update
       set number = excluded.number, joined_at = excluded.joined_at, tries = 0, next_try_at = null, last_error = null`,
    [webhookId, before],
  );
}

async function requireConversations(tx: Query, orgId: string, ids: readonly string[] | null): Promise<void> {
  if (!ids) return;
  const found = await tx.query('select 1 from conversations where org_id = $1 and id = any($2)', [orgId, ids]);
  if (found.length < new Set(ids.map((id) => id.toLowerCase())).size)
    throw new CausewayError('CHAT_NOT_FOUND', { field: 'conversationIds' });
}

function select(tx: Query, where: string, values: readonly unknown[], lock = ''): Promise<Row[]> {
  return tx.query<Row>(
    `select w.*, p.name as app_name, (select count(*)::int from webhook_dead_letters d where d.webhook_id = w.id) as dead_letters
     from outgoing_webhooks w join people p on p.org_id = w.org_id and p.id = w.app_id where ${where} order by w.created_at, w.id ${lock}`,
    values,
  );
}

async function find(tx: Query, orgId: string, id: string, lock = ''): Promise<Row> {
  const [row] = await select(tx, 'w.org_id = $1 and w.id = $2', [orgId, id], lock);
  if (!row) throw new CausewayError('BOT_WEBHOOK_NOT_FOUND');
  return row;
}

/** The rest of such an address is often a secret, which the audit log should not keep. */
function hostOf(url: string): string {
  return new URL(url).host;
}

function present(row: Row): OutgoingWebhook {
  return {
    id: row.id,
    name: row.name,
    app: { id: row.app_id, name: row.app_name },
    url: row.url,
    events: row.events,
    conversationIds: row.conversation_ids,
    createdAt: row.created_at.toISOString(),
    failingSince: row.failing_since?.toISOString() ?? null,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    disabledReason: row.disabled_reason,
    deadLetters: row.dead_letters,
  };
}
