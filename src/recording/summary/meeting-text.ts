/** What an engine gets to read, and what it gives. No engine knows the database. */
import type { RecordedAgenda } from '../agenda.js';
import type { TranscriptLine } from '../recording.js';
import type { Content, FallBack, Origin, Sentence } from './schema.js';

export interface MeetingPerson {
  readonly id: string;
  readonly name: string;
  /** What people also call him, such as the first half of his e-mail address. */
  readonly aliases: readonly string[];
}

export interface MeetingLine extends Omit<TranscriptLine, 'engine' | 'editedBy'> {
  readonly origin: Exclude<Origin, 'person'>;
}

export interface MeetingText {
  readonly title: string;
  readonly startedAt: Date;
  /** IANA: what "tomorrow" and "Friday" are. */
  readonly timeZone: string;
  readonly people: readonly MeetingPerson[];
  /** By when they begin. */
  readonly lines: readonly MeetingLine[];
  /** What was planned, and what of it was talked about when. Absent: there was none. */
  readonly agenda?: RecordedAgenda;
}

export interface FoundAction {
  readonly what: string;
  readonly assigneeId: string | null;
  readonly dueOn: string | null;
  readonly dueText: string | null;
  readonly said: Sentence;
}

export interface Draft {
  readonly engine: 'offline' | 'server';
  readonly model: string | null;
  readonly fellBack: FallBack | null;
  readonly language: string;
  readonly content: Content;
  readonly actions: readonly FoundAction[];
}

export interface SummaryEngine {
  /** @throws what `signal` was aborted with */
  summarize(meeting: MeetingText, work: { readonly signal: AbortSignal; progress(ratio: number): void }): Promise<Draft>;
}

/** The language that most of it was said in. */
export function languageOf(lines: readonly MeetingLine[]): string {
  const weights = new Map<string, number>();
  for (const { language, text } of lines) weights.set(language, (weights.get(language) ?? 0) + text.length);
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'en';
}
