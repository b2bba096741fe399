/** The audit log in the database: rows numbered from 1 without holes per organisation, each chained to the one before. */
import type { Audit, AuditEntry } from '../../platform/audit.js';
import { type JsonObject, storableObject, storableText } from '../../platform/canonical-json.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { genesis, hashRow } from './chain.js';
import type { AuditRow, Verdict } from './schema.js';

export interface AuditLogDeps {
  readonly database: Database;
  readonly clock: Clock;
}

export interface AuditFilter {
  /** One action, or with `*` at the end all that begin so. */
  readonly action?: string | undefined;
  /** A person's id. */
  readonly actor?: string | undefined;
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
  /** Only rows with lower numbers. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** A row that was written down outside of the database. */
export interface KnownRow {
  readonly number: number;
  /** Hex. */
  readonly hash: string;
}

interface StoredRow {
  readonly number: number;
  readonly at: string;
  readonly actorId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly subject: JsonObject;
  readonly detail: JsonObject;
  readonly hash: Buffer;
}

/** Rows that are read and hashed at a time: a few milliseconds during which nothing else runs. */
const verifyBatch = 250;
/** Sets the locks of this log apart from other advisory locks of the database. */
const lockSpace = 0x61_75_64_74;

const columns = `number::float8 as number, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
  actor_id as "actorId", actor, action, subject, detail, hash`;

export class AuditLog implements Audit {
  readonly #deps: AuditLogDeps;

  constructor(deps: AuditLogDeps) {
    this.#deps = deps;
  }

  async record(tx: Query, entry: AuditEntry): Promise<void> {
    const { orgId } = entry;
    // Until the transaction ends. A statement of its own: the next one sees what the holder before us committed.
    await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [lockSpace, orgId]);
    const [last] = await tx.query<{ number: number; hash: Buffer }>(
      'select number::float8 as number, hash from audit_log where org_id = $1 order by number desc limit 1',
      [orgId],
    );
    const at = new Date(this.#deps.clock.now());
    const row = {
      orgId,
      number: (last?.number ?? 0) + 1,
      at: at.toISOString().replace('Z', '000Z'),
      actorId: entry.actor?.id ?? null,
      actor: storableText(entry.actor?.name ?? ''),
      action: entry.action,
      subject: storableObject(entry.subject),
      detail: storableObject(entry.detail ?? {}),
    };
    await tx.query(
      `insert into audit_log (org_id, number, at, actor_id, actor, action, subject, detail, hash)
       values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9)`,
      [
        orgId,
        row.number,
        at,
        row.actorId,
        row.actor,
        row.action,
        JSON.stringify(row.subject),
        JSON.stringify(row.detail),
        hashRow(last?.hash ?? genesis, row),
      ],
    );
  }

  async recordAlone(entry: AuditEntry): Promise<void> {
    await this.#deps.database.transaction((tx) => this.record(tx, entry));
  }

  /** Newest first. `next`: the `before` of the following page, null when there is none. */
  async list(orgId: string, filter: AuditFilter): Promise<{ rows: AuditRow[]; next: number | null }> {
    const found = await this.#deps.database.query<StoredRow>(
      `select ${columns} from audit_log
       where org_id = $1 and number < $2 and ($3::text is null or action like $3) and ($4::uuid is null or actor_id = $4)
         and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
       order by number desc limit $7`,
      [
        orgId,
        filter.before ?? Number.MAX_SAFE_INTEGER,
        filter.action?.replace('*', '%') ?? null,
        filter.actor ?? null,
        filter.from ?? null,
        filter.to ?? null,
        filter.limit + 1,
      ],
    );
    const rows = found.slice(0, filter.limit).map(present);
    return { rows, next: found.length > rows.length ? (rows.at(-1)?.number ?? null) : null };
  }

  /**
   * Walks the chain from the first row and names the first that is not as it was written.
   *
   * Within the database alone an end that was cut off, or a chain that was written anew, looks whole:
   * with a row that was noted elsewhere both are found.
   */
  async verify(orgId: string, known: KnownRow | null = null): Promise<Verdict> {
    let head = { number: 0, hash: genesis };
    const verdict = (broken: Verdict['broken']): Verdict => ({
      intact: broken === null,
      number: head.number,
      hash: head.hash.toString('hex'),
      broken,
    });
    for (;;) {
      const rows = await this.#deps.database.query<StoredRow>(
        `select ${columns} from audit_log where org_id = $1 and number > $2 order by number limit $3`,
        [orgId, head.number, verifyBatch],
      );
      for (const row of rows) {
        const number = head.number + 1;
        if (row.number !== number) return verdict({ number, what: 'missing' });
        if (!hashRow(head.hash, { orgId, ...row }).equals(row.hash)) return verdict({ number, what: 'altered' });
        if (number === known?.number && row.hash.toString('hex') !== known.hash.toLowerCase())
          return verdict({ number, what: 'rewritten' });
        head = { number, hash: row.hash };
      }
      if (rows.length < verifyBatch) break;
    }
    return verdict(known && known.number > head.number ? { number: head.number + 1, what: 'missing' } : null);
  }
}

function present({ actorId, actor, hash, ...row }: StoredRow): AuditRow {
  return {
    ...row,
    at: `${row.at.slice(0, 23)}Z`,
    actor: actorId === null ? null : { id: actorId, name: actor },
    hash: hash.toString('hex'),
  };
}
