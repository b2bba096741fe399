import { describe, expect, it } from 'vitest';
import { TopicLog } from '../../../../web/src/core/topic-log';

const event = (number: number) => ({ number });
const numbers = (delivery: { events: readonly { number: number }[] }) => delivery.events.map((e) => e.number);

describe('TopicLog', () => {
  it('delivers events that come in order', () => {
    const log = new TopicLog(0);
    expect(numbers(log.push(event(1)))).toEqual([1]);
    expect(numbers(log.push(event(2)))).toEqual([2]);
    expect(log.last).toBe(2);
  });

  it('drops an event that it has delivered already', () => {
    const log = new TopicLog(0);
    log.push(event(1));
    expect(log.push(event(1))).toEqual({ events: [], missingAfter: null });
  });

  it('holds what comes after a gap and says what is missing', () => {
    const log = new TopicLog(0);
    log.push(event(1));
    expect(log.push(event(4))).toEqual({ events: [], missingAfter: 1 });
    expect(log.push(event(3))).toEqual({ events: [], missingAfter: 1 });
    expect(numbers(log.push(event(2)))).toEqual([2, 3, 4]);
  });

  it('holds events that come before the snapshot and delivers those that it does not include', () => {
    const log = new TopicLog(null);
    for (const number of [7, 8, 9]) expect(log.push(event(number)).events).toEqual([]);
    expect(numbers(log.start(8))).toEqual([9]);
  });

  it('delivers again what a snapshot is too old to include', () => {
    const log = new TopicLog(0);
    for (const number of [1, 2, 3, 4]) log.push(event(number));
    expect(numbers(log.start(2))).toEqual([3, 4]);
    expect(log.last).toBe(4);
  });

  it('asks for what is missing between the snapshot and an event that came before it', () => {
    const log = new TopicLog(null);
    log.push(event(12));
    expect(log.start(10)).toEqual({ events: [], missingAfter: 10 });
  });

  it('passes volatile events on once there is a snapshot to put them on', () => {
    const log = new TopicLog(null);
    expect(log.push(event(0)).events).toEqual([]);
    log.start(3);
    expect(numbers(log.push(event(0)))).toEqual([0]);
    expect(log.last).toBe(3);
  });

  it('delivers every number once and in order, however they arrive', () => {
    const arriving = Array.from({ length: 200 }, (_, i) => i + 1).sort((a, b) => ((a * 7919) % 211) - ((b * 7919) % 211));
    const log = new TopicLog(0);
    const delivered = [...arriving, ...arriving].flatMap((number) => numbers(log.push(event(number))));
    expect(delivered).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });
});
