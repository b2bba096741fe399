/** What a rule would find in a sample, by the server's own detectors and the engine that it uses. Nothing leaves the page. Loaded when it is needed. */
import { detectors } from '@server/chat/dlp/detectors/detectors';
import { fold } from '@server/chat/dlp/fold';
import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { Detector, PatternDraft } from './rule-draft';

export interface SampleFind {
  readonly what: string;
  readonly texts: readonly string[];
}

export interface SampleResult {
  readonly found: readonly SampleFind[];
  /** Patterns that are not valid, by their key, with what the engine says of them. */
  readonly wrong: ReadonlyMap<number, string>;
}

const mostShown = 20;

export function trySample(sample: string, names: readonly Detector[], patterns: readonly PatternDraft[]): SampleResult {
  const text = fold(sample);
  const found: SampleFind[] = [];
  const wrong = new Map<number, string>();
  const add = (what: string, texts: readonly string[]): void => {
    if (texts.length > 0) found.push({ what, texts: [...new Set(texts)].slice(0, mostShown) });
  };
  for (const name of names) {
    const { what, find } = detectors[name];
    add(
      what,
      find(text).map(({ start, end }) => text.slice(start, end)),
    );
  }
  for (const { key, name, pattern, caseSensitive } of patterns) {
    if (pattern === '') continue;
    try {
      const engine = RE2JS.compile(pattern, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
      const matcher = engine.matcher(text);
      const texts: string[] = [];
      while (texts.length < mostShown && matcher.find()) texts.push(matcher.group() ?? '');
      add(
        name || pattern,
        texts.filter((one) => one !== ''),
      );
    } catch (error) {
      if (!(error instanceof RE2JSSyntaxException)) throw error;
      wrong.set(key, error.message.replace(/^error parsing regexp: /, ''));
    }
  }
  return { found, wrong };
}
