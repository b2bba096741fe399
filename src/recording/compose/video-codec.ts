/** What must be known of a picture's bytes: where it begins in packets, whether it stands alone, its size. */
import { dePacketizeRtpPackets, type RtpPacket } from 'werift-rtp';
import { av1Unit } from './av1.js';

export type VideoCodecName = 'vp8' | 'vp9' | 'avc' | 'av1';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  readonly data: Uint8Array;
  readonly isKey: boolean;
  /** Where the key picture says it where we look. */
  readonly size: Size | null;
}

const codecs: Readonly<Record<string, VideoCodecName>> = {
  'video/vp8': 'vp8',
  'video/vp9': 'vp9',
  'video/h264': 'avc',
  'video/av1': 'av1',
};

const depacketizers = { vp8: 'VP8', vp9: 'VP9', avc: 'MPEG4/ISO/AVC' } as const;

export function videoCodecOf(mimeType: string): VideoCodecName | null {
  return codecs[mimeType.toLowerCase()] ?? null;
}

/** Whether a picture can begin with this packet; told by the descriptor of the payload. */
export function beginsPicture(codec: VideoCodecName, payload: Uint8Array): boolean {
  const [first = 0, second = 0] = payload;
  // RFC 7741 section 4.2: S is set, and the partition is the first one.
  if (codec === 'vp8') return (first & 0x10) !== 0 && (first & 0x07) === 0;
  // RFC 9628 section 4.2: B.
  if (codec === 'vp9') return (first & 0x08) !== 0;
  // RFC 6184 section 5.8: a fragment that is not the first of its unit.
  if (codec === 'avc') return (first & 0x1f) !== 28 || (second & 0x80) !== 0;
  // AV1 RTP specification section 4.4: Z.
  return (first & 0x80) === 0;
}

/** @throws Error when the packets make no picture */
export function pictureOf(codec: VideoCodecName, packets: RtpPacket[]): Picture {
  if (codec === 'av1') return av1(packets);
  const made = dePacketizeRtpPackets(depacketizers[codec], packets);
  const data = codec === 'vp9' ? superframe(packets, made.data) : made.data;
  if (data.length === 0) throw new Error('a picture without bytes');
  if (codec === 'vp8') return vp8(data);
  if (codec === 'vp9') return vp9(data);
  return { data, isKey: hasUnit(data, 5), size: null };
}

/** N: a new coded video sequence begins (AV1 RTP specification section 4.4). */
function av1(packets: readonly RtpPacket[]): Picture {
  const data = av1Unit(packets.map(({ payload }) => payload));
  if (data.length === 0) throw new Error('a picture without bytes');
  return { data, isKey: packets.some(({ payload }) => ((payload[0] ?? 0) & 0x08) !== 0), size: null };
}

/** RFC 6386 section 9.1. */
function vp8(data: Buffer): Picture {
  const isKey = ((data[0] ?? 1) & 1) === 0;
  const hasSize = isKey && data.length >= 10 && data.readUIntBE(3, 3) === 0x9d012a;
  return { data, isKey, size: hasSize ? { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff } : null };
}

/** The uncompressed header of VP9 (bitstream specification section 6.2). What the RTP descriptor says of key frames can be wrong. */
function vp9(data: Buffer): Picture {
  let position = 0;
  const bits = (count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1, position += 1) {
      value = value * 2 + (((data[position >> 3] ?? 0) >> (7 - (position & 7))) & 1);
    }
    return value;
  };
  if (bits(2) !== 2) throw new Error('this is no frame of VP9');
  const profile = bits(1) + bits(1) * 2;
  if (profile === 3) bits(1);
  if (bits(1) === 1) return { data, isKey: false, size: null };
  const isKey = bits(1) === 0;
  bits(2);
  if (!isKey || profile !== 0 || bits(24) !== 0x498342) return { data, isKey, size: null };
  const isRgb = bits(3) === 7;
  if (isRgb) return { data, isKey, size: null };
  bits(1);
  return { data, isKey, size: { width: bits(16) + 1, height: bits(16) + 1 } };
}

/** Spatial layers of one picture lie in one superframe, whose index says where each begins (bitstream specification annex B). */
function superframe(packets: readonly RtpPacket[], data: Buffer): Buffer {
  const sizes: number[] = [];
  if (packets.filter(({ payload }) => beginsPicture('vp9', payload)).length < 2) return data;
  for (const packet of packets) {
    const bytes = dePacketizeRtpPackets('VP9', [packet]).data.length;
    if (beginsPicture('vp9', packet.payload) || sizes.length === 0) sizes.push(bytes);
    else sizes[sizes.length - 1] = (sizes.at(-1) ?? 0) + bytes;
  }
  if (sizes.length > 8) return data;
  const bytesOfSize = 4;
  const marker = 0xc0 | ((bytesOfSize - 1) << 3) | (sizes.length - 1);
  const index = Buffer.alloc(2 + bytesOfSize * sizes.length, marker);
  for (const [at, size] of sizes.entries()) index.writeUInt32LE(size, 1 + at * bytesOfSize);
  return Buffer.concat([data, index]);
}

/** Looks for a unit of this type between start codes (ITU-T H.264 annex B). */
function hasUnit(data: Buffer, type: number): boolean {
  for (let at = data.indexOf('000001', 0, 'hex'); at !== -1; at = data.indexOf('000001', at + 3, 'hex')) {
    if (((data[at + 3] ?? 0) & 0x1f) === type) return true;
  }
  return false;
}
