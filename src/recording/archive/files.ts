/** Files of the version that people see. */
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Recording } from '../recording.js';

export interface ArchivedFile {
  readonly name: string;
  readonly kind: string;
  readonly mediaType: string;
  readonly blobKey: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface FilesDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
}

/** Of what compose wrote beside the files; the rest of it is for others. */
const composedSchema = z.object({ beginMs: z.number().min(0).max(2_147_483_647) });
const composedBytes = 10_000_000;

export class Files {
  readonly #deps: FilesDeps;

  constructor(deps: FilesDeps) {
    this.#deps = deps;
  }

  /** @throws RECORDING_NOT_READY, RECORDING_FILE_NOT_FOUND */
  async file(recording: Recording, name: string): Promise<ArchivedFile> {
    assertReady(recording);
    const [file] = await this.#deps.database.query<ArchivedFile>(
      `select name, kind, media_type as "mediaType", blob_key as "blobKey", bytes::float8 as bytes, sha256
       from recording_files where org_id = $1 and recording_id = $2 and version = $3 and name = $4`,
      [recording.orgId, recording.id, recording.version, name],
    );
    if (!file) throw new CausewayError('RECORDING_FILE_NOT_FOUND');
    return file;
  }

  /** Null: the store has lost it. */
  read(file: Pick<ArchivedFile, 'blobKey'>, range?: { start: number; end: number }): Promise<Readable | null> {
    return this.#deps.blobs.get(file.blobKey, range);
  }

  /** Where the files of a version begin, milliseconds since the recording did. */
  async beginMs(recording: Recording): Promise<number> {
    const file = await this.file(recording, 'composed.json').catch(() => null);
    const content = file && file.bytes <= composedBytes ? await this.read(file) : null;
    if (!content) return 0;
    const parts: Buffer[] = [];
    for await (const part of content) parts.push(Buffer.from(part));
    try {
      return Math.round(composedSchema.parse(JSON.parse(Buffer.concat(parts).toString())).beginMs);
    } catch {
      return 0;
    }
  }
}

/**
 * Only when all of it is there: while another version is made, the one before may show somebody who has
 * withdrawn. @throws RECORDING_NOT_READY
 */
export function assertReady({ state }: Pick<Recording, 'state'>): void {
  if (state !== 'ready') throw new CausewayError('RECORDING_NOT_READY');
}
