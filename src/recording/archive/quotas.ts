/** What the recordings of an organisation may take, and who is told when it gets scarce. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import type { Warn } from './ports.js';
import type { Quota } from './schema.js';

export interface QuotasDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  /** Of the server; 0: no limit. */
  readonly fallbackBytes: number;
  readonly warn: Warn;
}

interface Use {
  readonly quotaBytes: number | null;
  readonly own: boolean;
  readonly usedBytes: number;
  readonly recordings: number;
  readonly warned: number;
}

/** Per cent at which administrators are told. */
const steps = [100, 95, 80] as const;

export class Quotas {
  readonly #deps: QuotasDeps;

  constructor(deps: QuotasDeps) {
    this.#deps = deps;
  }

  /** @throws AUTH_FORBIDDEN */
  async get(by: Principal): Promise<Quota> {
    assertAdministrator(by);
    return present(await this.#use(by.orgId));
  }

  /** Null: the default of the server. @throws AUTH_FORBIDDEN */
  async set(by: Principal, bytes: number | null): Promise<Quota> {
    assertAdministrator(by);
    const { database, clock, audit } = this.#deps;
    const before = await this.#use(by.orgId);
    await database.transaction(async (tx) => {
      await tx.query(
        `insert into recording_archives (org_id, quota_bytes, changed_by, changed_at) values ($1, $2, $3, $4)
         on conflict (org_id) do update set quota_bytes = $2, changed_by = $3, changed_at = $4`,
        [by.orgId, bytes, by.personId, new Date(clock.now())],
      );
      await audit.record(tx, {
        orgId: by.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.quota-changed',
        subject: {},
        detail: { before: before.own ? before.quotaBytes : null, after: bytes },
      });
    });
    await this.look(by.orgId);
    return present(await this.#use(by.orgId));
  }

  /** A recording begins. @throws RECORDING_QUOTA */
  async assertRoom(orgId: string): Promise<void> {
    const { quotaBytes, usedBytes } = await this.#use(orgId);
    if (quotaBytes === null || usedBytes < quotaBytes) return;
    await this.look(orgId);
    throw new CausewayError('RECORDING_QUOTA');
  }

  /** Tells administrators once when a step is reached, and again when it was left in between. */
  async look(orgId: string): Promise<void> {
    const { database, warn, log } = this.#deps;
    const { quotaBytes, usedBytes, warned } = await this.#use(orgId);
    const percent = quotaBytes === null ? 0 : (usedBytes / quotaBytes) * 100;
    const reached = steps.find((step) => percent >= step) ?? 0;
    if (reached === warned) return;
    // Of several nodes that look, one tells.
    const changed = await database.query(
      `insert into recording_archives as a (org_id, warned) values ($1, $2)
       on conflict (org_id) do update set warned = $2 where a.warned = $3 returning 1`,
      [orgId, reached, warned],
    );
    if (changed.length === 0 || reached < warned || quotaBytes === null) return;
    await warn(orgId, { percent: reached, usedBytes, quotaBytes }).catch((error: unknown) =>
      log.warn({ err: error, orgId }, 'archive: nobody was told that storage gets scarce'),
    );
  }

  async #use(orgId: string): Promise<Use> {
    // What isn't put together yet counts by what was captured.
    const [row] = await this.#deps.database.query<{ quota: number | null; warned: number | null; used: number; recordings: number }>(
      `select (select quota_bytes::float8 from recording_archives where org_id = $1) as quota,
         (select warned from recording_archives where org_id = $1) as warned,
         (select coalesce(sum(greatest(r.bytes, (select coalesce(sum(t.bytes), 0) from recording_tracks t where t.recording_id = r.id))), 0)::float8
          from recordings r where r.org_id = $1 and r.state <> 'deleted') as used,
         (select count(*)::int from recordings r where r.org_id = $1 and r.state <> 'deleted') as recordings`,
      [orgId],
    );
    const { fallbackBytes } = this.#deps;
    const own = row?.quota ?? null;
    return {
      quotaBytes: own ?? (fallbackBytes === 0 ? null : fallbackBytes),
      own: own !== null,
      usedBytes: row?.used ?? 0,
      recordings: row?.recordings ?? 0,
      warned: row?.warned ?? 0,
    };
  }
}

/** @throws AUTH_FORBIDDEN */
export function assertAdministrator({ role }: Principal): void {
  if (role !== 'owner' && role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
}

function present({ quotaBytes, own, usedBytes, recordings }: Use): Quota {
  const percent = quotaBytes === null ? 0 : (usedBytes / quotaBytes) * 100;
  return {
    bytes: quotaBytes,
    own,
    usedBytes,
    recordings,
    level: percent >= 100 ? 'full' : percent >= 95 ? 'almost' : percent >= 80 ? 'near' : 'fine',
  };
}
