/** Writes summaries without any server: sentences that were said, chosen by their weight and by rules. */
import { setImmediate as breathe } from 'node:timers/promises';
import { type Draft, languageOf, type MeetingText, type SummaryEngine } from '../meeting-text.js';
import { bounds } from '../schema.js';
import { findActions } from './action-finder.js';
import { findDecisions, findQuestions } from './findings.js';
import { asSentence, sentencesOf } from './spoken-sentence.js';

export class OfflineEngine implements SummaryEngine {
  async summarize(
    meeting: MeetingText,
    { signal, progress }: { readonly signal: AbortSignal; progress(ratio: number): void },
  ): Promise<Draft> {
    const sentences = sentencesOf(meeting);
    await breathe();
    signal.throwIfAborted();
    const actions = findActions(meeting, sentences);
    progress(0.5);
    return {
      engine: 'offline',
      model: null,
      fellBack: null,
      language: languageOf(meeting.lines),
      content: {
        overview: [],
        topics: [],
        decisions: findDecisions(sentences).slice(0, bounds.decisions).map(asSentence),
        questions: findQuestions(sentences).slice(0, bounds.questions).map(asSentence),
      },
      actions,
    };
  }
}
