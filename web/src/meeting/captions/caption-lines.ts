/** Which lines stand on the stage, and how. Pure. */
import type { CaptionEntry } from '@/core';

/** More are not read while somebody speaks. */
const shownAtMost = 3;
const readMs = 4_000;
const perCharacterMs = 60;
/** An engine may be slow to finish a line; one that nobody finishes goes away. */
const unfinishedMs = 12_000;

/** Those that are read now, in the order in which they came, so that none takes the place of another. */
export function linesNow(lines: readonly CaptionEntry[], now: number): readonly CaptionEntry[] {
  return lines
    .slice(-2 * shownAtMost)
    .filter((line) => now < endOf(line))
    .slice(-shownAtMost);
}

/** When the next of them goes; null: none is there. */
export function nextEnd(lines: readonly CaptionEntry[]): number | null {
  return lines.length === 0 ? null : Math.min(...lines.map(endOf));
}

function endOf({ changedAt, final, text }: CaptionEntry): number {
  return changedAt + (final ? readMs + perCharacterMs * text.length : unfinishedMs);
}

/** What will stay as it is, and what may still become something else. */
export function splitStable(text: string, stable: number): readonly [string, string] {
  let at = Math.max(0, Math.min(stable, text.length));
  // Between the halves of one character there is no place to divide.
  if (at > 0 && at < text.length && /[\uD800-\uDBFF]/.test(text.charAt(at - 1))) at -= 1;
  return [text.slice(0, at), text.slice(at)];
}

/** The translation that a reader of the page has use for; null: the line is in his language, or there is none. */
export function translationFor({ language, translations }: CaptionEntry, pageLanguage: string): string | null {
  const spoken = language.split('-')[0];
  const isChinese = spoken === 'zh' || spoken === 'yue' || spoken === 'cmn';
  if (pageLanguage.startsWith('zh') ? isChinese : spoken === pageLanguage) return null;
  return translations[pageLanguage] || null;
}

/** Finished lines by the time at which they were said, which hold the words. */
export function saidLines(lines: readonly CaptionEntry[], query: string): readonly CaptionEntry[] {
  const words = query.trim().toLocaleLowerCase();
  return lines
    .filter(({ final, name, text }) => final && (words === '' || `${name} ${text}`.toLocaleLowerCase().includes(words)))
    .sort((a, b) => a.beginMs - b.beginMs);
}
