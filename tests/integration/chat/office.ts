/** An organisation in a fresh database, with people, conversations and messages written straight into the tables. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { ConversationFace, Intended } from '../../../src/chat/ports.js';
import type { Audit } from '../../../src/platform/audit.js';
import type { Database } from '../../../src/platform/database/index.js';
import { newId } from '../../../src/platform/ids.js';
import type { OrganisationRole, Principal } from '../../../src/platform/principal.js';
import { AuditLog } from '../../../src/services/audit/index.js';
import { openTestDatabase } from '../../support/index.js';

export interface AuditedAct {
  readonly action: string;
  readonly actor: string;
  readonly subject: Readonly<Record<string, unknown>>;
  readonly detail: Readonly<Record<string, unknown>>;
}

export class Office {
  readonly database: Database & { readonly url: string };
  readonly orgId: string;
  readonly audit: Audit;
  /** What the server takes the time for. */
  now = Date.now();
  readonly clock = { now: () => this.now };

  private constructor(database: Database & { readonly url: string }, orgId: string) {
    this.database = database;
    this.orgId = orgId;
    this.audit = new AuditLog({ database, clock: this.clock });
  }

  static async open(database?: Database & { readonly url: string }): Promise<Office> {
    const office = new Office(database ?? (await openTestDatabase()), newId());
    await office.database.query('insert into organisations (id, name, created_at) values ($1, $2, now())', [office.orgId, 'Harbour Ltd']);
    return office;
  }

  async person(name: string, role: OrganisationRole = 'member'): Promise<Principal> {
    const personId = newId(this.now);
    await this.database.query('insert into people (org_id, id, name, role, email, created_at) values ($1, $2, $3, $4, $5, now())', [
      this.orgId,
      personId,
      name,
      role,
      role === 'app' ? null : `${personId}@harbour.example`,
    ]);
    return { orgId: this.orgId, personId, name, role, signInId: newId(), expiresAt: Date.now() + 3_600_000 };
  }

  async conversation(
    members: readonly Principal[],
    { kind = 'group', title = 'Weekly', domainId = null }: Partial<Pick<ConversationFace, 'kind' | 'title' | 'domainId'>> = {},
  ): Promise<ConversationFace> {
    const id = newId(this.now);
    await this.database.query(
      'insert into conversations (org_id, id, kind, title, domain_id, created_at) values ($1, $2, $3, $4, $5, $6)',
      [this.orgId, id, kind, title, domainId, new Date(this.now)],
    );
    for (const [index, { personId }] of members.entries()) await this.join(id, personId, index === 0 ? 'admin' : 'member');
    return { orgId: this.orgId, id, kind, title, domainId };
  }

  async join(conversationId: string, personId: string, role: 'member' | 'admin' = 'member'): Promise<void> {
    await this.database.query(
      `insert into conversation_members (org_id, conversation_id, person_id, role, joined_at, visible_after)
       select $1, $2, $3, $4, $5, 0`,
      [this.orgId, conversationId, personId, role, new Date(this.now)],
    );
  }

  /** A message that was sent now; gives its number. */
  async write(conversationId: string, by: Principal, body: string, extra: object | null = null): Promise<number> {
    const [row] = await this.database.query<{ number: number }>(
      `with c as (update conversations set last_number = last_number + 1 where id = $2 returning last_number)
       insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at, extra)
       select $1, $2, last_number, last_number, $3, $4, $5, $6, $7, $8 from c returning number`,
      [
        this.orgId,
        conversationId,
        by.personId,
        by.name,
        randomUUID(),
        body,
        new Date(this.now),
        extra === null ? null : JSON.stringify(extra),
      ],
    );
    return row?.number ?? 0;
  }

  /** Another text, or none: a recall. */
  async rewrite(conversationId: string, message: number, by: Principal, body: string | null): Promise<void> {
    await this.database.query(
      `with c as (update conversations set last_number = last_number + 1 where id = $2 returning last_number),
            old as (select body from messages where conversation_id = $2 and number = $3),
            e as (insert into message_changes (org_id, conversation_id, number, message_number, kind, actor_id, actor_name, at, before)
                  select $1, $2, last_number, $3, $4, $5, $6, $7, old.body from c, old)
       update messages set body = coalesce($8, ''), changed = c.last_number,
              edited_at = case when $8::text is null then edited_at else $7::timestamptz end,
              recalled_at = case when $8::text is null then $7::timestamptz else null end
       from c where conversation_id = $2 and number = $3`,
      [this.orgId, conversationId, message, body === null ? 'recall' : 'edit', by.personId, by.name, new Date(this.now), body],
    );
  }

  async domain(name: string, more: { guests?: boolean } = {}): Promise<string> {
    const id = newId(this.now);
    await this.database.query('insert into domains (org_id, id, name, guests, created_at) values ($1, $2, $3, $4, now())', [
      this.orgId,
      id,
      name,
      more.guests ?? true,
    ]);
    return id;
  }

  async numbers(conversationId: string): Promise<number[]> {
    const rows = await this.database.query<{ number: number }>('select number from messages where conversation_id = $1 order by number', [
      conversationId,
    ]);
    return rows.map(({ number }) => number);
  }

  /** Rows of the audit log with this action, oldest first. */
  async audited(action: string): Promise<AuditedAct[]> {
    return this.database.query<{ action: string; actor: string; subject: Record<string, unknown>; detail: Record<string, unknown> }>(
      'select action, actor, subject, detail from audit_log where org_id = $1 and action = $2 order by number',
      [this.orgId, action],
    );
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

/** A message that is about to be sent. */
export function intended(principal: Principal, conversation: ConversationFace, over: Partial<Intended> = {}): Intended {
  return {
    purpose: 'send',
    principal,
    conversation,
    text: 'hello',
    attachments: [],
    forwardedFrom: null,
    acknowledged: false,
    reason: '',
    ...over,
  };
}

/** What a refusal must be: the code, and how it is filled. */
export function refusal(code: string, fill?: Readonly<Record<string, unknown>>): unknown {
  return expect.objectContaining({ code, ...(fill ? { fill: expect.objectContaining(fill) } : {}) });
}
