/** Writes summaries without any server: sentences that were said, chosen by their weight and by rules. */

import { setImmediate as breathe } from 'node:timers/promises';
import { cutText } from '../cut-text.js';
import { type Draft, languageOf, type MeetingText, type SummaryEngine } from '../meeting-text.js';
import { bounds, type Sentence, type Topic } from '../schema.js';
import { findDecisions, findQuestions } from './findings.js';
import { foldText } from './folded-text.js';
import { asSentence, sentencesOf } from './spoken-sentence.js';
import { Topics } from './topics.js';
import { contentWords } from './words.js';

export class OfflineEngine implements SummaryEngine {
  async summarize(
    meeting: MeetingText,
    { signal, progress }: { readonly signal: AbortSignal; progress(ratio: number): void },
  ): Promise<Draft> {
    // Others are served between the parts: a long meeting takes a second or two.
    const rest = async (ratio: number): Promise<void> => {
      await breathe();
      signal.throwIfAborted();
      progress(ratio);
    };
    const { findActions } = await import('./action-finder.js');
    const sentences = sentencesOf(meeting);
    await rest(0.1);
    const actions = await findActions(meeting, sentences, (ratio) => rest(0.1 + ratio * 0.3));
    await rest(0.4);
    const decisions = findDecisions(sentences);
    const questions = findQuestions(sentences);
    await rest(0.5);
    const topics = new Topics(sentences, namesIn(meeting));
    const spans = topics.spans(meeting.agenda?.turns);
    await rest(0.8);
    const told: Topic[] = spans.map(({ title, beginMs, sentences: within }) => ({
      title,
      beginMs,
      endMs: within.at(-1)?.line.endMs ?? 0,
      sentences: topics.best(within, Math.min(4, Math.max(2, Math.round(within.length / 8)))).map(asSentence),
    }));
    const overview = topics.best(sentences, Math.min(8, Math.max(3, Math.round(Math.sqrt(sentences.length) / 1.5))));
    await rest(0.95);
    return {
      engine: 'offline',
      model: null,
      fellBack: null,
      language: languageOf(meeting.lines),
      content: {
        overview: sentences.length < 6 ? [] : overview.map(asSentence),
        topics: withPolls(told, meeting),
        decisions: decisions.slice(0, bounds.decisions).map(asSentence),
        questions: questions.slice(0, bounds.questions).map(asSentence),
      },
      actions,
    };
  }
}

/** What was voted belongs to what was talked about then. */
function withPolls(topics: readonly Topic[], { lines }: MeetingText): Topic[] {
  const polls: Sentence[] = lines
    .filter((line) => line.origin === 'poll')
    .map(({ id, text, beginMs, personId, speaker }) => ({
      text: cutText(text, bounds.text),
      atMs: beginMs,
      lineId: id,
      origin: 'poll',
      personId,
      speaker,
    }));
  const told = topics.map((topic) => ({ ...topic, sentences: [...topic.sentences] }));
  for (const poll of polls) {
    const at = told.findLast((topic) => topic.beginMs <= poll.atMs) ?? told[0];
    if (at) at.sentences.push(poll);
    else told.push({ title: cutText(poll.text, bounds.title), beginMs: poll.atMs, endMs: poll.atMs, sentences: [poll] });
  }
  return told.map((topic) => ({ ...topic, sentences: topic.sentences.sort((a, b) => a.atMs - b.atMs) }));
}

function namesIn({ people }: MeetingText): Set<string> {
  const words = people.flatMap(({ name, aliases }) => [name, ...aliases].flatMap((one) => [foldText(one), ...contentWords(foldText(one))]));
  return new Set(words);
}
