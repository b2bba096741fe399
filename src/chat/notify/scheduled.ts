/** Messages that wait for their time: kept with what their sender may do now, checked again when they are sent. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError, isErrorCode } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import { checkBody, checkMentions } from '../draft.js';
import type { ConversationFace, Guard } from '../ports.js';
import type { ScheduledBody, ScheduledPatch } from './schema.js';

export interface Scheduled {
  readonly orgId: string;
  readonly id: string;
  readonly conversationId: string;
  readonly personId: string;
  readonly clientId: string;
  readonly body: string;
  readonly thread: number | null;
  readonly mentions: readonly string[];
  readonly mentionsAll: boolean;
  readonly acknowledged: boolean;
  readonly reason: string;
  readonly sendAt: Date;
  readonly state: 'waiting' | 'sending' | 'refused';
  /** Why it was not sent. */
  readonly refusal: CausewayError | null;
}

export interface ScheduledRow {
  org_id: string;
  id: string;
  conversation_id: string;
  person_id: string;
  client_id: string;
  body: string;
  thread: number | null;
  mentions: string[];
  mentions_all: boolean;
  dlp_acknowledged: boolean;
  dlp_reason: string;
  send_at: Date;
  state: Scheduled['state'];
  refused_code: string | null;
  refused_fill: Record<string, string | number> | null;
}

export interface ScheduledMessagesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly guards: readonly Guard[];
  readonly bodyCharacters: number;
  readonly perPerson: number;
  /** Sees to it that it is sent at its time, in the transaction in which that becomes known. */
  readonly plan: (id: { orgId: string; id: string }, at: Date, tx: Query) => Promise<void>;
}

export const scheduledColumns = `org_id, id, conversation_id, person_id, client_id, body, thread, mentions, mentions_all, dlp_acknowledged, dlp_reason,
  send_at, state, refused_code, refused_fill`;
const yearMs = 366 * 86_400_000;

export class ScheduledMessages {
  readonly #deps: ScheduledMessagesDeps;

  constructor(deps: ScheduledMessagesDeps) {
    this.#deps = deps;
  }

  /** @throws CHAT_NOT_FOUND, CHAT_EMPTY, CHAT_TOO_LONG, CHAT_MENTIONS, CHAT_MESSAGE_NOT_FOUND, CHAT_SCHEDULED_TIME, CHAT_SCHEDULED_LIMIT, and what a guard throws */
  async add(principal: Principal, conversationId: string, given: ScheduledBody): Promise<Scheduled> {
    const { database, clock, perPerson, plan } = this.#deps;
    const { orgId, personId } = principal;
    const conversation = await this.#conversation(principal, conversationId);
    const sendAt = this.#time(given.sendAt);
    const body = checkBody(given.body, this.#deps.bodyCharacters, false);
    const mentions = checkMentions(given.mentions);
    if (given.thread !== null) await this.#mustHave(orgId, conversation.id, given.thread);
    await this.#guard(principal, conversation, { body, acknowledged: given.dlpAcknowledged, reason: given.dlpReason });
    return database.transaction(async (tx) => {
      // One after the other for one person, so that the limit holds.
      await tx.query('select 1 from people where org_id = $1 and id = $2 for no key update', [orgId, personId]);
      const [count] = await tx.query<{ waiting: number }>(
        'select count(*)::int as waiting from scheduled_messages where org_id = $1 and person_id = $2',
        [orgId, personId],
      );
      if ((count?.waiting ?? 0) >= perPerson) throw new CausewayError('CHAT_SCHEDULED_LIMIT', { fill: { limit: perPerson } });
      const [row] = await tx.query<ScheduledRow>(
        `insert into scheduled_messages (org_id, id, conversation_id, person_id, client_id, body, thread, mentions, mentions_all,
                                         dlp_acknowledged, dlp_reason, send_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning ${scheduledColumns}`,
        [
          orgId,
          newId(clock.now()),
          conversation.id,
          personId,
          randomUUID(),
          body,
          given.thread,
          mentions,
          given.mentionsAll,
          given.dlpAcknowledged,
          given.dlpReason.replaceAll('\0', ''),
          sendAt,
          new Date(clock.now()),
        ],
      );
      if (!row) throw new CausewayError('SERVER_FAULT');
      await plan({ orgId, id: row.id }, sendAt, tx);
      return toScheduled(row);
    });
  }

  /** The person's own in one conversation, the next first. @throws CHAT_NOT_FOUND */
  async list(principal: Principal, conversationId: string): Promise<Scheduled[]> {
    const conversation = await this.#conversation(principal, conversationId);
    const rows = await this.#deps.database.query<ScheduledRow>(
      `select ${scheduledColumns} from scheduled_messages where org_id = $1 and person_id = $2 and conversation_id = $3 order by send_at, id`,
      [principal.orgId, principal.personId, conversation.id],
    );
    return rows.map(toScheduled);
  }

  /** @throws CHAT_SCHEDULED_NOT_FOUND */
  async get(principal: Principal, id: string, tx: Query = this.#deps.database, lock = ''): Promise<Scheduled> {
    const [row] = await tx.query<ScheduledRow>(
      `select ${scheduledColumns} from scheduled_messages where org_id = $1 and person_id = $2 and id = $3 ${lock}`,
      [principal.orgId, principal.personId, id],
    );
    if (!row) throw new CausewayError('CHAT_SCHEDULED_NOT_FOUND');
    return toScheduled(row);
  }

  /** One that was refused waits again. @throws CHAT_SCHEDULED_NOT_FOUND, CHAT_SCHEDULED_SENDING, and as `add` */
  async change(principal: Principal, id: string, patch: ScheduledPatch): Promise<Scheduled> {
    const before = await this.get(principal, id);
    if (before.state === 'sending') throw new CausewayError('CHAT_SCHEDULED_SENDING');
    const conversation = await this.#conversation(principal, before.conversationId);
    const body = checkBody(patch.body ?? before.body, this.#deps.bodyCharacters, false);
    const mentions = checkMentions(patch.mentions ?? before.mentions);
    // A time that has passed is no time for one that was refused.
    const sendAt =
      patch.sendAt === undefined && before.state === 'waiting' ? before.sendAt : this.#time(patch.sendAt ?? before.sendAt.toISOString());
    // What was answered to a warning was about the text of then.
    const answered = patch.body === undefined ? before : { acknowledged: false, reason: '' };
    const acknowledged = patch.dlpAcknowledged ?? answered.acknowledged;
    const reason = (patch.dlpReason ?? answered.reason).replaceAll('\0', '');
    await this.#guard(principal, conversation, { body, acknowledged, reason });
    return this.#deps.database.transaction(async (tx) => {
      const now = await this.get(principal, id, tx, 'for update');
      if (now.state === 'sending') throw new CausewayError('CHAT_SCHEDULED_SENDING');
      const [row] = await tx.query<ScheduledRow>(
        `update scheduled_messages set body = $4, mentions = $5, mentions_all = $6, dlp_acknowledged = $7, dlp_reason = $8, send_at = $9,
                state = 'waiting', refused_code = null, refused_fill = null
         where org_id = $1 and person_id = $2 and id = $3 returning ${scheduledColumns}`,
        [principal.orgId, principal.personId, id, body, mentions, patch.mentionsAll ?? now.mentionsAll, acknowledged, reason, sendAt],
      );
      if (!row) throw new CausewayError('CHAT_SCHEDULED_NOT_FOUND');
      await this.#deps.plan({ orgId: principal.orgId, id }, sendAt, tx);
      return toScheduled(row);
    });
  }

  /** @throws CHAT_SCHEDULED_NOT_FOUND, CHAT_SCHEDULED_SENDING */
  async remove(principal: Principal, id: string): Promise<void> {
    await this.#deps.database.transaction(async (tx) => {
      const { state } = await this.get(principal, id, tx, 'for update');
      if (state === 'sending') throw new CausewayError('CHAT_SCHEDULED_SENDING');
      await tx.query('delete from scheduled_messages where org_id = $1 and person_id = $2 and id = $3', [
        principal.orgId,
        principal.personId,
        id,
      ]);
    });
  }

  #time(text: string): Date {
    const now = this.#deps.clock.now();
    const at = Date.parse(text);
    if (!(at > now && at < now + yearMs)) throw new CausewayError('CHAT_SCHEDULED_TIME', { field: 'sendAt' });
    return new Date(at);
  }

  /** What must not be sent is not kept either. */
  async #guard(
    principal: Principal,
    conversation: ConversationFace,
    { body, acknowledged, reason }: { body: string; acknowledged: boolean; reason: string },
  ): Promise<void> {
    for (const guard of this.#deps.guards)
      await guard.check({
        purpose: 'send',
        principal,
        conversation,
        text: body,
        attachments: [],
        forwardedFrom: null,
        acknowledged,
        reason,
      });
  }

  async #mustHave(orgId: string, conversationId: string, number: number): Promise<void> {
    const rows = await this.#deps.database.query(
      'select 1 from messages where org_id = $1 and conversation_id = $2 and number = $3 and thread is null',
      [orgId, conversationId, number],
    );
    if (rows.length === 0) throw new CausewayError('CHAT_MESSAGE_NOT_FOUND', { field: 'thread' });
  }

  async #conversation({ orgId, personId }: Principal, id: string): Promise<ConversationFace> {
    const [row] = await this.#deps.database.query<{
      id: string;
      kind: ConversationFace['kind'];
      title: string;
      domain_id: string | null;
      archived: boolean;
    }>(
      `select c.id, c.kind, c.title, c.domain_id, c.archived_at is not null as archived from conversations c
       join conversation_members m on m.conversation_id = c.id and m.person_id = $3 where c.org_id = $1 and c.id = $2`,
      [orgId, id, personId],
    );
    if (!row) throw new CausewayError('CHAT_NOT_FOUND');
    if (row.archived) throw new CausewayError('CHAT_ARCHIVED');
    return { orgId, id: row.id, kind: row.kind, title: row.title, domainId: row.domain_id };
  }
}

export function toScheduled(row: ScheduledRow): Scheduled {
  const code = row.refused_code;
  return {
    orgId: row.org_id,
    id: row.id,
    conversationId: row.conversation_id,
    personId: row.person_id,
    clientId: row.client_id,
    body: row.body,
    thread: row.thread,
    mentions: row.mentions,
    mentionsAll: row.mentions_all,
    acknowledged: row.dlp_acknowledged,
    reason: row.dlp_reason,
    sendAt: row.send_at,
    state: row.state,
    // The catalogue of the version that refused it may have had other codes.
    refusal: code === null ? null : new CausewayError(isErrorCode(code) ? code : 'SERVER_FAULT', { fill: row.refused_fill ?? {} }),
  };
}
