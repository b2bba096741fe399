/** What was said, as captions have it: the last lines, in the order in which they came. */
import type { causeway } from '#proto';
import { Store } from './store';

export interface CaptionEntry {
  readonly id: string;
  readonly participantId: string;
  readonly personId: string;
  readonly name: string;
  readonly text: string;
  readonly final: boolean;
  /** BCP 47. */
  readonly language: string;
  /** Milliseconds since 1970. */
  readonly beginMs: number;
  /** So many UTF-16 units of the text will not change any more. */
  readonly stable: number;
  /** By language of the reader. */
  readonly translations: Readonly<Record<string, string>>;
  /** By the clock of this page: when its words were last others. */
  readonly changedAt: number;
}

export interface CaptionLogState {
  readonly lines: readonly CaptionEntry[];
}

const keptAtMost = 500;
/** An engine that was ended leaves lines that nobody finishes. */
const unfinishedMs = 30_000;

export class CaptionLog extends Store<CaptionLogState> {
  constructor() {
    super({ lines: [] });
  }

  add(line: causeway.CaptionLine.$Properties, now: number): void {
    this.update({ lines: withLine(this.get().lines, line, now) });
  }
}

/** The list with a line that came. Pure. */
export function withLine(lines: readonly CaptionEntry[], line: causeway.CaptionLine.$Properties, now: number): readonly CaptionEntry[] {
  const { id, text } = line;
  if (!id) return lines;
  const at = lines.findIndex((entry) => entry.id === id);
  const before = lines[at];
  // What was under way when the final line was sent comes after it.
  if (before?.final && !line.final) return lines;
  const entry: CaptionEntry = {
    id,
    participantId: line.participantId ?? '',
    personId: line.personId ?? '',
    name: line.name ?? '',
    text: text ?? '',
    final: line.final ?? false,
    language: line.language ?? '',
    beginMs: line.beginMs ?? 0,
    stable: line.final ? (text ?? '').length : (line.stable ?? 0),
    translations: line.translations ?? {},
    // A final line comes once more when it has been translated: that is no news of what was said.
    changedAt: before?.final || before?.text === text ? (before?.changedAt ?? now) : now,
  };
  if (before) return entry.text === '' ? lines.toSpliced(at, 1) : lines.with(at, entry);
  if (entry.text === '') return lines;
  const others = lines.filter((other) => other.final || now - other.changedAt < unfinishedMs);
  return [...others, entry].slice(-keptAtMost);
}
