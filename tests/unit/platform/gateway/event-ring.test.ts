import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventRing } from '../../../../src/platform/gateway/event-ring.js';

const frame = (number: number, bytes = 4) => {
  const made = Buffer.alloc(bytes);
  made.writeUInt32BE(number);
  return made;
};
const numbers = (frames: Uint8Array[] | null) => frames?.map((one) => Buffer.from(one).readUInt32BE()) ?? null;
const ringOf = (events: number, bytes = 1_000_000, start: number | null = null) => new EventRing({ events, bytes }, start);

describe('an event ring', () => {
  it('gives the events after a number, oldest first', () => {
    const ring = ringOf(10);
    for (const number of [5, 6, 7]) ring.push(number, frame(number));
    expect(numbers(ring.after(5))).toEqual([6, 7]);
    expect(numbers(ring.after(4))).toEqual([5, 6, 7]);
    expect(ring.latest).toBe(7);
  });

  it('has nothing after the newest', () => {
    const ring = ringOf(10);
    ring.push(1, frame(1));
    expect(ring.after(1)).toEqual([]);
    expect(ring.after(99)).toEqual([]);
  });

  it('gives everything that there ever was after null, as long as it has all', () => {
    const ring = ringOf(3);
    expect(ring.after(null)).toEqual([]);
    for (const number of [57, 58, 59]) ring.push(number, frame(number));
    expect(numbers(ring.after(null))).toEqual([57, 58, 59]);
    ring.push(60, frame(60));
    expect(ring.after(null)).toBeNull();
  });

  it('says that it does not reach back', () => {
    const ring = ringOf(10);
    ring.push(5, frame(5));
    expect(ring.after(3)).toBeNull();
  });

  it('has nothing to give before its first event, whatever the number', () => {
    expect(ringOf(10).after(0)).toEqual([]);
    expect(ringOf(10).after(7)).toEqual([]);
    expect(ringOf(10).latest).toBeNull();
  });

  it('knows from its start what it never had', () => {
    const ring = ringOf(2, 1_000, 0);
    expect(ring.after(0)).toEqual([]);
    for (const number of [1, 2, 3]) ring.push(number, frame(number));
    expect(ring.after(0)).toBeNull();
    expect(numbers(ring.after(1))).toEqual([2, 3]);
  });

  it('keeps only so many events', () => {
    const ring = ringOf(3);
    for (let number = 1; number <= 10; number += 1) ring.push(number, frame(number));
    expect(numbers(ring.after(7))).toEqual([8, 9, 10]);
    expect(ring.after(6)).toBeNull();
  });

  it('keeps only so many bytes, and nothing of an event that is larger', () => {
    const ring = ringOf(100, 100);
    for (let number = 1; number <= 10; number += 1) ring.push(number, frame(number, 30));
    expect(numbers(ring.after(7))).toEqual([8, 9, 10]);
    expect(ring.after(6)).toBeNull();
    ring.push(11, frame(11, 101));
    expect(ring.after(10)).toBeNull();
    expect(ring.after(11)).toEqual([]);
    ring.push(12, frame(12, 30));
    expect(numbers(ring.after(11))).toEqual([12]);
  });

  it('forgets everything before a number that was skipped', () => {
    const ring = ringOf(10);
    for (const number of [1, 2, 4, 5]) ring.push(number, frame(number));
    expect(ring.after(2)).toBeNull();
    expect(numbers(ring.after(3))).toEqual([4, 5]);
  });

  it('forgets what is old, and still knows its numbers', () => {
    const ring = ringOf(10, 1_000, 0);
    for (const number of [1, 2, 3]) ring.push(number, frame(number), number * 1_000);
    ring.forgetBefore(3_000);
    expect(ring.after(1)).toBeNull();
    expect(numbers(ring.after(2))).toEqual([3]);
    ring.forgetBefore(9_000);
    expect(ring.after(2)).toBeNull();
    expect(ring.after(3)).toEqual([]);
    expect(ring.latest).toBe(3);
  });

  it('is like a list of all events that is cut at its front', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 8, max: 64 }),
        fc.array(fc.record({ skip: fc.boolean(), size: fc.integer({ min: 4, max: 20 }) }), { maxLength: 60 }),
        fc.nat(70),
        (events, bytes, pushes, after) => {
          const ring = ringOf(events, bytes);
          let kept: { number: number; size: number }[] = [];
          let number = 0;
          for (const { skip, size } of pushes) {
            number += skip ? 2 : 1;
            if (skip && number > 2) kept = [];
            ring.push(number, frame(number, size));
            kept.push({ number, size });
            while (kept.length > events || kept.reduce((sum, one) => sum + one.size, 0) > bytes) kept.shift();
          }
          const first = kept[0]?.number ?? number + 1;
          const expected =
            number === 0 || after >= number
              ? []
              : after + 1 < first
                ? null
                : kept.filter((one) => one.number > after).map((one) => one.number);
          expect(numbers(ring.after(after))).toEqual(expected);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
