/** The payload of a generated voice: looks like Opus from outside, and says inside who speaks and since when. */
import { readStamp, writeStamp } from './wire/rtp.js';

export interface Voice {
  /** Number of the one who speaks. */
  readonly speaker: number;
  readonly sentAt: number;
}

/** Opus, CELT, full band, 20 ms, one frame (RFC 6716 section 3.1). */
const opusHead = 0xf8;
const magic = 0x43_57_41_59;
const length = 1 + 4 + 4 + 8;

export function writeVoice({ speaker, sentAt }: Voice, bytes: number): Buffer {
  const payload = Buffer.alloc(Math.max(bytes, length));
  payload[0] = opusHead;
  payload.writeUInt32BE(magic, 1);
  payload.writeUInt32BE(speaker, 5);
  writeStamp(payload, 9, { sentAt, sequence: 0 });
  return payload;
}

/** What an encoder sends now and then while nobody speaks (RFC 7587 section 3.1.3). */
export function writeSilence(): Buffer {
  return Buffer.from([opusHead]);
}

/** Undefined: silence, or not ours. */
export function readVoice(payload: Buffer): Voice | undefined {
  if (payload.length < length || payload.readUInt32BE(1) !== magic) return undefined;
  return { speaker: payload.readUInt32BE(5), sentAt: readStamp(payload, 9).sentAt };
}
