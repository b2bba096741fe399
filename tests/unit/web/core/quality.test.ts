import { describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { type Change, changeBetween, noCounters } from '../../../../web/src/core/connection-stats';
import { judge, sampleOf } from '../../../../web/src/core/quality';

const change = (over: Partial<Change> = {}): Change => ({
  ...changeBetween(noCounters(0), noCounters(10_000)),
  roundTripMs: 20,
  packetsReceived: 1_000,
  ...over,
});

describe('the quality of a connection', () => {
  it('is good when nothing is lost', () => {
    expect(judge(change(), null).grade).toBe('good');
  });

  it('is fair when some is lost and bad when much is', () => {
    expect(judge(change({ packetsLost: 60 }), null).grade).toBe('fair');
    expect(judge(change({ packetsLost: 400 }), null).grade).toBe('bad');
  });

  it('is worse the longer a round trip takes', () => {
    expect(judge(change({ roundTripMs: 500 }), null).grade).toBe('fair');
    expect(judge(change({ roundTripMs: 1_500 }), null).grade).toBe('bad');
    expect(judge(change({ roundTripMs: null }), null).grade).toBe('good');
  });

  it('does not judge by a handful of packets', () => {
    expect(judge(change({ packetsReceived: 5, packetsLost: 5 }), null).grade).toBe('good');
  });

  it('is bad when the server says so', () => {
    expect(judge(change(), { send: 2, receive: 9, known: true }).grade).toBe('bad');
    expect(judge(change(), { send: 2, receive: 9, known: false }).grade).toBe('good');
  });

  it('says what limits the picture sent', () => {
    expect(judge(change({ limit: 'cpu' }), null).limit).toBe('cpu');
  });
});

describe('a sample of quality', () => {
  it('is what the report after the call is made of', () => {
    const sample = sampleOf(
      change({
        packetsLost: 3,
        packetsSent: 900,
        sentLost: 2,
        roundTripMs: 20.4,
        jitterMs: 3.6,
        freezes: 1,
        freezesMs: 350.2,
        concealedRatio: 0.0123,
        width: 1280,
        height: 720,
        framesPerSecond: 29.7,
        bytesReceived: 1_250_000,
        bytesSent: 125_000,
        limit: 'bandwidth',
        relayed: true,
      }),
      2,
    );
    expect(causeway.QualitySample.decode(causeway.QualitySample.encode(sample).finish())).toMatchObject(sample);
    expect(sample).toEqual({
      durationMs: 10_000,
      packetsReceived: 1_000,
      packetsLost: 3,
      packetsSent: 900,
      sentPacketsLost: 2,
      roundTripMs: 20,
      jitterMs: 4,
      freezes: 1,
      freezesMs: 350,
      concealedPermille: 12,
      width: 1280,
      height: 720,
      framesPerSecond: 30,
      bitsPerSecondIn: 1_000_000,
      bitsPerSecondOut: 100_000,
      limit: causeway.QualitySample.Limit.LIMIT_BANDWIDTH,
      starved: 2,
      relayed: true,
    });
  });

  it('tells a round trip of nothing from one that is not known', () => {
    expect(sampleOf(change({ roundTripMs: 0.2 }), 0).roundTripMs).toBe(1);
    expect(sampleOf(change({ roundTripMs: null }), 0).roundTripMs).toBe(0);
  });
});
