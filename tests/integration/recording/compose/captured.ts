/** A recording as capture leaves it: rows in memory, segments in a real blob store, of media that was made for the test. */
import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../../../src/config.js';
import { FolderBlobs } from '../../../../src/platform/blobs/folder-blobs.js';
import type { Database } from '../../../../src/platform/database/index.js';
import { markEntry, packetEntry, reportEntry, segmentMagic, type TrackMark } from '../../../../src/recording/capture/track-log.js';
import { composeStep, type Edit } from '../../../../src/recording/compose/index.js';
import type { NewFile, RecordingRows } from '../../../../src/recording/ports.js';
import type { Pause, Recording, RecordingSegment, RecordingTrack, TranscriptLine } from '../../../../src/recording/recording.js';
import { testConfig, testLog } from '../../../support/config.js';
import type { MediaPackets } from './rtp-media.js';

/** How a track came: all times in seconds of the recording. */
export interface Coming {
  /** When its first packet was sent. */
  readonly from: number;
  /** True seconds in which the media's clock counts one: 1.001 runs slow. */
  readonly pace?: number;
  /** The publisher's wall clock is ahead of ours by this. */
  readonly clockAhead?: number;
  /** On the way, at least. */
  readonly delay?: number;
  /** On the way, more than that at most, another for each packet. */
  readonly jitter?: number;
  /** Seconds between sender reports; 0: none. */
  readonly reports?: number;
  /** What of the media is sent, in its seconds. */
  readonly sent?: (seconds: number, index: number) => boolean;
  readonly marks?: readonly { readonly at: number; readonly mark: TrackMark }[];
  /** In which order packets came: index to index, such as a repair that came late by 0.5 s. */
  readonly late?: (index: number) => number;
  readonly until?: number;
}

export interface Who {
  readonly name: string;
  readonly participantId?: string;
  readonly source: RecordingTrack['source'];
}

const segmentSeconds = 4;

export class Captured {
  readonly orgId = randomUUID();
  readonly recording: Recording;
  readonly blobs: FolderBlobs;
  readonly folder: string;
  readonly tracks: RecordingTrack[] = [];
  readonly segments = new Map<string, RecordingSegment[]>();
  readonly pauses: Pause[] = [];
  readonly lines: TranscriptLine[] = [];
  /** By name, where it lies now. */
  readonly files = new Map<string, NewFile>();
  readonly chapters: { atMs: number; title: string }[] = [];
  edits: Edit[] = [];

  private constructor(folder: string, blobs: FolderBlobs, seconds: number) {
    this.folder = folder;
    this.blobs = blobs;
    const startedAt = new Date('2026-03-02T01:00:00.250Z');
    this.recording = {
      orgId: this.orgId,
      id: randomUUID(),
      meetingId: randomUUID(),
      conversationId: randomUUID(),
      kind: 'recording',
      state: 'processing',
      title: 'Stand-up',
      startedBy: randomUUID(),
      startedByName: 'Mei',
      startedAt,
      stoppedAt: new Date(startedAt.getTime() + seconds * 1_000),
      noticeHash: 'none',
      policy: { consent: 'ask', starters: 'host', keepDays: null, viewers: 'participants', download: true, watermark: false, contact: '' },
      step: 'compose',
      progress: 0,
      failure: null,
      bytes: 0,
      version: 0,
      deleteAt: null,
    };
  }

  static async open(folder: string, seconds: number): Promise<Captured> {
    return new Captured(folder, await FolderBlobs.open(path.join(folder, 'blobs')), seconds);
  }

  async track(who: Who, media: MediaPackets, coming: Coming): Promise<RecordingTrack> {
    const start = this.recording.startedAt.getTime();
    const { from, pace = 1, delay = 0.02, jitter = 0.004, clockAhead = 0, reports = 1, sent = () => true } = coming;
    const baseSequence = 65_500;
    const baseTicks = 4_294_900_000;
    const entries: { at: number; bytes: Buffer }[] = [];
    const atOf = (seconds: number): number => start + (from + seconds * pace) * 1_000;
    let index = 0;
    for (const { seconds, ticks, bytes } of media.packets) {
      const packet = Buffer.from(bytes);
      packet.writeUInt16BE((baseSequence + index) & 0xffff, 2);
      packet.writeUInt32BE((baseTicks + ticks) >>> 0, 4);
      const at = atOf(seconds) + delay * 1_000 + noise(index) * jitter * 1_000 + (coming.late?.(index) ?? 0) * 1_000;
      if (sent(seconds, index)) entries.push({ at, bytes: packetEntry(at, packet) });
      index += 1;
    }
    const end = media.packets.at(-1)?.seconds ?? 0;
    for (let seconds = 0.3; reports > 0 && seconds < end; seconds += reports) {
      if (!sent(seconds, -1)) continue;
      const at = atOf(seconds) + delay * 1_000;
      const ntpSeconds = (atOf(seconds) + clockAhead * 1_000) / 1_000 + 2_208_988_800;
      const ntp = (BigInt(Math.floor(ntpSeconds)) << 32n) | BigInt(Math.floor((ntpSeconds % 1) * 2 ** 32));
      const rtp = (baseTicks + Math.round(seconds * media.clockRate)) % 2 ** 32;
      entries.push({ at, bytes: reportEntry(at, { ssrc: media.ssrc, ntp, rtp }) });
    }
    for (const { at, mark } of coming.marks ?? []) entries.push({ at: start + at * 1_000, bytes: markEntry(start + at * 1_000, mark) });
    entries.sort((a, b) => a.at - b.at);
    const track: RecordingTrack = {
      orgId: this.orgId,
      id: randomUUID(),
      recordingId: this.recording.id,
      personId: randomUUID(),
      personName: who.name,
      participantId: who.participantId ?? randomUUID(),
      source: who.source,
      mimeType: media.mimeType,
      clockRate: media.clockRate,
      channels: 2,
      ssrc: media.ssrc,
      payloadType: media.payloadType,
      node: 'one',
      state: 'sealed',
      startedAt: new Date(start + from * 1_000),
      endedAt: new Date(start + (coming.until ?? from + end * pace + 0.04) * 1_000),
    };
    this.tracks.push(track);
    await this.#seal(track, entries);
    return track;
  }

  async #seal(track: RecordingTrack, entries: readonly { at: number; bytes: Buffer }[]): Promise<void> {
    const segments: RecordingSegment[] = [];
    const first = entries[0]?.at ?? 0;
    const byNumber = new Map<number, { at: number; bytes: Buffer }[]>();
    for (const entry of entries) {
      const number = Math.floor((entry.at - first) / segmentSeconds / 1_000);
      byNumber.set(number, [...(byNumber.get(number) ?? []), entry]);
    }
    let number = 0;
    for (const part of byNumber.values()) {
      const bytes = Buffer.concat([segmentMagic, ...part.map((entry) => entry.bytes)]);
      const blobKey = `recordings/${this.orgId}/${this.recording.id}/tracks/${track.id}/${String(number).padStart(5, '0')}.log`;
      await this.blobs.put(blobKey, bytes);
      segments.push({
        trackId: track.id,
        number,
        blobKey,
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        firstAt: new Date(part[0]?.at ?? 0),
        lastAt: new Date(part.at(-1)?.at ?? 0),
      });
      number += 1;
    }
    this.segments.set(track.id, segments);
  }

  get rows(): RecordingRows {
    return {
      get: async () => this.recording,
      tracks: async () => this.tracks,
      segments: async ({ id }) => this.segments.get(id) ?? [],
      pauses: async () => this.pauses,
      transcript: async () => this.lines,
    };
  }

  async compose(settings: Partial<Config> = {}, signal = new AbortController().signal, progress?: (ratio: number) => void): Promise<void> {
    const out = path.join(this.folder, 'out');
    await mkdir(path.join(out, 'hls'), { recursive: true });
    const step = composeStep({
      config: testConfig({ DATA_DIR: this.folder, COMPOSE_HEIGHT: 360, ...settings }),
      database: this.#database(),
      blobs: this.blobs,
      rows: this.rows,
      files: {
        add: async (_recording, _version, file) => {
          const kept = path.join(out, file.name);
          await copyFile(file.path, kept);
          this.files.set(file.name, { ...file, path: kept });
        },
      },
      log: testLog(),
      editsOf: async () => this.edits,
    });
    await step.run(this.recording, { signal, version: this.recording.version + 1, progress: progress ?? (() => undefined) });
  }

  file(name: string): string {
    const found = this.files.get(name);
    if (!found) throw new Error(`There is no ${name}; there are ${[...this.files.keys()].join(', ')}.`);
    return found.path;
  }

  /** Chapters alone are written to the database; tests with a real one look at them there. */
  #database(): Database {
    const query: Database['query'] = async (_sql, values) => {
      const [, , times, titles] = values ?? [];
      if (Array.isArray(times) && Array.isArray(titles)) {
        this.chapters.splice(0, Number.POSITIVE_INFINITY, ...times.map((atMs: number, index) => ({ atMs, title: String(titles[index]) })));
      }
      return [];
    };
    return { query, transaction: (run) => run({ query }), close: async () => undefined };
  }
}

/** The same on every run, between 0 and 1. */
function noise(index: number): number {
  const value = Math.sin(index * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
}
