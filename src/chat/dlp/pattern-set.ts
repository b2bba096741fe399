/** The patterns of one rule, read together. */
import { best, type FoundWithExcerpt, toFound } from './found.js';
import { type CompiledPattern, compileAny, compilePattern, maxInstructions } from './pattern.js';
import type { DlpPattern } from './schema.js';

export class PatternSet {
  /** What it was made of: another thread makes its own of it. */
  readonly source: readonly DlpPattern[];
  /** Occurrences of one pattern that are counted. */
  readonly atMost: number;
  /** Instructions of all patterns. */
  readonly size: number;
  readonly #patterns: readonly CompiledPattern[];
  readonly #mayMatch: (text: string) => boolean;

  /** @throws DLP_PATTERN_INVALID, DLP_PATTERN_UNSUPPORTED, DLP_PATTERN_TOO_LARGE, DLP_PATTERN_EMPTY */
  constructor(source: readonly DlpPattern[], atMost: number) {
    this.source = source;
    this.atMost = atMost;
    this.#patterns = source.map(compilePattern);
    this.size = this.#patterns.reduce((sum, { size }) => sum + size, 0);
    // Larger ones would be read in one go for longer than one pattern may take.
    this.#mayMatch = source.length > 1 && this.size <= maxInstructions ? compileAny(source) : () => true;
  }

  /** Before each reading of a text `inTime` may throw. */
  find(views: readonly string[], inTime: () => void): FoundWithExcerpt[] {
    inTime();
    if (!views.some(this.#mayMatch)) return [];
    return this.#patterns.flatMap((pattern) =>
      toFound(
        'pattern',
        pattern.name,
        best(views, (view) => pattern.find(view, this.atMost, inTime)),
      ),
    );
  }
}
