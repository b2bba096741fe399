import { describe, expect, it } from 'vitest';
import { type Change, changeBetween, noCounters, readCounters } from '../../../../web/src/core/connection-stats';

type Entries = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A report as browsers give it: W3C webrtc-stats. */
function report(entries: Entries): Map<string, unknown> {
  return new Map(Object.entries(entries).map(([id, entry]) => [id, { id, ...entry }]));
}

const look = (atMs: number, receive: Entries, send: Entries | null = null) =>
  readCounters({ receive: report(receive), send: send && report(send) }, atMs);

/** From the first entries to the second, in ten seconds. */
function change(before: Entries, now: Entries, send: { before: Entries; now: Entries } | null = null): Change {
  return changeBetween(look(1_000, before, send?.before), look(11_000, now, send?.now));
}

const sound = (over: object) => ({ type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'voice', ...over });
const picture = (over: object) => ({ type: 'inbound-rtp', kind: 'video', trackIdentifier: 'face', ...over });
const sent = (over: object) => ({ type: 'outbound-rtp', kind: 'video', ...over });

describe('what happened between two looks', () => {
  it('is the difference of what was counted', () => {
    const { packetsReceived, packetsLost, durationMs } = change(
      { a: sound({ packetsReceived: 1_000, packetsLost: 10 }), v: picture({ packetsReceived: 2_000, packetsLost: 0 }) },
      { a: sound({ packetsReceived: 1_500, packetsLost: 12 }), v: picture({ packetsReceived: 5_000, packetsLost: 30 }) },
    );
    expect({ packetsReceived, packetsLost, durationMs }).toEqual({ packetsReceived: 3_500, packetsLost: 32, durationMs: 10_000 });
  });

  it('counts the first look from nothing', () => {
    expect(changeBetween(noCounters(0), look(5_000, { a: sound({ packetsReceived: 250 }) })).packetsReceived).toBe(250);
  });

  it('takes nothing off for streams that have gone, and counts new ones whole', () => {
    const { packetsReceived } = change(
      { gone: sound({ packetsReceived: 90_000 }), stays: sound({ packetsReceived: 100 }) },
      { stays: sound({ packetsReceived: 600 }), comes: picture({ packetsReceived: 50 }) },
    );
    expect(packetsReceived).toBe(550);
  });

  it('takes late packets for no loss', () => {
    expect(change({ a: sound({ packetsLost: 10 }) }, { a: sound({ packetsLost: 4 }) }).packetsLost).toBe(0);
  });

  it('keeps the two connections apart, though they use the same ids', () => {
    const entries = { s: sound({ packetsReceived: 10 }) };
    const { packetsReceived, packetsSent } = change({}, entries, { before: {}, now: { s: sent({ packetsSent: 7 }) } });
    expect({ packetsReceived, packetsSent }).toEqual({ packetsReceived: 10, packetsSent: 7 });
  });

  it('leaves out packets that only measure the bandwidth', () => {
    expect(change({}, { p: picture({ mid: 'probator', packetsReceived: 90, packetsLost: 30 }) })).toMatchObject({
      packetsReceived: 0,
      packetsLost: 0,
    });
  });

  it('knows what the server lost of what was sent', () => {
    const lost = (packetsLost: number) => ({ r: { type: 'remote-inbound-rtp', kind: 'video', packetsLost } });
    expect(change({}, {}, { before: lost(5), now: lost(25) }).sentLost).toBe(20);
  });

  it('weighs the jitter of voices by what came of them', () => {
    const { jitterMs } = change(
      {},
      {
        a: sound({ packetsReceived: 300, jitter: 0.01 }),
        b: sound({ packetsReceived: 100, jitter: 0.03 }),
        silent: sound({ packetsReceived: 0, jitter: 5 }),
        v: picture({ packetsReceived: 1_000, jitter: 1 }),
      },
    );
    expect(jitterMs).toBeCloseTo(15);
  });

  it('counts sound that was invented, but not invented silence', () => {
    const before = { a: sound({ totalSamplesReceived: 0, concealedSamples: 0, silentConcealedSamples: 0 }) };
    const now = { a: sound({ totalSamplesReceived: 480_000, concealedSamples: 30_000, silentConcealedSamples: 6_000 }) };
    expect(change(before, now).concealedRatio).toBeCloseTo(0.05);
  });

  it('adds up pictures that stood still', () => {
    const { freezes, freezesMs } = change(
      { v: picture({ freezeCount: 1, totalFreezesDuration: 0.5 }) },
      { v: picture({ freezeCount: 3, totalFreezesDuration: 2 }) },
    );
    expect({ freezes, freezesMs }).toEqual({ freezes: 2, freezesMs: 1_500 });
  });

  it('names the largest picture', () => {
    const { width, height, framesPerSecond } = change(
      {},
      {
        small: picture({ frameWidth: 320, frameHeight: 180, framesPerSecond: 15 }),
        large: picture({ frameWidth: 1280, frameHeight: 720, framesPerSecond: 30 }),
      },
    );
    expect({ width, height, framesPerSecond }).toEqual({ width: 1280, height: 720, framesPerSecond: 30 });
  });

  it('names what kept the picture sent below its best for most of the time', () => {
    const limited = (none: number, cpu: number, bandwidth: number) => ({
      o: sent({ qualityLimitationDurations: { none, cpu, bandwidth, other: 0 } }),
    });
    const limit = (...now: Parameters<typeof limited>) => change({}, {}, { before: limited(100, 50, 50), now: limited(...now) }).limit;
    expect(limit(110, 50, 50)).toBe('none');
    expect(limit(102, 50, 58)).toBe('bandwidth');
    expect(limit(101, 57, 52)).toBe('cpu');
  });

  it('tells tracks that move from those that stand still', () => {
    const frames = (a: number, b: number, c: number) => ({
      a: picture({ trackIdentifier: 'a', framesDecoded: a }),
      b: picture({ trackIdentifier: 'b', framesDecoded: b }),
      c: picture({ trackIdentifier: 'c', framesDecoded: c }),
    });
    const { frozen, moving } = change(frames(10, 10, 0), frames(10, 60, 0));
    expect([...frozen]).toEqual(['a']);
    expect([...moving]).toEqual(['b']);
    expect(change({}, frames(10, 10, 10)).frozen.size).toBe(0);
  });
});

describe('the path of a connection', () => {
  const path = (local: object, pair: object = {}): Entries => ({
    t: { type: 'transport', selectedCandidatePairId: 'p2' },
    p1: { type: 'candidate-pair', localCandidateId: 'l1', bytesReceived: 5, currentRoundTripTime: 9 },
    p2: { type: 'candidate-pair', localCandidateId: 'l2', bytesReceived: 1_000, bytesSent: 200, currentRoundTripTime: 0.05, ...pair },
    l1: { type: 'local-candidate', candidateType: 'relay', protocol: 'udp' },
    l2: { type: 'local-candidate', candidateType: 'host', protocol: 'udp', ...local },
  });

  it('is the selected pair of addresses', () => {
    const { roundTripMs, bytesReceived, bytesSent, relayed } = change(path({}), path({}, { bytesReceived: 11_000, bytesSent: 700 }));
    expect({ roundTripMs, bytesReceived, bytesSent, relayed }).toEqual({
      roundTripMs: 50,
      bytesReceived: 10_000,
      bytesSent: 500,
      relayed: false,
    });
  });

  it('is relayed over TCP and over a TURN server', () => {
    expect(change({}, path({ protocol: 'tcp' })).relayed).toBe(true);
    expect(change({}, path({ candidateType: 'relay' })).relayed).toBe(true);
  });

  it('is the pair that Firefox marks as selected, and the nominated one where nothing is marked', () => {
    const pairs = (mark: object): Entries => ({
      p1: { type: 'candidate-pair', currentRoundTripTime: 1 },
      p2: { type: 'candidate-pair', currentRoundTripTime: 0.02, ...mark },
    });
    expect(change({}, pairs({ selected: true })).roundTripMs).toBeCloseTo(20);
    expect(change({}, pairs({ nominated: true, state: 'succeeded' })).roundTripMs).toBeCloseTo(20);
  });

  it('is not known before there is one', () => {
    expect(change({}, { p: { type: 'candidate-pair' } })).toMatchObject({ roundTripMs: null, relayed: false, bytesReceived: 0 });
  });
});
