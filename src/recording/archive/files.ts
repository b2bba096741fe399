/** Files of the version that people see. */
import type { Readable } from 'node:stream';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { composedName, readComposed } from '../composed.js';
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
    const file = await this.file(recording, composedName).catch(() => null);
    return Math.round((await readComposed(this.#deps.blobs, file))?.beginMs ?? 0);
  }
}

/**
 * Only when all of it is there: while another version is made, the one before may show somebody who has
 * withdrawn. @throws RECORDING_NOT_READY
 */
export function assertReady({ state }: Pick<Recording, 'state'>): void {
  if (state !== 'ready') throw new CausewayError('RECORDING_NOT_READY');
}
