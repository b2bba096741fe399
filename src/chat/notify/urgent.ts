/**
 * Urgent messages: everybody whom one concerns has a row (`urgent_receipts`) until he confirms it. The
 * rows and the first reminder are written with the message, so that it is never urgent without them.
 */
import type { causeway } from '#proto';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { Change, Message, PersonName } from '../message.js';
import type { ConversationFace, UrgentDesk } from '../ports.js';
import { type NotificationSettingsStore, silentUntil } from './notification-settings.js';
import type { PushDelivery } from './push-delivery.js';
import type { UrgentReminders } from './urgent-reminders.js';

export interface UrgentDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly settings: NotificationSettingsStore;
  readonly delivery: PushDelivery;
  readonly reminders: UrgentReminders;
  readonly tell: (personIds: readonly string[], notice: causeway.ChatNotice.$Properties) => void;
  readonly perHour: number;
  /** In conversations with more members only admins may. */
  readonly members: number;
}

/** Most that one person is shown at once. */
const listed = 100;
/** Names that a list of readers has. */
const named = 1_000;
const hourMs = 3_600_000;

export class Urgent implements UrgentDesk {
  readonly #deps: UrgentDeps;

  constructor(deps: UrgentDeps) {
    this.#deps = deps;
  }

  /** @throws CHAT_FORBIDDEN where only admins may, CHAT_URGENT_LIMIT */
  async check(
    { orgId, personId }: Principal,
    { kind, memberCount }: Pick<ConversationFace, 'kind'> & { readonly memberCount: number },
    role: 'member' | 'admin',
    clientId: string,
  ): Promise<void> {
    if ((kind === 'announcement' || memberCount > this.#deps.members) && role !== 'admin')
      throw new CausewayError('CHAT_FORBIDDEN', { field: 'urgent' });
    // Asked again where it is written: there, a refusal costs those who are written with it another try.
    await this.#mustBeRare(this.#deps.database, { orgId, senderId: personId, clientId, sentAt: new Date(this.#deps.clock.now()) });
  }

  /** Of a message that mentions somebody, only the mentioned have to confirm. @throws CHAT_URGENT_LIMIT */
  readonly inTransaction = async (tx: Query, message: Message): Promise<void> => {
    if (!message.urgent) return;
    await this.#mustBeRare(tx, message);
    const mentioned = message.mentions.length > 0 && !message.mentionsAll ? message.mentions : null;
    const due = this.#deps.reminders.firstDue(message.sentAt.getTime());
    const rows = await tx.query(
      `insert into urgent_receipts (org_id, conversation_id, number, person_id, due_at)
       select $1, $2, $3, m.person_id, $6 from conversation_members m join people p on p.id = m.person_id
       where m.org_id = $1 and m.conversation_id = $2 and m.person_id <> $4 and p.role <> 'app'
         and ($5::uuid[] is null or m.person_id = any($5))
       returning person_id`,
      [message.orgId, message.conversationId, message.number, message.senderId, mentioned, due],
    );
    if (rows.length > 0 && due) await this.#deps.reminders.plan(message, due, tx);
  };

  /** It is durable: everybody is told at once. Should this be lost with its node, the first reminder says the same. */
  async posted(message: Message): Promise<void> {
    if (!message.urgent) return;
    const { database, settings, delivery, tell, clock } = this.#deps;
    const { orgId, conversationId, number } = message;
    const rows = await database.query<{ person_id: string }>(
      'select person_id from urgent_receipts where org_id = $1 and conversation_id = $2 and number = $3 and confirmed_at is null',
      [orgId, conversationId, number],
    );
    const people = rows.map(({ person_id }) => person_id);
    tell(people, { urgent: { conversationId, number, confirmed: false } });
    const policy = await settings.policy(orgId);
    const wishes = await settings.ofPeople(orgId, people);
    const reachable = [...wishes].flatMap(([personId, wish]) => (silentUntil(policy, wish, true, clock.now()) === null ? [personId] : []));
    await delivery.deliver(reachable.map((personId) => ({ orgId, personId, conversationId, number, kind: 'urgent' })));
  }

  /** One that was recalled asks nobody any more. */
  async changed(message: Message, change: Change): Promise<void> {
    if (!message.urgent || change.kind !== 'recall') return;
    const { orgId, conversationId, number } = message;
    const rows = await this.#deps.database.query<{ person_id: string }>(
      `update urgent_receipts set due_at = null where org_id = $1 and conversation_id = $2 and number = $3 and confirmed_at is null
       returning person_id`,
      [orgId, conversationId, number],
    );
    this.#deps.tell(
      rows.map(({ person_id }) => person_id),
      { urgent: { conversationId, number, confirmed: true } },
    );
  }

  /** Twice is once. @throws CHAT_MESSAGE_NOT_FOUND when there is nothing for him to confirm. */
  async confirm(principal: Pick<Principal, 'orgId' | 'personId'>, conversationId: string, number: number): Promise<void> {
    const { orgId, personId } = principal;
    const id = conversationId.toLowerCase();
    const [row] = await this.#deps.database.query<{ fresh: boolean }>(
      `update urgent_receipts r set confirmed_at = coalesce(r.confirmed_at, $5), due_at = null
       from (select confirmed_at from urgent_receipts
             where org_id = $1 and conversation_id = $2 and number = $3 and person_id = $4 for update) as before
       where r.org_id = $1 and r.conversation_id = $2 and r.number = $3 and r.person_id = $4
       returning before.confirmed_at is null as fresh`,
      [orgId, id, number, personId, new Date(this.#deps.clock.now())],
    );
    if (!row) throw new CausewayError('CHAT_MESSAGE_NOT_FOUND', { field: 'number' });
    if (row.fresh) this.#deps.tell([personId], { urgent: { conversationId: id, number, confirmed: true } });
  }

  /** Messages that wait for this person's confirmation, the oldest first. */
  async waitingFor({ orgId, personId }: Pick<Principal, 'orgId' | 'personId'>): Promise<{ conversationId: string; number: number }[]> {
    const rows = await this.#deps.database.query<{ conversation_id: string; number: number }>(
      `select r.conversation_id, r.number from urgent_receipts r
       join conversation_members c on c.conversation_id = r.conversation_id and c.person_id = r.person_id
       join messages m on m.conversation_id = r.conversation_id and m.number = r.number
       where r.org_id = $1 and r.person_id = $2 and r.confirmed_at is null and m.recalled_at is null and m.number > c.visible_after
       order by m.sent_at limit ${listed}`,
      [orgId, personId],
    );
    return rows.map((row) => ({ conversationId: row.conversation_id, number: row.number }));
  }

  /** The first thousand, in the order in which they confirmed. */
  async confirmedBy({ orgId, conversationId, number }: Pick<Message, 'orgId' | 'conversationId' | 'number'>): Promise<PersonName[]> {
    const rows = await this.#deps.database.query<{ id: string; name: string; role: string }>(
      `select p.id, p.name, p.role from urgent_receipts r join people p on p.id = r.person_id
       where r.org_id = $1 and r.conversation_id = $2 and r.number = $3 and r.confirmed_at is not null
       order by r.confirmed_at, p.id limit ${named}`,
      [orgId, conversationId, number],
    );
    return rows.map(({ id, name, role }) => ({ id, name, external: role === 'guest' }));
  }

  async #mustBeRare(
    query: Query,
    { orgId, senderId, clientId, sentAt }: Pick<Message, 'orgId' | 'senderId' | 'clientId' | 'sentAt'>,
  ): Promise<void> {
    const { perHour: limit } = this.#deps;
    const [row] = await query.query<{ sent: number }>(
      `select count(*)::int as sent from messages
       where org_id = $1 and sender_id = $2 and urgent and sent_at > $3 and client_id <> $4`,
      [orgId, senderId, new Date(sentAt.getTime() - hourMs), clientId],
    );
    if (row && row.sent >= limit) throw new CausewayError('CHAT_URGENT_LIMIT', { field: 'urgent', fill: { limit } });
  }
}
