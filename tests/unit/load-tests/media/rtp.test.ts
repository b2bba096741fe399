import { describe, expect, it } from 'vitest';
import { RtpPacket } from 'werift';
import { keyFrameRequests, receiverReport, senderReport } from '../../../../load-tests/media/wire/rtcp.js';
import { extensions, findStamp, readStamp, rtpHeader, rtpHeaderLength, writeStamp } from '../../../../load-tests/media/wire/rtp.js';

const fields = { payloadType: 96, marker: true, sequence: 4_660, timestamp: 99, ssrc: 7, sentAt: 123_456_789.25 };

describe('RTP headers', () => {
  it('are read by another implementation', () => {
    const header = rtpHeader({ ...fields, audioLevel: { level: 25, voice: true } });
    const packet = RtpPacket.deSerialize(Buffer.concat([header, Buffer.from('sound')]));
    expect(packet.payload.toString()).toBe('sound');
    expect(packet.header).toMatchObject({ payloadType: 96, marker: true, sequenceNumber: 4_660, timestamp: 99, ssrc: 7 });
    expect(packet.header.extensions.find(({ id }) => id === extensions.audioLevel.id)?.payload).toEqual(Buffer.from([0x80 | 25]));
  });

  it('say when they were sent, to the microsecond', () => {
    const header = rtpHeader(fields);
    const stamp = readStamp(header, findStamp(header, extensions.sentAt.id));
    expect(stamp.sentAt).toBeCloseTo(fields.sentAt, -0.5);
    expect(stamp.sequence).toBe(4_660 % 4_096);
    expect(rtpHeaderLength(header)).toBe(header.length);
  });

  it('have a stamp also in the longer form that a server passes on, and in two-byte extensions', () => {
    const value = Buffer.alloc(16);
    writeStamp(value, 0, { sentAt: 5_000_000, sequence: 1 });
    const oneByte = Buffer.concat([
      Buffer.from([0x90, 96]),
      Buffer.alloc(10),
      Buffer.from([0xbe, 0xde, 0, 5, 0, 0, 0xaf]),
      value,
      Buffer.alloc(1),
    ]);
    expect(readStamp(oneByte, findStamp(oneByte, 10)).sentAt).toBe(5_000_000);
    const twoByte = Buffer.concat([
      Buffer.from([0x90, 96]),
      Buffer.alloc(10),
      Buffer.from([0x10, 0, 0, 5, 10, 16]),
      value,
      Buffer.alloc(2),
    ]);
    expect(readStamp(twoByte, findStamp(twoByte, 10)).sentAt).toBe(5_000_000);
    expect(findStamp(Buffer.concat([Buffer.from([0x80, 96]), Buffer.alloc(10)]), 10)).toBe(0);
    expect(findStamp(twoByte, 9)).toBe(0);
  });
});

describe('RTCP', () => {
  it('tells which streams need a key frame', () => {
    const picture = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9]);
    const full = Buffer.from([0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0]);
    const lost = Buffer.from([0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 7, 0, 1, 0, 0]);
    const report = receiverReport(1, [{ ssrc: 6, fractionLost: 0, lost: 0, highestSequence: 1 }]);
    expect(keyFrameRequests(Buffer.concat([report, lost, picture, full]))).toEqual([9, 8]);
    expect(keyFrameRequests(Buffer.from([0x81, 206]))).toEqual([]);
  });

  it('has NTP time in sender reports', () => {
    const report = senderReport({ ssrc: 1, timestamp: 2, packets: 3, bytes: 4, wallMs: 1_500 });
    expect(report.readUInt32BE(8)).toBe(2_208_988_801);
    expect(report.readUInt32BE(12)).toBe(2 ** 31);
    expect(report.readUInt16BE(2)).toBe(report.length / 4 - 1);
  });
});
