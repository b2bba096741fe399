/** A recording as capture leaves it, rows and segments, of media that was made for the test. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Config } from '../../../../src/config.js';
import { FolderBlobs } from '../../../../src/platform/blobs/folder-blobs.js';
import { systemClock } from '../../../../src/platform/clock.js';
import type { Database } from '../../../../src/platform/database/index.js';
import { newId } from '../../../../src/platform/ids.js';
import { markEntry, packetEntry, reportEntry, segmentMagic, type TrackMark } from '../../../../src/recording/capture/track-log.js';
import { composeStep, type Edit } from '../../../../src/recording/compose/index.js';
import type { StepTools } from '../../../../src/recording/ports.js';
import { blobPrefix, type Recording, type RecordingSegment, type RecordingTrack } from '../../../../src/recording/recording.js';
import { Recordings } from '../../../../src/recording/recordings.js';
import { testConfig, testLog } from '../../../support/config.js';
import { insertOffice, insertRecording } from '../../../support/recording-rows.js';
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
  /** Any word; tracks with the same one are of the same participant. */
  readonly participant?: string;
  readonly source: RecordingTrack['source'];
}

const segmentSeconds = 4;
const startedAt = new Date('2026-03-02T01:00:00.250Z');

export class Captured {
  readonly folder: string;
  readonly database: Database;
  readonly blobs: FolderBlobs;
  readonly recordings: Recordings;
  readonly recording: Recording;
  readonly segments = new Map<string, RecordingSegment[]>();
  edits: Edit[] = [];
  readonly #ids = new Map<string, string>();

  private constructor({
    folder,
    database,
    blobs,
    recordings,
    recording,
  }: Pick<Captured, 'folder' | 'database' | 'blobs' | 'recordings' | 'recording'>) {
    this.folder = folder;
    this.database = database;
    this.blobs = blobs;
    this.recordings = recordings;
    this.recording = recording;
  }

  static async open(folder: string, seconds: number, database: Database, kind: Recording['kind'] = 'recording'): Promise<Captured> {
    const blobs = await FolderBlobs.open(path.join(folder, 'blobs'));
    const recordings = new Recordings({ database, blobs, clock: systemClock });
    const { orgId, id } = await insertRecording(database, {
      orgId: await insertOffice(database),
      kind,
      state: 'processing',
      startedAt,
      stoppedAt: new Date(startedAt.getTime() + seconds * 1_000),
    });
    return new Captured({ folder, database, blobs, recordings, recording: await recordings.get(orgId, id) });
  }

  async track(who: Who, media: MediaPackets, coming: Coming): Promise<RecordingTrack> {
    const start = startedAt.getTime();
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
    const id = newId();
    await this.database.query(
      `insert into recording_tracks (org_id, id, recording_id, person_id, person_name, participant_id, source, mime_type, clock_rate, channels, ssrc,
         payload_type, node, state, started_at, ended_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 2, $10, $11, 'one', 'sealed', $12, $13)`,
      [
        ...[this.recording.orgId, id, this.recording.id, newId(), who.name, this.#idOf(who.participant), who.source, media.mimeType],
        ...[media.clockRate, media.ssrc, media.payloadType, new Date(start + from * 1_000)],
        new Date(start + (coming.until ?? from + end * pace + 0.04) * 1_000),
      ],
    );
    const track = (await this.recordings.tracks(this.recording)).find((row) => row.id === id);
    if (!track) throw new Error('The track is not there.');
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
      const blobKey = `${blobPrefix(this.recording)}/tracks/${track.id}/${String(number).padStart(5, '0')}.log`;
      await this.blobs.put(blobKey, bytes);
      const segment: RecordingSegment = {
        trackId: track.id,
        number,
        blobKey,
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        firstAt: new Date(part[0]?.at ?? 0),
        lastAt: new Date(part.at(-1)?.at ?? 0),
      };
      await this.database.query(
        `insert into recording_segments (org_id, track_id, number, blob_key, bytes, sha256, first_at, last_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [track.orgId, track.id, number, blobKey, segment.bytes, segment.sha256, segment.firstAt, segment.lastAt],
      );
      segments.push(segment);
      number += 1;
    }
    this.segments.set(track.id, segments);
  }

  #idOf(participant: string = newId()): string {
    const id = this.#ids.get(participant) ?? newId();
    this.#ids.set(participant, id);
    return id;
  }

  async pause(from: number, to: number): Promise<void> {
    const at = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000);
    await this.database.query(
      `insert into recording_pauses (org_id, recording_id, paused_at, paused_by, resumed_at, resumed_by) values ($1, $2, $3, $4, $5, $4)`,
      [this.recording.orgId, this.recording.id, at(from), newId(), at(to)],
    );
  }

  async say(speaker: string, text: string, from: number, to: number): Promise<void> {
    await this.database.query(
      `insert into transcript_lines (org_id, recording_id, id, person_id, speaker, begin_ms, end_ms, language, text, engine)
       values ($1, $2, $3, $4, $5, $6, $7, 'en', $8, 'a person')`,
      [this.recording.orgId, this.recording.id, newId(), newId(), speaker, from * 1_000, to * 1_000, text],
    );
  }

  /** The meeting turned to an item of its agenda, or to none. */
  async turn(title: string | null, at: number): Promise<void> {
    const { orgId, meetingId } = this.recording;
    await this.database.query(
      `insert into meeting_agenda_turns (org_id, meeting_id, number, item_id, title, at)
       select $1::uuid, $2::uuid, count(*) + 1, $3::uuid, $4::text, $5::timestamptz from meeting_agenda_turns where meeting_id = $2`,
      [orgId, meetingId, title === null ? null : newId(), title, new Date(startedAt.getTime() + at * 1_000)],
    );
  }

  async withdraw(track: Pick<RecordingTrack, 'id'>): Promise<void> {
    await this.database.query(`update recording_tracks set state = 'removed' where id = $1`, [track.id]);
  }

  async compose(settings: Partial<Config> = {}, tools: Partial<StepTools> = {}): Promise<void> {
    const { database, blobs, recordings } = this;
    const step = composeStep({
      config: testConfig({ DATA_DIR: this.folder, COMPOSE_HEIGHT: 360, ...settings }),
      database,
      blobs,
      rows: recordings,
      files: recordings,
      log: testLog(),
      editsOf: async () => this.edits,
    });
    await step.run(this.recording, { signal: new AbortController().signal, version: 1, progress: () => undefined, ...tools });
  }

  /** Names of what was made. */
  async files(): Promise<string[]> {
    const rows = await this.database.query<{ name: string }>('select name from recording_files where recording_id = $1 order by name', [
      this.recording.id,
    ]);
    return rows.map(({ name }) => name);
  }

  /** Where a file lies. */
  file(name: string): string {
    return path.join(this.folder, 'blobs', blobPrefix(this.recording), 'v1', name);
  }
}

/** The same on every run, between 0 and 1. */
function noise(index: number): number {
  const value = Math.sin(index * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
}
