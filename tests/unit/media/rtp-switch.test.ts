import { describe, expect, test } from 'vitest';
import { audioLevel, RtpSwitch } from '../../../src/media/rtp-switch.js';

interface Fields {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker?: boolean;
}
const packet = ({ sequence, timestamp }: Fields) => {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt8(0x80, 0);
  bytes.writeUInt8(100, 1);
  bytes.writeUInt16BE(sequence, 2);
  bytes.writeUInt32BE(timestamp, 4);
  bytes.writeUInt32BE(7, 8);
  return bytes;
};
const fieldsOf = (bytes: Buffer): Fields => ({
  sequence: bytes.readUInt16BE(2),
  timestamp: bytes.readUInt32BE(4),
  marker: bytes.readUInt8(1) >> 7 === 1,
});
/** Sends a packet through the switch; null: it was held back. */
const through = (out: RtpSwitch, source: string, now: number, fields: Fields) => {
  const bytes = packet(fields);
  return out.rewrite(bytes, source, now) ? fieldsOf(bytes) : null;
};
const aSwitch = () => new RtpSwitch({ ssrc: 99, clockRate: 48_000 });

describe('a switch of RTP streams', () => {
  test('gives the first source its own numbers, one SSRC, and marks its beginning', () => {
    const bytes = packet({ sequence: 5, timestamp: 960 });
    expect(aSwitch().rewrite(bytes, 'a', 0)).toBe(true);
    expect(bytes.readUInt32BE(8)).toBe(99);
    expect(fieldsOf(bytes)).toEqual({ sequence: 5, timestamp: 960, marker: true });
  });

  test('goes on with the next source where the one before ended, by the time that has passed', () => {
    const out = aSwitch();
    through(out, 'a', 0, { sequence: 5, timestamp: 960 });
    through(out, 'a', 20, { sequence: 6, timestamp: 1_920 });
    expect(through(out, 'b', 120, { sequence: 40_000, timestamp: 4_000_000_000 })).toEqual({
      sequence: 7,
      timestamp: 1_920 + 4_800,
      marker: true,
    });
    expect(through(out, 'b', 140, { sequence: 40_001, timestamp: 4_000_000_960 })).toEqual({
      sequence: 8,
      timestamp: 1_920 + 5_760,
      marker: false,
    });
  });

  test('never gives two sources the same time, however fast they follow each other', () => {
    const out = aSwitch();
    through(out, 'a', 0, { sequence: 1, timestamp: 0 });
    expect(through(out, 'b', 0, { sequence: 1, timestamp: 0 })?.timestamp).toBe(960);
  });

  test('keeps the gap of a lost packet, and the order of one that comes late', () => {
    const out = aSwitch();
    through(out, 'a', 0, { sequence: 10, timestamp: 0 });
    expect(through(out, 'a', 40, { sequence: 12, timestamp: 1_920 })?.sequence).toBe(12);
    expect(through(out, 'a', 41, { sequence: 11, timestamp: 960 })?.sequence).toBe(11);
    expect(through(out, 'b', 60, { sequence: 3, timestamp: 5 })?.sequence).toBe(13);
  });

  test('holds back what was sent before its source was switched in', () => {
    const out = aSwitch();
    through(out, 'a', 0, { sequence: 10, timestamp: 0 });
    through(out, 'b', 20, { sequence: 100, timestamp: 0 });
    expect(through(out, 'b', 21, { sequence: 99, timestamp: 0 })).toBeNull();
  });

  test('goes around the ends of both numbers', () => {
    const out = aSwitch();
    through(out, 'a', 0, { sequence: 0xffff, timestamp: 0xffff_ffff });
    expect(through(out, 'a', 20, { sequence: 0, timestamp: 959 })).toEqual({ sequence: 0, timestamp: 959, marker: false });
    expect(through(out, 'b', 40, { sequence: 0xffff, timestamp: 0xffff_ff00 })).toEqual({
      sequence: 1,
      timestamp: 959 + 960,
      marker: true,
    });
  });

  test('lets one source talk for as long as it likes', () => {
    const out = aSwitch();
    for (let n = 0; n < 200_000; n += 1) {
      expect(through(out, 'a', n * 20, { sequence: n & 0xffff, timestamp: (n * 960) % 2 ** 32 })?.sequence).toBe(n & 0xffff);
    }
  });

  test('passes over what is no RTP packet', () => {
    expect(aSwitch().rewrite(Buffer.alloc(4), 'a', 0)).toBe(false);
  });
});

describe('the level that a packet names', () => {
  const withExtensions = (...bytes: number[]) => {
    const padded = [...bytes, ...Array.from({ length: (4 - (bytes.length % 4)) % 4 }, () => 0)];
    const head = packet({ sequence: 1, timestamp: 1 }).subarray(0, 12);
    head.writeUInt8(0x90, 0);
    return Buffer.concat([head, Buffer.from([0xbe, 0xde, 0, padded.length / 4, ...padded])]);
  };

  test('is read among other extensions, with and without the voice bit', () => {
    expect(audioLevel(withExtensions(0x10, 0x30, 0x60, 0x80 | 42), 6)).toBe(-42);
    expect(audioLevel(withExtensions(0x60, 42), 6)).toBe(-42);
  });

  test('is unknown where there is none, or the packet is cut short', () => {
    expect(audioLevel(packet({ sequence: 1, timestamp: 1 }), 6)).toBeUndefined();
    expect(audioLevel(withExtensions(0x10, 0x30), 6)).toBeUndefined();
    expect(audioLevel(withExtensions(0x60, 42).subarray(0, 17), 6)).toBeUndefined();
  });
});
