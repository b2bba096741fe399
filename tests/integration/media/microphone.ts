/** A microphone that sends real RTP with an audio level (RFC 6464), and its name where the sound would be. */
import type { types as mediasoup } from 'mediasoup';

const headerBytes = 20;

export class Microphone {
  /** dBov: 0 is loudest, -127 is silence. */
  level = -127;
  /** Packets so far. */
  sent = 0;

  constructor(
    readonly producer: mediasoup.Producer,
    readonly name = '',
  ) {}

  static nameIn(packet: Buffer): string {
    const words = (packet.at(0) ?? 0) & 0x10 ? 1 + packet.readUInt16BE(14) : 0;
    return packet
      .subarray(12 + words * 4)
      .toString()
      .replaceAll('\0', '');
  }

  send(): void {
    if (this.producer.closed) return;
    const parameters = this.producer.rtpParameters;
    const packet = Buffer.alloc(headerBytes + 40);
    packet.writeUInt8(0x90, 0); // Version 2, with extensions (RFC 3550 section 5.1).
    packet.writeUInt8(parameters.codecs[0]?.payloadType ?? 0, 1);
    packet.writeUInt16BE((1_000 + this.sent) & 0xffff, 2);
    packet.writeUInt32BE(this.sent * 960, 4);
    packet.writeUInt32BE(parameters.encodings?.[0]?.ssrc ?? 0, 8);
    packet.writeUInt16BE(0xbede, 12); // One-byte headers, one word (RFC 8285 section 4.2).
    packet.writeUInt16BE(1, 14);
    packet.writeUInt8(6 << 4, 16);
    packet.writeUInt8(0x80 | -this.level, 17);
    packet.write(this.name, headerBytes);
    this.sent += 1;
    this.producer.send(packet);
  }
}
