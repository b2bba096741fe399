/** A rule that is ready to look at messages. */
import type { ConversationFace } from '../ports.js';
import type { Content } from './content.js';
import { detectors } from './detectors/detectors.js';
import { listedType } from './file-type.js';
import { type FoundWithExcerpt, toFound } from './found.js';
import { mask } from './mask.js';
import { PatternSet } from './pattern-set.js';
import type { DlpFound, DlpRuleBody } from './schema.js';

export class CompiledRule {
  /** Its own patterns. What they find is asked of them apart, because it may take time. Null: it has none. */
  readonly patterns: PatternSet | null;
  readonly #rule: DlpRuleBody;
  readonly #domains: ReadonlySet<string>;
  readonly #kinds: ReadonlySet<string>;

  /** @throws DLP_PATTERN_INVALID, DLP_PATTERN_UNSUPPORTED, DLP_PATTERN_TOO_LARGE, DLP_PATTERN_EMPTY */
  constructor(rule: DlpRuleBody) {
    this.#rule = rule;
    this.patterns = rule.patterns.length > 0 ? new PatternSet(rule.patterns, rule.minimum) : null;
    this.#domains = new Set(rule.scope.domains);
    this.#kinds = new Set(rule.scope.kinds);
  }

  /** `defaultDomain`: that of conversations without one. */
  covers({ domainId, kind }: Pick<ConversationFace, 'domainId' | 'kind'>, defaultDomain: string | null): boolean {
    const domain = domainId ?? defaultDomain;
    return (
      (this.#domains.size === 0 || (domain !== null && this.#domains.has(domain))) && (this.#kinds.size === 0 || this.#kinds.has(kind))
    );
  }

  /** What was found, empty when it is less than the rule minds. `ofPatterns`: what its patterns found. */
  find(content: Content, ofPatterns: readonly FoundWithExcerpt[]): FoundWithExcerpt[] {
    const found = this.findAny(content, ofPatterns);
    return found.reduce((total, { count }) => total + count, 0) >= this.#rule.minimum ? found : [];
  }

  /** What was found, however little. */
  findAny(content: Content, ofPatterns: readonly FoundWithExcerpt[]): FoundWithExcerpt[] {
    const { detectors: names, fileTypes } = this.#rule;
    const found: FoundWithExcerpt[] = [];
    for (const name of names) found.push(...toFound(name, detectors[name].what, content.detect(name)));
    found.push(...ofPatterns);
    if (fileTypes.length > 0) {
      for (const file of content.attachments) {
        const type = listedType(fileTypes, file);
        if (type !== null)
          found.push({ detector: 'file', what: type.includes('/') ? type : `.${type}`, count: 1, excerpt: mask(file.name) });
      }
    }
    return found;
  }
}

/** "HKID (1), CARD (2)": says what was found in every language, and nothing of its content. */
export function summary(found: readonly DlpFound[]): string {
  const counts = new Map<string, number>();
  for (const { what, count } of found) counts.set(what, (counts.get(what) ?? 0) + count);
  return [...counts].map(([what, count]) => `${what} (${count})`).join(', ');
}
