/** Lines of one speaker, one after the other, under one name. */
import type { CaptionLine } from '../player/captions';

export type ShownLine = CaptionLine & { readonly personId?: string; readonly editedBy?: string | null };

export interface Turn<Line> {
  readonly key: string;
  readonly personId: string;
  readonly speaker: string;
  readonly beginMs: number;
  readonly lines: readonly Line[];
}

/** After a silence as long as this the name stands there again. */
const silenceMs = 30_000;

export function turnsOf<Line extends CaptionLine & { readonly personId?: string }>(lines: readonly Line[]): Turn<Line>[] {
  const turns: { key: string; personId: string; speaker: string; beginMs: number; lines: Line[] }[] = [];
  for (const line of lines) {
    const last = turns.at(-1);
    const before = last?.lines.at(-1);
    const personId = line.personId ?? line.speaker;
    if (last && before && last.personId === personId && line.beginMs - before.endMs < silenceMs) last.lines.push(line);
    else turns.push({ key: line.id, personId, speaker: line.speaker, beginMs: line.beginMs, lines: [line] });
  }
  return turns;
}

/** The line that is being said, or was last: -1 before the first. Lines stand by when they begin. */
export function lineAt(lines: readonly Pick<CaptionLine, 'beginMs'>[], atMs: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.beginMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
