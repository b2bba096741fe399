/** Recordings in the database. Every statement is scoped by the organisation. */

import type { BlobStore } from '../platform/blobs/index.js';
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { isId, newId } from '../platform/ids.js';
import { removalPends } from './pending-removals.js';
import type { NewFile, RecordingFiles, RecordingRows } from './ports.js';
import {
  blobPrefix,
  type Pause,
  type Recording,
  type RecordingKind,
  type RecordingPolicy,
  type RecordingSegment,
  type RecordingTrack,
  type TranscriptLine,
} from './recording.js';
import { type StoredFile, storeFile } from './stored-file.js';

export interface RecordingsDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
}

export interface NewRecording {
  readonly orgId: string;
  readonly meetingId: string;
  readonly conversationId: string;
  readonly kind: RecordingKind;
  readonly title: string;
  readonly by: { readonly id: string; readonly name: string };
  readonly noticeHash: string;
  readonly policy: RecordingPolicy;
}

export type Reason = 'first' | 'withdrawal' | 'edit' | 'again';

const columns = `r.org_id as "orgId", r.id, r.meeting_id as "meetingId", r.conversation_id as "conversationId", r.kind, r.state, r.title,
  r.started_by as "startedBy", r.started_by_name as "startedByName", r.started_at as "startedAt", r.stopped_at as "stoppedAt",
  r.notice_hash as "noticeHash", r.policy, r.step, r.progress, r.failure, r.bytes::float8 as bytes, r.version, r.delete_at as "deleteAt"`;
const dayMs = 86_400_000;
/** A meeting that ends stops its recording within this time. */
const leftOnMs = 20_000;

export class Recordings implements RecordingRows, RecordingFiles {
  readonly #deps: RecordingsDeps;

  constructor(deps: RecordingsDeps) {
    this.#deps = deps;
  }

  /** Begins one; where one is on already in the meeting, gives that one. */
  async begin(wish: NewRecording): Promise<{ recording: Recording; isNew: boolean }> {
    const { database, clock } = this.#deps;
    const now = clock.now();
    const id = newId(now);
    const rows = await database.query(
      `insert into recordings (org_id, id, meeting_id, conversation_id, kind, state, title, started_by, started_by_name, started_at, notice_hash,
         policy, delete_at, created_at)
       values ($1, $2, $3, $4, $5, 'on', $6, $7, $8, $9, $10, $11, $12, $9)
       on conflict (meeting_id) where state in ('on', 'paused') do nothing returning 1`,
      [
        wish.orgId,
        id,
        wish.meetingId,
        wish.conversationId,
        wish.kind,
        wish.title,
        wish.by.id,
        wish.by.name,
        new Date(now),
        wish.noticeHash,
        JSON.stringify(wish.policy),
        wish.policy.keepDays === null ? null : new Date(now + wish.policy.keepDays * dayMs),
      ],
    );
    const recording = await this.on(wish.orgId, wish.meetingId);
    // It was stopped in the same moment.
    if (!recording) throw new CausewayError('RECORDING_NOT_ON');
    return { recording, isNew: rows.length > 0 };
  }

  /** The one that is on, or paused, in a meeting. */
  async on(orgId: string, meetingId: string): Promise<Recording | null> {
    const [row] = await this.#deps.database.query<Recording>(
      `select ${columns} from recordings r where r.org_id = $1 and r.meeting_id = $2 and r.state in ('on', 'paused')`,
      [orgId, meetingId],
    );
    return row ?? null;
  }

  /** Those whose meeting has ended without them: the server was killed in between. */
  async leftOn(): Promise<Recording[]> {
    return this.#deps.database.query<Recording>(
      `select ${columns} from recordings r join meetings m on m.id = r.meeting_id
       where r.state in ('on', 'paused') and m.status = 'ended' and m.ended_at < $1`,
      [new Date(this.#deps.clock.now() - leftOnMs)],
    );
  }

  async get(orgId: string, id: string): Promise<Recording> {
    const [row] = isId(id)
      ? await this.#deps.database.query<Recording>(
          `select ${columns} from recordings r where r.org_id = $1 and r.id = $2 and r.state <> 'deleted'`,
          [orgId, id],
        )
      : [];
    if (!row) throw new CausewayError('RECORDING_NOT_FOUND');
    return row;
  }

  /** False: it is so already, or is not on. */
  async setPaused(recording: Pick<Recording, 'orgId' | 'id'>, paused: boolean, by: string): Promise<boolean> {
    const { database, clock } = this.#deps;
    const now = new Date(clock.now());
    return database.transaction(async (tx) => {
      const rows = await tx.query(
        'update recordings set state = $3 where org_id = $1 and id = $2 and state = $4 returning 1',
        paused ? [recording.orgId, recording.id, 'paused', 'on'] : [recording.orgId, recording.id, 'on', 'paused'],
      );
      if (rows.length === 0) return false;
      if (paused)
        await tx.query('insert into recording_pauses (org_id, recording_id, paused_at, paused_by) values ($1, $2, $3, $4)', [
          recording.orgId,
          recording.id,
          now,
          by,
        ]);
      else await endPause(tx, recording, now, by);
      return true;
    });
  }

  /** No more is taken; it is put together from now on. False: it was stopped before. */
  async stop(recording: Pick<Recording, 'orgId' | 'id'>, by: string | null): Promise<boolean> {
    const { database, clock } = this.#deps;
    const now = new Date(clock.now());
    return database.transaction(async (tx) => {
      const rows = await tx.query(
        `update recordings set state = 'processing', stopped_at = $3, progress = 0 where org_id = $1 and id = $2 and state in ('on', 'paused') returning 1`,
        [recording.orgId, recording.id, now],
      );
      if (rows.length > 0) await endPause(tx, recording, now, by);
      return rows.length > 0;
    });
  }

  /**
   * Has it put together once more, as the next version. Harmless while that is under way: it begins again.
   * Gives the version that it had; null: it is on, or deleted.
   */
  async again(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, reason: Reason): Promise<number | null> {
    const [row] = await tx.query<{ version: number }>(
      `update recordings set state = 'processing', step = null, progress = 0, failure = null, done = '{}', reason = $3, tries = 0, starts = 0,
         claimed_by = null, claimed_until = null
       where org_id = $1 and id = $2 and state in ('processing', 'ready', 'failed') returning version`,
      [recording.orgId, recording.id, reason],
    );
    return row?.version ?? null;
  }

  /** Says that nothing is kept of a person who took it back, but of since he agreed again; what there is of it is deleted afterwards. */
  async removeTracks(tx: Query, { orgId, id }: Pick<Recording, 'orgId' | 'id'>, personId: string): Promise<void> {
    await tx.query(
      `update recording_tracks set state = 'removed', gaps = '[]', packets = 0, bytes = 0, ended_at = coalesce(ended_at, $4)
       where org_id = $1 and recording_id = $2 and person_id = $3
         and started_at < coalesce(taken_back_until(recording_id, person_id), 'infinity')`,
      [orgId, id, personId, new Date(this.#deps.clock.now())],
    );
  }

  /** Something is still there of somebody who took his consent back for everything. */
  removalPends(recording: Pick<Recording, 'id'>): Promise<boolean> {
    return removalPends(this.#deps.database, recording);
  }

  /** Deletes the files of a version and of all before it. Again is harmless. */
  async dropFiles(recording: Pick<Recording, 'orgId' | 'id'>, version: number): Promise<void> {
    if (version === 0) return;
    const { database, blobs } = this.#deps;
    const folder = `${blobPrefix(recording)}/v`;
    for await (const { key } of blobs.list(folder)) {
      if (Number.parseInt(key.slice(folder.length), 10) <= version) await blobs.delete(key);
    }
    await database.query('delete from recording_files where org_id = $1 and recording_id = $2 and version <= $3', [
      recording.orgId,
      recording.id,
      version,
    ]);
  }

  async rename(recording: Pick<Recording, 'orgId' | 'id'>, title: string, tx: Query = this.#deps.database): Promise<void> {
    await tx.query('update recordings set title = $3 where org_id = $1 and id = $2', [recording.orgId, recording.id, title]);
  }

  /** Those of which the person is told: by the meetings he was in, by role, or all. Newest first. */
  async list(
    orgId: string,
    asked: {
      readonly personId: string | null;
      readonly query?: string | undefined;
      readonly meetingId?: string | undefined;
      readonly state?: string | undefined;
      readonly startedBy?: string | undefined;
      /** None but the further ones. */
      readonly onlyShared?: boolean | undefined;
      readonly from?: Date | undefined;
      readonly to?: Date | undefined;
      readonly before?: { readonly at: Date; readonly id: string } | undefined;
      readonly limit: number;
      /** Further ones that he may see, by id. */
      readonly shared: readonly string[];
    },
  ): Promise<Recording[]> {
    return this.#deps.database.query<Recording>(
      `select ${columns} from recordings r
       where r.org_id = $1 and r.state <> 'deleted'
         and ($2::uuid is null or r.started_by = $2 or r.id = any($3::uuid[]) or exists (
           select 1 from meeting_members mm where mm.meeting_id = r.meeting_id and mm.person_id = $2 and mm.admission = 'admitted'
             and (mm.role in ('host', 'co-host') or r.policy->>'viewers' = 'participants')))
         and ($4::text is null or r.title ilike '%' || replace(replace(replace($4, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%')
         and ($5::uuid is null or r.meeting_id = $5)
         and ($6::text is null or r.state = $6)
         and ($7::timestamptz is null or r.started_at >= $7) and ($8::timestamptz is null or r.started_at < $8)
         and ($9::timestamptz is null or (date_trunc('milliseconds', r.started_at), r.id) < ($9, $10::uuid))
         and ($12::uuid is null or r.started_by = $12) and (not $13 or r.id = any($3::uuid[]))
       order by date_trunc('milliseconds', r.started_at) desc, r.id desc limit $11`,
      [
        orgId,
        asked.personId,
        asked.shared,
        asked.query ?? null,
        asked.meetingId ?? null,
        asked.state ?? null,
        asked.from ?? null,
        asked.to ?? null,
        asked.before?.at ?? null,
        asked.before?.id ?? null,
        asked.limit,
        asked.startedBy ?? null,
        asked.onlyShared ?? false,
      ],
    );
  }

  /** Of whom there is sound, picture or words, by recording. */
  async people(orgId: string, ids: readonly string[]): Promise<Map<string, { readonly id: string; readonly name: string }[]>> {
    const rows = await this.#deps.database.query<{ recordingId: string; id: string; name: string }>(
      `select recording_id as "recordingId", person_id as id, max(name) as name from (
         select recording_id, person_id, person_name as name from recording_tracks
         where org_id = $1 and recording_id = any($2::uuid[]) and state <> 'removed'
         union
         select recording_id, person_id, speaker from transcript_lines where org_id = $1 and recording_id = any($2::uuid[])) p
       group by recording_id, person_id order by name, id`,
      [orgId, ids],
    );
    const people = new Map<string, { id: string; name: string }[]>(ids.map((id) => [id, []]));
    for (const { recordingId, id, name } of rows) people.get(recordingId)?.push({ id, name });
    return people;
  }

  async tracks({ orgId, id }: Pick<Recording, 'orgId' | 'id'>): Promise<RecordingTrack[]> {
    return this.#deps.database.query<RecordingTrack>(
      `select org_id as "orgId", id, recording_id as "recordingId", person_id as "personId", person_name as "personName",
         participant_id as "participantId", source, mime_type as "mimeType", clock_rate as "clockRate", channels, ssrc::float8 as ssrc,
         payload_type as "payloadType", node, state, started_at as "startedAt", ended_at as "endedAt"
       from recording_tracks where org_id = $1 and recording_id = $2 order by started_at, id`,
      [orgId, id],
    );
  }

  async segments({ orgId, id }: Pick<RecordingTrack, 'orgId' | 'id'>): Promise<RecordingSegment[]> {
    return this.#deps.database.query<RecordingSegment>(
      `select track_id as "trackId", number, blob_key as "blobKey", bytes, sha256, first_at as "firstAt", last_at as "lastAt"
       from recording_segments where org_id = $1 and track_id = $2 order by number`,
      [orgId, id],
    );
  }

  async pauses({ orgId, id }: Pick<Recording, 'orgId' | 'id'>): Promise<Pause[]> {
    return this.#deps.database.query<Pause>(
      'select paused_at as "pausedAt", resumed_at as "resumedAt" from recording_pauses where org_id = $1 and recording_id = $2 order by paused_at',
      [orgId, id],
    );
  }

  async transcript({ orgId, id }: Pick<Recording, 'orgId' | 'id'>): Promise<TranscriptLine[]> {
    return this.#deps.database.query<TranscriptLine>(
      `select id, person_id as "personId", speaker, begin_ms as "beginMs", end_ms as "endMs", language, text, engine, edited_by as "editedBy"
       from transcript_lines where org_id = $1 and recording_id = $2 order by begin_ms, id`,
      [orgId, id],
    );
  }

  /** Of one version, the newest if none is named. */
  async files(recording: Pick<Recording, 'orgId' | 'id' | 'version'>, version = recording.version): Promise<StoredFile[]> {
    return this.#deps.database.query<StoredFile>(
      `select name, kind, media_type as "mediaType", blob_key as "blobKey", bytes::float8 as bytes, sha256
       from recording_files where org_id = $1 and recording_id = $2 and version = $3 order by name`,
      [recording.orgId, recording.id, version],
    );
  }

  async add(recording: Pick<Recording, 'orgId' | 'id'>, version: number, file: NewFile): Promise<void> {
    const { blobs, database, clock } = this.#deps;
    const blobKey = `${blobPrefix(recording)}/v${version}/${file.name}`;
    const { bytes, sha256 } = await storeFile(blobs, blobKey, file.path);
    await database.query(
      `insert into recording_files (org_id, recording_id, version, name, kind, media_type, blob_key, bytes, sha256, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict (recording_id, version, name) do update set kind = $5, media_type = $6, blob_key = $7, bytes = $8, sha256 = $9, created_at = $10`,
      [recording.orgId, recording.id, version, file.name, file.kind, file.mediaType, blobKey, bytes, sha256, new Date(clock.now())],
    );
  }
}

async function endPause(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, now: Date, by: string | null): Promise<void> {
  await tx.query(
    'update recording_pauses set resumed_at = $3, resumed_by = $4 where org_id = $1 and recording_id = $2 and resumed_at is null',
    [recording.orgId, recording.id, now, by],
  );
}
