/** An organisation's own pattern, on an engine that takes time in proportion to the text whatever the pattern (RE2). */
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { CausewayError } from '../../platform/errors.js';
import type { Match } from './detectors/match.js';
import type { DlpPattern } from './schema.js';

/**
 * Instructions of a compiled pattern. The engine's time is the text's length times this at worst: 25 ms for
 * 8,000 characters written against it, where usual texts take microseconds. A list of a hundred words has 600.
 */
const maxInstructions = 1_200;

export interface CompiledPattern {
  readonly name: string;
  /** Occurrences, no more than `atMost`: to find each, the rest of the text may be read once more. */
  find(text: string, atMost: number): Match[];
}

/** @throws DLP_PATTERN_INVALID, DLP_PATTERN_UNSUPPORTED, DLP_PATTERN_TOO_LARGE, DLP_PATTERN_EMPTY */
export function compilePattern({ name, pattern, caseSensitive }: DlpPattern): CompiledPattern {
  const engine = compile(name, pattern, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  if (engine.programSize() > maxInstructions) throw new CausewayError('DLP_PATTERN_TOO_LARGE', { field: 'patterns', fill: { name } });
  // It would be found in every message.
  if (engine.test('')) throw new CausewayError('DLP_PATTERN_EMPTY', { field: 'patterns', fill: { name } });
  return {
    name,
    find: (text, atMost) => {
      // Whether there is one at all is answered by the faster of the two engines.
      if (!engine.test(text)) return [];
      const matches: Match[] = [];
      const matcher = engine.matcher(text);
      while (matches.length < atMost && matcher.find())
        matches.push({ value: matcher.group() ?? '', start: matcher.start(), end: matcher.end() });
      return matches;
    },
  };
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
