/** The rules of organisations, as their administrators keep them. Every change is in the audit log. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import { CompiledRule } from './compiled-rule.js';
import { type DlpRule, type DlpRuleBody, type DlpRulePatch, dlpRuleBody, maxRules } from './schema.js';

export interface RuleStoreDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  /** After the commit. */
  readonly changed: (orgId: string) => Promise<void>;
}

interface RuleRow extends Omit<DlpRule, 'scope' | 'createdAt' | 'changedAt'> {
  readonly domains: string[];
  readonly kinds: DlpRule['scope']['kinds'];
  readonly createdAt: Date;
  readonly changedAt: Date;
}

const columns = `id, name, enabled, detectors, patterns, file_types as "fileTypes", action, notify, domains, kinds, minimum,
  created_at as "createdAt", changed_at as "changedAt"`;

export class RuleStore {
  readonly #deps: RuleStoreDeps;

  constructor(deps: RuleStoreDeps) {
    this.#deps = deps;
  }

  /** Conversations without a domain are in the default one. */
  async defaultDomain(orgId: string): Promise<string | null> {
    const [row] = await this.#deps.database.query<{ id: string }>('select id from domains where org_id = $1 and is_default', [orgId]);
    return row?.id ?? null;
  }

  /** By name. */
  async list(orgId: string): Promise<DlpRule[]> {
    const rows = await this.#deps.database.query<RuleRow>(`select ${columns} from dlp_rules where org_id = $1 order by lower(name), id`, [
      orgId,
    ]);
    return rows.map(present);
  }

  /** @throws DLP_RULE_NAME_TAKEN, DLP_RULE_EMPTY, DLP_RULES_FULL, DLP_PATTERN_INVALID and its like, REQUEST_INVALID */
  async create(by: Principal, body: DlpRuleBody): Promise<DlpRule> {
    const { database, clock, audit, changed } = this.#deps;
    const now = new Date(clock.now());
    const rule: DlpRule = { ...body, id: newId(now.getTime()), createdAt: now.toISOString(), changedAt: now.toISOString() };
    const made = await database.transaction(async (tx) => {
      await checkRule(tx, by.orgId, rule);
      // Others who make rules wait, so that the count stays true.
      await tx.query('select 1 from organisations where id = $1 for no key update', [by.orgId]);
      const [counted] = await tx.query<{ count: number }>('select count(*)::int as count from dlp_rules where org_id = $1', [by.orgId]);
      if ((counted?.count ?? 0) >= maxRules) throw new CausewayError('DLP_RULES_FULL', { fill: { limit: maxRules } });
      const [row] = await tx.query<RuleRow>(
        `insert into dlp_rules (org_id, id, name, enabled, detectors, patterns, file_types, action, notify, domains, kinds, minimum, created_at, changed_at)
         values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, $12, $13, $13)
         on conflict (org_id, lower(name)) do nothing returning ${columns}`,
        [...valuesOf(by.orgId, rule), now],
      );
      if (!row) throw new CausewayError('DLP_RULE_NAME_TAKEN', { field: 'name' });
      await audit.record(tx, entryOf(by, 'created', rule.id, { rule: body }));
      return present(row);
    });
    await changed(by.orgId);
    return made;
  }

  /** @throws DLP_RULE_NOT_FOUND, and as create */
  async change(by: Principal, id: string, patch: DlpRulePatch): Promise<DlpRule> {
    const { database, clock, audit, changed } = this.#deps;
    const after = await database.transaction(async (tx) => {
      const [row] = await tx.query<RuleRow>(`select ${columns} from dlp_rules where org_id = $1 and id = $2 for update`, [by.orgId, id]);
      if (!row) throw new CausewayError('DLP_RULE_NOT_FOUND');
      const before = present(row);
      const rule: DlpRule = { ...before, ...given(patch) };
      await checkRule(tx, by.orgId, rule);
      const [taken] = await tx.query('select 1 from dlp_rules where org_id = $1 and lower(name) = lower($2) and id <> $3', [
        by.orgId,
        rule.name,
        id,
      ]);
      if (taken) throw new CausewayError('DLP_RULE_NAME_TAKEN', { field: 'name' });
      const [written] = await tx.query<RuleRow>(
        `update dlp_rules set name = $3, enabled = $4, detectors = $5, patterns = $6::jsonb, file_types = $7, action = $8, notify = $9,
           domains = $10, kinds = $11, minimum = $12, changed_at = $13
         where org_id = $1 and id = $2 returning ${columns}`,
        [...valuesOf(by.orgId, rule), new Date(clock.now())],
      );
      if (!written) throw new CausewayError('DLP_RULE_NOT_FOUND');
      await audit.record(tx, entryOf(by, 'changed', id, { before: dlpRuleBody.parse(before), after: dlpRuleBody.parse(rule) }));
      return present(written);
    });
    await changed(by.orgId);
    return after;
  }

  /** @throws DLP_RULE_NOT_FOUND */
  async delete(by: Principal, id: string): Promise<void> {
    const { database, audit, changed } = this.#deps;
    await database.transaction(async (tx) => {
      const [row] = await tx.query<RuleRow>(`delete from dlp_rules where org_id = $1 and id = $2 returning ${columns}`, [by.orgId, id]);
      if (!row) throw new CausewayError('DLP_RULE_NOT_FOUND');
      await audit.record(tx, entryOf(by, 'deleted', id, { rule: dlpRuleBody.parse(present(row)) }));
    });
    await changed(by.orgId);
  }
}

/** @throws DLP_RULE_EMPTY, DLP_PATTERN_INVALID and its like, REQUEST_INVALID */
export async function checkRule(tx: Query, orgId: string, rule: DlpRuleBody): Promise<CompiledRule> {
  if (rule.detectors.length + rule.patterns.length + rule.fileTypes.length === 0) throw new CausewayError('DLP_RULE_EMPTY');
  const compiled = new CompiledRule(rule);
  const { domains } = rule.scope;
  if (domains.length > 0) {
    const known = await tx.query('select 1 from domains where org_id = $1 and id = any($2)', [orgId, domains]);
    if (known.length < domains.length)
      throw new CausewayError('REQUEST_INVALID', { field: 'scope', fill: { detail: 'scope.domains: one of them is not there' } });
  }
  return compiled;
}

function valuesOf(orgId: string, rule: DlpRule): unknown[] {
  const { id, name, enabled, detectors, patterns, fileTypes, action, notify, scope, minimum } = rule;
  return [orgId, id, name, enabled, detectors, JSON.stringify(patterns), fileTypes, action, notify, scope.domains, scope.kinds, minimum];
}

function entryOf(by: Principal, what: 'created' | 'changed' | 'deleted', id: string, detail: Readonly<Record<string, unknown>>) {
  return { orgId: by.orgId, actor: { id: by.personId, name: by.name }, action: `chat.dlp-rule-${what}`, subject: { rule: id }, detail };
}

function present({ domains, kinds, createdAt, changedAt, ...row }: RuleRow): DlpRule {
  return { ...row, scope: { domains, kinds }, createdAt: createdAt.toISOString(), changedAt: changedAt.toISOString() };
}

/** What the patch speaks of. */
function given(patch: DlpRulePatch): Partial<DlpRuleBody> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
