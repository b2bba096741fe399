import { describe, expect, it } from 'vitest';
import { type Counters, frozenTracks, judge } from '../../../../web/src/core/quality';

const counters = (change: Partial<Counters> = {}): Counters => ({
  atMs: 0,
  packetsReceived: 0,
  packetsLost: 0,
  roundTripMs: 20,
  framesDecoded: new Map(),
  ...change,
});

describe('the quality of a connection', () => {
  it('is good when nothing is lost', () => {
    expect(judge(counters(), counters({ packetsReceived: 1_000 }), null).grade).toBe('good');
  });

  it('looks at what was lost since the last look, not since the beginning', () => {
    const before = counters({ packetsReceived: 1_000, packetsLost: 900 });
    expect(judge(before, counters({ packetsReceived: 2_000, packetsLost: 900 }), null).grade).toBe('good');
    expect(judge(before, counters({ packetsReceived: 2_000, packetsLost: 960 }), null).grade).toBe('fair');
    expect(judge(before, counters({ packetsReceived: 2_000, packetsLost: 1_300 }), null).grade).toBe('bad');
  });

  it('takes late packets for no loss', () => {
    expect(judge(counters({ packetsLost: 10 }), counters({ packetsReceived: 500, packetsLost: 4 }), null).lossRatio).toBe(0);
  });

  it('does not judge by a handful of packets', () => {
    expect(judge(counters(), counters({ packetsReceived: 5, packetsLost: 5 }), null).grade).toBe('good');
  });

  it('is bad when the server says so', () => {
    expect(judge(counters(), counters({ packetsReceived: 1_000 }), { send: 2, receive: 9, known: true }).grade).toBe('bad');
    expect(judge(counters(), counters({ packetsReceived: 1_000 }), { send: 2, receive: 9, known: false }).grade).toBe('good');
  });

  it('takes a track for frozen when it has shown frames and none since the last look', () => {
    const before = counters({
      framesDecoded: new Map([
        ['a', 10],
        ['b', 10],
        ['c', 0],
      ]),
    });
    const now = counters({
      framesDecoded: new Map([
        ['a', 10],
        ['b', 60],
        ['c', 0],
      ]),
    });
    expect([...frozenTracks(before, now)]).toEqual(['a']);
    expect(frozenTracks(null, now).size).toBe(0);
  });
});
