import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RtpHeader, SrtcpSession, SrtpSession } from 'werift';
import { receiverReport } from '../../../../load-tests/media/wire/rtcp.js';
import { rtpHeader, rtpHeaderLength } from '../../../../load-tests/media/wire/rtp.js';
import { deriveSessionKey, nearestIndex, SrtpReceiver, SrtpSender } from '../../../../load-tests/media/wire/srtp.js';

const key = randomBytes(16);
const salt = randomBytes(12);
const ssrc = 0x1234_5678;

function header(sequence: number): Buffer {
  return rtpHeader({ payloadType: 96, marker: false, sequence, timestamp: 1, ssrc, sentAt: 1_000_000 });
}

function werift(): { profile: 7; keys: Record<'localMasterKey' | 'localMasterSalt' | 'remoteMasterKey' | 'remoteMasterSalt', Buffer> } {
  return { profile: 7, keys: { localMasterKey: key, localMasterSalt: salt, remoteMasterKey: key, remoteMasterSalt: salt } };
}

describe('SRTP', () => {
  it('derives the session keys of RFC 3711 appendix B.3', () => {
    const master = Buffer.from('e1f97a0d3e018be0d64fa32c06de4139', 'hex');
    const masterSalt = Buffer.from('0ec675ad498afeebb6960b3aabe6', 'hex');
    expect(deriveSessionKey(master, masterSalt, 0, 16).toString('hex')).toBe('c61e7a93744f39ee10734afe3ff7a087');
    expect(deriveSessionKey(master, masterSalt, 2, 14).toString('hex')).toBe('30cbbc08863d8c85d49db34a9ae1');
  });

  it('is opened by another implementation, and opens its packets', () => {
    const session = new SrtpSession(werift());
    const payload = randomBytes(500);
    const packet = new SrtpSender(key, salt).protectRtp(header(7), payload);
    expect(session.decrypt(packet).subarray(rtpHeaderLength(header(7)))).toEqual(payload);

    const theirs = session.encrypt(payload, new RtpHeader({ payloadType: 96, sequenceNumber: 9, timestamp: 1, ssrc }));
    expect(new SrtpReceiver(key, salt).openRtp(theirs, rtpHeaderLength(theirs))).toEqual(payload);
  });

  it('goes on when sequence numbers wrap', () => {
    const sender = new SrtpSender(key, salt);
    const receiver = new SrtpReceiver(key, salt);
    for (const sequence of [65_534, 65_535, 0, 1]) {
      const packet = sender.protectRtp(header(sequence), Buffer.from([sequence & 0xff]));
      expect(receiver.openRtp(packet, rtpHeaderLength(packet))).toEqual(Buffer.from([sequence & 0xff]));
    }
  });

  it('refuses what was changed on the way', () => {
    const packet = new SrtpSender(key, salt).protectRtp(header(1), randomBytes(20));
    packet[packet.length - 20]! ^= 1;
    expect(new SrtpReceiver(key, salt).openRtp(packet, rtpHeaderLength(packet))).toBeUndefined();
  });

  it('takes the index nearest to the highest seen', () => {
    expect(nearestIndex(undefined, 5)).toBe(5);
    expect(nearestIndex(65_535, 2)).toBe(65_538);
    expect(nearestIndex(65_538, 65_535)).toBe(65_535);
  });
});

describe('SRTCP', () => {
  it('is opened by another implementation, and opens its packets', () => {
    const session = new SrtcpSession(werift());
    const report = receiverReport(ssrc, [{ ssrc: 5, fractionLost: 0, lost: 3, highestSequence: 70_000 }]);
    expect(session.decrypt(new SrtpSender(key, salt).protectRtcp(report))).toEqual(report);
    expect(new SrtpReceiver(key, salt).openRtcp(session.encrypt(report))).toEqual(report);
  });
});
