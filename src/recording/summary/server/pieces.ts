/** Divides a long transcript, so that each piece fits into one request. */
import type { MeetingLine } from '../meeting-text.js';

/**
 * An estimate on the safe side: tokenizers differ, and the settings name no one. Common ones take one or two
 * tokens for a Chinese character and about four letters for one.
 */
export function tokensOf(text: string): number {
  const han = text.match(/[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{3ffff}]/gu)?.length ?? 0;
  return Math.ceil(han * 1.3 + (text.length - han) / 3);
}

/** What is read again from the piece before: a request and its answer must not be torn apart. */
const sharedLines = 4;

/** Consecutive lines of at most so many tokens, at least one line each. A line that is too long alone is cut by whoever shows it. */
export function piecesOf(lines: readonly MeetingLine[], tokens: number, show: (line: MeetingLine) => string): MeetingLine[][] {
  const pieces: MeetingLine[][] = [];
  let piece: MeetingLine[] = [];
  let weight = 0;
  for (const line of lines) {
    const more = tokensOf(show(line));
    if (piece.length > 0 && weight + more > tokens) {
      pieces.push(piece);
      const shared = piece.slice(-sharedLines);
      const again = shared.reduce((sum, one) => sum + tokensOf(show(one)), 0);
      const fits = again + more <= tokens / 2;
      piece = fits ? shared : [];
      weight = fits ? again : 0;
    }
    piece.push(line);
    weight += more;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}
