/** Looks at what is about to be kept, asks or refuses, and writes down what came of it. */
import type { Audit } from '../../platform/audit.js';
import { CausewayError } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import type { ConversationFace, Guard, Intended } from '../ports.js';
import { summary } from './compiled-rule.js';
import { Content } from './content.js';
import type { FoundWithExcerpt } from './found.js';
import type { PatternReader } from './pattern-reader.js';
import type { ActiveRule, RuleCache } from './rule-cache.js';
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
  readonly reader: Pick<PatternReader, 'read'>;
  readonly audit: Audit;
  readonly log: Log;
  /** Tells admins. Called for rules that notify. */
  readonly onMatch: (match: DlpMatch) => void;
}

interface Hit extends ActiveRule {
  readonly found: readonly FoundWithExcerpt[];
}

/** What rules look at, and where. */
type Written = Pick<Intended, 'text' | 'attachments' | 'conversation'>;

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

  /** @throws CHAT_DLP_BLOCKED, CHAT_DLP_UNREAD, CHAT_DLP_REASON, CHAT_DLP_WARNED, DLP_REASON_CONTENT, REQUEST_INVALID, REQUEST_RATE */
  async check(intended: Intended): Promise<void> {
    const { principal, conversation } = intended;
    const rules = await this.#rulesFor(conversation);
    if (rules.length === 0) return;
    const hits = await this.#hits(rules, intended, principal.personId);
    const blocking = hits.filter(({ rule }) => rule.action === 'block');
    if (blocking[0]) {
      for (const hit of blocking) await this.#writeDown(intended, hit);
      throw refusal('CHAT_DLP_BLOCKED', blocking[0]);
    }
    const reason = intended.reason.replaceAll('\0', '').trim();
    // Looked at although nobody may ask for it: it is kept with what is uploaded, and with what waits for its time.
    if (reason !== '') await this.#checkReason(reason, rules, hits, intended);
    // A file that is uploaded is looked at once more when it is sent, and only then can somebody answer. About a title nobody is asked.
    if (intended.purpose === 'upload' || intended.purpose === 'title') return;
    mustBeAnswered(intended.acknowledged, reason, hits);
    for (const hit of hits) await this.#writeDown(intended, hit, hit.rule.action === 'reason' ? reason : null);
  }

  /** Why it could not be sent whatever somebody answers; null: it could. Nothing is written down: nobody has sent it. */
  async refusal(conversation: ConversationFace, text: string): Promise<CausewayError | null> {
    const blocking = (await this.#rulesFor(conversation)).filter(({ rule }) => rule.action === 'block');
    if (blocking.length === 0) return null;
    try {
      const [hit] = await this.#hits(blocking, { text, attachments: [], conversation }, conversation.id);
      return hit ? refusal('CHAT_DLP_BLOCKED', hit) : null;
    } catch (error) {
      if (error instanceof CausewayError) return error;
      throw error;
    }
  }

  async #rulesFor(conversation: ConversationFace): Promise<readonly ActiveRule[]> {
    const { rules, defaultDomain } = await this.#deps.cache.get(conversation.orgId);
    return rules.filter(({ compiled }) => compiled.covers(conversation, defaultDomain));
  }

  /** `by`: whose turn it is where texts wait. @throws CHAT_DLP_UNREAD, REQUEST_RATE */
  async #hits(rules: readonly ActiveRule[], { text, attachments }: Written, by: string): Promise<Hit[]> {
    const content = new Content(text, attachments);
    const ofPatterns = await this.#ofPatterns(rules, content, by);
    return rules.flatMap((active) => {
      const found = active.compiled.find(content, ofPatterns.get(active) ?? []);
      return found.length > 0 ? [{ ...active, found }] : [];
    });
  }

  /** @throws CHAT_DLP_UNREAD, REQUEST_RATE */
  async #ofPatterns(
    rules: readonly ActiveRule[],
    content: Content,
    by: string,
  ): Promise<ReadonlyMap<ActiveRule, readonly FoundWithExcerpt[]>> {
    const having = rules.flatMap((active) => (active.compiled.patterns ? [{ active, patterns: active.compiled.patterns }] : []));
    if (having.length === 0) return new Map();
    const reading = await this.#deps.reader.read(
      having.map(({ patterns }) => patterns),
      content.views,
      by,
    );
    if (reading.found) return new Map(having.map(({ active }, index) => [active, reading.found[index] ?? []]));
    const { id, name } = having[reading.overdue]?.active.rule ?? { id: '', name: '' };
    this.#deps.log.warn({ rule: id, characters: content.views[0]?.length }, 'dlp: a text took too long to read and was refused');
    throw new CausewayError('CHAT_DLP_UNREAD', { fill: { rule: name } });
  }

  /**
   * The reason is kept in the audit log, the content never is: not what the rules found, and not what
   * other rules would not let pass.
   *
   * @throws DLP_REASON_CONTENT, REQUEST_INVALID
   */
  async #checkReason(reason: string, rules: readonly ActiveRule[], hits: readonly Hit[], { principal }: Intended): Promise<void> {
    if ([...reason].length > reasonCharacters.max)
      throw new CausewayError('REQUEST_INVALID', {
        field: 'reason',
        fill: { detail: `reason: at most ${reasonCharacters.max} characters` },
      });
    const content = new Content(reason, []);
    const ofPatterns = await this.#ofPatterns(rules, content, principal.personId);
    const hit = new Set(hits.map(({ rule }) => rule));
    const repeated = rules.find((active) => {
      const { compiled, rule } = active;
      const found = ofPatterns.get(active) ?? [];
      if (hit.has(rule)) return compiled.findAny(content, found).length > 0;
      return rule.action !== 'notify' && compiled.find(content, found).length > 0;
    });
    if (repeated) throw new CausewayError('DLP_REASON_CONTENT', { field: 'reason', fill: { rule: repeated.rule.name } });
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

/** @throws CHAT_DLP_REASON, CHAT_DLP_WARNED when something is left to ask */
function mustBeAnswered(acknowledged: boolean, reason: string, hits: readonly Hit[]): void {
  const asking = hits.find(({ rule }) => rule.action === 'reason');
  const warning = hits.find(({ rule }) => rule.action === 'warn');
  // Who has said why has read the warning of another rule too.
  if (asking && [...reason].length < reasonCharacters.min) throw refusal('CHAT_DLP_REASON', asking);
  if (!asking && warning && !acknowledged) throw refusal('CHAT_DLP_WARNED', warning);
}

function refusal(code: 'CHAT_DLP_BLOCKED' | 'CHAT_DLP_REASON' | 'CHAT_DLP_WARNED', { rule, found }: Hit): CausewayError {
  return new CausewayError(code, { fill: { rule: rule.name, what: summary(found) } });
}
