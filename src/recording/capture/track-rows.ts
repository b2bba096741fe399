/** Rows of recording_tracks and recording_segments, as far as capture writes them. */
import type { Database } from '../../platform/database/index.js';
import type { Recording, RecordingTrack } from '../recording.js';
import type { Gap } from './gaps.js';
import type { TrackHeader } from './spool.js';

export interface CapturedNumbers {
  /** Times in milliseconds since 1970. */
  readonly gaps: readonly Gap[];
  readonly packets: number;
  readonly bytes: number;
  readonly endedAt: number;
}

export interface SegmentRow {
  readonly number: number;
  readonly blobKey: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly firstAt: number;
  readonly lastAt: number;
}

export type TrackOf = Pick<RecordingTrack, 'id' | 'node' | 'state'>;
/** gone: its recording is deleted, or never was. */
export type TrackFate = RecordingTrack['state'] | 'gone';

export class TrackRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False: there is no such recording, or it was stopped. */
  begin(header: TrackHeader, node: string): Promise<boolean> {
    return this.#add(header, node, ['on', 'paused']);
  }

  /** Harmless when it is there. False: there is no such recording in one of these states. */
  async #add(header: TrackHeader, node: string, states: readonly Recording['state'][]): Promise<boolean> {
    const rows = await this.#database.query(
      `with of_recording as (select id from recordings where org_id = $1 and id = $3 and state = any($15)),
       added as (
         insert into recording_tracks (org_id, id, recording_id, person_id, person_name, participant_id, source, mime_type, clock_rate, channels,
           ssrc, payload_type, node, state, started_at)
         select $1, $2, id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'capturing', $14 from of_recording
         on conflict (id) do nothing)
       select 1 from of_recording`,
      [
        header.orgId,
        header.id,
        header.recordingId,
        header.personId,
        header.personName,
        header.participantId,
        header.source,
        header.mimeType,
        header.clockRate,
        header.channels,
        header.ssrc,
        header.payloadType,
        node,
        new Date(header.startedAt),
        states,
      ],
    );
    return rows.length > 0;
  }

  /** What was captured of a track that nobody writes to any more. A row that could not be made at its beginning is made now. */
  async close(header: TrackHeader, node: string, { gaps, packets, bytes, endedAt }: CapturedNumbers): Promise<TrackFate> {
    if (!(await this.#add(header, node, ['on', 'paused', 'processing', 'ready', 'failed']))) return 'gone';
    return this.#database.transaction(async (tx) => {
      const [track] = await tx.query<{ state: RecordingTrack['state']; isGivenUp: boolean; startedAt: Date }>(
        `select t.state, r.started_at as "startedAt", t.gaps @> '[{"what": "node-lost"}]' as "isGivenUp"
         from recording_tracks t join recordings r on r.id = t.recording_id where t.org_id = $1 and t.id = $2 for update of t`,
        [header.orgId, header.id],
      );
      if (!track) return 'gone';
      // The node that had it was given up, and is back.
      const isLate = track.state === 'sealed' && track.isGivenUp;
      if (track.state !== 'capturing' && track.state !== 'closed' && !isLate) return track.state;
      await tx.query(
        `update recording_tracks set state = 'closed', node = $3, gaps = $4, packets = $5, bytes = $6, ended_at = $7 where org_id = $1 and id = $2`,
        [
          header.orgId,
          header.id,
          node,
          JSON.stringify(gaps.map((gap) => sinceStart(gap, track.startedAt))),
          packets,
          bytes,
          new Date(endedAt),
        ],
      );
      return 'closed';
    });
  }

  /** Of these tracks those whose rows are as they should be until they are sealed. */
  async closedAmong(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.#database.query<{ id: string }>(
      `select t.id from recording_tracks t join recordings r on r.id = t.recording_id
       where t.id = any($1::uuid[]) and t.state = 'closed' and r.state <> 'deleted'`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Tracks that are not sealed. */
  async unsealed({ orgId, id }: Pick<Recording, 'orgId' | 'id'>): Promise<TrackOf[]> {
    return this.#database.query<TrackOf>(
      `select id, node, state from recording_tracks where org_id = $1 and recording_id = $2 and state in ('capturing', 'closed') order by started_at, id`,
      [orgId, id],
    );
  }

  async count({ orgId, id }: Pick<Recording, 'orgId' | 'id'>): Promise<number> {
    const [row] = await this.#database.query<{ count: number }>(
      'select count(*)::int from recording_tracks where org_id = $1 and recording_id = $2',
      [orgId, id],
    );
    return row?.count ?? 0;
  }

  /** Numbers of the segments that are in the blob store. */
  async sealedNumbers({ orgId, id }: Pick<TrackHeader, 'orgId' | 'id'>): Promise<Set<number>> {
    const rows = await this.#database.query<{ number: number }>(
      'select number from recording_segments where org_id = $1 and track_id = $2',
      [orgId, id],
    );
    return new Set(rows.map(({ number }) => number));
  }

  /** False: the track was removed meanwhile, and nothing of it is to be kept. */
  async addSegment({ orgId, id }: Pick<TrackHeader, 'orgId' | 'id'>, segment: SegmentRow): Promise<boolean> {
    return this.#database.transaction(async (tx) => {
      const [track] = await tx.query<{ state: RecordingTrack['state'] }>(
        'select state from recording_tracks where org_id = $1 and id = $2 for update',
        [orgId, id],
      );
      if (!track || track.state === 'removed') return false;
      const { number, blobKey, bytes, sha256, firstAt, lastAt } = segment;
      await tx.query(
        `insert into recording_segments (org_id, track_id, number, blob_key, bytes, sha256, first_at, last_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (track_id, number) do nothing`,
        [orgId, id, number, blobKey, bytes, sha256, new Date(firstAt), new Date(lastAt)],
      );
      return true;
    });
  }

  /** All that there is of it is in the blob store. `further`: what turned out to be missing; times in milliseconds since 1970. */
  async seal({ orgId, id }: Pick<TrackHeader, 'orgId' | 'id'>, further: readonly Gap[]): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const [track] = await tx.query<{ gaps: Gap[]; startedAt: Date }>(
        `select t.gaps, r.started_at as "startedAt" from recording_tracks t join recordings r on r.id = t.recording_id
         where t.org_id = $1 and t.id = $2 and t.state in ('capturing', 'closed') for update of t`,
        [orgId, id],
      );
      if (!track) return;
      const gaps = [...track.gaps, ...further.map((gap) => sinceStart(gap, track.startedAt))];
      await tx.query(
        `update recording_tracks set state = 'sealed', gaps = $3, ended_at = coalesce(ended_at, started_at) where org_id = $1 and id = $2`,
        [orgId, id, JSON.stringify(gaps)],
      );
    });
  }

  /** Nothing of it will ever come. */
  async giveUp({ orgId }: Pick<Recording, 'orgId'>, id: string, what: 'node-lost' | 'damaged'): Promise<void> {
    const [track] = await this.#database.query<{ startedAt: Date }>(
      'select started_at as "startedAt" from recording_tracks where org_id = $1 and id = $2',
      [orgId, id],
    );
    if (track) await this.seal({ orgId, id }, [{ what, from: track.startedAt.getTime(), to: null, packets: 0 }]);
  }

  /**
   * Says that nothing of the person is kept, but of since he agreed again, and gives the ids of the tracks.
   * Those removed before are among them: what deletes the rest may have been cut off.
   */
  async remove({ orgId, id }: Pick<Recording, 'orgId' | 'id'>, personId: string, now: number): Promise<string[]> {
    const rows = await this.#database.query<{ id: string }>(
      `update recording_tracks set state = 'removed', gaps = '[]', packets = 0, bytes = 0, ended_at = coalesce(ended_at, $4)
       where org_id = $1 and recording_id = $2 and person_id = $3
         and (state = 'removed' or started_at < coalesce(taken_back_until(recording_id, person_id), 'infinity')) returning id`,
      [orgId, id, personId, new Date(now)],
    );
    return rows.map((row) => row.id);
  }

  async removeSegments({ orgId }: Pick<Recording, 'orgId'>, trackIds: readonly string[]): Promise<void> {
    await this.#database.query('delete from recording_segments where org_id = $1 and track_id = any($2::uuid[])', [orgId, trackIds]);
  }
}

function sinceStart(gap: Gap, startedAt: Date): Gap {
  const start = startedAt.getTime();
  return { ...gap, from: Math.round(gap.from - start), to: gap.to === null ? null : Math.round(gap.to - start) };
}
