/** Puts the pictures of a track together from its packets. */
import { RtpPacket } from 'werift-rtp';
import type { TimedPacket } from './track-reader.js';
import { beginsPicture, type Picture, pictureOf, type VideoCodecName } from './video-codec.js';

export interface VideoFrame extends Picture {
  /** Since the recording's start. */
  readonly atMs: number;
}

interface Part {
  readonly atMs: number;
  readonly sequence: number;
  readonly packet: RtpPacket;
}

/**
 * After a loss pictures are held back until one stands alone, but not longer than this, milliseconds: the
 * capture asked for one at once, and if none comes (some publishers give none), a picture with faults
 * shows more than one that stands still.
 */
const holdMs = 3_000;

export class VideoFrames {
  readonly #codec: VideoCodecName;
  #parts: Part[] = [];
  #ticks: number | null = null;
  #run = -1;
  /** The last number of the picture before; null: before the first one. */
  #before: number | null = null;
  /** Since when pictures that don't stand alone are held back; null: they are not. */
  #heldSince: number | null = null;
  #hasKey = false;

  constructor(codec: VideoCodecName) {
    this.#codec = codec;
  }

  /** Pictures that could not be shown since `from`, when there were any. */
  get held(): number | null {
    return this.#heldSince;
  }

  push({ atMs, sequence, ticks, run, bytes }: TimedPacket): VideoFrame | null {
    const frame = ticks === this.#ticks && run === this.#run ? null : this.#take();
    this.#ticks = ticks;
    this.#run = run;
    const packet = packetOf(bytes);
    if (!packet) return frame;
    // A probe for bandwidth is padding alone.
    if (packet.payload.length > 0) this.#parts.push({ atMs, sequence, packet });
    else if (this.#parts.length === 0 && this.#before === sequence - 1) this.#before = sequence;
    return frame;
  }

  flush(): VideoFrame | null {
    return this.#take();
  }

  #take(): VideoFrame | null {
    const parts = this.#parts;
    const [first] = parts;
    const last = parts.at(-1);
    this.#parts = [];
    if (!first || !last) return null;
    const follows = this.#before !== null && first.sequence === this.#before + 1;
    this.#before = last.sequence;
    const whole =
      parts.every(({ sequence }, index) => sequence === first.sequence + index) &&
      beginsPicture(this.#codec, first.packet.payload) &&
      last.packet.header.marker;
    if (!whole || !follows) this.#heldSince ??= first.atMs;
    if (!whole) return null;
    return this.#show(first.atMs, parts);
  }

  #show(atMs: number, parts: readonly Part[]): VideoFrame | null {
    let picture: Picture;
    try {
      picture = pictureOf(
        this.#codec,
        parts.map(({ packet }) => packet),
      );
    } catch {
      this.#heldSince ??= atMs;
      return null;
    }
    if (picture.isKey) {
      this.#hasKey = true;
      this.#heldSince = null;
    } else if (!this.#hasKey || (this.#heldSince !== null && atMs - this.#heldSince < holdMs)) {
      return null;
    } else {
      this.#heldSince = null;
    }
    return { atMs, ...picture };
  }
}

/** Null: what came can't be read, and counts as lost. */
function packetOf(bytes: Buffer): RtpPacket | null {
  try {
    return RtpPacket.deSerialize(bytes);
  } catch {
    return null;
  }
}
