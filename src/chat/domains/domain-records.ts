/** Domains, rules and who belongs where, in the database. */
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { DomainRule } from './crossing.js';
import type { Domain } from './schema.js';

export interface StoredRule extends DomainRule {
  readonly id: string;
}

/** Everything of an organisation that a decision needs. */
export interface DomainMap {
  readonly domains: readonly Domain[];
  readonly defaultDomain: Domain;
  readonly rules: readonly StoredRule[];
}

/** Until an administrator renames it. */
const defaultName = 'Default';
const domainColumns = 'id, name, is_default as "isDefault", guests';
const ruleColumns = 'id, name, from_domain as "from", to_domain as "to", what, allow';

export class DomainRecords {
  readonly #deps: { database: Database; clock: Clock };

  constructor(deps: { database: Database; clock: Clock }) {
    this.#deps = deps;
  }

  async map(orgId: string, tx: Query = this.#deps.database): Promise<DomainMap> {
    const defaultDomain = await this.defaultDomain(orgId, tx);
    const domains = await this.domains(orgId, tx);
    return { domains, defaultDomain, rules: await this.rules(orgId, tx) };
  }

  /** The default first, then by name. */
  domains(orgId: string, tx: Query = this.#deps.database): Promise<Domain[]> {
    return tx.query<Domain>(`select ${domainColumns} from domains where org_id = $1 order by is_default desc, lower(name)`, [orgId]);
  }

  /** Made when it is first needed. */
  async defaultDomain(orgId: string, tx: Query = this.#deps.database): Promise<Domain> {
    const find = () => tx.query<Domain>(`select ${domainColumns} from domains where org_id = $1 and is_default`, [orgId]);
    const [known] = await find();
    if (known) return known;
    const now = this.#deps.clock.now();
    await tx.query('insert into domains (org_id, id, name, is_default, created_at) values ($1, $2, $3, true, $4) on conflict do nothing', [
      orgId,
      newId(now),
      defaultName,
      new Date(now),
    ]);
    const [made] = await find();
    if (!made) throw new CausewayError('SERVER_FAULT');
    return made;
  }

  /** @throws CHAT_DOMAIN_NOT_FOUND */
  async domain(tx: Query, orgId: string, id: string): Promise<Domain> {
    const [row] = await tx.query<Domain>(`select ${domainColumns} from domains where org_id = $1 and id = $2 for share`, [orgId, id]);
    if (!row) throw new CausewayError('CHAT_DOMAIN_NOT_FOUND');
    return row;
  }

  /** @throws CHAT_DOMAIN_NAME_TAKEN */
  async addDomain(tx: Query, orgId: string, domain: { name: string; guests: boolean }): Promise<Domain> {
    const now = this.#deps.clock.now();
    const [row] = await tx.query<Domain>(
      `insert into domains (org_id, id, name, guests, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing returning ${domainColumns}`,
      [orgId, newId(now), domain.name, domain.guests, new Date(now)],
    );
    if (!row) throw new CausewayError('CHAT_DOMAIN_NAME_TAKEN', { field: 'name' });
    return row;
  }

  /** @throws CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_NAME_TAKEN */
  async changeDomain(
    tx: Query,
    orgId: string,
    id: string,
    to: { name?: string | undefined; guests?: boolean | undefined },
  ): Promise<Domain> {
    await lockDomains(tx, orgId);
    const before = await this.domain(tx, orgId, id);
    const name = to.name ?? before.name;
    const taken = await tx.query('select 1 from domains where org_id = $1 and lower(name) = lower($2) and id <> $3', [orgId, name, id]);
    if (taken.length > 0) throw new CausewayError('CHAT_DOMAIN_NAME_TAKEN', { field: 'name' });
    await tx.query('update domains set name = $3, guests = $4 where org_id = $1 and id = $2', [
      orgId,
      id,
      name,
      to.guests ?? before.guests,
    ]);
    return { ...before, name, guests: to.guests ?? before.guests };
  }

  /** With the rules that name it. @throws CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_IN_USE */
  async removeDomain(tx: Query, orgId: string, id: string): Promise<Domain> {
    // Against somebody who puts a conversation or a person into it at the same moment.
    const [domain] = await tx.query<Domain>(`select ${domainColumns} from domains where org_id = $1 and id = $2 for update`, [orgId, id]);
    if (!domain) throw new CausewayError('CHAT_DOMAIN_NOT_FOUND');
    const [used] = await tx.query<{ used: boolean }>(
      `select exists (select 1 from conversations where org_id = $1 and domain_id = $2)
           or exists (select 1 from person_domains where org_id = $1 and domain_id = $2) as used`,
      [orgId, id],
    );
    if (domain.isDefault || used?.used) throw new CausewayError('CHAT_DOMAIN_IN_USE');
    await tx.query('delete from domains where org_id = $1 and id = $2', [orgId, id]);
    return domain;
  }

  rules(orgId: string, tx: Query = this.#deps.database): Promise<StoredRule[]> {
    return tx.query<StoredRule>(`select ${ruleColumns} from domain_rules where org_id = $1 order by lower(name)`, [orgId]);
  }

  /** @throws CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_NAME_TAKEN */
  async addRule(tx: Query, orgId: string, rule: DomainRule): Promise<StoredRule> {
    await this.#assertDomains(tx, orgId, rule);
    const now = this.#deps.clock.now();
    const [row] = await tx.query<StoredRule>(
      `insert into domain_rules (org_id, id, name, from_domain, to_domain, what, allow, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning ${ruleColumns}`,
      [orgId, newId(now), rule.name, rule.from, rule.to, rule.what, rule.allow, new Date(now)],
    );
    if (!row) throw new CausewayError('CHAT_DOMAIN_NAME_TAKEN');
    return row;
  }

  /** @throws CHAT_DOMAIN_RULE_NOT_FOUND, CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_NAME_TAKEN */
  async changeRule(tx: Query, orgId: string, id: string, change: (before: StoredRule) => DomainRule): Promise<StoredRule> {
    await lockDomains(tx, orgId);
    const rules = await this.rules(orgId, tx);
    const before = rules.find((rule) => rule.id === id);
    if (!before) throw new CausewayError('CHAT_DOMAIN_RULE_NOT_FOUND');
    const after = { ...change(before), id };
    await this.#assertDomains(tx, orgId, after);
    const same = (a: DomainRule, b: DomainRule) =>
      a.name.toLowerCase() === b.name.toLowerCase() || (a.from === b.from && a.to === b.to && a.what === b.what);
    if (rules.some((rule) => rule.id !== id && same(rule, after))) throw new CausewayError('CHAT_DOMAIN_NAME_TAKEN');
    await tx.query(
      'update domain_rules set name = $3, from_domain = $4, to_domain = $5, what = $6, allow = $7 where org_id = $1 and id = $2',
      [orgId, id, after.name, after.from, after.to, after.what, after.allow],
    );
    return after;
  }

  /** @throws CHAT_DOMAIN_RULE_NOT_FOUND */
  async removeRule(tx: Query, orgId: string, id: string): Promise<StoredRule> {
    const [row] = await tx.query<StoredRule>(`delete from domain_rules where org_id = $1 and id = $2 returning ${ruleColumns}`, [
      orgId,
      id,
    ]);
    if (!row) throw new CausewayError('CHAT_DOMAIN_RULE_NOT_FOUND');
    return row;
  }

  /** The domains that people were put into; who is in none has no entry. */
  async ofPeople(orgId: string, personIds: readonly string[], tx: Query = this.#deps.database): Promise<Map<string, string[]>> {
    const rows = await tx.query<{ person_id: string; domain_id: string }>(
      'select person_id, domain_id from person_domains where org_id = $1 and person_id = any($2) order by domain_id',
      [orgId, personIds],
    );
    const found = new Map<string, string[]>();
    for (const { person_id, domain_id } of rows) found.set(person_id, [...(found.get(person_id) ?? []), domain_id]);
    return found;
  }

  /** @throws PERSON_NOT_FOUND, CHAT_DOMAIN_NOT_FOUND */
  async setOfPerson(tx: Query, orgId: string, personId: string, domainIds: readonly string[]): Promise<string[]> {
    const wanted = [...new Set(domainIds)];
    await assertPerson(tx, orgId, personId);
    const known = await tx.query<{ id: string }>('select id from domains where org_id = $1 and id = any($2) for share', [orgId, wanted]);
    if (known.length < wanted.length) throw new CausewayError('CHAT_DOMAIN_NOT_FOUND');
    await tx.query('delete from person_domains where org_id = $1 and person_id = $2', [orgId, personId]);
    await tx.query('insert into person_domains (org_id, person_id, domain_id) select $1, $2, unnest($3::uuid[])', [
      orgId,
      personId,
      wanted,
    ]);
    return wanted;
  }

  async #assertDomains(tx: Query, orgId: string, rule: DomainRule): Promise<void> {
    for (const id of [rule.from, rule.to]) if (id !== null) await this.domain(tx, orgId, id);
  }
}

/** Locks the person's row, so that two who set his domains wait for each other. @throws PERSON_NOT_FOUND */
export async function assertPerson(tx: Query, orgId: string, personId: string): Promise<void> {
  const people = await tx.query('select 1 from people where org_id = $1 and id = $2 for update', [orgId, personId]);
  if (people.length === 0) throw new CausewayError('PERSON_NOT_FOUND');
}

/** Whoever changes a name or a rule waits for others who do. */
async function lockDomains(tx: Query, orgId: string): Promise<void> {
  await tx.query('select 1 from domains where org_id = $1 and is_default for update', [orgId]);
}
