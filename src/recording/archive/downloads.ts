/**
 * Copies of a recording with the name of who downloads it in the picture. One is made by a job, as long as
 * FFmpeg takes for the whole recording, and deleted after a day.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { Audit } from '../../platform/audit.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import type { Offer, RecordingAccess, RecordingRows } from '../ports.js';
import { blobPrefix, type Recording } from '../recording.js';
import { storeFile } from '../stored-file.js';
import { timeOf } from './clock-text.js';
import { assertReady, type Files } from './files.js';
import type { FfmpegRunner } from './ports.js';
import type { Download } from './schema.js';

export interface DownloadsDeps {
  readonly config: Pick<Config, 'DATA_DIR' | 'COMPOSE_FONT' | 'SUMMARY_TIME_ZONE'>;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly rows: Pick<RecordingRows, 'get'>;
  readonly files: Files;
  readonly ffmpeg: () => Promise<FfmpegRunner>;
}

interface Row {
  id: string;
  orgId: string;
  recordingId: string;
  version: number;
  personId: string;
  personName: string;
  email: string;
  state: Download['state'];
  progress: number;
  blobKey: string;
  bytes: number | null;
  sha256: string | null;
  createdAt: Date;
  expiresAt: Date;
}

const render: JobKind<{ id: string }> = {
  name: 'recording.render-download',
  schema: z.object({ id: z.uuid() }),
  retries: 2,
  expireSeconds: 14_400,
};
const original = 'meeting.mp4';
const keptMs = 86_400_000;
const progressMs = 2_000;
/** A run that is silent for so long was killed. */
const silentMs = 60_000;
const columns = `d.id, d.org_id as "orgId", d.recording_id as "recordingId", d.version, d.person_id as "personId", d.person_name as "personName", d.email,
  d.state, d.progress, d.blob_key as "blobKey", d.bytes::float8 as bytes, d.sha256, d.created_at as "createdAt", d.expires_at as "expiresAt"`;

export class Downloads {
  readonly #deps: DownloadsDeps;

  constructor(deps: DownloadsDeps) {
    this.#deps = deps;
  }

  async work(): Promise<void> {
    await this.#deps.jobs.work(render, ({ id }, { signal }) => this.#render(id, signal));
  }

  /** The one that is there, or under way, of the same version. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_NOT_READY, RECORDING_FILE_NOT_FOUND */
  async ask(by: Principal, id: string): Promise<Download> {
    const { database, access, audit, clock, files, jobs } = this.#deps;
    const recording = await access.assert(by, id, 'download');
    await files.file(recording, original);
    const now = clock.now();
    return database.transaction(async (tx) => {
      await tx.query('select 1 from recordings where org_id = $1 and id = $2 for update', [recording.orgId, recording.id]);
      const [there] = await tx.query<Row>(
        `select ${columns} from recording_downloads d where d.org_id = $1 and d.recording_id = $2 and d.person_id = $3 and d.version = $4
           and d.state <> 'failed' and d.expires_at > $5 order by d.created_at desc limit 1`,
        [recording.orgId, recording.id, by.personId, recording.version, new Date(now)],
      );
      if (there) {
        // Its run may have been killed; one that is alive lets this one pass.
        if (there.state !== 'ready') await jobs.enqueue(render, { id: there.id }, { tx, singletonKey: there.id });
        return present(there, recording);
      }
      const [person] = await tx.query<{ email: string | null }>('select email from people where org_id = $1 and id = $2', [
        by.orgId,
        by.personId,
      ]);
      const downloadId = newId(now);
      const [row] = await tx.query<Row>(
        `with d as (insert into recording_downloads (org_id, id, recording_id, version, person_id, person_name, email, state, blob_key, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, $10) returning *) select ${columns} from d`,
        [
          recording.orgId,
          downloadId,
          recording.id,
          recording.version,
          by.personId,
          by.name,
          person?.email ?? '',
          `${blobPrefix(recording)}/downloads/${downloadId}.mp4`,
          new Date(now),
          new Date(now + keptMs),
        ],
      );
      if (!row) throw new CausewayError('SERVER_FAULT');
      await jobs.enqueue(render, { id: downloadId }, { tx, singletonKey: downloadId });
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.download-asked',
        subject: { recording: recording.id, download: downloadId },
        detail: { version: recording.version },
      });
      return present(row, recording);
    });
  }

  /** One's own. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_DOWNLOAD_NOT_FOUND */
  async get(by: Principal, id: string, downloadId: string): Promise<Download> {
    const recording = await this.#deps.access.assert(by, id, 'download');
    return present(await this.#own(by, recording, downloadId), recording);
  }

  /** @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_DOWNLOAD_NOT_FOUND, RECORDING_NOT_READY */
  async file(by: Principal, id: string, downloadId: string): Promise<Offer> {
    const { access, files } = this.#deps;
    const recording = await access.assert(by, id, 'download');
    assertReady(recording);
    const { state, bytes, sha256, blobKey, version } = await this.#own(by, recording, downloadId);
    // Of a version before: it may show what was cut out since.
    if (version !== recording.version) throw new CausewayError('RECORDING_DOWNLOAD_NOT_FOUND');
    if (state !== 'ready' || bytes === null || sha256 === null) throw new CausewayError('RECORDING_NOT_READY');
    return {
      recording,
      what: `copy ${downloadId}`,
      saveAs: nameOf(recording),
      mediaType: 'video/mp4',
      bytes,
      sha256,
      read: (range) => files.read({ blobKey }, range),
      entry: {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.downloaded',
        subject: { recording: recording.id, download: downloadId },
        detail: { file: original, watermark: true, bytes, sha256, version },
      },
    };
  }

  /** Another version is on its way, or the recording goes: copies of it go too. Their blobs are tidied away afterwards. */
  async expire(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>): Promise<void> {
    await tx.query('update recording_downloads set expires_at = $3 where org_id = $1 and recording_id = $2 and expires_at > $3', [
      recording.orgId,
      recording.id,
      new Date(this.#deps.clock.now()),
    ]);
  }

  /** Deletes what was there for a day. */
  async tidy(signal: AbortSignal): Promise<void> {
    const { database, blobs, clock } = this.#deps;
    const due = await database.query<{ id: string; blob_key: string }>(
      'select id, blob_key from recording_downloads where expires_at <= $1',
      [new Date(clock.now())],
    );
    for (const { id, blob_key: key } of due) {
      if (signal.aborted) return;
      await blobs.delete(key);
      await database.query('delete from recording_downloads where id = $1', [id]);
    }
  }

  /** @throws RECORDING_DOWNLOAD_NOT_FOUND */
  async #own(by: Principal, recording: Recording, downloadId: string): Promise<Row> {
    const [row] = await this.#deps.database.query<Row>(
      `select ${columns} from recording_downloads d
       where d.org_id = $1 and d.recording_id = $2 and d.id = $3 and d.person_id = $4 and d.expires_at > $5`,
      [recording.orgId, recording.id, downloadId, by.personId, new Date(this.#deps.clock.now())],
    );
    if (!row) throw new CausewayError('RECORDING_DOWNLOAD_NOT_FOUND');
    return row;
  }

  async #render(id: string, signal: AbortSignal): Promise<void> {
    const { config, blobs, files, rows, log } = this.#deps;
    const row = await this.#claim(id);
    if (!row) return;
    const claimed = { ratio: 0 };
    const beat = setInterval(() => {
      this.#say(id, 'rendering', claimed.ratio).catch((error: unknown) =>
        log.debug({ err: error }, 'archive: progress could not be written'),
      );
    }, progressMs);
    const folder = path.join(config.DATA_DIR, 'work', `download-${id}`);
    try {
      const recording = await rows.get(row.orgId, row.recordingId);
      if (recording.version !== row.version) throw new CausewayError('RECORDING_NOT_READY');
      const file = await files.file(recording, original);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const { burnIn } = await import('./watermark.js');
      const made = await burnIn({
        content: () => blobs.get(file.blobKey),
        lines: [row.personName, row.email, timeOf(row.createdAt, config.SUMMARY_TIME_ZONE)],
        font: config.COMPOSE_FONT,
        folder,
        signal,
        ffmpeg: await this.#deps.ffmpeg(),
        onProgress: (ratio) => {
          claimed.ratio = ratio;
        },
      });
      const { bytes, sha256 } = await storeFile(blobs, row.blobKey, made);
      clearInterval(beat);
      // Another version was begun meanwhile: nobody gets it.
      if (!(await this.#finished(id, bytes, sha256))) await blobs.delete(row.blobKey);
    } catch (error) {
      clearInterval(beat);
      // The server goes down, or it took too long: it is tried again.
      if (signal.aborted) {
        await this.#letGo(id);
        throw error;
      }
      log.warn({ err: error, download: id, recording: row.recordingId }, 'archive: a watermark could not be burned in');
      await this.#say(id, 'failed', 0);
    } finally {
      clearInterval(beat);
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Null: it is there, or another run makes it. */
  async #claim(id: string): Promise<Row | null> {
    const now = this.#deps.clock.now();
    const [row] = await this.#deps.database.query<Row>(
      `with d as (update recording_downloads set state = 'rendering', alive_at = $2
         where id = $1 and expires_at > $2 and state in ('waiting', 'rendering') and (alive_at is null or alive_at <= $3) returning *)
       select ${columns} from d`,
      [id, new Date(now), new Date(now - silentMs)],
    );
    return row ?? null;
  }

  async #letGo(id: string): Promise<void> {
    await this.#deps.database.query(
      `update recording_downloads set state = 'waiting', alive_at = null where id = $1 and state = 'rendering'`,
      [id],
    );
  }

  async #finished(id: string, bytes: number, sha256: string): Promise<boolean> {
    const { database, clock } = this.#deps;
    const kept = await database.query(
      `update recording_downloads set state = 'ready', progress = 1, bytes = $2, sha256 = $3 where id = $1 and expires_at > $4 returning 1`,
      [id, bytes, sha256, new Date(clock.now())],
    );
    return kept.length > 0;
  }

  async #say(id: string, state: 'rendering' | 'failed', progress: number): Promise<void> {
    await this.#deps.database.query(
      `update recording_downloads set state = $2, progress = $3, alive_at = $4 where id = $1 and state <> 'ready'`,
      [id, state, progress, new Date(this.#deps.clock.now())],
    );
  }
}

function present(row: Row, recording: Recording): Download {
  return {
    id: row.id,
    state: row.state,
    progress: row.progress,
    name: nameOf(recording),
    bytes: row.bytes,
    sha256: row.sha256,
    expiresAt: row.expiresAt.toISOString(),
  };
}

function nameOf({ title, startedAt }: Recording): string {
  return `${title} ${startedAt.toISOString().slice(0, 10)}.mp4`;
}
