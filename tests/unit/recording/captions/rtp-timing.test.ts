import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReorderBuffer } from '../../../../src/recording/captions/live/reorder-buffer.js';
import { RtpClock } from '../../../../src/recording/captions/live/rtp-clock.js';

const packet = (sequenceNumber: number) => ({ sequenceNumber: sequenceNumber & 0xffff });

describe('packets', () => {
  it('come out in order, also over the end of the 16 bits', () => {
    const buffer = new ReorderBuffer();
    const out = [65_534, 0, 65_535, 2, 1].flatMap((number, at) => buffer.push(packet(number), at));
    expect(out.map(({ sequenceNumber }) => sequenceNumber)).toEqual([65_534, 65_535, 0, 1, 2]);
  });

  it('that come twice or too late are dropped', () => {
    const buffer = new ReorderBuffer();
    const out = [10, 11, 11, 9, 12].flatMap((number, at) => buffer.push(packet(number), at));
    expect(out.map(({ sequenceNumber }) => sequenceNumber)).toEqual([10, 11, 12]);
  });

  it('that are lost are waited for a moment only', () => {
    const buffer = new ReorderBuffer();
    buffer.push(packet(1), 0);
    expect(buffer.push(packet(3), 20)).toEqual([]);
    expect(buffer.due(60)).toEqual([]);
    expect(buffer.due(100).map(({ sequenceNumber }) => sequenceNumber)).toEqual([3]);
    expect(buffer.push(packet(2), 120)).toEqual([]);
  });

  it('whose count begins anew are taken as they come', () => {
    const buffer = new ReorderBuffer();
    const out = [100, 101, 40_000, 40_001].flatMap((number, at) => buffer.push(packet(number), at));
    expect(out.map(({ sequenceNumber }) => sequenceNumber)).toEqual([100, 101, 40_000, 40_001]);
  });

  it('are each given once, in order, whatever the network does to them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 80 }), (start, jitter) => {
        const buffer = new ReorderBuffer();
        const arrivals = jitter
          .map((late, index) => ({ index, at: index * 20 + late * 20 }))
          .sort((a, b) => a.at - b.at || a.index - b.index);
        const first = arrivals[0]?.index ?? 0;
        const out = arrivals.flatMap(({ index, at }) => buffer.push(packet(start + index), at)).concat(buffer.drain());
        const order = out.map(({ sequenceNumber }) => (sequenceNumber - start - first + 0x18000) % 0x10000);
        expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
      }),
    );
  });
});

describe('the time of what was said', () => {
  it('is that of the fastest packets', () => {
    const clock = new RtpClock(48_000);
    clock.streamMs(4_294_967_000, 1_000_100);
    const ms = clock.streamMs((4_294_967_000 + 48_000) >>> 0, 1_001_020);
    expect(ms).toBe(1_000);
    expect(clock.wall(ms)).toBeCloseTo(1_001_020, 0);
    // A late one changes nothing.
    const late = clock.streamMs((4_294_967_000 + 96_000) >>> 0, 1_002_900);
    expect(clock.wall(late)).toBeLessThan(1_002_030);
  });

  it("follows a publisher's clock that runs slow", () => {
    const clock = new RtpClock(48_000);
    let wall = 0;
    for (let second = 0; second <= 3_600; second += 1) {
      const arrived = second * 1_000 * 1.0002;
      wall = clock.wall(clock.streamMs((second * 48_000) >>> 0, arrived)) - arrived;
    }
    expect(Math.abs(wall)).toBeLessThan(5);
  });

  it('is taken afresh after the voice stood still', () => {
    const clock = new RtpClock(48_000);
    clock.streamMs(0, 5_000);
    clock.interrupted();
    const ms = clock.streamMs(960, 65_000);
    expect(clock.wall(ms)).toBe(65_000);
  });
});
