/** Data domains as administrators keep them: names, rules, who is in which, and where conversations are. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { ConversationFace } from '../ports.js';
import type { DomainRule } from './crossing.js';
import { type DomainGuard, type Refusal, sharedDomain } from './domain-guard.js';
import { assertPerson, type DomainRecords } from './domain-records.js';
import type { Guests } from './guests.js';
import type { Domain, Rule } from './schema.js';

export interface DomainsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly records: DomainRecords;
  readonly guard: DomainGuard;
  readonly guests: Guests;
  /** The conversation is in another domain now: tells its members. After the commit. */
  readonly moved: (by: Principal, conversation: { orgId: string; conversationId: string }, domainName: string) => Promise<void>;
}

/** What can be said of a rule; undefined: as it was. */
export type RuleWish = { [Key in keyof Omit<Rule, 'id'>]?: Rule[Key] | undefined };

interface ConversationRow {
  kind: ConversationFace['kind'];
  title: string;
  domain_id: string | null;
}

export class Domains {
  readonly guard: DomainGuard;
  readonly guests: Guests;
  readonly #deps: DomainsDeps;

  constructor(deps: DomainsDeps) {
    this.#deps = deps;
    this.guard = deps.guard;
    this.guests = deps.guests;
  }

  /** Of the caller's organisation. */
  async list(principal: Principal): Promise<Domain[]> {
    return [...(await this.#deps.records.map(principal.orgId)).domains];
  }

  /** The domain of a new conversation of these people, when nobody said which: one that all are in. Null: the default one. */
  async shared(orgId: string, personIds: readonly string[]): Promise<string | null> {
    const { records } = this.#deps;
    const map = await records.map(orgId);
    const known = await records.ofPeople(orgId, personIds);
    const shared = sharedDomain(
      map,
      personIds.map((id) => known.get(id) ?? [map.defaultDomain.id]),
    );
    return shared === map.defaultDomain.id ? null : shared;
  }

  /** @throws AUTH_FORBIDDEN, CHAT_DOMAIN_NAME_TAKEN */
  async create(by: Principal, domain: { name: string; guests: boolean }): Promise<Domain> {
    const { records } = this.#deps;
    return this.#administer(by, 'chat.domain-made', async (tx) => {
      const made = await records.addDomain(tx, by.orgId, domain);
      return { result: made, subject: { domain: made.id }, detail: { name: made.name, guests: made.guests } };
    });
  }

  /** @throws AUTH_FORBIDDEN, CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_NAME_TAKEN */
  async change(by: Principal, id: string, to: { name?: string | undefined; guests?: boolean | undefined }): Promise<Domain> {
    const { records } = this.#deps;
    return this.#administer(by, 'chat.domain-changed', async (tx) => {
      const domain = await records.changeDomain(tx, by.orgId, id, to);
      return { result: domain, subject: { domain: domain.id }, detail: { name: domain.name, guests: domain.guests } };
    });
  }

  /** @throws AUTH_FORBIDDEN, CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_IN_USE */
  async remove(by: Principal, id: string): Promise<void> {
    const { records } = this.#deps;
    await this.#administer(by, 'chat.domain-removed', async (tx) => {
      const domain = await records.removeDomain(tx, by.orgId, id);
      return { result: undefined, subject: { domain: domain.id }, detail: { name: domain.name } };
    });
  }

  /** @throws AUTH_FORBIDDEN */
  async rules(by: Principal): Promise<Rule[]> {
    assertAdministrator(by);
    return (await this.#deps.records.rules(by.orgId)).map(presentRule);
  }

  /** @throws AUTH_FORBIDDEN, CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_NAME_TAKEN */
  async addRule(by: Principal, rule: Omit<Rule, 'id'>): Promise<Rule> {
    const { records } = this.#deps;
    return this.#administer(by, 'chat.domain-rule-made', async (tx) => {
      const made = presentRule(await records.addRule(tx, by.orgId, readRule(rule)));
      return { result: made, subject: { rule: made.id }, detail: made };
    });
  }

  /** @throws AUTH_FORBIDDEN, CHAT_DOMAIN_RULE_NOT_FOUND, CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_NAME_TAKEN */
  async changeRule(by: Principal, id: string, wish: RuleWish): Promise<Rule> {
    const { records } = this.#deps;
    return this.#administer(by, 'chat.domain-rule-changed', async (tx) => {
      const rule = await records.changeRule(tx, by.orgId, id, (before) => {
        const { name, from, to, what, allow } = presentRule(before);
        return readRule({
          name: wish.name ?? name,
          from: wish.from ?? from,
          to: wish.to ?? to,
          what: wish.what ?? what,
          allow: wish.allow ?? allow,
        });
      });
      return { result: presentRule(rule), subject: { rule: id }, detail: presentRule(rule) };
    });
  }

  /** @throws AUTH_FORBIDDEN, CHAT_DOMAIN_RULE_NOT_FOUND */
  async removeRule(by: Principal, id: string): Promise<void> {
    const { records } = this.#deps;
    await this.#administer(by, 'chat.domain-rule-removed', async (tx) => {
      const rule = presentRule(await records.removeRule(tx, by.orgId, id));
      return { result: undefined, subject: { rule: id }, detail: rule };
    });
  }

  /** Empty: the default domain. @throws AUTH_FORBIDDEN, PERSON_NOT_FOUND */
  async ofPerson(by: Principal, personId: string): Promise<string[]> {
    assertAdministrator(by);
    const { database, records } = this.#deps;
    return database.transaction(async (tx) => {
      await assertPerson(tx, by.orgId, personId);
      return (await records.ofPeople(by.orgId, [personId], tx)).get(personId.toLowerCase()) ?? [];
    });
  }

  /**
   * What somebody is a member of already he stays a member of.
   * @throws AUTH_FORBIDDEN, PERSON_NOT_FOUND, CHAT_DOMAIN_NOT_FOUND
   */
  async setOfPerson(by: Principal, personId: string, domainIds: readonly string[]): Promise<string[]> {
    const { records } = this.#deps;
    return this.#administer(by, 'chat.person-domains', async (tx) => {
      const domains = await records.setOfPerson(tx, by.orgId, personId, domainIds);
      return { result: domains, subject: { person: personId }, detail: { domains } };
    });
  }

  /**
   * Puts a conversation, with all that was written in it, into another domain.
   * @throws AUTH_FORBIDDEN, CHAT_NOT_FOUND, CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_REFUSED when a member must not be there
   */
  async move(by: Principal, conversationId: string, domainId: string | null): Promise<Domain> {
    assertAdministrator(by);
    const { database, records, guard, audit, moved } = this.#deps;
    const { orgId } = by;
    const { defaultDomain } = await records.map(orgId);
    const outcome = await database.transaction(
      async (tx): Promise<{ domain: Domain; changed: boolean } | { refusal: Refusal; conversation: ConversationFace }> => {
        const [row] = await tx.query<ConversationRow>(
          'select kind, title, domain_id from conversations where org_id = $1 and id = $2 for update',
          [orgId, conversationId],
        );
        if (!row) throw new CausewayError('CHAT_NOT_FOUND');
        const domain = await records.domain(tx, orgId, domainId ?? defaultDomain.id);
        const before = await records.domain(tx, orgId, row.domain_id ?? defaultDomain.id);
        if (domain.id === before.id) return { domain, changed: false };
        const members = await tx.query<{ person_id: string }>(
          'select person_id from conversation_members where org_id = $1 and conversation_id = $2',
          [orgId, conversationId],
        );
        const conversation = { orgId, id: conversationId, kind: row.kind, title: row.title, domainId: domain.id };
        const refusal = await guard.refusalOfMembers(
          conversation,
          members.map(({ person_id }) => person_id),
          tx,
        );
        if (refusal) return { refusal, conversation };
        await tx.query('update conversations set domain_id = $3 where org_id = $1 and id = $2', [orgId, conversationId, domain.id]);
        await audit.record(tx, {
          orgId,
          actor: { id: by.personId, name: by.name },
          action: 'chat.conversation-moved',
          subject: { conversation: conversationId },
          detail: { from: before.name, to: domain.name },
        });
        return { domain, changed: true };
      },
    );
    if ('refusal' in outcome) return guard.refuse(by, outcome.conversation, outcome.refusal);
    if (outcome.changed) await moved(by, { orgId, conversationId }, outcome.domain.name);
    return outcome.domain;
  }

  async #administer<Result>(
    by: Principal,
    action: string,
    act: (tx: Query) => Promise<{ result: Result; subject: Record<string, string>; detail: Record<string, unknown> }>,
  ): Promise<Result> {
    assertAdministrator(by);
    const { database, audit, records } = this.#deps;
    await records.defaultDomain(by.orgId);
    return database.transaction(async (tx) => {
      const { result, subject, detail } = await act(tx);
      await audit.record(tx, { orgId: by.orgId, actor: { id: by.personId, name: by.name }, action, subject, detail });
      return result;
    });
  }
}

/** @throws AUTH_FORBIDDEN */
export function assertAdministrator({ role }: Principal): void {
  if (role !== 'owner' && role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
}

function readRule({ name, from, to, what, allow }: Omit<Rule, 'id'>): DomainRule {
  return { name, from: from === '*' ? null : from, to: to === '*' ? null : to, what: what === '*' ? null : what, allow };
}

function presentRule({ id, name, from, to, what, allow }: DomainRule & { id: string }): Rule {
  return { id, name, from: from ?? '*', to: to ?? '*', what: what ?? '*', allow };
}
