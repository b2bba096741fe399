/** What is counted of what was not read. Pure. */
import type { ChatHead } from './chat-model';

export function isMuted(head: Pick<ChatHead, 'mutedUntil' | 'notify'>, now: number): boolean {
  return head.mutedUntil > now || head.notify === 'nothing';
}

/** What the rail counts: what nobody silenced, and mentions everywhere. */
export function unreadInAll(heads: ReadonlyMap<string, ChatHead>, now: number): number {
  let unread = 0;
  for (const head of heads.values()) {
    if (head.archived || head.kind === 'meeting') continue;
    unread += isMuted(head, now) || head.notify === 'mentions' ? head.unreadMentions : head.unread;
  }
  return unread;
}
