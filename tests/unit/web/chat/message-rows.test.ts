import { describe, expect, it } from 'vitest';
import { messageRows, rowOf } from '@/chat/message-rows';
import { toMessage } from '@/core/chat-model';

const noon = new Date(2026, 0, 14, 12).getTime();
const minute = 60_000;

function message(number: number, senderId: string, sentAt: number) {
  return toMessage({
    number,
    changed: number,
    senderId,
    senderName: senderId,
    clientId: `c${number}`,
    body: 'x',
    sentAtMs: sentAt,
    kind: 1,
  });
}

const rows = (messages: ReturnType<typeof message>[], newAfter: number | null = null) =>
  messageRows({ messages, pending: [], myId: 'me', newAfter });

describe('the rows of a list of messages', () => {
  it('put messages of one person that are close together under one name', () => {
    const made = rows([
      message(1, 'a', noon),
      message(2, 'a', noon + minute),
      message(3, 'b', noon + minute),
      message(4, 'b', noon + 9 * minute),
    ]);
    expect(made.map((row) => (row.kind === 'message' ? row.first : row.kind))).toEqual(['day', true, false, true, true]);
  });

  it('begin each day with its date', () => {
    expect(rows([message(1, 'a', noon), message(2, 'a', noon + 24 * 60 * minute)]).filter(({ kind }) => kind === 'day')).toHaveLength(2);
  });

  it('draw a line above what others wrote since one has read', () => {
    const made = rows([message(1, 'a', noon), message(2, 'me', noon + minute), message(3, 'a', noon + 2 * minute)], 1);
    expect(made.map(({ kind }) => kind)).toEqual(['day', 'message', 'message', 'new', 'message']);
  });

  it('find a message, or the first after it', () => {
    const made = rows([message(1, 'a', noon), message(5, 'a', noon + minute)]);
    expect(rowOf(made, 3)).toBe(2);
    expect(rowOf(made, 99)).toBe(2);
  });

  it('show what is on its way once, also when it has arrived', () => {
    const pending = {
      clientId: 'c2',
      conversationId: 'x',
      body: 'x',
      writtenAt: noon,
      thread: 0,
      replyTo: 0,
      mentions: [],
      mentionsAll: false,
      attachments: [],
      urgent: false,
      poll: null,
      forward: null,
      dlpAcknowledged: false,
      dlpReason: '',
      refusal: null,
    };
    const made = messageRows({
      messages: [message(2, 'me', noon)],
      pending: [pending, { ...pending, clientId: 'c3' }],
      myId: 'me',
      newAfter: null,
    });
    expect(made.map(({ key }) => key).slice(1)).toEqual(['c2', 'c3']);
  });
});
