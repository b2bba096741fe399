/** Everything by which a message is found. */
import type { Message } from '../message.js';
import { foldText } from './folded-text.js';
import { everybodyTerm, fileTerm, mentionTerm, senderTerm, termsOfText } from './terms.js';

type SearchedMessage = Pick<Message, 'body' | 'senderId' | 'mentions' | 'mentionsAll' | 'extra'>;

export function messageTerms({ body, senderId, mentions, mentionsAll, extra }: SearchedMessage): number[] {
  const terms = new Set<number>([senderTerm(senderId), ...mentions.map(mentionTerm)]);
  const add = (term: number) => {
    terms.add(term);
  };
  const files = extra?.attachments ?? [];
  if (files.length > 0) add(fileTerm);
  if (mentionsAll) add(everybodyTerm);
  for (const text of [body, ...files.map(({ name }) => name), ...(extra?.poll?.options ?? [])]) termsOfText(foldText(text), add);
  return [...terms];
}
