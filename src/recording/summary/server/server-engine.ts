/** Has summaries written by a language model of the operator; when it fails, by the rules of this program. */
import type { Log } from '../../../platform/log.js';
import { type Draft, languageOf, type MeetingLine, type MeetingText, type SummaryEngine } from '../meeting-text.js';
import { bounds, type Content, type Sentence } from '../schema.js';
import { type Read, readAnswer } from './answer.js';
import type { ModelClient } from './model-client.js';
import { ModelError } from './model-error.js';
import { piecesOf, tokensOf } from './pieces.js';
import { again, promptOf, type References, referencesOf, shownAgenda, shownLine } from './prompt.js';

export interface ServerEngineDeps {
  readonly client: Pick<ModelClient, 'ask' | 'model'>;
  readonly fallBack: SummaryEngine;
  /** Of one request and its answer together. */
  readonly contextTokens: number;
  readonly log: Log;
}

/** Rules and participants take about that. */
const rulesTokens = 1_000;

type Work = Parameters<SummaryEngine['summarize']>[1];

export class ServerEngine implements SummaryEngine {
  readonly #deps: ServerEngineDeps;

  constructor(deps: ServerEngineDeps) {
    this.#deps = deps;
  }

  async summarize(meeting: MeetingText, work: Work): Promise<Draft> {
    const { client, fallBack, log } = this.#deps;
    // There is nothing to ask about.
    if (meeting.lines.length === 0) return fallBack.summarize(meeting, work);
    try {
      const read = await this.#ask(meeting, work);
      return { engine: 'server', model: client.model, fellBack: null, language: languageOf(meeting.lines), ...read };
    } catch (error) {
      work.signal.throwIfAborted();
      if (!(error instanceof ModelError)) throw error;
      log.warn({ err: error, reason: error.reason }, 'summary: the server was of no use, the summary is written without it');
      return { ...(await fallBack.summarize(meeting, work)), fellBack: error.reason };
    }
  }

  async #ask(meeting: MeetingText, { signal, progress }: Work): Promise<Read> {
    const { contextTokens } = this.#deps;
    const references = referencesOf(meeting);
    const names = new Map([...references.lines].map(([name, line]) => [line, name]));
    const show = (line: MeetingLine) => shownLine(names.get(line) ?? '', line, references.names.get(line.personId) ?? line.speaker);
    const answerTokens = Math.min(4_000, Math.floor(contextTokens / 4));
    const pieces = piecesOf(
      meeting.lines,
      Math.max(400, contextTokens - answerTokens - rulesTokens - tokensOf(shownAgenda(meeting).join())),
      show,
    );
    const reads: Read[] = [];
    for (const [index, piece] of pieces.entries()) {
      const shown = new Set(piece.map((line) => names.get(line) ?? ''));
      const part = { index, count: pieces.length };
      const prompt = promptOf(meeting, piece.map(show), part, languageOf(meeting.lines));
      reads.push(await this.#read(meeting, prompt, references, shown, answerTokens, signal));
      progress((index + 1) / pieces.length);
    }
    return merge(reads);
  }

  async #read(
    meeting: MeetingText,
    prompt: ReturnType<typeof promptOf>,
    references: References,
    shown: ReadonlySet<string>,
    answerTokens: number,
    signal: AbortSignal,
  ): Promise<Read> {
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: meeting.timeZone }).format(meeting.startedAt);
    let answer = '';
    try {
      answer = await this.#deps.client.ask(prompt, answerTokens, signal);
      return readAnswer(answer, references, shown, day);
    } catch (error) {
      // Who is slow, gone or refuses is not asked again: the recording waits.
      if (!(error instanceof ModelError) || (error.reason !== 'rubbish' && error.reason !== 'nothing')) throw error;
      const second = await this.#deps.client.ask([...prompt, ...again(answer, error.message)], answerTokens, signal);
      return readAnswer(second, references, shown, day);
    }
  }
}

/** Pieces overlap by a few lines: what stands on the same line, and says about the same, comes once. */
function merge(reads: readonly Read[]): Read {
  const [only] = reads;
  if (only && reads.length === 1) return { content: bounded(only.content), actions: only.actions.slice(0, bounds.items) };
  const perPiece = Math.max(1, Math.floor(bounds.overview / Math.max(1, reads.length)));
  const content: Content = {
    overview: once(reads.flatMap((read) => read.content.overview.slice(0, perPiece))),
    topics: reads.flatMap((read) => read.content.topics),
    decisions: once(reads.flatMap((read) => read.content.decisions)),
    questions: once(reads.flatMap((read) => read.content.questions)),
  };
  return { content: bounded(content), actions: onceEach(reads.flatMap((read) => read.actions)).slice(0, bounds.items) };
}

function bounded({ overview, topics, decisions, questions }: Content): Content {
  return {
    overview: overview.slice(0, bounds.overview),
    topics: topics.slice(0, bounds.topics).map((topic) => ({ ...topic, sentences: topic.sentences.slice(0, bounds.perTopic) })),
    decisions: decisions.slice(0, bounds.decisions),
    questions: questions.slice(0, bounds.questions),
  };
}

function once(sentences: readonly Sentence[]): Sentence[] {
  const seen = new Set<string>();
  return sentences.filter(({ lineId, text }) => {
    const keys = [`${lineId}`, text];
    const known = keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return !known;
  });
}

function onceEach(actions: Read['actions']): Read['actions'] {
  const seen = new Set<string>();
  return actions.filter(({ said, assigneeId }) => {
    const key = `${said.lineId} ${assigneeId}`;
    const known = seen.has(key);
    seen.add(key);
    return !known;
  });
}
