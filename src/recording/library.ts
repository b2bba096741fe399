/** What people find of recordings, and the little that is changed of a recording as a whole. */

import type { z } from 'zod';
import type { Audit } from '../platform/audit.js';
import type { BlobStore } from '../platform/blobs/index.js';
import type { Database } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Principal } from '../platform/principal.js';
import { chaptersOf } from './chapters.js';
import { gapsIn } from './gap-facts.js';
import type { RecordingAccess } from './ports.js';
import type { Recording } from './recording.js';
import type { Recordings } from './recordings.js';
import {
  type RecordingDetail,
  type RecordingFace,
  type RecordingNews,
  recordingStates,
  recordingSteps,
  type recordingsQuery,
} from './schema.js';

export interface LibraryDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly audit: Audit;
  readonly recordings: Recordings;
  readonly access: RecordingAccess;
  /** Recordings that the person may see beside those of his meetings, by id. */
  readonly sharedWith: (principal: Principal) => Promise<readonly string[]>;
  /** Recordings that the person is to review, by id. */
  readonly toReview: (principal: Principal) => Promise<readonly string[]>;
  /** What the person was told of recordings and has not seen, by id. */
  readonly newsFor: (principal: Principal) => Promise<ReadonlyMap<string, readonly RecordingNews[]>>;
  /** There is something to be put together. */
  readonly wake: () => void;
}

interface Waiting {
  readonly news: ReadonlyMap<string, readonly RecordingNews[]>;
  readonly toReview: ReadonlySet<string>;
}

export class Library {
  readonly #deps: LibraryDeps;

  constructor(deps: LibraryDeps) {
    this.#deps = deps;
  }

  async list(
    principal: Principal,
    query: z.output<typeof recordingsQuery>,
  ): Promise<{ recordings: RecordingFace[]; cursor: string | null }> {
    const { recordings } = this.#deps;
    const governs = principal.role === 'owner' || principal.role === 'admin';
    const only = query.of === 'mine' ? undefined : query.of;
    const waiting = await this.#waiting(principal);
    const rows = await recordings.list(principal.orgId, {
      personId: governs ? null : principal.personId,
      query: query.query,
      meetingId: query.meetingId,
      state: query.state,
      startedBy: query.of === 'mine' ? principal.personId : undefined,
      onlyShared: only !== undefined,
      from: query.from === undefined ? undefined : new Date(query.from),
      to: query.to === undefined ? undefined : new Date(query.to),
      before: query.cursor === undefined ? undefined : decodeCursor(query.cursor),
      limit: query.limit + 1,
      shared: await this.#further(principal, governs && only === undefined ? 'none' : (only ?? 'shared'), waiting),
    });
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    const people = await recordings.people(
      principal.orgId,
      page.map(({ id }) => id),
    );
    return {
      recordings: await Promise.all(page.map((recording) => this.#present(principal, recording, waiting, people.get(recording.id)))),
      cursor: rows.length > query.limit && last ? encodeCursor(last) : null,
    };
  }

  /** @throws RECORDING_NOT_FOUND */
  async one(principal: Principal, id: string): Promise<RecordingDetail> {
    const { access, blobs, database, recordings } = this.#deps;
    const recording = await access.assert(principal, id, 'view');
    const [face, pauses, files, chapters] = await Promise.all([
      this.#present(principal, recording),
      recordings.pauses(recording),
      recordings.files(recording),
      chaptersOf(database, recording),
    ]);
    const gaps = await gapsIn({ database, blobs }, recording, files, face.mine.manage);
    const since = (at: Date) => at.getTime() - recording.startedAt.getTime();
    return {
      ...face,
      pauses: pauses.map(({ pausedAt, resumedAt }) => ({ fromMs: since(pausedAt), toMs: resumedAt && since(resumedAt) })),
      gaps,
      files: files.map(({ name, kind, mediaType, bytes, sha256 }) => ({ name, kind, mediaType, bytes, sha256 })),
      chapters,
    };
  }

  /** @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN */
  async rename(principal: Principal, id: string, title: string): Promise<RecordingFace> {
    const { access, audit, database, recordings } = this.#deps;
    const recording = await access.assert(principal, id, 'manage');
    await database.transaction(async (tx) => {
      await recordings.rename(recording, title, tx);
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: principal.personId, name: principal.name },
        action: 'recording.renamed',
        subject: { recording: id },
        detail: { before: recording.title, after: title },
      });
    });
    return this.#present(principal, { ...recording, title });
  }

  /** Puts together once more what has failed, or is ready. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_NOT_READY */
  async again(principal: Principal, id: string): Promise<RecordingFace> {
    const { access, audit, database, recordings, wake } = this.#deps;
    const recording = await access.assert(principal, id, 'manage');
    if (recording.state !== 'failed' && recording.state !== 'ready') throw new CausewayError('RECORDING_NOT_READY');
    await database.transaction(async (tx) => {
      await recordings.again(tx, recording, recording.version === 0 ? 'first' : 'again');
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: principal.personId, name: principal.name },
        action: 'recording.retried',
        subject: { recording: id },
        detail: { state: recording.state, version: recording.version },
      });
    });
    wake();
    return this.#present(principal, await recordings.get(principal.orgId, id));
  }

  /** What waits for a person in the archive. */
  async #waiting(principal: Principal): Promise<Waiting> {
    const [news, toReview] = await Promise.all([this.#deps.newsFor(principal), this.#deps.toReview(principal)]);
    return { news, toReview: new Set(toReview) };
  }

  async #further(principal: Principal, of: 'none' | 'shared' | 'review' | 'new', { news, toReview }: Waiting): Promise<readonly string[]> {
    if (of === 'none') return [];
    if (of === 'review') return [...toReview];
    return of === 'new' ? [...news.keys()] : this.#deps.sharedWith(principal);
  }

  async #present(principal: Principal, recording: Recording, waiting?: Waiting, known?: RecordingFace['people']): Promise<RecordingFace> {
    const { access, recordings } = this.#deps;
    const { news, toReview } = waiting ?? (await this.#waiting(principal));
    const { view: _, ...mine } = await access.rights(principal, recording);
    const people = known ?? (await recordings.people(recording.orgId, [recording.id])).get(recording.id) ?? [];
    return {
      id: recording.id,
      meetingId: recording.meetingId,
      conversationId: recording.conversationId,
      kind: recording.kind,
      state: recordingStates.find((state) => state === recording.state) ?? 'failed',
      title: recording.title,
      startedBy: { id: recording.startedBy, name: recording.startedByName },
      people,
      startedAt: recording.startedAt.toISOString(),
      stoppedAt: recording.stoppedAt?.toISOString() ?? null,
      step: recordingSteps.find((step) => step === recording.step) ?? null,
      progress: recording.progress,
      failure: mine.manage ? recording.failure : null,
      bytes: recording.bytes,
      version: recording.version,
      deleteAt: recording.deleteAt?.toISOString() ?? null,
      mine,
      toReview: toReview.has(recording.id),
      news: [...(news.get(recording.id) ?? [])],
    };
  }
}

function encodeCursor({ startedAt, id }: Recording): string {
  return Buffer.from(`${startedAt.getTime()} ${id}`).toString('base64url');
}

/** @throws REQUEST_INVALID */
function decodeCursor(cursor: string): { at: Date; id: string } {
  const [, at = '', id = ''] = /^(\d{1,15}) ([\da-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id === '') throw new CausewayError('REQUEST_INVALID', { field: 'cursor', fill: { detail: 'cursor' } });
  return { at: new Date(Number(at)), id };
}
