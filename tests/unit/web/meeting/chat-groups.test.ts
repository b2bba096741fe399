import { describe, expect, it } from 'vitest';
import { chatGroups } from '../../../../web/src/meeting/chat-groups';

const message = (number: number, senderId: string, minutes: number) => ({
  number,
  senderId,
  senderName: senderId,
  clientId: `${number}`,
  body: 'text',
  sentAt: minutes * 60_000,
});

describe('messages in groups', () => {
  it('stand under one name while one person writes on', () => {
    const groups = chatGroups([message(1, 'ada', 0), message(2, 'ada', 1), message(3, 'ben', 1), message(4, 'ada', 2)]);
    expect(groups.map((group) => group.messages.map((m) => m.number))).toEqual([[1, 2], [3], [4]]);
  });

  it('begin anew after a pause, so that the time is right', () => {
    expect(chatGroups([message(1, 'ada', 0), message(2, 'ada', 10)])).toHaveLength(2);
  });
});
