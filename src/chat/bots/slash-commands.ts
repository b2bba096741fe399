/**
 * Slash commands: `/name text` in a composer calls the app's address, signed, and what it answers
 * within a few seconds is shown to all or to the caller alone. A command works where its app is a
 * member: what is written to the app leaves the conversation, so who may read along there decides.
 */
import { z } from 'zod';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Log } from '../../platform/log.js';
import { OutboundError, type OutboundHttp } from '../../platform/outbound/index.js';
import type { Principal } from '../../platform/principal.js';
import type { Chat } from '../chat.js';
import type { Members, Membership } from '../members.js';
import type { Guard } from '../ports.js';
import { act, isAdministrator, requireAdministrator } from './administrators.js';
import { type Apps, leaveRoom, principalOf } from './apps.js';
import { builtInCommands } from './built-in-commands.js';
import { checkAddress } from './outside-address.js';
import type { Rate } from './rate.js';
import { type CommandAnswer, commandReplySchema, type SlashCommand } from './schema.js';
import { newSigningSecret, signedHeaders } from './signature.js';

export interface SlashCommandsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly outbound: OutboundHttp;
  readonly apps: Apps;
  readonly chat: Pick<Chat, 'send'>;
  readonly members: Pick<Members, 'of'>;
  /** What must not be sent must not go to an app either. */
  readonly guards: readonly Guard[];
  readonly answerMs: number;
  /** Calls of apps by person. */
  readonly rate: Rate;
}

export interface NewCommand {
  readonly name: string;
  readonly description: string;
  readonly hint: string;
  readonly appId: string;
  readonly url: string;
}

export interface CommandChange {
  readonly description?: string | undefined;
  readonly hint?: string | undefined;
  readonly url?: string | undefined;
  readonly disabled?: boolean | undefined;
}

export interface Invocation {
  readonly command: string;
  readonly text: string;
  readonly clientId?: string | undefined;
  /** What the person answered to a warning, or to the question for a reason. */
  readonly acknowledged: boolean;
  readonly reason: string;
}

interface Row {
  org_id: string;
  id: string;
  app_id: string;
  app_name: string;
  app_disabled: boolean;
  name: string;
  description: string;
  hint: string;
  url: string;
  secret: string;
  disabled_at: Date | null;
}

const mostCommands = 200;
const answerBytes = 65_536;

export class SlashCommands {
  readonly #deps: SlashCommandsDeps;

  constructor(deps: SlashCommandsDeps) {
    this.#deps = deps;
  }

  /** Those that work, of one conversation or anywhere. Administrators see also those that are switched off, and addresses. @throws CHAT_NOT_FOUND */
  async list(by: Principal, conversationId: string | undefined): Promise<SlashCommand[]> {
    if (conversationId !== undefined) await this.#deps.members.of(by, conversationId);
    const administers = isAdministrator(by) && conversationId === undefined;
    const rows = await select(
      this.#deps.database,
      `s.org_id = $1 and ($2 or (s.disabled_at is null and a.disabled_at is null))
       and ($3::uuid is null or exists (select 1 from conversation_members m where m.conversation_id = $3 and m.person_id = s.app_id))`,
      [by.orgId, administers, conversationId ?? null],
    );
    const builtIn = builtInCommands.map(
      ({ name, description, hint }): SlashCommand => ({ id: null, name, description, hint, app: null, url: null, disabledAt: null }),
    );
    return [...builtIn, ...rows.map((row) => present(row, administers))].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws BOT_APP_NOT_FOUND, BOT_ADDRESS, BOT_COMMAND_TAKEN, BOT_LIMIT */
  async create(by: Principal, command: NewCommand): Promise<SlashCommand & { secret: string }> {
    requireAdministrator(by);
    const { database, clock, audit, outbound, apps } = this.#deps;
    await apps.face(by.orgId, command.appId);
    await checkAddress(outbound, command.url);
    const taken = new CausewayError('BOT_COMMAND_TAKEN', { field: 'name' });
    if (builtInCommands.some(({ name }) => name === command.name)) throw taken;
    const now = new Date(clock.now());
    const id = newId(now.getTime());
    const secret = newSigningSecret();
    return database.transaction(async (tx) => {
      await leaveRoom(tx, 'slash_commands', by.orgId, mostCommands);
      const made = await tx.query(
        `insert into slash_commands (org_id, id, app_id, name, description, hint, url, secret, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (org_id, name) do nothing returning 1`,
        [by.orgId, id, command.appId, command.name, command.description, command.hint, command.url, secret, by.personId, now],
      );
      if (made.length === 0) throw taken;
      const detail = { name: command.name, host: new URL(command.url).host };
      await audit.record(tx, act(by, 'chat.command-created', { command: id, app: command.appId }, detail));
      return { ...present(await find(tx, by.orgId, id), true), secret };
    });
  }

  /** @throws BOT_COMMAND_NOT_FOUND, BOT_ADDRESS */
  async change(by: Principal, id: string, change: CommandChange): Promise<SlashCommand> {
    requireAdministrator(by);
    await find(this.#deps.database, by.orgId, id);
    if (change.url !== undefined) await checkAddress(this.#deps.outbound, change.url);
    return this.#deps.database.transaction(async (tx) => {
      const before = await find(tx, by.orgId, id, 'for update of s');
      const disabled = change.disabled ?? before.disabled_at !== null;
      await tx.query('update slash_commands set description = $3, hint = $4, url = $5, disabled_at = $6 where org_id = $1 and id = $2', [
        by.orgId,
        id,
        change.description ?? before.description,
        change.hint ?? before.hint,
        change.url ?? before.url,
        disabled ? (before.disabled_at ?? new Date(this.#deps.clock.now())) : null,
      ]);
      const { url, ...rest } = change;
      const detail = { name: before.name, ...rest, ...(url === undefined ? {} : { host: new URL(url).host }) };
      await this.#deps.audit.record(tx, act(by, 'chat.command-changed', { command: id }, detail));
      return present(await find(tx, by.orgId, id), true);
    });
  }

  /** @throws BOT_COMMAND_NOT_FOUND */
  async rotateSecret(by: Principal, id: string): Promise<SlashCommand & { secret: string }> {
    requireAdministrator(by);
    const secret = newSigningSecret();
    return this.#deps.database.transaction(async (tx) => {
      const row = await find(tx, by.orgId, id, 'for update of s');
      await tx.query('update slash_commands set secret = $3 where org_id = $1 and id = $2', [by.orgId, id, secret]);
      await this.#deps.audit.record(tx, act(by, 'chat.command-secret-rotated', { command: id }));
      return { ...present(row, true), secret };
    });
  }

  /** @throws BOT_COMMAND_NOT_FOUND */
  async remove(by: Principal, id: string): Promise<void> {
    requireAdministrator(by);
    await this.#deps.database.transaction(async (tx) => {
      const row = await find(tx, by.orgId, id, 'for update of s');
      await tx.query('delete from slash_commands where org_id = $1 and id = $2', [by.orgId, id]);
      await this.#deps.audit.record(tx, act(by, 'chat.command-deleted', { command: id }, { name: row.name }));
    });
  }

  /** @throws CHAT_NOT_FOUND, CHAT_ARCHIVED, BOT_COMMAND_NOT_FOUND, BOT_NOT_MEMBER, REQUEST_RATE, BOT_COMMAND_FAILED, and what Chat.send throws */
  async invoke(by: Principal, conversationId: string, invocation: Invocation): Promise<CommandAnswer> {
    const { chat, members } = this.#deps;
    const membership = await members.of(by, conversationId);
    const { clientId = newId(), acknowledged, reason } = invocation;
    const builtIn = builtInCommands.find(({ name }) => name === invocation.command);
    if (builtIn) {
      const { number } = await chat.send(by, { conversationId, clientId, body: builtIn.write(invocation.text), acknowledged, reason });
      return { visible: 'all', number, text: '', name: by.name };
    }
    // An app must not be asked in vain.
    if (membership.conversation.archived) throw new CausewayError('CHAT_ARCHIVED');
    const command = await this.#usable(membership, invocation.command);
    this.#deps.rate.take(by.personId);
    const reply = await this.#ask(by, membership, command, invocation);
    if (reply.text.trim() === '') return { visible: 'none', number: null, text: '', name: command.app_name };
    if (reply.visible === 'me') return { visible: 'me', number: null, text: reply.text, name: command.app_name };
    const app = principalOf({ orgId: command.org_id, id: command.app_id, name: command.app_name });
    const { number } = await chat.send(app, { conversationId, clientId, body: reply.text });
    return { visible: 'all', number, text: '', name: command.app_name };
  }

  async #usable({ conversation }: Membership, name: string): Promise<Row> {
    const [row] = await select(this.#deps.database, 's.org_id = $1 and s.name = $2', [conversation.orgId, name]);
    if (!row || row.disabled_at || row.app_disabled) throw new CausewayError('BOT_COMMAND_NOT_FOUND', { field: 'command' });
    const [member] = await this.#deps.database.query('select 1 from conversation_members where conversation_id = $1 and person_id = $2', [
      conversation.id,
      row.app_id,
    ]);
    if (!member) throw new CausewayError('BOT_NOT_MEMBER', { field: 'command' });
    return row;
  }

  async #ask(
    by: Principal,
    { conversation }: Membership,
    command: Row,
    { text, acknowledged, reason }: Invocation,
  ): Promise<z.output<typeof commandReplySchema>> {
    const { outbound, clock, log, answerMs } = this.#deps;
    for (const guard of this.#deps.guards) {
      await guard.check({
        purpose: 'send',
        principal: by,
        conversation,
        text,
        attachments: [],
        forwardedFrom: null,
        acknowledged,
        reason,
      });
    }
    const delivery = newId();
    const body = JSON.stringify({
      id: delivery,
      event: 'command.invoked',
      organisationId: by.orgId,
      command: command.name,
      text,
      user: { id: by.personId, name: by.name },
      conversation: { id: conversation.id, kind: conversation.kind, title: conversation.title },
      at: new Date(clock.now()).toISOString(),
    });
    const failed = (why: string, cause?: unknown) => {
      log.info({ command: command.id, why }, 'SlashCommands | an app gave no usable answer');
      return new CausewayError('BOT_COMMAND_FAILED', { field: 'command', cause });
    };
    try {
      const answer = await outbound.fetch(command.url, {
        method: 'POST',
        headers: signedHeaders({ secret: command.secret, body, delivery, event: 'command.invoked', now: clock.now() }),
        body,
        maxBytes: answerBytes,
        timeoutMs: answerMs,
      });
      if (answer.status < 200 || answer.status > 299) throw failed(`HTTP ${answer.status}`);
      return readReply(answer.body);
    } catch (error) {
      if (error instanceof OutboundError) throw failed(error.code, error);
      if (error instanceof SyntaxError || error instanceof z.ZodError) throw failed('not the JSON that was expected', error);
      throw error;
    }
  }
}

/** An empty answer says nothing to anybody. @throws SyntaxError, ZodError */
function readReply(bytes: Uint8Array): z.output<typeof commandReplySchema> {
  const text = Buffer.from(bytes).toString('utf8').trim();
  return commandReplySchema.parse(text === '' ? {} : JSON.parse(text));
}

function select(tx: Query, where: string, values: readonly unknown[], lock = ''): Promise<Row[]> {
  return tx.query<Row>(
    `select s.*, p.name as app_name, a.disabled_at is not null as app_disabled
     from slash_commands s join apps a on a.org_id = s.org_id and a.id = s.app_id join people p on p.org_id = a.org_id and p.id = a.id
     where ${where} order by s.name ${lock}`,
    values,
  );
}

async function find(tx: Query, orgId: string, id: string, lock = ''): Promise<Row> {
  const [row] = await select(tx, 's.org_id = $1 and s.id = $2', [orgId, id], lock);
  if (!row) throw new CausewayError('BOT_COMMAND_NOT_FOUND');
  return row;
}

function present(row: Row, administers: boolean): SlashCommand {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    hint: row.hint,
    app: { id: row.app_id, name: row.app_name },
    url: administers ? row.url : null,
    disabledAt: row.disabled_at?.toISOString() ?? null,
  };
}
