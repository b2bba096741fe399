/** Reads a model's answer: nothing of it is believed but its shape, and nothing stays that stands on no line. */

import { z } from 'zod';
import { cutText } from '../cut-text.js';
import type { FoundAction, MeetingLine } from '../meeting-text.js';
import { bounds, type Content, type Sentence } from '../schema.js';
import { ModelError } from './model-error.js';
import type { References } from './prompt.js';

const pointed = z.object({ text: z.string(), line: z.string() });
const sentences = z.array(pointed).max(500);

const answerSchema = z.object({
  overview: sentences,
  topics: z.array(z.object({ title: z.string(), from: z.string(), to: z.string(), sentences })).max(200),
  decisions: sentences,
  questions: sentences,
  actions: z
    .array(
      z.object({ what: z.string(), who: z.string().nullable().default(null), due: z.string().nullable().default(null), line: z.string() }),
    )
    .max(500),
});

export interface Read {
  readonly content: Content;
  readonly actions: readonly FoundAction[];
}

/** A task beyond this is a mistake, days. */
const farthestDays = 1_100;
const dayMs = 86_400_000;

/** @throws {ModelError} with a sentence that the model may be told */
export function readAnswer(text: string, { lines, people }: References, shown: ReadonlySet<string>, meetingDay: string): Read {
  const json = jsonIn(text);
  if (json === undefined) throw new ModelError('rubbish', 'It is no JSON object.');
  const read = answerSchema.safeParse(json);
  if (!read.success) {
    const wrong = read.error.issues.slice(0, 4).map((issue) => `${issue.path.join('.') || 'answer'}: ${issue.message}`);
    throw new ModelError('rubbish', `It has the wrong shape: ${wrong.join('; ')}.`);
  }
  const { data } = read;
  const lineOf = (name: string): MeetingLine | null => {
    const known = name.trim().toUpperCase();
    return shown.has(known) ? (lines.get(known) ?? null) : null;
  };
  let dropped = 0;
  const place = ({ text: said, line: name }: z.output<typeof pointed>): Sentence[] => {
    const line = lineOf(name);
    const clean = harmless(said, bounds.text, lines);
    if (!line || clean === '') {
      dropped += 1;
      return [];
    }
    return [at(line, clean)];
  };
  const content: Content = {
    overview: data.overview.flatMap(place),
    topics: data.topics.flatMap(({ title, from, to, sentences: within }) => {
      const told = within.flatMap(place);
      const [first, last] = [lineOf(from) ?? null, lineOf(to) ?? null];
      const clean = harmless(title, bounds.title, lines);
      const beginMs = first?.beginMs ?? told[0]?.atMs;
      if (clean === '' || beginMs === undefined) return [];
      return [{ title: clean, beginMs, endMs: Math.max(beginMs, last?.endMs ?? told.at(-1)?.atMs ?? beginMs), sentences: told }];
    }),
    decisions: data.decisions.flatMap(place),
    questions: data.questions.flatMap(place),
  };
  const actions = data.actions.flatMap(({ what, who, due, line: name }): FoundAction[] => {
    const line = lineOf(name);
    const clean = harmless(what, bounds.text, lines);
    if (!line || clean === '') {
      dropped += 1;
      return [];
    }
    return [
      {
        what: clean,
        assigneeId: people.get(who?.trim().toUpperCase() ?? '') ?? null,
        dueOn: dayOf(due, meetingDay),
        dueText: null,
        said: at(line, cutText(line.text, bounds.text)),
      },
    ];
  });
  const kept = content.overview.length + content.topics.length + content.decisions.length + content.questions.length + actions.length;
  if (kept === 0 && dropped > 0) throw new ModelError('rubbish', 'Not one sentence names a line of the transcript.');
  if (kept === 0) throw new ModelError('nothing', 'There is nothing in it.');
  return { content, actions };
}

/**
 * Text alone: no control characters, nothing that turns a line around, no tags, and no address that nobody
 * in the meeting said.
 */
export function harmless(text: string, most: number, lines: ReadonlyMap<string, Pick<MeetingLine, 'text'>>): string {
  const plain = text
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Cs}\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<\/?[a-z!][^>]{0,500}>/gi, '')
    .replace(/(?:[a-z][a-z+.-]{1,20}:\/\/|www\.|mailto:|javascript:|data:)[^\s"'<>]*/gi, (address) => {
      for (const line of lines.values()) if (line.text.includes(address)) return address;
      return '';
    });
  return cutText(plain.replace(/ +/g, ' ').trim(), most).trim();
}

function at(line: MeetingLine, text: string): Sentence {
  return { text, atMs: line.beginMs, lineId: line.id, origin: line.origin, personId: line.personId, speaker: line.speaker };
}

/** A day that exists, not before the meeting's. */
function dayOf(due: string | null, meetingDay: string): string | null {
  if (due === null || !z.iso.date().safeParse(due).success || due < meetingDay) return null;
  return Date.parse(due) - Date.parse(meetingDay) <= farthestDays * dayMs ? due : null;
}

/** Models like to think aloud, and to put a fence around JSON. */
function jsonIn(text: string): unknown {
  const body = text.replace(/<think>[\s\S]*?<\/think>/g, '');
  const [begin, end] = [body.indexOf('{'), body.lastIndexOf('}')];
  if (begin < 0 || end < begin) return undefined;
  try {
    return JSON.parse(body.slice(begin, end + 1));
  } catch {
    return undefined;
  }
}
