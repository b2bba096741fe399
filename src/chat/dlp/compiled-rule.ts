/** A rule that is ready to look at messages. */
import type { ConversationFace } from '../ports.js';
import type { Content, Seen } from './content.js';
import { detectors } from './detectors/detectors.js';
import { listedType } from './file-type.js';
import { mask } from './mask.js';
import { type CompiledPattern, compileAny, compilePattern } from './pattern.js';
import type { DlpFound, DlpRuleBody } from './schema.js';

export interface FoundWithExcerpt extends DlpFound {
  readonly excerpt: string;
}

export class CompiledRule {
  readonly #rule: DlpRuleBody;
  readonly #patterns: readonly CompiledPattern[];
  readonly #mayMatch: (text: string) => boolean;
  readonly #domains: ReadonlySet<string>;
  readonly #kinds: ReadonlySet<string>;

  /** @throws DLP_PATTERN_INVALID, DLP_PATTERN_UNSUPPORTED, DLP_PATTERN_TOO_LARGE, DLP_PATTERN_EMPTY */
  constructor(rule: DlpRuleBody) {
    this.#rule = rule;
    this.#patterns = rule.patterns.map(compilePattern);
    this.#mayMatch = rule.patterns.length > 1 ? compileAny(rule.patterns) : () => true;
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

  /** What was found, empty when it is less than the rule minds. */
  find(content: Content): FoundWithExcerpt[] {
    const found = this.findAny(content);
    return found.reduce((total, { count }) => total + count, 0) >= this.#rule.minimum ? found : [];
  }

  /** What was found, however little. */
  findAny(content: Content): FoundWithExcerpt[] {
    const { detectors: names, fileTypes, minimum } = this.#rule;
    const found: FoundWithExcerpt[] = [];
    const add = (detector: string, what: string, { text, matches }: Seen) => {
      const [first] = matches;
      if (first) found.push({ detector, what, count: matches.length, excerpt: mask(text.slice(first.start, first.end)) });
    };
    for (const name of names) add(name, detectors[name].what, content.detect(name));
    if (this.#patterns.length > 0 && content.some(this.#mayMatch))
      for (const pattern of this.#patterns) add('pattern', pattern.name, content.match(pattern, minimum));
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
