/** What a conversation is called by. Pure. */
import type { TFunction } from 'i18next';
import type { ChatHead } from '@/core';

export function conversationName(head: ChatHead, myId: string, t: TFunction<['chat', 'common']>): string {
  if (head.kind !== 'direct') return head.title || t(`kind.${head.kind}`);
  if (!head.counterpart || head.counterpart.id === myId) return t('kind.notes');
  return head.counterpart.name;
}

/** Whether a name is looked for by these words: each begins somewhere in it. */
export function matches(name: string, query: string): boolean {
  const text = fold(name);
  return fold(query)
    .split(/\s+/u)
    .every((word) => text.includes(word));
}

/** "Ｃｈａｎ" is looked for as "chan", "José" as "jose". */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}
