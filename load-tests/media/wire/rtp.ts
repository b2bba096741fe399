/**
 * RTP headers (RFC 3550 section 5.1) with one-byte extensions (RFC 8285).
 *
 * Every packet says when it was sent and which one of its stream it was, in an extension that the
 * server passes on in clear: abs-capture-time, 64 bits of NTP time. Its last 12 bits are a quarter
 * of a nanosecond to a microsecond, more than any clock has, and carry the sequence number.
 */

/** Names of header extensions, and the ids that mediasoup gives them in every router: a receiver must name the same. */
export const extensions = {
  audioLevel: { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 6 },
  sentAt: { uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time', id: 10 },
} as const;

export interface RtpHeader {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** Microseconds of the machine's monotonic clock. */
  readonly sentAt: number;
  /** RFC 6464: 0 (loudest) to 127 (silence) below overload. */
  readonly audioLevel?: { readonly level: number; readonly voice: boolean };
}

/** What a receiver reads from a packet that it can't decrypt. */
export interface Stamp {
  sentAt: number;
  /** The last 12 bits of the publisher's sequence number. */
  sequence: number;
}

const sequenceBits = 0x1000;
const fixedLength = 12;
const oneByteProfile = 0xbede;
const twoByteProfile = 0x1000;

export function rtpHeader({ payloadType, marker, sequence, timestamp, ssrc, sentAt, audioLevel }: RtpHeader): Buffer {
  // 9 bytes of time, and 2 of level: three words, with padding.
  const words = 3;
  const header = Buffer.alloc(fixedLength + 4 + words * 4);
  header[0] = 0x90;
  header[1] = (marker ? 0x80 : 0) | payloadType;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(timestamp, 4);
  header.writeUInt32BE(ssrc, 8);
  header.writeUInt16BE(oneByteProfile, 12);
  header.writeUInt16BE(words, 14);
  header[16] = (extensions.sentAt.id << 4) | 7;
  writeStamp(header, 17, { sentAt, sequence });
  if (audioLevel) {
    header[25] = extensions.audioLevel.id << 4;
    header[26] = (audioLevel.voice ? 0x80 : 0) | audioLevel.level;
  }
  return header;
}

export function writeStamp(target: Buffer, at: number, { sentAt, sequence }: Stamp): void {
  const seconds = Math.floor(sentAt / 1_000_000);
  const fraction = Math.floor(((sentAt - seconds * 1_000_000) / 1_000_000) * 2 ** 32);
  target.writeUInt32BE(seconds, at);
  target.writeUInt32BE(fraction - (fraction % sequenceBits) + (sequence % sequenceBits), at + 4);
}

export function readStamp(source: Buffer, at: number): Stamp {
  const fraction = source.readUInt32BE(at + 4);
  const sequence = fraction % sequenceBits;
  return { sentAt: source.readUInt32BE(at) * 1_000_000 + ((fraction - sequence) / 2 ** 32) * 1_000_000, sequence };
}

/** Where the stamp begins; 0: it is not there. The server puts 8 bytes behind it, the offset between clocks. */
export function findStamp(packet: Buffer, id: number): number {
  if ((packet[0]! & 0x10) === 0) return 0;
  let at = fixedLength + (packet[0]! & 0x0f) * 4;
  const profile = packet.readUInt16BE(at);
  const end = at + 4 + packet.readUInt16BE(at + 2) * 4;
  at += 4;
  if (profile === oneByteProfile) {
    while (at < end) {
      const head = packet[at]!;
      if (head === 0) at += 1;
      else if (head >> 4 === id && (head & 0x0f) >= 7) return at + 1;
      else at += (head & 0x0f) + 2;
    }
  } else if ((profile & 0xfff0) === twoByteProfile) {
    while (at + 1 < end) {
      const head = packet[at]!;
      if (head === 0) at += 1;
      else if (head === id && packet[at + 1]! >= 8) return at + 2;
      else at += packet[at + 1]! + 2;
    }
  }
  return 0;
}

export function rtpHeaderLength(packet: Buffer): number {
  const fixed = fixedLength + (packet[0]! & 0x0f) * 4;
  return (packet[0]! & 0x10) === 0 ? fixed : fixed + 4 + packet.readUInt16BE(fixed + 2) * 4;
}
