/** Reads the log of a captured track: packets in order, on the recording's clock. */
import { RtpPacket } from 'werift-rtp';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { RecordingRows } from '../ports.js';
import type { Recording, RecordingTrack } from '../recording.js';
import { opusDurationMs } from './opus.js';
import type { AudioFrame, TrackAudio } from './ports.js';
import { Reorder } from './rtp.js';
import { alignTracks, type TrackClock } from './track-clock.js';
import { scanTrack, type TrackScan } from './track-scan.js';
import { readEntries, type SegmentSource } from './track-segments.js';
import { type PlacedPacket, TrackWalk } from './track-walk.js';

export interface TimedPacket extends PlacedPacket {
  /** Since the recording's start. */
  readonly atMs: number;
  /** It was sent while the track was muted: it counts as come, and is used for nothing. */
  readonly isMuted: boolean;
}

/** A frame, and how many packets before it never came. */
export interface HeardFrame extends AudioFrame {
  readonly lost: number;
}

/** A track that was read once, so that its packets can be given their times. */
export interface ScannedTrack {
  readonly track: RecordingTrack;
  readonly source: SegmentSource;
  readonly scan: TrackScan;
  readonly clock: TrackClock;
}

export function openTrackAudio({ rows, blobs }: { readonly rows: Pick<RecordingRows, 'segments'>; readonly blobs: BlobStore }): TrackAudio {
  return {
    async *frames(recording, track, signal) {
      const source = { blobs, segments: await rows.segments(track), signal };
      const scan = await scanTrack(track, source);
      const [clock] = alignTracks([scan]);
      if (clock) yield* readAudio(recording, { track, source, scan, clock });
    },
  };
}

/** In the order in which they were sent. */
export async function* readPackets(recording: Pick<Recording, 'startedAt'>, scanned: ScannedTrack): AsyncGenerator<TimedPacket> {
  const { track, source, scan, clock } = scanned;
  const startedAt = recording.startedAt.getTime();
  const walk = new TrackWalk(track);
  const timed = function* (packets: Iterable<PlacedPacket>): Generator<TimedPacket> {
    for (const packet of packets) {
      const atMs = clock(packet.run, packet.ticks) - startedAt;
      const isMuted = scan.muted.some(({ from, to }) => packet.at >= from && packet.at < to);
      if (Number.isFinite(atMs)) yield { ...packet, atMs, isMuted };
    }
  };
  let reorder = new Reorder<PlacedPacket>();
  let ssrc: number | null = null;
  for await (const entry of readEntries(source)) {
    if (entry.kind !== 'packet') continue;
    const placed = walk.place(entry.at, entry.packet);
    if (!placed) continue;
    if (placed.ssrc !== ssrc) {
      yield* timed(reorder.flush());
      reorder = new Reorder();
      ssrc = placed.ssrc;
    }
    yield* timed(reorder.push(placed));
  }
  yield* timed(reorder.flush());
}

export async function* readAudio(recording: Pick<Recording, 'startedAt'>, scanned: ScannedTrack): AsyncGenerator<HeardFrame> {
  // Clocks that were fitted apart may overlap by a little: time never goes back.
  let end = 0;
  let before: TimedPacket | null = null;
  let lost = 0;
  for await (const packet of readPackets(recording, scanned)) {
    const { atMs, isMuted, run, sequence } = packet;
    if (before && before.run === run) lost += sequence - before.sequence - 1;
    before = packet;
    const opus = isMuted ? null : payloadOf(packet.bytes);
    const durationMs = opus ? opusDurationMs(opus) : 0;
    if (!opus || durationMs === 0 || atMs < 0 || atMs + durationMs / 2 < end) continue;
    const at = Math.max(atMs, end);
    end = atMs + durationMs;
    yield { atMs: at, durationMs, opus, lost };
    lost = 0;
  }
}

/** Null: what came is no packet that can be read. */
function payloadOf(bytes: Buffer): Buffer | null {
  try {
    const { payload } = RtpPacket.deSerialize(bytes);
    return payload.length > 0 ? payload : null;
  } catch {
    return null;
  }
}
