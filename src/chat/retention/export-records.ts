/** Exports as rows: what was asked for, how far it is, who works on it. */
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { newId } from '../../platform/ids.js';
import type { ConversationFace } from '../ports.js';
import type { Export, ExportScope } from './schema.js';

export interface ExportRow {
  readonly org_id: string;
  readonly id: string;
  readonly kind: 'export' | 'backup';
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'deleting';
  readonly format: 'json' | 'html';
  readonly scope: ExportScope;
  readonly since: Date | null;
  readonly until: Date | null;
  readonly reason: string;
  readonly made_by: string | null;
  readonly made_by_name: string;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  readonly expires_at: Date | null;
  readonly done: number;
  readonly total: number;
  readonly messages: number;
  /** bigint, which the driver gives as text. */
  readonly size: string | null;
  readonly sha256: Buffer | null;
  readonly error: string | null;
  readonly attempts: number;
}

export interface NewExport {
  readonly kind: 'export' | 'backup';
  readonly format: 'json' | 'html';
  readonly scope: ExportScope;
  readonly since: Date | null;
  readonly until: Date | null;
  readonly reason: string;
  readonly madeBy: { readonly id: string; readonly name: string } | null;
}

/** A file of a message, in the export under its id. */
export interface PartAttachment {
  readonly id: string;
  /** Of its blob. */
  readonly key: string;
  readonly size: number;
}

export interface PartRow {
  readonly conversation_id: string;
  readonly title: string;
  readonly size: string | null;
  readonly sha256: Buffer | null;
  readonly messages: number;
  readonly attachments: readonly PartAttachment[] | null;
}

/** What a backup keeps on the server, and an export. */
export const keptDays = { export: 7, backup: 40 } as const;
const dayMs = 86_400_000;

const columns = `e.org_id, e.id, e.kind, e.status, e.format, e.scope, e.since, e.until, e.reason, e.made_by, e.made_by_name, e.created_at,
  e.finished_at, e.expires_at, e.done, e.total, e.messages, e.size, e.sha256, e.error, e.attempts`;

/** Conversations of a scope; `$1` the organisation, `$2` conversations, `$3` people, `$4` a domain. */
const inScope = `c.org_id = $1
  and ($2::uuid[] is null or c.id = any($2))
  and ($3::uuid[] is null or exists (select 1 from conversation_stays s where s.conversation_id = c.id and s.person_id = any($3))
    or exists (select 1 from messages m where m.conversation_id = c.id and m.sender_id = any($3)))
  and ($4::uuid is null or coalesce(c.domain_id, (select d.id from domains d where d.org_id = c.org_id and d.is_default)) = $4)`;

export class ExportRecords {
  readonly #deps: { database: Database; clock: Clock };

  constructor(deps: { database: Database; clock: Clock }) {
    this.#deps = deps;
  }

  /** One conversation of each domain that the scope has something of. */
  async ofEachDomain(orgId: string, scope: ExportScope): Promise<ConversationFace[]> {
    const rows = await this.#deps.database.query<{ id: string; kind: ConversationFace['kind']; title: string; domain_id: string | null }>(
      `select distinct on (c.domain_id) c.id, c.kind, c.title, c.domain_id from conversations c where ${inScope} order by c.domain_id, c.id`,
      values(orgId, scope),
    );
    return rows.map((row) => ({ orgId, id: row.id, kind: row.kind, title: row.title, domainId: row.domain_id }));
  }

  /** The export, with a part for each conversation. */
  async add(tx: Query, orgId: string, wish: NewExport): Promise<ExportRow> {
    const now = this.#deps.clock.now();
    const id = newId(now);
    await tx.query(
      `insert into exports (org_id, id, kind, status, format, scope, since, until, reason, made_by, made_by_name, created_at, total)
       values ($1, $2, $3, 'waiting', $4, $5, $6, $7, $8, $9, $10, $11, 0)`,
      [
        orgId,
        id,
        wish.kind,
        wish.format,
        JSON.stringify(wish.scope),
        wish.since,
        wish.until,
        wish.reason,
        wish.madeBy?.id ?? null,
        wish.madeBy?.name ?? '',
        new Date(now),
      ],
    );
    await tx.query(
      `insert into export_parts (org_id, export_id, conversation_id, title) select c.org_id, $5, c.id, c.title from conversations c where ${inScope}`,
      [...values(orgId, wish.scope), id],
    );
    const [row] = await tx.query<ExportRow>(
      `update exports e set total = 1 + (select count(*) from export_parts p where p.export_id = e.id) where e.id = $1 returning ${columns}`,
      [id],
    );
    if (!row) throw new Error('The export was not written.');
    return row;
  }

  /** Newest first. */
  list(orgId: string): Promise<ExportRow[]> {
    return this.#deps.database.query<ExportRow>(
      `select ${columns} from exports e where e.org_id = $1 and e.status <> 'deleting' order by e.created_at desc, e.id desc limit 200`,
      [orgId],
    );
  }

  async find(orgId: string, id: string): Promise<ExportRow | null> {
    const [row] = await this.#deps.database.query<ExportRow>(
      `select ${columns} from exports e where e.org_id = $1 and e.id = $2 and e.status <> 'deleting'`,
      [orgId, id],
    );
    return row ?? null;
  }

  /** This process works on it now, unless another one does that was heard of within `silentMs`. */
  async claim(id: string, runner: string, silentMs: number): Promise<ExportRow | null> {
    const [row] = await this.#deps.database.query<ExportRow>(
      `update exports e set status = 'running', runner = $2, alive_at = now(), attempts = attempts + 1
       where e.id = $1 and e.status in ('waiting', 'running')
         and (e.runner is null or e.alive_at < now() - $3::float8 * interval '1 ms') returning ${columns}`,
      [id, runner, silentMs],
    );
    return row ?? null;
  }

  /** False: it was deleted, or another process took it over. */
  async stillMine(id: string, runner: string): Promise<boolean> {
    const rows = await this.#deps.database.query(
      `update exports set alive_at = now() where id = $1 and runner = $2 and status = 'running' returning 1`,
      [id, runner],
    );
    return rows.length > 0;
  }

  /** Another process may go on. `error`: what went wrong, if anything; the last time when `failed`. */
  async letGo(id: string, runner: string, error: string | null, failed: boolean): Promise<void> {
    await this.#deps.database.query(
      `update exports set runner = null, error = coalesce($3, error), status = case when $4 then 'failed' else status end,
         expires_at = case when $4 then $5::timestamptz else expires_at end
       where id = $1 and runner = $2 and status = 'running'`,
      [id, runner, error, failed, new Date(this.#deps.clock.now() + keptDays.export * dayMs)],
    );
  }

  /** That nobody works on. */
  async waiting(silentMs: number): Promise<string[]> {
    const rows = await this.#deps.database.query<{ id: string }>(
      `select id from exports where status in ('waiting', 'running')
         and (runner is null and created_at < now() - $1::float8 * interval '1 ms' or alive_at < now() - $1::float8 * interval '1 ms')
       order by created_at`,
      [silentMs],
    );
    return rows.map(({ id }) => id);
  }

  /** By conversation; those that are written have a hash. */
  parts(exportId: string): Promise<PartRow[]> {
    return this.#deps.database.query<PartRow>(
      'select conversation_id, title, size, sha256, messages, attachments from export_parts where export_id = $1 order by conversation_id',
      [exportId],
    );
  }

  async partDone(
    exportId: string,
    conversationId: string,
    part: { size: number; sha256: Buffer; messages: number; attachments: readonly PartAttachment[] },
  ): Promise<void> {
    await this.#deps.database.transaction(async (tx) => {
      const rows = await tx.query(
        `update export_parts set size = $3, sha256 = $4, messages = $5, attachments = $6
         where export_id = $1 and conversation_id = $2 and sha256 is null returning 1`,
        [exportId, conversationId, part.size, part.sha256, part.messages, JSON.stringify(part.attachments)],
      );
      if (rows.length > 0)
        await tx.query('update exports set done = done + 1, messages = messages + $2 where id = $1', [exportId, part.messages]);
    });
  }

  /** False: it is no longer this process's. */
  async finish(row: ExportRow, runner: string, file: { size: number; sha256: Buffer }): Promise<boolean> {
    const now = this.#deps.clock.now();
    const rows = await this.#deps.database.query(
      `update exports set status = 'done', done = total, size = $3, sha256 = $4, finished_at = $5, expires_at = $6, error = null, runner = null
       where id = $1 and runner = $2 and status = 'running' returning 1`,
      [row.id, runner, file.size, file.sha256, new Date(now), new Date(now + keptDays[row.kind] * dayMs)],
    );
    return rows.length > 0;
  }

  /** Nobody sees it any more; its blobs and then its row go next. */
  async markDeleting(tx: Query, orgId: string, id: string): Promise<boolean> {
    const rows = await tx.query(
      `update exports set status = 'deleting', runner = null where org_id = $1 and id = $2 and status <> 'deleting' returning 1`,
      [orgId, id],
    );
    return rows.length > 0;
  }

  async markExpired(): Promise<void> {
    await this.#deps.database.query(
      `update exports set status = 'deleting', runner = null where expires_at < $1 and status in ('done', 'failed')`,
      [new Date(this.#deps.clock.now())],
    );
  }

  async deleting(): Promise<string[]> {
    const rows = await this.#deps.database.query<{ id: string }>(`select id from exports where status = 'deleting'`);
    return rows.map(({ id }) => id);
  }

  async forget(id: string): Promise<void> {
    await this.#deps.database.query(`delete from exports where id = $1 and status = 'deleting'`, [id]);
  }
}

export function present(row: ExportRow): Export {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status === 'deleting' ? 'failed' : row.status,
    format: row.format,
    scope: row.scope,
    since: row.since?.toISOString() ?? null,
    until: row.until?.toISOString() ?? null,
    reason: row.reason,
    madeBy: row.made_by_name,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    done: row.done,
    total: row.total,
    messages: row.messages,
    size: row.size === null ? null : Number(row.size),
    sha256: row.sha256?.toString('hex') ?? null,
    error: row.error,
  };
}

function values(orgId: string, { conversationIds, personIds, domainId }: ExportScope): unknown[] {
  return [orgId, conversationIds ?? null, personIds ?? null, domainId ?? null];
}
