/** A summary while somebody edits it. */
import type { Summary, SummaryInput } from '@/api';

export interface DraftLine {
  /** Of the line on the page. */
  readonly key: string;
  readonly text: string;
  readonly lineId: string | null;
  readonly atMs: number;
}

export interface DraftTopic {
  readonly key: string;
  readonly title: string;
  readonly beginMs: number;
  readonly endMs: number;
  readonly sentences: readonly DraftLine[];
}

export interface Draft {
  readonly overview: readonly DraftLine[];
  readonly topics: readonly DraftTopic[];
  readonly decisions: readonly DraftLine[];
  readonly questions: readonly DraftLine[];
}

type Content = Summary['content'];

export function draftOf({ overview, topics, decisions, questions }: Content): Draft {
  return {
    overview: linesOf(overview),
    decisions: linesOf(decisions),
    questions: linesOf(questions),
    topics: topics.map(({ title, beginMs, endMs, sentences }, at) => ({
      key: String(at),
      title,
      beginMs,
      endMs,
      sentences: linesOf(sentences),
    })),
  };
}

/** What was emptied is taken out; a topic without a title is none, and one without sentences stays as a chapter. */
export function bodyOf({ overview, topics, decisions, questions }: Draft, number: number): SummaryInput {
  return {
    number,
    overview: written(overview),
    decisions: written(decisions),
    questions: written(questions),
    topics: topics
      .filter(({ title }) => title.trim() !== '')
      .map(({ title, beginMs, endMs, sentences }) => ({ title: title.trim(), beginMs, endMs, sentences: written(sentences) })),
  };
}

function linesOf(sentences: Content['overview']): DraftLine[] {
  return sentences.map(({ text, lineId, atMs }, at) => ({ key: String(at), text, lineId, atMs }));
}

function written(lines: readonly DraftLine[]) {
  return lines.filter(({ text }) => text.trim() !== '').map(({ text, lineId, atMs }) => ({ text: text.trim(), lineId, atMs }));
}
