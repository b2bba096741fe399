/**
 * Several RTP streams made into one: whichever is switched in goes on where the one before ended, so
 * that a receiver sees a single stream (RFC 3550 section 5.1). Pure but for the packets, which it
 * writes in place.
 */

export interface RtpSwitchOptions {
  readonly ssrc: number;
  /** Hertz of the RTP clock. */
  readonly clockRate: number;
}

const sequenceNumbers = 0x1_0000;
const timestamps = 0x1_0000_0000;
/** A packet of the present source from before this many was sent before it was switched in. */
const reorderLimit = 0x8000;
/** One Opus frame of the usual length, milliseconds: the least distance between two sources. */
const frameMs = 20;

export class RtpSwitch {
  readonly #options: RtpSwitchOptions;
  #source: string | null = null;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  #firstSequence = 0;
  #lastSequence = 0;
  #lastTimestamp = 0;
  #lastAt = 0;
  #begun = false;

  constructor(options: RtpSwitchOptions) {
    this.#options = options;
  }

  /**
   * Rewrites SSRC, sequence number and timestamp, and the marker of the first packet of a source
   * (RFC 3551 section 4.1: a talkspurt begins).
   *
   * @param source names the stream whose numbers these are: a microphone that is tapped anew is
   * another one, because the worker numbers the packets of each tap from a random number on.
   * @param now milliseconds, of any clock that doesn't go back.
   * @returns false: the packet is from before its source was switched in; don't send it.
   */
  rewrite(packet: Buffer, source: string, now: number): boolean {
    if (packet.length < 12) return false;
    const sequence = packet.readUInt16BE(2);
    const timestamp = packet.readUInt32BE(4);
    const switched = source !== this.#source;
    if (switched) this.#switchTo(source, sequence, timestamp, now);
    if ((sequence - this.#firstSequence + sequenceNumbers) % sequenceNumbers >= reorderLimit) return false;

    const outSequence = (sequence + this.#sequenceOffset) % sequenceNumbers;
    const outTimestamp = (timestamp + this.#timestampOffset) % timestamps;
    packet.writeUInt16BE(outSequence, 2);
    packet.writeUInt32BE(outTimestamp, 4);
    packet.writeUInt32BE(this.#options.ssrc, 8);
    const second = packet.readUInt8(1);
    packet.writeUInt8(switched ? second | 0x80 : second, 1);
    if (isAhead(outSequence, this.#lastSequence) || switched) {
      this.#lastSequence = outSequence;
      this.#lastTimestamp = outTimestamp;
      this.#lastAt = now;
    }
    // The window moves on, or a long talk would wrap around into it.
    if ((sequence - this.#firstSequence + sequenceNumbers) % sequenceNumbers > reorderLimit / 2)
      this.#firstSequence = (sequence - reorderLimit / 4 + sequenceNumbers) % sequenceNumbers;
    return true;
  }

  #switchTo(source: string, sequence: number, timestamp: number, now: number): void {
    this.#source = source;
    this.#firstSequence = sequence;
    if (!this.#begun) {
      this.#begun = true;
      this.#sequenceOffset = 0;
      this.#timestampOffset = 0;
      return;
    }
    const passed = Math.round((Math.max(frameMs, now - this.#lastAt) * this.#options.clockRate) / 1_000);
    this.#sequenceOffset = (this.#lastSequence + 1 - sequence + sequenceNumbers) % sequenceNumbers;
    this.#timestampOffset = (((this.#lastTimestamp + passed - timestamp) % timestamps) + timestamps) % timestamps;
  }
}

function isAhead(sequence: number, last: number): boolean {
  return (sequence - last + sequenceNumbers) % sequenceNumbers < sequenceNumbers / 2;
}

/** What a packet says of its own loudness (RFC 6464): dBov from -127 to 0; undefined: it says nothing. */
export function audioLevel(packet: Buffer, extensionId: number): number | undefined {
  const first = packet.at(0) ?? 0;
  if ((first & 0x10) === 0) return undefined;
  let at = 12 + (first & 0x0f) * 4;
  // One-byte headers (RFC 8285 section 4.2).
  if (packet.length < at + 4 || packet.readUInt16BE(at) !== 0xbede) return undefined;
  const end = Math.min(packet.length, at + 4 + packet.readUInt16BE(at + 2) * 4);
  at += 4;
  while (at < end) {
    const header = packet.readUInt8(at);
    if (header === 0) {
      at += 1;
      continue;
    }
    const length = (header & 0x0f) + 1;
    if (header >> 4 === extensionId && at + 1 < end) return -(packet.readUInt8(at + 1) & 0x7f);
    at += 1 + length;
  }
  return undefined;
}
