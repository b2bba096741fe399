import { describe, expect, it } from 'vitest';
import {
  acknowledged,
  type ChatMessage,
  discarded,
  emptyChat,
  lastNumber,
  received,
  receivedEarlier,
  refused,
  written,
} from '../../../../web/src/core/chat-log';

const message = (number: number, clientId = `client-${number}`): ChatMessage => ({
  number,
  senderId: 'ada',
  senderName: 'Ada',
  clientId,
  body: `message ${number}`,
  sentAt: number * 1_000,
});
const numbers = (log: { messages: readonly ChatMessage[] }) => log.messages.map((m) => m.number);

describe('the chat of the page', () => {
  it('shows each message once, in the order of the numbers', () => {
    let log = emptyChat('c', 0, 0);
    for (const number of [2, 1, 2, 4, 3, 1]) log = received(log, [message(number)]);
    expect(numbers(log)).toEqual([1, 2, 3, 4]);
  });

  it('holds back what comes after a gap until the gap is closed', () => {
    const log = received(emptyChat('c', 0, 0), [message(1), message(3)]);
    expect(numbers(log)).toEqual([1]);
    expect(log.ahead.map((m) => m.number)).toEqual([3]);
    expect(numbers(received(log, [message(2)]))).toEqual([1, 2, 3]);
  });

  it('begins where a late joiner begins', () => {
    const log = emptyChat('c', 40, 40);
    expect(lastNumber(log)).toBe(40);
    expect(numbers(received(log, [message(40), message(41)]))).toEqual([41]);
  });

  it('puts an earlier part before what is there', () => {
    const log = received(emptyChat('c', 0, 10), [message(11), message(12)]);
    const more = receivedEarlier(log, 8, [message(9), message(10)]);
    expect(numbers(more)).toEqual([9, 10, 11, 12]);
    expect(more.from).toBe(8);
  });

  it('takes a sent message off the list when its answer comes first, and ignores the event after it', () => {
    let log = written(emptyChat('c', 0, 0), 'client-1', 'message 1', 5);
    log = acknowledged(log, 'client-1', message(1));
    log = received(log, [message(1)]);
    expect(log.sending).toEqual([]);
    expect(numbers(log)).toEqual([1]);
  });

  it('takes a sent message off the list when its event comes first', () => {
    let log = written(emptyChat('c', 0, 0), 'client-1', 'message 1', 5);
    log = received(log, [message(1)]);
    expect(log.sending).toEqual([]);
    log = acknowledged(log, 'client-1', message(1));
    expect(numbers(log)).toEqual([1]);
  });

  it('keeps a refused message with the reason, to be tried again or thrown away', () => {
    let log = written(emptyChat('c', 0, 0), 'a', 'text', 5);
    log = refused(log, 'a', 'The message is too long.');
    expect(log.sending[0]?.refusal).toBe('The message is too long.');
    expect(refused(log, 'a', null).sending[0]?.refusal).toBeNull();
    expect(discarded(log, 'a').sending).toEqual([]);
  });
});
