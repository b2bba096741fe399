/**
 * Stops what must not cross from one data domain to another: people who become members, messages
 * that are forwarded, files, exports. Each refusal names its rule and is audited.
 *
 * Where things come from and go to:
 * - people: from the person's domains to the conversation's;
 * - forward: from the conversation of the message to the one that it is sent to;
 * - files: as forward, when the message has attachments; an upload goes from the person's domains to
 *   the conversation's;
 * - export: from the conversation's domain to those of who exports.
 */
import type { Audit } from '../../platform/audit.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { ConversationFace, Guard, Intended, MemberGuard } from '../ports.js';
import { type Crossing, type Decision, decideAny, sameDomain } from './crossing.js';
import type { DomainMap, DomainRecords } from './domain-records.js';

export interface DomainGuardDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly records: DomainRecords;
}

/** A crossing that a rule did not let through. */
export interface Refusal {
  readonly what: Crossing;
  /** Names. */
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  /** Of people: whom. */
  readonly personId?: string;
}

export class DomainGuard implements Guard, MemberGuard {
  readonly #deps: DomainGuardDeps;

  constructor(deps: DomainGuardDeps) {
    this.#deps = deps;
  }

  /** @throws CHAT_DOMAIN_REFUSED */
  async check({ purpose, principal, conversation, attachments, forwardedFrom }: Intended): Promise<void> {
    if (purpose === 'upload') {
      const map = await this.#deps.records.map(conversation.orgId);
      const from = await this.#domainsOf(map, conversation.orgId, principal.personId);
      await this.#require(principal, conversation, map, 'files', from, [domainOf(map, conversation)]);
    }
    if (purpose === 'send' && forwardedFrom) {
      const map = await this.#deps.records.map(conversation.orgId);
      const from = [domainOf(map, forwardedFrom)];
      const to = [domainOf(map, conversation)];
      await this.#require(principal, conversation, map, 'forward', from, to);
      if (attachments.length > 0) await this.#require(principal, conversation, map, 'files', from, to);
    }
  }

  /** Guests are no members by somebody's wish: they come by invitation. @throws CHAT_DOMAIN_REFUSED, CHAT_MEMBERS */
  async checkMembers(by: Principal, conversation: ConversationFace, personIds: readonly string[]): Promise<void> {
    const { database } = this.#deps;
    const guests = await database.query<{ name: string }>(
      `select name from people where org_id = $1 and id = any($2) and role = 'guest' order by name limit 3`,
      [conversation.orgId, personIds],
    );
    if (guests.length > 0) throw new CausewayError('CHAT_MEMBERS', { fill: { detail: guests.map(({ name }) => name).join(', ') } });
    const refusal = await this.refusalOfMembers(conversation, personIds);
    if (refusal) await this.refuse(by, conversation, refusal);
  }

  /** A compliance export of the conversation. @throws CHAT_DOMAIN_REFUSED */
  async checkExport(by: Principal, conversation: ConversationFace): Promise<void> {
    const map = await this.#deps.records.map(conversation.orgId);
    const to = await this.#domainsOf(map, conversation.orgId, by.personId);
    await this.#require(by, conversation, map, 'export', [domainOf(map, conversation)], to);
  }

  /** The first of these people who may not be in a conversation of this domain. */
  async refusalOfMembers(
    conversation: ConversationFace,
    personIds: readonly string[],
    tx: Query = this.#deps.database,
  ): Promise<Refusal | null> {
    const { records } = this.#deps;
    const map = await records.map(conversation.orgId, tx);
    const known = await records.ofPeople(conversation.orgId, personIds, tx);
    const to = [domainOf(map, conversation)];
    for (const personId of personIds) {
      const decision = decideAny(map.rules, 'people', known.get(personId) ?? [map.defaultDomain.id], to);
      if (!decision.allow) return { ...named(map, 'people', decision), personId };
    }
    return null;
  }

  /** Writes it down, then @throws CHAT_DOMAIN_REFUSED */
  async refuse(by: Principal, conversation: ConversationFace, { what, rule, from, to, personId }: Refusal): Promise<never> {
    await this.#deps.audit.recordAlone({
      orgId: conversation.orgId,
      actor: { id: by.personId, name: by.name },
      action: 'chat.domain-refused',
      subject: { conversation: conversation.id, ...(personId === undefined ? {} : { person: personId }) },
      detail: { rule, what, from, to },
    });
    throw new CausewayError('CHAT_DOMAIN_REFUSED', { fill: { rule, from, to } });
  }

  async #require(
    by: Principal,
    conversation: ConversationFace,
    map: DomainMap,
    what: Crossing,
    from: readonly string[],
    to: readonly string[],
  ): Promise<void> {
    const decision = decideAny(map.rules, what, from, to);
    if (!decision.allow) await this.refuse(by, conversation, named(map, what, decision));
  }

  async #domainsOf(map: DomainMap, orgId: string, personId: string): Promise<string[]> {
    const known = await this.#deps.records.ofPeople(orgId, [personId]);
    return known.get(personId) ?? [map.defaultDomain.id];
  }
}

/** @throws CHAT_DOMAIN_NOT_FOUND for one of a conversation that is about to be made */
function domainOf(map: DomainMap, { domainId }: ConversationFace): string {
  if (domainId === null) return map.defaultDomain.id;
  const domain = map.domains.find(({ id }) => id === domainId.toLowerCase());
  if (!domain) throw new CausewayError('CHAT_DOMAIN_NOT_FOUND', { field: 'domainId' });
  return domain.id;
}

function named(map: DomainMap, what: Crossing, decision: Decision): Refusal {
  const name = (id: string) => map.domains.find((domain) => domain.id === id)?.name ?? '';
  return { what, rule: decision.rule, from: name(decision.from), to: name(decision.to) };
}

/** A domain that all of these people are in, the default one before others. */
export function sharedDomain(map: DomainMap, domainsOfEach: readonly (readonly string[])[]): string | null {
  const shared = map.domains.filter(({ id }) => domainsOfEach.every((theirs) => decideAny([], 'people', theirs, [id]).rule === sameDomain));
  return shared[0]?.id ?? null;
}
