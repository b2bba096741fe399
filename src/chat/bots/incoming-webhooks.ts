/** Incoming webhooks: an address that posts into one conversation as its app. Whoever has the address may; only its hash is kept. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { derivedId, hashSecret, newId, newSecret } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { Chat } from '../chat.js';
import { act, requireAdministrator } from './administrators.js';
import { type Apps, leaveRoom, principalOf } from './apps.js';
import type { Rate } from './rate.js';
import type { IncomingWebhook } from './schema.js';

export interface IncomingWebhooksDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly apps: Apps;
  readonly chat: Pick<Chat, 'send'>;
  /** Posts by webhook. */
  readonly rate: Rate;
}

export interface Post {
  readonly text: string;
  readonly username?: string | undefined;
  /** The same again posts nothing. */
  readonly key?: string | undefined;
}

interface Row {
  org_id: string;
  id: string;
  app_id: string;
  app_name: string;
  conversation_id: string;
  name: string;
  created_at: Date;
  disabled_at: Date | null;
}

const mostWebhooks = 500;

export class IncomingWebhooks {
  readonly #deps: IncomingWebhooksDeps;

  constructor(deps: IncomingWebhooksDeps) {
    this.#deps = deps;
  }

  async list(by: Principal): Promise<IncomingWebhook[]> {
    requireAdministrator(by);
    return (await select(this.#deps.database, 'w.org_id = $1', [by.orgId])).map(present);
  }

  /** @throws BOT_APP_NOT_FOUND, CHAT_NOT_FOUND, BOT_NOT_MEMBER, BOT_LIMIT */
  async create(
    by: Principal,
    webhook: { name: string; appId: string; conversationId: string },
  ): Promise<{ webhook: IncomingWebhook; secret: string }> {
    requireAdministrator(by);
    const { database, clock, audit, apps } = this.#deps;
    await apps.face(by.orgId, webhook.appId);
    const now = new Date(clock.now());
    const id = newId(now.getTime());
    const secret = newSecret();
    return database.transaction(async (tx) => {
      await leaveRoom(tx, 'incoming_webhooks', by.orgId, mostWebhooks);
      await requireMember(tx, by.orgId, webhook.conversationId, webhook.appId);
      await tx.query(
        `insert into incoming_webhooks (org_id, id, app_id, conversation_id, name, secret_hash, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [by.orgId, id, webhook.appId, webhook.conversationId, webhook.name, hashSecret(secret), by.personId, now],
      );
      const subject = { webhook: id, app: webhook.appId, conversation: webhook.conversationId };
      await audit.record(tx, act(by, 'chat.hook-created', subject, { name: webhook.name }));
      return { webhook: present(await find(tx, by.orgId, id)), secret };
    });
  }

  /** @throws BOT_WEBHOOK_NOT_FOUND */
  async change(by: Principal, id: string, change: { name?: string | undefined; disabled?: boolean | undefined }): Promise<IncomingWebhook> {
    requireAdministrator(by);
    return this.#deps.database.transaction(async (tx) => {
      const before = await find(tx, by.orgId, id, 'for update of w');
      const disabled = change.disabled ?? before.disabled_at !== null;
      await tx.query('update incoming_webhooks set name = $3, disabled_at = $4 where org_id = $1 and id = $2', [
        by.orgId,
        id,
        change.name ?? before.name,
        disabled ? (before.disabled_at ?? new Date(this.#deps.clock.now())) : null,
      ]);
      await this.#deps.audit.record(tx, act(by, 'chat.hook-changed', { webhook: id }, { ...change }));
      return present(await find(tx, by.orgId, id));
    });
  }

  /** The address before ends at once. @throws BOT_WEBHOOK_NOT_FOUND */
  async rotateSecret(by: Principal, id: string): Promise<{ webhook: IncomingWebhook; secret: string }> {
    requireAdministrator(by);
    const secret = newSecret();
    return this.#deps.database.transaction(async (tx) => {
      const row = await find(tx, by.orgId, id, 'for update of w');
      await tx.query('update incoming_webhooks set secret_hash = $3 where org_id = $1 and id = $2', [by.orgId, id, hashSecret(secret)]);
      await this.#deps.audit.record(tx, act(by, 'chat.hook-secret-rotated', { webhook: id }));
      return { webhook: present(row), secret };
    });
  }

  /** @throws BOT_WEBHOOK_NOT_FOUND */
  async remove(by: Principal, id: string): Promise<void> {
    requireAdministrator(by);
    await this.#deps.database.transaction(async (tx) => {
      const row = await find(tx, by.orgId, id, 'for update of w');
      await tx.query('delete from incoming_webhooks where org_id = $1 and id = $2', [by.orgId, id]);
      await this.#deps.audit.record(tx, act(by, 'chat.hook-deleted', { webhook: id }, { name: row.name }));
    });
  }

  /** @throws BOT_WEBHOOK_NOT_FOUND, REQUEST_RATE, and what Chat.send throws */
  async post(secret: string, { text, username, key }: Post): Promise<{ conversationId: string; number: number }> {
    const { database, chat, rate } = this.#deps;
    const [row] = await select(
      database,
      'w.secret_hash = $1 and w.disabled_at is null and exists (select 1 from apps a where a.id = w.app_id and a.disabled_at is null)',
      [hashSecret(secret)],
    );
    if (!row) throw new CausewayError('BOT_WEBHOOK_NOT_FOUND');
    rate.take(row.id);
    // Its own name stays, so that nobody is taken for somebody else.
    const alias = username === undefined ? {} : { alias: `${username} · ${row.app_name}` };
    const message = await chat.send(principalOf({ orgId: row.org_id, id: row.app_id, name: row.app_name }), {
      conversationId: row.conversation_id,
      clientId: key === undefined ? newId() : derivedId('hook', row.id, key),
      body: text,
      ...alias,
    });
    return { conversationId: message.conversationId, number: message.number };
  }
}

/** @throws CHAT_NOT_FOUND, BOT_NOT_MEMBER */
async function requireMember(tx: Query, orgId: string, conversationId: string, appId: string): Promise<void> {
  const [row] = await tx.query<{ member: boolean }>(
    `select exists (select 1 from conversation_members m where m.conversation_id = c.id and m.person_id = $3) as member
     from conversations c where c.org_id = $1 and c.id = $2`,
    [orgId, conversationId, appId],
  );
  if (!row) throw new CausewayError('CHAT_NOT_FOUND', { field: 'conversationId' });
  if (!row.member) throw new CausewayError('BOT_NOT_MEMBER', { field: 'appId' });
}

function select(tx: Query, where: string, values: readonly unknown[], lock = ''): Promise<Row[]> {
  return tx.query<Row>(
    `select w.org_id, w.id, w.app_id, p.name as app_name, w.conversation_id, w.name, w.created_at, w.disabled_at
     from incoming_webhooks w join people p on p.org_id = w.org_id and p.id = w.app_id where ${where} order by w.created_at, w.id ${lock}`,
    values,
  );
}

async function find(tx: Query, orgId: string, id: string, lock = ''): Promise<Row> {
  const [row] = await select(tx, 'w.org_id = $1 and w.id = $2', [orgId, id], lock);
  if (!row) throw new CausewayError('BOT_WEBHOOK_NOT_FOUND');
  return row;
}

function present(row: Row): IncomingWebhook {
  return {
    id: row.id,
    name: row.name,
    app: { id: row.app_id, name: row.app_name },
    conversationId: row.conversation_id,
    createdAt: row.created_at.toISOString(),
    disabledAt: row.disabled_at?.toISOString() ?? null,
  };
}
