/** A captured track as a file with times, and what is known of it. Made once; found again after a crash. */
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Recording, RecordingSegment, RecordingTrack } from '../recording.js';
import { audioFile, videoFile } from './matroska.js';
import { alignTracks } from './track-clock.js';
import { readAudio, readPackets, type ScannedTrack } from './track-reader.js';
import { scanTrack } from './track-scan.js';
import { videoCodecOf } from './video-codec.js';
import { VideoFrames } from './video-frames.js';

const spanSchema = z.object({ from: z.number(), to: z.number() });
const trackFileSchema = z.object({
  /** When something of it is there, milliseconds since the recording's start. */
  spans: z.array(spanSchema),
  /** When something of it should be there and isn't. */
  gaps: z.array(spanSchema.extend({ what: z.enum(['altered', 'missing', 'lost', 'damaged']), segment: z.number().optional() })),
  /** The publisher had turned it off. */
  muted: z.array(spanSchema),
  frames: z.number(),
});

export interface TrackFile extends z.infer<typeof trackFileSchema> {
  readonly track: RecordingTrack;
  /** Null: nothing in it can be decoded. */
  readonly file: string | null;
}

export interface TrackFileDeps {
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Whether anything in a file can be shown. */
  readonly canShow: (file: string) => Promise<boolean>;
}

/** Raised when the same log gives another file. */
const form = 1;
/** JSON knows no infinity: who never unmuted, milliseconds. */
const longestMs = 1e12;
/** A voice that pauses longer has stopped; a picture that stands longer too. Milliseconds. */
const pauseMs = { audio: 1_000, video: 2_000 } as const;
/** Shorter losses are not worth a word, milliseconds. */
const lossMs = { audio: 200, video: 1_000 } as const;

/** All tracks of one participant: they share a clock. */
export async function makeTrackFiles(
  recording: Pick<Recording, 'startedAt'>,
  tracks: readonly { readonly track: RecordingTrack; readonly segments: readonly RecordingSegment[] }[],
  { blobs, folder, signal, canShow }: TrackFileDeps,
): Promise<TrackFile[]> {
  const origin = fingerprint([
    form,
    recording.startedAt,
    tracks.map(({ track, segments }) => [track.id, segments.map(({ sha256 }) => sha256)]),
  ]);
  const place = (track: RecordingTrack) => path.join(folder, `track-${track.id}-${origin}`);
  const known = await Promise.all(tracks.map(({ track }) => readTrackFile(track, place(track))));
  if (known.every((file) => file !== null)) return known;
  const sources = tracks.map(({ track, segments }) => ({ track, source: { blobs, segments, signal } }));
  const scans = [];
  for (const { track, source } of sources) scans.push(await scanTrack(track, source));
  const clocks = alignTracks(scans);
  const files: TrackFile[] = [];
  for (const [index, { track, source }] of sources.entries()) {
    const [scan, clock, found] = [scans[index], clocks[index], known[index]];
    if (found) files.push(found);
    else if (scan && clock) files.push(await writeTrackFile(recording, { track, source, scan, clock }, place(track), canShow));
  }
  return files;
}

export function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

async function readTrackFile(track: RecordingTrack, place: string): Promise<TrackFile | null> {
  const text = await readFile(`${place}.json`, 'utf8').catch(() => null);
  if (text === null) return null;
  const about = trackFileSchema.parse(JSON.parse(text));
  return { track, file: about.frames > 0 ? `${place}.mkv` : null, ...about };
}

async function writeTrackFile(
  recording: Pick<Recording, 'startedAt'>,
  scanned: ScannedTrack,
  place: string,
  canShow: TrackFileDeps['canShow'],
): Promise<TrackFile> {
  const startedAt = recording.startedAt.getTime();
  const about = new About(scanned.track);
  for (const gap of scanned.scan.gaps) about.gaps.push({ ...gap, from: gap.from - startedAt, to: gap.to - startedAt });
  const file = `${place}.mkv`;
  await (isVideo(scanned.track) ? writeVideo : writeAudio)(recording, scanned, file, about);
  // One file that FFmpeg can't read would fail all of the picture.
  if (isVideo(scanned.track) && about.frames > 0 && !(await canShow(file))) about.giveUp();
  const muted = scanned.scan.muted.map(({ from, to }) => ({ from: from - startedAt, to: Math.min(to - startedAt, longestMs) }));
  const known = { spans: about.spans, gaps: about.gaps, muted, frames: about.frames };
  await writeFile(`${place}.json.half`, JSON.stringify(known));
  await rename(`${place}.json.half`, `${place}.json`);
  return { track: scanned.track, file: known.frames > 0 ? file : null, ...known };
}

async function writeAudio(recording: Pick<Recording, 'startedAt'>, scanned: ScannedTrack, file: string, about: About): Promise<void> {
  const out = audioFile(file);
  try {
    for await (const frame of readAudio(recording, scanned)) {
      if (frame.lost > 0) about.lose('lost', about.spans.at(-1)?.to ?? frame.atMs, frame.atMs);
      about.add(frame.atMs, frame.durationMs);
      await out.add(frame);
    }
    await out.finish();
  } finally {
    await out.discard();
  }
}

async function writeVideo(recording: Pick<Recording, 'startedAt'>, scanned: ScannedTrack, file: string, about: About): Promise<void> {
  const codec = videoCodecOf(scanned.track.mimeType);
  if (!codec) return;
  const out = videoFile(file, codec);
  const frames = new VideoFrames(codec);
  let heldFrom: number | null = null;
  const take = async (frame: ReturnType<VideoFrames['push']>): Promise<void> => {
    if (frame && frame.atMs >= 0) {
      if (heldFrom !== null) about.lose('damaged', heldFrom, frame.atMs);
      heldFrom = null;
      about.add(frame.atMs, 0);
      await out.add(frame);
    }
    heldFrom ??= frames.held;
  };
  try {
    let last = 0;
    for await (const packet of readPackets(recording, scanned)) {
      if (packet.isMuted) continue;
      last = Math.max(last, packet.atMs);
      await take(frames.push(packet));
    }
    await take(frames.flush());
    if (heldFrom !== null) about.lose('damaged', heldFrom, last);
    await out.finish();
  } finally {
    await out.discard();
  }
}

export function isVideo({ mimeType }: Pick<RecordingTrack, 'mimeType'>): boolean {
  return mimeType.toLowerCase().startsWith('video/');
}

/** Collects what is known of a track while it is written. */
class About {
  readonly spans: { from: number; to: number }[] = [];
  readonly gaps: TrackFile['gaps'] = [];
  frames = 0;
  readonly #kind: 'audio' | 'video';

  constructor(track: RecordingTrack) {
    this.#kind = isVideo(track) ? 'video' : 'audio';
  }

  add(atMs: number, durationMs: number): void {
    this.frames += 1;
    const last = this.spans.at(-1);
    if (last && atMs - last.to <= pauseMs[this.#kind]) last.to = Math.max(last.to, atMs + durationMs);
    else this.spans.push({ from: atMs, to: atMs + durationMs });
  }

  giveUp(): void {
    const [first, last] = [this.spans[0], this.spans.at(-1)];
    if (first && last) this.gaps.push({ what: 'damaged', from: first.from, to: last.to });
    this.spans.length = 0;
    this.frames = 0;
  }

  lose(what: 'lost' | 'damaged', from: number, to: number): void {
    if (to - from >= lossMs[this.#kind]) this.gaps.push({ what, from, to });
  }
}
