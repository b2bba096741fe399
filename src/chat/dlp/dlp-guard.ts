/** Looks at what is about to be kept, asks or refuses, and writes down what came of it. */
import type { Audit } from '../../platform/audit.js';
import { CausewayError } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import type { ConversationFace, Guard, Intended } from '../ports.js';
import { type FoundWithExcerpt, summary } from './compiled-rule.js';
import { Content } from './content.js';
import type { ActiveRule, ActiveRules, RuleCache } from './rule-cache.js';
import type { DlpFound, DlpRule } from './schema.js';

/** A match that had a consequence, without what was written. */
export interface DlpMatch {
  readonly outcome: Outcome;
  readonly rule: Pick<DlpRule, 'id' | 'name' | 'action'>;
  readonly by: Pick<Principal, 'orgId' | 'personId' | 'name'>;
  readonly conversation: ConversationFace;
  readonly purpose: Intended['purpose'];
  readonly found: readonly DlpFound[];
}

/** blocked; sent in spite of a warning; sent with a reason; sent, and admins are told. */
export type Outcome = 'blocked' | 'warned' | 'reason' | 'noticed';

export interface DlpGuardDeps {
  readonly cache: RuleCache;
  readonly audit: Audit;
  readonly log: Log;
  /** Tells admins. Called for rules that notify. */
  readonly onMatch: (match: DlpMatch) => void;
}

interface Hit extends ActiveRule {
  readonly found: readonly FoundWithExcerpt[];
}

const outcomes = { block: 'blocked', warn: 'warned', reason: 'reason', notify: 'noticed' } as const satisfies Record<
  DlpRule['action'],
  Outcome
>;
const reasonCharacters = { min: 3, max: 500 };

export class DlpGuard implements Guard {
  readonly #deps: DlpGuardDeps;

  constructor(deps: DlpGuardDeps) {
    this.#deps = deps;
  }

  /** @throws CHAT_DLP_BLOCKED, CHAT_DLP_REASON, CHAT_DLP_WARNED, DLP_REASON_CONTENT, REQUEST_INVALID */
  async check(intended: Intended): Promise<void> {
    const active = await this.#deps.cache.get(intended.conversation.orgId);
    const hits = active.rules.length === 0 ? [] : hitsOf(active, intended);
    if (hits.length === 0) return;
    const blocking = hits.filter(({ rule }) => rule.action === 'block');
    if (blocking[0]) {
      for (const hit of blocking) await this.#writeDown(intended, hit);
      throw refusal('CHAT_DLP_BLOCKED', blocking[0]);
    }
    // A file that is uploaded is looked at once more when it is sent, and only then can somebody answer. About a title nobody is asked.
    if (intended.purpose === 'upload' || intended.purpose === 'title') return;
    const reason = answered(intended, hits);
    for (const hit of hits) await this.#writeDown(intended, hit, hit.rule.action === 'reason' ? reason : null);
  }

  /** Why it could not be sent whatever somebody answers; null: it could. Nothing is written down: nobody has sent it. */
  async refusal(conversation: ConversationFace, text: string): Promise<CausewayError | null> {
    const { rules, defaultDomain } = await this.#deps.cache.get(conversation.orgId);
    const blocking = rules.filter(({ rule }) => rule.action === 'block');
    if (blocking.length === 0) return null;
    const [hit] = hitsOf({ rules: blocking, defaultDomain }, { text, attachments: [], conversation });
    return hit ? refusal('CHAT_DLP_BLOCKED', hit) : null;
  }

  async #writeDown({ principal, conversation, purpose }: Intended, { rule, found }: Hit, reason: string | null = null): Promise<void> {
    const outcome = outcomes[rule.action];
    const counts = found.map(({ detector, what, count }) => ({ detector, what, count }));
    await this.#deps.audit.recordAlone({
      orgId: conversation.orgId,
      actor: { id: principal.personId, name: principal.name },
      action: `chat.dlp-${outcome}`,
      subject: { conversation: conversation.id, rule: rule.id },
      detail: { name: rule.name, purpose, found: counts, ...(reason !== null && { reason }) },
    });
    if (!rule.notify && rule.action !== 'notify') return;
    try {
      this.#deps.onMatch({ outcome, rule, by: principal, conversation, purpose, found: counts });
    } catch (error) {
      this.#deps.log.error({ err: error }, 'dlp: admins could not be told');
    }
  }
}

function hitsOf(
  { rules, defaultDomain }: ActiveRules,
  { text, attachments, conversation }: Pick<Intended, 'text' | 'attachments' | 'conversation'>,
): Hit[] {
  const content = new Content(text, attachments);
  const hits: Hit[] = [];
  for (const active of rules) {
    if (!active.compiled.covers(conversation, defaultDomain)) continue;
    const found = active.compiled.find(content);
    if (found.length > 0) hits.push({ ...active, found });
  }
  return hits;
}

/**
 * What the person answered, when nothing is left to ask.
 *
 * @returns the reason, null where none was wanted.
 * @throws CHAT_DLP_REASON, CHAT_DLP_WARNED, DLP_REASON_CONTENT, REQUEST_INVALID
 */
function answered({ acknowledged, reason: given }: Intended, hits: readonly Hit[]): string | null {
  const asking = hits.filter(({ rule }) => rule.action === 'reason');
  const warning = hits.find(({ rule }) => rule.action === 'warn');
  if (!asking[0]) {
    if (warning && !acknowledged) throw refusal('CHAT_DLP_WARNED', warning);
    return null;
  }
  // Who has said why has read the warning of another rule too.
  const reason = given.replaceAll('\0', '').trim();
  const characters = [...reason].length;
  if (characters < reasonCharacters.min) throw refusal('CHAT_DLP_REASON', asking[0]);
  if (characters > reasonCharacters.max)
    throw new CausewayError('REQUEST_INVALID', { field: 'reason', fill: { detail: `reason: at most ${reasonCharacters.max} characters` } });
  // The reason is kept in the audit log, the content never is.
  const content = new Content(reason, []);
  const repeated = hits.find(({ compiled }) => compiled.findAny(content).length > 0);
  if (repeated) throw new CausewayError('DLP_REASON_CONTENT', { field: 'reason', fill: { rule: repeated.rule.name } });
  return reason;
}

function refusal(code: 'CHAT_DLP_BLOCKED' | 'CHAT_DLP_REASON' | 'CHAT_DLP_WARNED', { rule, found }: Hit): CausewayError {
  return new CausewayError(code, { fill: { rule: rule.name, what: summary(found) } });
}
