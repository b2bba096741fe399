import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest, Reorder, readRtpHead, Unwrapper } from '../../../../src/recording/compose/rtp.js';

describe('a counter that begins again', () => {
  it('goes on counting, and counts late ones back', () => {
    const unwrap = new Unwrapper(16);
    expect([65_534, 65_535, 1, 0, 65_533, 2].map((value) => unwrap.next(value))).toEqual([65_534, 65_535, 65_537, 65_536, 65_533, 65_538]);
  });

  it('gives back any way of numbers that never jumps by half the range', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1_000, max: 30_000 }), { maxLength: 200 }), (steps) => {
        const unwrap = new Unwrapper(16);
        let [highest, first] = [0, true];
        for (const step of steps) {
          const number = first ? 0 : Math.max(0, highest + step);
          first = false;
          expect(unwrap.next(number % 65_536)).toBe(number);
          highest = Math.max(highest, number);
        }
      }),
    );
  });

  it('is found nearest to what is expected', () => {
    expect(nearest(5, 2 ** 32 + 7, 2 ** 32)).toBe(2 ** 32 + 5);
    expect(nearest(2 ** 32 - 1, 2 ** 32 + 7, 2 ** 32)).toBe(2 ** 32 - 1);
  });
});

describe('reordering', () => {
  const packet = (sequence: number, at: number) => ({ sequence, at });
  const through = (packets: { sequence: number; at: number }[]): number[] => {
    const reorder = new Reorder<{ sequence: number; at: number }>();
    return [...packets.flatMap((one) => [...reorder.push(one)]), ...reorder.flush()].map(({ sequence }) => sequence);
  };

  it('puts a repair that came late into its place', () => {
    expect(through([packet(1, 0), packet(3, 20), packet(4, 40), packet(2, 300), packet(5, 310)])).toEqual([1, 2, 3, 4, 5]);
  });

  it('waits for the very first one too', () => {
    expect(through([packet(2, 0), packet(3, 20), packet(1, 300), packet(4, 310), packet(5, 900)])).toEqual([1, 2, 3, 4, 5]);
  });

  it('leaves out what comes twice', () => {
    expect(through([packet(1, 0), packet(1, 5), packet(2, 20), packet(1, 30), packet(2, 40)])).toEqual([1, 2]);
  });

  it('goes on without what does not come for two seconds, and leaves it out when it comes then', () => {
    expect(through([packet(1, 0), packet(3, 20), packet(4, 2_100), packet(2, 2_200), packet(5, 2_300)])).toEqual([1, 3, 4, 5]);
  });

  it('never gives back a packet out of order, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 10_000 }))), (packets) => {
        const out = through(packets.map(([sequence, at]) => packet(sequence, at)));
        expect(out).toEqual([...new Set(out)].sort((a, b) => a - b));
      }),
    );
  });
});

it('a packet that is not RTP has no head', () => {
  expect(readRtpHead(Buffer.alloc(5))).toBeNull();
  expect(readRtpHead(Buffer.alloc(20))).toBeNull();
});
