/** The RTCP that an endpoint and the server exchange (RFC 3550 section 6, RFC 4585, RFC 5104). */

export interface ReportBlock {
  readonly ssrc: number;
  /** Since the report before, of 256. */
  readonly fractionLost: number;
  readonly lost: number;
  /** With the wraps in the upper half. */
  readonly highestSequence: number;
}

export interface SenderInfo {
  readonly ssrc: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly bytes: number;
  readonly wallMs: number;
}

/** A compound packet holds 31 blocks (the count has 5 bits). */
export const reportBlocksAtMost = 31;

const types = { senderReport: 200, receiverReport: 201, payloadFeedback: 206 } as const;
const formats = { pictureLoss: 1, fullIntraRequest: 4 } as const;
/** From 1900 to 1970, seconds. */
const ntpEpoch = 2_208_988_800;

export function senderReport({ ssrc, timestamp, packets, bytes, wallMs }: SenderInfo): Buffer {
  const packet = Buffer.alloc(28);
  packet[0] = 0x80;
  packet[1] = types.senderReport;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE((Math.floor(wallMs / 1_000) + ntpEpoch) % 2 ** 32, 8);
  packet.writeUInt32BE(Math.floor(((wallMs % 1_000) / 1_000) * 2 ** 32), 12);
  packet.writeUInt32BE(timestamp, 16);
  packet.writeUInt32BE(packets % 2 ** 32, 20);
  packet.writeUInt32BE(bytes % 2 ** 32, 24);
  return packet;
}

export function receiverReport(ssrc: number, blocks: readonly ReportBlock[]): Buffer {
  const packet = Buffer.alloc(8 + blocks.length * 24);
  packet[0] = 0x80 | blocks.length;
  packet[1] = types.receiverReport;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  blocks.forEach(({ ssrc: source, fractionLost, lost, highestSequence }, index) => {
    const at = 8 + index * 24;
    packet.writeUInt32BE(source, at);
    packet.writeUInt32BE(((fractionLost << 24) | (Math.min(lost, 0x7f_ffff) & 0xff_ffff)) >>> 0, at + 4);
    packet.writeUInt32BE(highestSequence >>> 0, at + 8);
  });
  return packet;
}

/** Streams of which the other side wants a key frame. */
export function keyFrameRequests(compound: Buffer): number[] {
  const wanted: number[] = [];
  let at = 0;
  while (at + 12 <= compound.length) {
    const length = (compound.readUInt16BE(at + 2) + 1) * 4;
    const format = compound[at]! & 0x1f;
    if (compound[at + 1] === types.payloadFeedback) {
      if (format === formats.pictureLoss) wanted.push(compound.readUInt32BE(at + 8));
      // RFC 5104 section 4.3.1.1: the media source is 0, the streams stand in the entries.
      if (format === formats.fullIntraRequest) {
        for (let entry = at + 12; entry + 8 <= at + length && entry + 8 <= compound.length; entry += 8)
          wanted.push(compound.readUInt32BE(entry));
      }
    }
    at += length;
  }
  return wanted;
}
