/** Lines cut into what fits on a screen, for files of captions. Times within a line go by the letters. */
import type { TranscriptLine } from '../../recording.js';

export interface Cue {
  readonly beginMs: number;
  readonly endMs: number;
  readonly speaker: string;
  readonly text: string;
}

/** Two lines of 42 Latin letters, or of 18 Han characters, each as wide as two. */
const widest = 84;
const shortestMs = 500;

export function cuesOf(lines: readonly TranscriptLine[]): Cue[] {
  return lines.flatMap(({ beginMs, endMs, speaker, text }) => {
    const parts = split(text);
    const whole = parts.reduce((sum, part) => sum + width(part), 0) || 1;
    const length = Math.max(endMs - beginMs, shortestMs);
    let before = 0;
    return parts.map((part) => {
      const from = beginMs + (length * before) / whole;
      before += width(part);
      return { beginMs: Math.round(from), endMs: Math.round(beginMs + (length * before) / whole), speaker, text: part };
    });
  });
}

/** At spaces; Han where it stands, but no mark begins a part. */
function split(text: string): string[] {
  const pieces = text.match(/\s*(?:[\p{Script=Han}][\p{P}]*|[^\s\p{Script=Han}]+)/gu) ?? [];
  const parts: string[] = [];
  let part = '';
  for (const piece of pieces) {
    if (part !== '' && width(part) + width(piece) > widest) {
      parts.push(part.trim());
      part = '';
    }
    part += piece;
  }
  if (part.trim() !== '') parts.push(part.trim());
  return parts;
}

function width(text: string): number {
  let sum = 0;
  for (const sign of text) sum += /[\p{Script=Han}\u3000-\u303f\uff00-\uff60]/u.test(sign) ? 2.3 : 1;
  return sum;
}

/** `01:02:03.004`; SRT has a comma. */
export function timeOf(ms: number, separator: '.' | ','): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}${separator}${String(ms % 1_000).padStart(3, '0')}`;
}
