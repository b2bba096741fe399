/** Puts messages of one person that were written close together under one name and time. Pure. */
import type { ChatMessage } from '@/core';

export interface ChatGroup {
  readonly key: number;
  readonly senderId: string;
  readonly senderName: string;
  readonly sentAt: number;
  readonly messages: readonly ChatMessage[];
}

const togetherMs = 3 * 60_000;

export function chatGroups(messages: readonly ChatMessage[]): readonly ChatGroup[] {
  const groups: { key: number; senderId: string; senderName: string; sentAt: number; messages: ChatMessage[] }[] = [];
  for (const message of messages) {
    const group = groups.at(-1);
    const last = group?.messages.at(-1);
    if (group && last && group.senderId === message.senderId && message.sentAt - last.sentAt < togetherMs) group.messages.push(message);
    else
      groups.push({
        key: message.number,
        senderId: message.senderId,
        senderName: message.senderName,
        sentAt: message.sentAt,
        messages: [message],
      });
  }
  return groups;
}
