/** What people say about a moment of a recording. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingAccess } from '../ports.js';
import type { Recording } from '../recording.js';
import type { Comment, CommentBody } from './schema.js';

export interface CommentsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly access: RecordingAccess;
}

interface Row {
  id: string;
  at_ms: number;
  reply_to: string | null;
  person_id: string;
  person_name: string;
  text: string;
  created_at: Date;
  deleted_at: Date | null;
}

const limit = 5_000;

export class Comments {
  readonly #deps: CommentsDeps;

  constructor(deps: CommentsDeps) {
    this.#deps = deps;
  }

  /** @throws RECORDING_NOT_FOUND */
  async list(by: Principal, id: string): Promise<Comment[]> {
    const { database, access } = this.#deps;
    const recording = await access.assert(by, id, 'view');
    const { manage } = await access.rights(by, recording);
    const rows = await database.query<Row>(
      `select c.* from recording_comments c left join recording_comments head on head.id = c.reply_to
       where c.org_id = $1 and c.recording_id = $2
       order by c.at_ms, coalesce(head.created_at, c.created_at), coalesce(c.reply_to, c.id), c.reply_to is not null, c.created_at, c.id`,
      [recording.orgId, recording.id],
    );
    return rows.map((row) => present(row, by, manage));
  }

  /** @throws RECORDING_NOT_FOUND, COMMENT_NOT_FOUND, RECORDING_LIMIT, REQUEST_INVALID */
  async add(by: Principal, id: string, { text, atMs, replyTo }: CommentBody): Promise<Comment> {
    const { database, access, audit, clock } = this.#deps;
    const recording = await access.assert(by, id, 'view');
    const { manage } = await access.rights(by, recording);
    assertWithin(recording, atMs, clock.now());
    const now = clock.now();
    return database.transaction(async (tx) => {
      const place = [recording.orgId, recording.id];
      const [head] =
        replyTo === null
          ? []
          : await tx.query<Row>('select * from recording_comments where org_id = $1 and recording_id = $2 and id = $3', [
              ...place,
              replyTo,
            ]);
      if (replyTo !== null && !head) throw new CausewayError('COMMENT_NOT_FOUND', { field: 'replyTo' });
      const [count] = await tx.query<{ n: number }>(
        'select count(*)::int as n from recording_comments where org_id = $1 and recording_id = $2',
        place,
      );
      if ((count?.n ?? 0) >= limit) throw new CausewayError('RECORDING_LIMIT', { fill: { limit } });
      const row: Row = {
        id: newId(now),
        at_ms: head?.at_ms ?? atMs,
        // One level: an answer to an answer answers the same comment.
        reply_to: head ? (head.reply_to ?? head.id) : null,
        person_id: by.personId,
        person_name: by.name,
        text,
        created_at: new Date(now),
        deleted_at: null,
      };
      await tx.query(
        `insert into recording_comments (org_id, recording_id, id, at_ms, reply_to, person_id, person_name, text, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [...place, row.id, row.at_ms, row.reply_to, row.person_id, row.person_name, row.text, row.created_at],
      );
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.commented',
        subject: { recording: recording.id, comment: row.id },
        detail: { atMs: row.at_ms },
      });
      return present(row, by, manage);
    });
  }

  /** One's own, or anybody's for who manages the recording. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, COMMENT_NOT_FOUND */
  async remove(by: Principal, id: string, commentId: string): Promise<void> {
    const { database, access, audit, clock } = this.#deps;
    const recording = await access.assert(by, id, 'view');
    const { manage } = await access.rights(by, recording);
    await database.transaction(async (tx) => {
      const [row] = await tx.query<Row>(
        'select * from recording_comments where org_id = $1 and recording_id = $2 and id = $3 and deleted_at is null for update',
        [recording.orgId, recording.id, commentId],
      );
      if (!row) throw new CausewayError('COMMENT_NOT_FOUND');
      if (row.person_id !== by.personId && !manage) throw new CausewayError('RECORDING_FORBIDDEN');
      await erase(tx, recording, [commentId], new Date(clock.now()));
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.comment-deleted',
        subject: { recording: recording.id, comment: commentId, person: row.person_id },
        detail: { atMs: row.at_ms },
      });
    });
  }

  /** All that he wrote about it until he agreed again, in the transaction in which he is removed from the recording. */
  async removePerson(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, personId: string): Promise<void> {
    const rows = await tx.query<{ id: string }>(
      `select id from recording_comments where org_id = $1 and recording_id = $2 and person_id = $3
         and created_at < coalesce(taken_back_until(recording_id, person_id), 'infinity')`,
      [recording.orgId, recording.id, personId],
    );
    await erase(
      tx,
      recording,
      rows.map((row) => row.id),
      new Date(this.#deps.clock.now()),
    );
  }
}

/** What has answers leaves its place behind, nameless; the last answer takes that along. */
async function erase(tx: Query, { orgId, id }: Pick<Recording, 'orgId' | 'id'>, commentIds: readonly string[], now: Date): Promise<void> {
  await tx.query(
    `delete from recording_comments c where org_id = $1 and recording_id = $2 and id = any($3::uuid[])
       and not exists (select 1 from recording_comments a where a.reply_to = c.id and not a.id = any($3::uuid[]))`,
    [orgId, id, commentIds],
  );
  await tx.query(
    `update recording_comments set text = '', person_name = '', deleted_at = $4 where org_id = $1 and recording_id = $2 and id = any($3::uuid[])`,
    [orgId, id, commentIds, now],
  );
  await tx.query(
    `delete from recording_comments c where org_id = $1 and recording_id = $2 and deleted_at is not null
       and not exists (select 1 from recording_comments a where a.reply_to = c.id)`,
    [orgId, id],
  );
}

/** @throws REQUEST_INVALID */
export function assertWithin({ startedAt, stoppedAt }: Recording, atMs: number, now: number): void {
  if (atMs > (stoppedAt?.getTime() ?? now) - startedAt.getTime())
    throw new CausewayError('REQUEST_INVALID', { field: 'atMs', fill: { detail: 'atMs: after the end of the recording' } });
}

function present(row: Row, by: Principal, manage: boolean): Comment {
  const gone = row.deleted_at !== null;
  return {
    id: row.id,
    atMs: row.at_ms,
    replyTo: row.reply_to,
    person: gone ? null : { id: row.person_id, name: row.person_name },
    text: row.text,
    createdAt: row.created_at.toISOString(),
    mayDelete: !gone && (manage || row.person_id === by.personId),
  };
}
