/** How long messages are kept: policies of the organisation, of domains and of conversations, and a minimum by law. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import { assertAdministrator } from './administrators.js';
import type { DecidedBy, Effective, Policy, RetentionFace } from './schema.js';

export interface PoliciesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

export type PolicyPlace = { readonly scope: 'organisation' } | { readonly scope: 'domain' | 'conversation'; readonly id: string };

export interface Minimum {
  readonly days: number;
  readonly reason: string;
}

export interface RetentionSettings {
  readonly minimum: Minimum;
  readonly backup: RetentionFace['backup'];
  /** The time that the newest backup was due. */
  readonly backedUpAt: Date | null;
}

interface SettingsRow {
  minimum_days: number;
  minimum_reason: string;
  backup_day: number | null;
  backup_hour: number | null;
  backup_format: 'json' | 'html';
  backed_up_at: Date | null;
}

export class Policies {
  readonly #deps: PoliciesDeps;

  constructor(deps: PoliciesDeps) {
    this.#deps = deps;
  }

  /** @throws AUTH_FORBIDDEN */
  async face(by: Principal): Promise<RetentionFace> {
    assertAdministrator(by);
    const { minimum, backup } = await this.settings(by.orgId);
    return { policies: await this.list(by.orgId), minimum, backup };
  }

  /** The organisation's first, then domains', then conversations'. */
  list(orgId: string, tx: Query = this.#deps.database): Promise<Policy[]> {
    return tx.query<Policy>(
      `select case when r.conversation_id is not null then 'conversation' when r.domain_id is not null then 'domain' else 'organisation' end as scope,
              coalesce(r.conversation_id, r.domain_id) as id, coalesce(c.title, d.name, '') as name, r.days
       from retention_policies r
       left join domains d on d.org_id = r.org_id and d.id = r.domain_id
       left join conversations c on c.org_id = r.org_id and c.id = r.conversation_id
       where r.org_id = $1 order by r.conversation_id is not null, r.domain_id is not null, lower(coalesce(c.title, d.name, '')), 2`,
      [orgId],
    );
  }

  async settings(orgId: string, tx: Query = this.#deps.database): Promise<RetentionSettings> {
    const [row] = await tx.query<SettingsRow>('select * from retention_settings where org_id = $1', [orgId]);
    const backup =
      row?.backup_day == null || row.backup_hour == null ? null : { day: row.backup_day, hour: row.backup_hour, format: row.backup_format };
    return {
      minimum: { days: row?.minimum_days ?? 0, reason: row?.minimum_reason ?? '' },
      backup,
      backedUpAt: row?.backed_up_at ?? null,
    };
  }

  /** `days` undefined: no policy of its own any more. @throws AUTH_FORBIDDEN, CHAT_NOT_FOUND, CHAT_DOMAIN_NOT_FOUND */
  async set(by: Principal, place: PolicyPlace, days: number | null | undefined): Promise<void> {
    assertAdministrator(by);
    const { database, clock, audit } = this.#deps;
    const { orgId } = by;
    const [domainId, conversationId] = [place.scope === 'domain' ? place.id : null, place.scope === 'conversation' ? place.id : null];
    await database.transaction(async (tx) => {
      await assertPlace(tx, orgId, place);
      const [before] = await tx.query<{ days: number | null }>(
        'delete from retention_policies where org_id = $1 and domain_id is not distinct from $2 and conversation_id is not distinct from $3 returning days',
        [orgId, domainId, conversationId],
      );
      if (days !== undefined)
        await tx.query(
          `insert into retention_policies (org_id, domain_id, conversation_id, days, changed_at) values ($1, $2, $3, $4, $5)
           on conflict (org_id, domain_id, conversation_id) do update set days = excluded.days, changed_at = excluded.changed_at`,
          [orgId, domainId, conversationId, days, new Date(clock.now())],
        );
      await audit.record(tx, {
        orgId,
        actor: { id: by.personId, name: by.name },
        action: 'chat.retention-changed',
        subject: place.scope === 'organisation' ? {} : { [place.scope]: place.id },
        detail: { scope: place.scope, before: said(before?.days), after: said(days) },
      });
    });
  }

  /** @throws AUTH_FORBIDDEN */
  async patch(
    by: Principal,
    patch: { minimum?: Minimum | undefined; backup?: RetentionFace['backup'] | undefined },
  ): Promise<RetentionFace> {
    assertAdministrator(by);
    const { database, audit } = this.#deps;
    const { orgId } = by;
    await database.transaction(async (tx) => {
      await tx.query('insert into retention_settings (org_id) values ($1) on conflict do nothing', [orgId]);
      await tx.query('select 1 from retention_settings where org_id = $1 for update', [orgId]);
      const before = await this.settings(orgId, tx);
      const minimum = patch.minimum ?? before.minimum;
      const backup = patch.backup === undefined ? before.backup : patch.backup;
      await tx.query(
        `update retention_settings set minimum_days = $2, minimum_reason = $3, backup_day = $4, backup_hour = $5, backup_format = $6 where org_id = $1`,
        [orgId, minimum.days, minimum.reason.replaceAll('\0', ''), backup?.day ?? null, backup?.hour ?? null, backup?.format ?? 'json'],
      );
      await audit.record(tx, {
        orgId,
        actor: { id: by.personId, name: by.name },
        action: 'chat.retention-changed',
        subject: {},
        detail: { scope: 'settings', minimum, backup },
      });
    });
    return this.face(by);
  }

  /** How long messages of a conversation are kept, for its members and administrators. @throws CHAT_NOT_FOUND */
  async ofConversation(by: Principal, conversationId: string): Promise<Effective> {
    const { database } = this.#deps;
    const [row] = await database.query<{ domain_id: string | null; held: boolean; member: boolean }>(
      `select coalesce(c.domain_id, (select id from domains d where d.org_id = c.org_id and d.is_default)) as domain_id,
              conversation_hold(c.org_id, c.id) is not null as held,
              exists (select 1 from conversation_members m where m.conversation_id = c.id and m.person_id = $3) as member
       from conversations c where c.org_id = $1 and c.id = $2`,
      [by.orgId, conversationId, by.personId],
    );
    if (!row || !(row.member || by.role === 'owner' || by.role === 'admin')) throw new CausewayError('CHAT_NOT_FOUND');
    const { minimum } = await this.settings(by.orgId);
    return { ...decide(await this.list(by.orgId), minimum, conversationId, row.domain_id), held: row.held };
  }
}

/** The nearest policy decides, but nothing goes below the minimum. Pure. */
export function decide(
  policies: readonly Policy[],
  minimum: Pick<Minimum, 'days'>,
  conversationId: string,
  domainId: string | null,
): Omit<Effective, 'held'> {
  const policy =
    policies.find(({ scope, id }) => scope === 'conversation' && id === conversationId) ??
    policies.find(({ scope, id }) => scope === 'domain' && id === domainId) ??
    policies.find(({ scope }) => scope === 'organisation');
  if (!policy) return { days: null, decidedBy: 'nothing', wanted: null };
  return { ...atLeast(policy, minimum), wanted: policy.days };
}

/** A policy with the minimum in mind. */
export function atLeast({ scope, days }: Policy, minimum: Pick<Minimum, 'days'>): { days: number | null; decidedBy: DecidedBy } {
  return days !== null && days < minimum.days ? { days: minimum.days, decidedBy: 'minimum' } : { days, decidedBy: scope };
}

/** Against a domain or a conversation that is deleted at the same moment. @throws CHAT_NOT_FOUND, CHAT_DOMAIN_NOT_FOUND */
async function assertPlace(tx: Query, orgId: string, place: PolicyPlace): Promise<void> {
  if (place.scope === 'organisation') return;
  const table = place.scope === 'domain' ? 'domains' : 'conversations';
  const found = await tx.query(`select 1 from ${table} where org_id = $1 and id = $2 for share`, [orgId, place.id]);
  if (found.length === 0) throw new CausewayError(place.scope === 'domain' ? 'CHAT_DOMAIN_NOT_FOUND' : 'CHAT_NOT_FOUND');
}

function said(days: number | null | undefined): string {
  return days === undefined ? 'none' : days === null ? 'for ever' : `${days} days`;
}
