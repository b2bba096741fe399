/** An organisation's own pattern, on an engine that takes time in proportion to the text whatever the pattern (RE2). */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { CausewayError } from '../../platform/errors.js';
import type { Match } from './detectors/match.js';
import type { DlpPattern } from './schema.js';

/**
 * Instructions of a compiled pattern. The engine's time is the text's length times this at worst: 0.35 s for
 * 8,000 characters written against 600 of them, where usual texts take microseconds. A list of a hundred words has 600.
 */
export const maxInstructions = 1_200;

export interface CompiledPattern {
  readonly name: string;
  /** Instructions. */
  readonly size: number;
  /**
   * Occurrences, no more than `atMost`: to find each, the rest of the text may be read once more. Before
   * each reading `inTime` may throw.
   */
  find(text: string, atMost: number, inTime: () => void): Match[];
}

/** @throws DLP_PATTERN_INVALID, DLP_PATTERN_UNSUPPORTED, DLP_PATTERN_TOO_LARGE, DLP_PATTERN_EMPTY */
export function compilePattern({ name, pattern, caseSensitive }: DlpPattern): CompiledPattern {
  const engine = compile(name, pattern, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  if (engine.programSize() > maxInstructions) throw new CausewayError('DLP_PATTERN_TOO_LARGE', { field: 'patterns', fill: { name } });
  // It would be found in every message.
  if (engine.test('')) throw new CausewayError('DLP_PATTERN_EMPTY', { field: 'patterns', fill: { name } });
  return {
    name,
    size: engine.programSize(),
    find: (text, atMost, inTime) => {
      inTime();
      // Whether there is one at all is answered by the faster of the two engines.
      if (!engine.test(text)) return [];
      const matches: Match[] = [];
      const matcher = engine.matcher(text);
      while (matches.length < atMost) {
        inTime();
        if (!matcher.find()) break;
        matches.push({ value: matcher.group() ?? '', start: matcher.start(), end: matcher.end() });
      }
      return matches;
    },
  };
}

/**
 * Whether a text may have one of several patterns in it, in one reading: nearly always it has none. Patterns
 * that can't be written into one (a name that two of their groups have) are always taken to be there.
 */
export function compileAny(patterns: readonly DlpPattern[]): (text: string) => boolean {
  // A quotation runs to the end of its pattern, and in a longer one beyond it.
  if (patterns.some(({ pattern }) => pattern.includes('\\Q'))) return () => true;
  try {
    const engine = RE2JS.compile(patterns.map(({ pattern, caseSensitive }) => `(?${caseSensitive ? '' : 'i'}:${pattern})`).join('|'));
    return (text) => engine.test(text);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return () => true;
  }
}

function compile(name: string, pattern: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(pattern, flags);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    // Other engines take these by trying again and again, which a text can be written for to last for ever.
    if (/\(\?<?[=!]|\\[1-9]|\\k<|\(\?>|[*+?}]\+/.test(pattern))
      throw new CausewayError('DLP_PATTERN_UNSUPPORTED', { field: 'patterns', fill: { name }, cause: error });
    throw new CausewayError('DLP_PATTERN_INVALID', {
      field: 'patterns',
      fill: { name, detail: error.message.replace(/^error parsing regexp: /, '') },
      cause: error,
    });
  }
}
