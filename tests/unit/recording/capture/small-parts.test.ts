/** The small pure parts of capture. */
import { describe, expect, test } from 'vitest';
import { fits } from '../../../../src/recording/capture/clock-fit.js';
import { type Gap, withGap } from '../../../../src/recording/capture/gaps.js';
import { nack, readHead } from '../../../../src/recording/capture/rtp.js';
import {
  entryHeadBytes,
  markEntry,
  packetEntry,
  readableBytes,
  readSegment,
  reportEntry,
  segmentMagic,
} from '../../../../src/recording/capture/track-log.js';

describe('A question for packets', () => {
  test('names each of them, in blocks of seventeen (RFC 4585 section 6.2.1)', () => {
    const packet = nack(0x01020304, [65_534, 65_535, 0, 14, 15, 400]);
    expect([packet.readUInt8(0), packet.readUInt8(1), packet.readUInt16BE(2)]).toEqual([0x81, 205, packet.length / 4 - 1]);
    expect(packet.readUInt32BE(8)).toBe(0x01020304);
    const blocks = Array.from({ length: (packet.length - 12) / 4 }, (_, index) => [
      packet.readUInt16BE(12 + index * 4),
      packet.readUInt16BE(14 + index * 4),
    ]);
    expect(blocks).toEqual([
      [65_534, 0b1000_0000_0000_0011],
      [15, 0],
      [400, 0],
    ]);
  });
});

describe('The head of a packet', () => {
  test('is read of RTP alone: not of RTCP, of something short, or of another version', () => {
    const packet = Buffer.alloc(12);
    packet.writeUInt8(0x80, 0);
    packet.writeUInt8(0x80 | 100, 1);
    packet.writeUInt16BE(7, 2);
    packet.writeUInt32BE(8, 4);
    packet.writeUInt32BE(9, 8);
    expect(readHead(packet)).toEqual({ sequence: 7, timestamp: 8, ssrc: 9 });
    expect(readHead(packet.subarray(0, 11))).toBeNull();
    expect(readHead(Buffer.concat([Buffer.from([0x80, 200]), packet.subarray(2)]))).toBeNull();
    expect(readHead(Buffer.concat([Buffer.from([0x40, 100]), packet.subarray(2)]))).toBeNull();
  });
});

describe('A report and a packet are of one clock', () => {
  const second = 90_000;
  test('when they agree within seconds, across the wrap too', () => {
    expect(fits({ rtp: 5 * second, at: 5_000 }, { rtp: 0, at: 0 }, second)).toBe(true);
    expect(fits({ rtp: second - 1, at: 1_500 }, { rtp: 2 ** 32 - second, at: 0 }, second)).toBe(true);
    expect(fits({ rtp: 2 ** 32 - second, at: 0 }, { rtp: second, at: 2_000 }, second)).toBe(true);
  });
  test('and are not when they are off by more than any network delays', () => {
    expect(fits({ rtp: 60 * second, at: 0 }, { rtp: 0, at: 0 }, second)).toBe(false);
    expect(fits({ rtp: 2 ** 31, at: 0 }, { rtp: 0, at: 0 }, second)).toBe(false);
  });
});

describe('Gaps', () => {
  const lost = (from: number, to: number | null, packets = 1): Gap => ({ what: 'lost', from, to, packets });
  test('that are close together are one; others are not', () => {
    let gaps: Gap[] = [];
    for (const gap of [lost(0, 100), lost(900, 950, 3), lost(5_000, 5_100)]) gaps = withGap(gaps, gap);
    expect(gaps).toEqual([lost(0, 950, 4), lost(5_000, 5_100)]);
    expect(withGap(gaps, { what: 'disk-full', from: 5_100, to: 5_200, packets: 1 })).toHaveLength(3);
  });
  test('are no more than a row can carry, and none is forgotten', () => {
    let gaps: Gap[] = [];
    for (let at = 0; at < 2_000; at += 1) gaps = withGap(gaps, lost(at * 10_000, at * 10_000 + 1));
    expect(gaps.length).toBeLessThanOrEqual(501);
    expect(gaps.reduce((sum, { packets }) => sum + packets, 0)).toBe(2_000);
    expect(gaps.at(-1)?.to).toBe(1_999 * 10_000 + 1);
  });
});

describe('A segment', () => {
  const whole = Buffer.concat([
    segmentMagic,
    packetEntry(1, Buffer.from('packet')),
    reportEntry(2, { ssrc: 3, ntp: 2n ** 63n, rtp: 4 }),
    markEntry(3, { what: 'muted' }),
  ]);
  test('is readable as far as its entries are whole, wherever it is cut', () => {
    const ends = [8, 8 + entryHeadBytes + 6, 8 + 2 * entryHeadBytes + 22, whole.length];
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const expected = cut < segmentMagic.length ? 0 : Math.max(...ends.filter((end) => end <= cut));
      expect(readableBytes(whole.subarray(0, cut))).toBe(expected);
    }
    expect([...readSegment(whole)].map(({ kind }) => kind)).toEqual(['packet', 'report', 'mark']);
  });
  test('ends where something follows that is no entry', () => {
    expect(readableBytes(Buffer.concat([whole, Buffer.alloc(100)]))).toBe(whole.length);
    const mark = markEntry(3, { what: 'muted' });
    expect(readableBytes(Buffer.concat([whole, mark.fill(0, entryHeadBytes)]))).toBe(whole.length);
    expect(readableBytes(Buffer.from('not a segment'))).toBe(0);
  });
});
