/** The little of RTP and RTCP that capture reads and writes: it keeps packets as they come. */

const headerBytes = 12;
/** RFC 4585 section 6.2.1. */
const nackType = 205;
const nackFormat = 1;
/** One block tells of a number and the 16 after it. */
const blockSpan = 16;
const numbers = 0x1_0000;

export interface RtpHead {
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Null: no RTP packet. RTCP comes by the same port (RFC 5761 section 4 tells them apart). */
export function readHead(packet: Buffer): RtpHead | null {
  if (packet.length < headerBytes) return null;
  const first = packet.readUInt8(0);
  const second = packet.readUInt8(1);
  if (first >> 6 !== 2 || (second >= 192 && second <= 223)) return null;
  return { sequence: packet.readUInt16BE(2), timestamp: packet.readUInt32BE(4), ssrc: packet.readUInt32BE(8) };
}

/** Asks the sender of a stream for packets again. */
export function nack(ssrc: number, sequences: readonly number[]): Buffer {
  const blocks: { first: number; others: number }[] = [];
  for (const sequence of sequences) {
    const block = blocks.at(-1);
    const distance = block ? (sequence - block.first + numbers) % numbers : 0;
    if (block && distance > 0 && distance <= blockSpan) block.others |= 1 << (distance - 1);
    else blocks.push({ first: sequence, others: 0 });
  }
  const packet = Buffer.alloc(12 + blocks.length * 4);
  packet.writeUInt8(0x80 | nackFormat, 0);
  packet.writeUInt8(nackType, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  // We send no media and so have no SSRC of our own; the worker reads the second one alone.
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE(ssrc, 8);
  blocks.forEach(({ first, others }, index) => {
    packet.writeUInt16BE(first, 12 + index * 4);
    packet.writeUInt16BE(others, 14 + index * 4);
  });
  return packet;
}
