/**
 * Uploads that can go on after a break, on any node (the tus protocol; its HTTP is in tus-routes.ts).
 *
 * Bytes are stored in parts: a blob, then a row that says where it begins. The row is taken only
 * where the upload stands, so of two writers one loses, and nothing needs a lock that a dead
 * connection could hold. With the last byte the parts become one blob with its hash and its real
 * type; an upload that broke off there is completed when it is asked about.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { harmlessName } from '../../platform/file-name.js';
import { isId, newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import { mayWrite } from '../chat.js';
import type { Members } from '../members.js';
import type { StoredAttachment } from '../message.js';
import type { ConversationFace, Guard } from '../ports.js';
import { type AttachmentRow, attachmentColumns, toStored } from './attachment-rows.js';
import type { BlobDesk } from './blob-desk.js';
import { headBytes, realType } from './file-kind.js';
import { Incoming } from './incoming.js';
import type { Previews } from './previews.js';

export interface UploadsDeps {
  readonly database: Database;
  readonly desk: BlobDesk;
  readonly clock: Clock;
  readonly members: Pick<Members, 'of'>;
  /** The list may grow after the uploads are opened. */
  readonly guards: readonly Guard[];
  readonly previews: Previews;
  readonly maxBytes: number;
  readonly unsentBytes: number;
  /** Of one person, sent or not. */
  readonly personBytes: number;
  /** Of one request, but for the last of a file. */
  readonly minPieceBytes: number;
}

export interface NewUpload {
  readonly conversationId: string;
  /** Bytes. */
  readonly size: number;
  readonly name: string;
  /** As the sender says. */
  readonly type: string;
  readonly acknowledged: boolean;
  readonly reason: string;
}

export interface UploadFace {
  readonly attachment: StoredAttachment;
  /** Bytes that are here. */
  readonly offset: number;
  readonly complete: boolean;
  /** What is not sent by then is removed. */
  readonly expiresAt: Date;
}

interface UploadRow extends AttachmentRow {
  readonly created_at: Date;
  /** bigint, as text. */
  readonly received: string;
  readonly acknowledged: boolean | null;
  readonly reason: string | null;
}

export const unsentMs = 24 * 3_600_000;
const partBytes = 16 * 1_048_576;
/** A file takes no less, however small it is. */
const smallestFile = 4_096;
/** Files that a person may have uploaded and not sent. */
const mostUnsent = 200;
/** Pieces that one person may be sending to this node at once: a message's files, and some of another tab. */
const mostWriting = 16;

export class Uploads {
  readonly #deps: UploadsDeps;
  /** Those that are being completed here. */
  readonly #completing = new Map<string, Promise<void>>();
  /** Pieces that are coming in, by person. */
  readonly #writing = new Map<string, number>();

  constructor(deps: UploadsDeps) {
    this.#deps = deps;
  }

  /** @throws CHAT_NOT_FOUND, CHAT_ARCHIVED, CHAT_FORBIDDEN, UPLOAD_TOO_LARGE, UPLOAD_QUOTA, UPLOAD_STORAGE, and what guards throw */
  async create(principal: Principal, upload: NewUpload): Promise<UploadFace> {
    const { database, clock, members, maxBytes, unsentBytes, personBytes } = this.#deps;
    const membership = await members.of(principal, upload.conversationId);
    mayWrite(membership);
    if (upload.size > maxBytes) throw tooLarge(maxBytes);
    const now = clock.now();
    const id = newId(now);
    const face = { id, name: harmlessName(upload.name), type: upload.type, size: upload.size };
    await this.#guard(principal, membership.conversation, face, upload);
    await database.transaction(async (tx) => {
      // Uploads that one person begins at once are counted one after the other.
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 12))', [principal.personId]);
      // A forwarded file takes no room: its blob is another's.
      const [own] = await tx.query<{ unsent: string; unsent_files: number; all: string }>(
        `select coalesce(sum(size) filter (where message_number is null), 0) as unsent,
           (count(*) filter (where message_number is null))::int as unsent_files, coalesce(sum(greatest(size, $3)), 0) as all
         from attachments where org_id = $1 and uploaded_by = $2 and (key = '' or split_part(key, '/', 2) = id::text)`,
        [principal.orgId, principal.personId, smallestFile],
      );
      if (Number(own?.unsent) + upload.size > unsentBytes || (own?.unsent_files ?? 0) >= mostUnsent)
        throw new CausewayError('UPLOAD_QUOTA');
      if (Number(own?.all) + Math.max(upload.size, smallestFile) > personBytes)
        throw new CausewayError('UPLOAD_STORAGE', { fill: { limit: inUnits(personBytes) } });
      await tx.query(
        `insert into attachments (org_id, id, conversation_id, uploaded_by, name, type, size, key, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, '', $8)`,
        [principal.orgId, id, membership.conversation.id, principal.personId, face.name, face.type, face.size, new Date(now)],
      );
      await tx.query('insert into uploads (org_id, attachment_id, acknowledged, reason) values ($1, $2, $3, $4)', [
        principal.orgId,
        id,
        upload.acknowledged,
        upload.reason,
      ]);
    });
    return this.find(principal, id);
  }

  /** Only its own uploader finds it. @throws UPLOAD_NOT_FOUND, and what guards throw */
  async find(principal: Principal, id: string): Promise<UploadFace> {
    let row = await this.#row(principal, id);
    // All bytes are here, and whoever brought the last of them did not live to put them together.
    if (row.sha256 === null && row.received === row.size) {
      const failure = await this.#complete(principal, row).then(
        () => null,
        (error: unknown) => ({ error }),
      );
      // Perhaps because another node was quicker, and has cleared the parts away.
      const now = await this.#row(principal, id).catch(() => null);
      if (failure && !now?.sha256) throw failure.error;
      row = now ?? row;
    }
    return {
      attachment: toStored(row),
      offset: Number(row.sha256 ? row.size : row.received),
      complete: row.sha256 !== null,
      expiresAt: new Date(row.created_at.getTime() + unsentMs),
    };
  }

  /**
   * Adds bytes. When the stream breaks, what came is kept, unless it is less than a piece.
   *
   * @throws UPLOAD_NOT_FOUND, UPLOAD_OFFSET, UPLOAD_TOO_LARGE, UPLOAD_PIECE_SMALL, REQUEST_RATE, CHAT_NOT_FOUND, CHAT_ARCHIVED, CHAT_FORBIDDEN, and what guards throw
   */
  async write(principal: Principal, id: string, offset: number, content: Readable): Promise<UploadFace> {
    const { personId } = principal;
    const writing = this.#writing.get(personId) ?? 0;
    if (writing >= mostWriting) throw new CausewayError('REQUEST_RATE');
    this.#writing.set(personId, writing + 1);
    try {
      return await this.#write(principal, id, offset, content);
    } finally {
      const left = (this.#writing.get(personId) ?? 1) - 1;
      if (left > 0) this.#writing.set(personId, left);
      else this.#writing.delete(personId);
    }
  }

  /** Takes back what is not sent, complete or not. @throws UPLOAD_NOT_FOUND */
  async remove(principal: Principal, id: string): Promise<void> {
    if (!isId(id) || !(await this.#forget(principal, id))) throw new CausewayError('UPLOAD_NOT_FOUND');
    await this.#deps.desk.clearSoon();
  }

  /** Removes what was not sent in time. */
  async removeUnsent(): Promise<void> {
    const { database, desk, clock } = this.#deps;
    await database.query('delete from attachments where message_number is null and created_at < $1', [new Date(clock.now() - unsentMs)]);
    await desk.clearSoon();
  }

  /** Waits for those that are being completed. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#completing.values());
  }

  async #write(principal: Principal, id: string, offset: number, content: Readable): Promise<UploadFace> {
    const { desk, members, minPieceBytes } = this.#deps;
    const row = await this.#row(principal, id);
    mayWrite(await members.of(principal, row.conversation_id));
    const size = Number(row.size);
    if (offset !== Number(row.sha256 ? row.size : row.received)) throw new CausewayError('UPLOAD_OFFSET');
    const incoming = new Incoming(content, size - offset);
    // Each piece becomes a blob: a file that came byte by byte would be as many.
    const least = Math.min(minPieceBytes, size - offset);
    const gathered = await incoming.gather(least);
    for (let start = offset; gathered >= least; ) {
      const piece = await incoming.next(partBytes);
      if (!piece) break;
      const part = await desk.put(id, piece);
      if (!(await this.#add(principal, id, { start, ...part }))) {
        await desk.discard(part.key);
        throw new CausewayError('UPLOAD_OFFSET');
      }
      start += part.size;
    }
    if (incoming.failure !== undefined)
      throw new CausewayError('REQUEST_INVALID', { fill: { detail: 'the body broke off' }, cause: incoming.failure });
    // tus allows a request that brings nothing.
    if (gathered > 0 && gathered < least) throw new CausewayError('UPLOAD_PIECE_SMALL', { fill: { limit: inUnits(minPieceBytes) } });
    if (await incoming.overfull()) throw tooLarge(size);
    return this.find(principal, id);
  }

  async #row(principal: Principal, id: string): Promise<UploadRow> {
    if (!isId(id)) throw new CausewayError('UPLOAD_NOT_FOUND');
    const [row] = await this.#deps.database.query<UploadRow>(
      `select ${attachmentColumns}, a.created_at, u.acknowledged, u.reason,
         (select coalesce(sum(p.size), 0)::bigint from upload_parts p where p.attachment_id = a.id) as received
       from attachments a left join uploads u on u.attachment_id = a.id
       where a.org_id = $1 and a.id = $2 and a.uploaded_by = $3 and a.message_number is null`,
      [principal.orgId, id, principal.personId],
    );
    if (!row) throw new CausewayError('UPLOAD_NOT_FOUND');
    return row;
  }

  async #forget(principal: Principal, id: string): Promise<boolean> {
    const rows = await this.#deps.database.query(
      'delete from attachments where org_id = $1 and id = $2 and uploaded_by = $3 and message_number is null returning 1',
      [principal.orgId, id, principal.personId],
    );
    return rows.length > 0;
  }

  /** False: the upload is not there any more, or stands elsewhere. */
  async #add(principal: Principal, id: string, part: { start: number; size: number; key: string }): Promise<boolean> {
    const rows = await this.#deps.database.query(
      // Of two writers that go on from the same place at the same moment, the second meets the key of the first.
      `insert into upload_parts (org_id, attachment_id, start, size, key)
       select $1::uuid, attachment_id, $3::bigint, $4::bigint, $5 from uploads
       where org_id = $1 and attachment_id = $2 and (select coalesce(sum(size), 0) from upload_parts where attachment_id = $2) = $3
       on conflict (attachment_id, start) do nothing returning 1`,
      [principal.orgId, id, part.start, part.size, part.key],
    );
    return rows.length > 0;
  }

  async #complete(principal: Principal, row: UploadRow): Promise<void> {
    const running = this.#completing.get(row.id);
    if (running) return running;
    const work = this.#putTogether(principal, row).finally(() => this.#completing.delete(row.id));
    this.#completing.set(row.id, work);
    return work;
  }

  async #putTogether(principal: Principal, row: UploadRow): Promise<void> {
    const { database, desk, members, previews } = this.#deps;
    const parts = await database.query<{ key: string }>(
      'select key from upload_parts where org_id = $1 and attachment_id = $2 order by start',
      [row.org_id, row.id],
    );
    const hash = createHash('sha256');
    const head: Uint8Array[] = [];
    let seen = 0;
    const bytes = async function* (): AsyncIterable<Uint8Array> {
      for (const { key } of parts) {
        const part = await desk.get(key);
        if (!part) throw new CausewayError('UPLOAD_OFFSET');
        for await (const chunk of part) {
          const piece: Uint8Array = chunk;
          hash.update(piece);
          if (seen < headBytes) head.push(piece.subarray(0, headBytes - seen));
          seen += piece.byteLength;
          yield piece;
        }
      }
    };
    // One part is the file already.
    const [only] = parts;
    const key = only && parts.length === 1 ? only.key : (await desk.put(row.id, Readable.from(bytes(), { objectMode: false }))).key;
    if (only && parts.length === 1) for await (const _ of bytes());
    if (seen !== Number(row.size)) throw new Error(`The upload ${row.id} has ${seen} bytes of ${row.size}.`);

    const type = await realType(Buffer.concat(head));
    try {
      const { conversation } = await members.of(principal, row.conversation_id);
      const face = { id: row.id, name: row.name, type, size: seen };
      await this.#guard(principal, conversation, face, { acknowledged: row.acknowledged ?? false, reason: row.reason ?? '' });
    } catch (error) {
      // What may not be here is not kept.
      if (error instanceof CausewayError) {
        await this.#forget(principal, row.id);
        if (!parts.some((part) => part.key === key)) await desk.discard(key);
        await desk.clear();
      }
      throw error;
    }
    const sha256 = hash.digest();
    await database.transaction(async (tx) => {
      const done = await tx.query(
        'update attachments set sha256 = $3, type = $4, key = $5 where org_id = $1 and id = $2 and sha256 is null returning 1',
        [row.org_id, row.id, sha256, type, key],
      );
      if (done.length === 0) return;
      await tx.query('delete from uploads where org_id = $1 and attachment_id = $2', [row.org_id, row.id]);
      if (parts.length > 1) await desk.clearSoon(tx);
    });
    await previews.make({ orgId: row.org_id, id: row.id, key, type, size: seen });
  }

  async #guard(
    principal: Principal,
    conversation: ConversationFace,
    file: { id: string; name: string; type: string; size: number },
    { acknowledged, reason }: { acknowledged: boolean; reason: string },
  ): Promise<void> {
    for (const guard of this.#deps.guards)
      await guard.check({
        purpose: 'upload',
        principal,
        conversation,
        text: '',
        attachments: [file],
        forwardedFrom: null,
        acknowledged,
        reason,
      });
  }
}

function tooLarge(bytes: number): CausewayError {
  return new CausewayError('UPLOAD_TOO_LARGE', { fill: { limit: inUnits(bytes) } });
}

function inUnits(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${Math.round((bytes / 1_024 ** power) * 10) / 10} ${units[power]}`;
}
