/**
 * What was captured of a track, as it lies in files: an append-only log in segments of a few seconds.
 *
 * A segment begins with the 8 bytes `CWTRACK1`; then entries, each with a head of 13 bytes (type u8,
 * length of the body u32, arrival in milliseconds since 1970 f64, all big-endian) and its body:
 * 1 an RTP packet as it came (RFC 3550 section 5.1); 2 a sender report (ssrc u32, NTP u64, RTP u32);
 * 3 a mark, JSON in UTF-8. A body that ends before its length is what a crash cut off: it and all
 * that would follow is not there.
 */
export type TrackEntry =
  | { readonly kind: 'packet'; readonly at: number; readonly packet: Buffer }
  | { readonly kind: 'report'; readonly at: number; readonly ssrc: number; readonly ntp: bigint; readonly rtp: number }
  | { readonly kind: 'mark'; readonly at: number; readonly mark: TrackMark };

export type TrackMark =
  /** The publisher was muted, or not any more. */
  | { readonly what: 'muted' | 'unmuted' }
  /** Packets that never came, by sequence numbers (inclusive). */
  | { readonly what: 'lost'; readonly from: number; readonly to: number }
  /** Packets that came and were not kept: the disk was full or too slow. */
  | { readonly what: 'dropped'; readonly packets: number; readonly because: 'disk-full' | 'disk-slow' };

export const segmentMagic = Buffer.from('CWTRACK1');
export const entryHeadBytes = 13;

/** A truncated last entry ends the segment without an error. @throws Error when it is no segment at all. */
export function* readSegment(segment: Buffer): Generator<TrackEntry> {
  if (!segment.subarray(0, segmentMagic.length).equals(segmentMagic)) throw new Error('this is no segment of a track');
  let offset = segmentMagic.length;
  while (offset + entryHeadBytes <= segment.length) {
    const type = segment.readUInt8(offset);
    const length = segment.readUInt32BE(offset + 1);
    const at = segment.readDoubleBE(offset + 5);
    const body = segment.subarray(offset + entryHeadBytes, offset + entryHeadBytes + length);
    if (body.length < length) return;
    offset += entryHeadBytes + length;
    if (type === 1) yield { kind: 'packet', at, packet: body };
    else if (type === 2) yield { kind: 'report', at, ssrc: body.readUInt32BE(0), ntp: body.readBigUInt64BE(4), rtp: body.readUInt32BE(12) };
    else if (type === 3) yield { kind: 'mark', at, mark: JSON.parse(body.toString()) };
  }
}

/** Of the segment, as far as its entries are whole. 0: it is no segment at all. */
export function readableBytes(segment: Buffer): number {
  if (!segment.subarray(0, segmentMagic.length).equals(segmentMagic)) return 0;
  let offset = segmentMagic.length;
  while (offset + entryHeadBytes <= segment.length) {
    const type = segment.readUInt8(offset);
    const end = offset + entryHeadBytes + segment.readUInt32BE(offset + 1);
    // After a loss of power there may be anything behind what was synced.
    if (type < 1 || type > 3 || end > segment.length) break;
    if (type === 3 && !isJson(segment.subarray(offset + entryHeadBytes, end))) break;
    offset = end;
  }
  return offset;
}

export function packetEntry(at: number, packet: Uint8Array): Buffer {
  return entry(1, at, packet);
}

export function reportEntry(at: number, report: { readonly ssrc: number; readonly ntp: bigint; readonly rtp: number }): Buffer {
  const body = Buffer.allocUnsafe(16);
  body.writeUInt32BE(report.ssrc, 0);
  body.writeBigUInt64BE(report.ntp, 4);
  body.writeUInt32BE(report.rtp, 12);
  return entry(2, at, body);
}

export function markEntry(at: number, mark: TrackMark): Buffer {
  return entry(3, at, Buffer.from(JSON.stringify(mark)));
}

function entry(type: number, at: number, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(entryHeadBytes + body.length);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt32BE(body.length, 1);
  bytes.writeDoubleBE(at, 5);
  bytes.set(body, entryHeadBytes);
  return bytes;
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}
