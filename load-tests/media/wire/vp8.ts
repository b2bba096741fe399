/** VP8 in RTP (RFC 7741): what the server needs in order to tell frames and key frames; the rest is filling. */

export interface Vp8Packet {
  /** First packet of its frame. */
  readonly start: boolean;
  /** 15 bits. */
  readonly pictureId: number;
  /** Counts up with every frame, since all are of temporal layer 0. */
  readonly layerZeroIndex: number;
}

export const vp8DescriptorLength = 6;

/** With picture id, TL0PICIDX and TID, as browsers write it (RFC 7741 section 4.2). */
export function writeVp8Descriptor(target: Buffer, { start, pictureId, layerZeroIndex }: Vp8Packet): void {
  target[0] = 0x80 | (start ? 0x10 : 0);
  target[1] = 0xe0;
  target.writeUInt16BE(0x8000 | (pictureId & 0x7fff), 2);
  target[4] = layerZeroIndex & 0xff;
  // Temporal layer 0, Y: it leans on temporal layer 0 alone.
  target[5] = 0x20;
}

/** The head of a frame (RFC 6386 section 9.1): a decoder finds nothing behind it, the server reads its first bit. */
export function vp8FrameHead(key: boolean, width: number, height: number): Buffer {
  if (!key) return Buffer.from([0x11, 0, 0]);
  const head = Buffer.from([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 0, 0]);
  head.writeUInt16LE(width & 0x3fff, 6);
  head.writeUInt16LE(height & 0x3fff, 8);
  return head;
}

/** Payloads of one frame, each with its descriptor, of about the same size as browsers make them. */
export function vp8Payloads(frame: Buffer, pictureId: number, packetBytes: number): Buffer[] {
  const count = Math.max(1, Math.ceil(frame.length / packetBytes));
  return Array.from({ length: count }, (_, index) => {
    const part = frame.subarray(Math.floor((index * frame.length) / count), Math.floor(((index + 1) * frame.length) / count));
    const payload = Buffer.allocUnsafe(vp8DescriptorLength + part.length);
    writeVp8Descriptor(payload, { start: index === 0, pictureId, layerZeroIndex: pictureId });
    part.copy(payload, vp8DescriptorLength);
    return payload;
  });
}
