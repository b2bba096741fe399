/** Sentences of a meeting in order, each with the moment it was said at. */
import { cutText } from '../cut-text.js';
import type { MeetingLine, MeetingText } from '../meeting-text.js';
import type { Sentence } from '../schema.js';
import { foldText } from './folded-text.js';

export interface SpokenSentence {
  /** Its place in the meeting. */
  readonly index: number;
  /** The place of its line: sentences of one line were said in one breath. */
  readonly turn: number;
  readonly line: MeetingLine;
  readonly text: string;
  /** See foldText; as long as `text`. */
  readonly folded: string;
  readonly atMs: number;
  readonly chinese: boolean;
  readonly question: boolean;
  /** It has capitals where they belong: a speech engine may write all in one case. */
  readonly cased: boolean;
}

const splitters = {
  en: new Intl.Segmenter('en', { granularity: 'sentence' }),
  zh: new Intl.Segmenter('zh-HK', { granularity: 'sentence' }),
};

/** Longer ones are cut: no rule needs more, and a text without any full stop must not cost more than its length. */
const mostCharacters = 600;

export function sentencesOf({ lines }: Pick<MeetingText, 'lines'>): SpokenSentence[] {
  const sentences: SpokenSentence[] = [];
  for (const [turn, line] of lines.entries()) {
    if (line.origin === 'poll') continue;
    const length = Math.max(1, line.text.length);
    for (const { segment, index } of splitters[isChinese(line.text) ? 'zh' : 'en'].segment(line.text)) {
      const text = cutText(segment.trim(), mostCharacters);
      if (!/[\p{L}\p{N}]/u.test(text)) continue;
      const folded = foldText(text);
      sentences.push({
        index: sentences.length,
        turn,
        line,
        text,
        folded,
        // Speech runs evenly enough within a line of a few seconds.
        atMs: Math.round(line.beginMs + ((line.endMs - line.beginMs) * index) / length),
        chinese: isChinese(text),
        question: isQuestion(folded),
        cased: /\p{Ll}/u.test(line.text) && (/\p{Lu}/u.test(line.text) || isChinese(line.text)),
      });
    }
  }
  return sentences;
}

export function asSentence({ text, atMs, line }: SpokenSentence): Sentence {
  return { text: tidy(text), atMs, lineId: line.id, origin: line.origin, personId: line.personId, speaker: line.speaker };
}

/** Shouted by a speech engine: nobody wants to read capitals. */
export function tidy(text: string): string {
  const flat = text.replace(/\s+/gu, ' ').trim();
  if (/\p{Ll}/u.test(flat) || !/\p{Lu}{4}/u.test(flat)) return flat;
  const small = flat.toLowerCase().replace(/\bi\b/g, 'I');
  return small.charAt(0).toUpperCase() + small.slice(1);
}

export function isChinese(text: string): boolean {
  return /\p{sc=Han}/u.test(text);
}

function isQuestion(folded: string): boolean {
  // "Send it to me, will you?" asks for nothing but that.
  if (/, (?:will|would|could|can) you\?\s*$/.test(folded)) return false;
  if (/[?？]\s*$/.test(folded)) return true;
  if (isChinese(folded))
    return (
      /(吗|呢|咩|唔得|好唔好|系咪.*|未)[。!！]?$/.test(folded) ||
      /唔知.{0,8}(\p{sc=Han})唔\1/u.test(folded) ||
      /边个|点解|点样|几时|几多|什么时候|怎么|为什么|谁来/.test(folded)
    );
  return /^((so|and|but|okay|ok|well|then) )*(do|does|did|are|is|was|were|have|has|what|who|when|where|why|how|which|should|shall|can we|could we)\b/.test(
    folded,
  );
}
