/** Files of messages: into a message, on to another conversation, away with a recall; and who may read them. */
import type { Readable } from 'node:stream';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { isId, newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { Members } from '../members.js';
import type { Message, StoredAttachment } from '../message.js';
import type { AttachmentDesk } from '../ports.js';
import { type AttachmentRow, attachmentColumns, toStored } from './attachment-rows.js';
import type { BlobDesk } from './blob-desk.js';

export interface AttachmentsDeps {
  readonly database: Database;
  readonly desk: BlobDesk;
  readonly clock: Clock;
  readonly members: Pick<Members, 'of'>;
  /** What is recalled in this conversation must be kept (a legal hold). */
  readonly held: (tx: Query, conversation: { orgId: string; conversationId: string }) => Promise<boolean>;
}

/** A file that somebody may read. */
export interface OpenFile {
  readonly attachment: StoredAttachment;
  /** Null: the store has lost it. */
  read(range?: { start: number; end: number }): Promise<Readable | null>;
  /** Null: there is none. */
  readPreview(): Promise<Readable | null>;
}

export class Attachments implements AttachmentDesk {
  readonly #deps: AttachmentsDeps;

  constructor(deps: AttachmentsDeps) {
    this.#deps = deps;
  }

  async forMessage(principal: Principal, conversationId: string, ids: readonly string[]): Promise<readonly StoredAttachment[]> {
    if (!ids.every(isId)) throw refused();
    const rows = await this.#deps.database.query<AttachmentRow>(
      `select ${attachmentColumns} from attachments a
       where a.org_id = $1 and a.conversation_id = $2 and a.uploaded_by = $3 and a.id = any($4) and a.message_number is null and a.sha256 is not null`,
      [principal.orgId, conversationId, principal.personId, ids],
    );
    const found = new Map(rows.map((row) => [row.id, toStored(row)]));
    return ids.map((id) => found.get(id.toLowerCase()) ?? fail());
  }

  async attach(tx: Query, message: Message): Promise<void> {
    const ids = message.extra?.attachments?.map(({ id }) => id) ?? [];
    const rows = await tx.query(
      `update attachments set message_number = $5
       where org_id = $1 and conversation_id = $2 and uploaded_by = $3 and id = any($4) and message_number is null and sha256 is not null
       returning 1`,
      [message.orgId, message.conversationId, message.senderId, ids, message.number],
    );
    if (rows.length !== ids.length) throw refused();
  }

  async copyForForward(principal: Principal, from: Message, conversationId: string): Promise<readonly StoredAttachment[]> {
    const { database, clock } = this.#deps;
    const wanted = from.extra?.attachments?.map(({ id }) => id) ?? [];
    return database.transaction(async (tx) => {
      // Locked: a recall at the same moment waits, and sees that there is a second row for the blob.
      const rows = await tx.query<AttachmentRow>(
        `select ${attachmentColumns} from attachments a
         where a.org_id = $1 and a.conversation_id = $2 and a.message_number = $3 and a.id = any($4) for share`,
        [principal.orgId, from.conversationId, from.number, wanted],
      );
      const found = new Map(rows.map((row) => [row.id, row]));
      const copies: StoredAttachment[] = [];
      for (const id of wanted) {
        const row = found.get(id) ?? fail();
        const copy = { ...row, id: newId(clock.now()) };
        await tx.query(
          `insert into attachments
             (org_id, id, conversation_id, uploaded_by, name, type, size, sha256, width, height, key, preview_key, created_at)
           select org_id, $3, $4, $5, name, type, size, sha256, width, height, key, preview_key, $6 from attachments
           where org_id = $1 and id = $2`,
          [principal.orgId, row.id, copy.id, conversationId, principal.personId, new Date(clock.now())],
        );
        copies.push(toStored(copy));
      }
      return copies;
    });
  }

  /** Its files go with a message that is recalled, unless a hold keeps them; nobody reads them either way. */
  async drop(tx: Query, message: Pick<Message, 'orgId' | 'conversationId' | 'number' | 'extra'>): Promise<void> {
    if (!message.extra?.attachments?.length) return;
    if (await this.#deps.held(tx, message)) return;
    await tx.query('delete from attachments where org_id = $1 and conversation_id = $2 and message_number = $3', [
      message.orgId,
      message.conversationId,
      message.number,
    ]);
    await this.#deps.desk.clearSoon(tx);
  }

  /** What a hold kept of recalled messages goes when the hold ends. */
  async dropRecalled(): Promise<void> {
    const { database, desk } = this.#deps;
    const conversations = await database.query<{ org_id: string; conversation_id: string }>(
      `select distinct a.org_id, a.conversation_id from attachments a
       join messages m on m.conversation_id = a.conversation_id and m.number = a.message_number
       where m.recalled_at is not null`,
    );
    for (const { org_id: orgId, conversation_id: conversationId } of conversations) {
      await database.transaction(async (tx) => {
        if (await this.#deps.held(tx, { orgId, conversationId })) return;
        await tx.query(
          `delete from attachments a using messages m
           where a.org_id = $1 and a.conversation_id = $2 and m.conversation_id = $2 and m.number = a.message_number and m.recalled_at is not null`,
          [orgId, conversationId],
        );
        await desk.clearSoon(tx);
      });
    }
  }

  /** The file, for whoever may see its message, or who uploaded it while it is not sent. @throws ATTACHMENT_NOT_FOUND */
  async open(principal: Principal, id: string): Promise<OpenFile> {
    const { database, desk } = this.#deps;
    const [row] = await database.query<AttachmentRow & { recalled: boolean | null }>(
      `select ${attachmentColumns}, m.recalled_at is not null as recalled from attachments a
       left join messages m on m.conversation_id = a.conversation_id and m.number = a.message_number
       where a.org_id = $1 and a.id = $2 and a.sha256 is not null`,
      [principal.orgId, id],
    );
    if (!row || !(await this.#maySee(principal, row))) throw new CausewayError('ATTACHMENT_NOT_FOUND');
    return {
      attachment: toStored(row),
      read: (range) => desk.get(row.key, range),
      readPreview: async () => (row.preview_key === null ? null : desk.get(row.preview_key)),
    };
  }

  async #maySee(principal: Principal, row: AttachmentRow & { recalled: boolean | null }): Promise<boolean> {
    const membership = await this.#deps.members.of(principal, row.conversation_id).catch((error: unknown) => {
      if (error instanceof CausewayError) return null;
      throw error;
    });
    if (!membership) return false;
    if (row.message_number === null) return row.uploaded_by === principal.personId;
    return !row.recalled && row.message_number > membership.visibleAfter;
  }
}

function refused(): CausewayError {
  return new CausewayError('CHAT_ATTACHMENT', { field: 'attachmentIds' });
}

function fail(): never {
  throw refused();
}
