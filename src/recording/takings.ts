/**
 * Downloads in the audit log: one row for each, in however many parts it comes. No part comes without one, the
 * first of the file or any other.
 */
import type { Audit } from '../platform/audit.js';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database/index.js';
import type { Offer } from './ports.js';

export interface TakingsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** Parts that come later belong to another download. */
const takingMs = 43_200_000;

export class Takings {
  readonly #deps: TakingsDeps;

  constructor(deps: TakingsDeps) {
    this.#deps = deps;
  }

  /** `anew`: it is another download, whatever the taker took before. Whoever has no row gets one, so that nothing is sent without. */
  async note({ recording, what, entry }: Pick<Offer, 'recording' | 'what' | 'entry'>, takerId: string, anew: boolean): Promise<void> {
    const { database, clock, audit } = this.#deps;
    const now = clock.now();
    await database.transaction(async (tx) => {
      // Of two parts at the same moment the second waits here for the first, and then changes nothing.
      const [first] = await tx.query(
        `insert into recording_takings (org_id, recording_id, version, taker_id, what, taken_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (recording_id, version, taker_id, what) do update set taken_at = excluded.taken_at
         where $7 or recording_takings.taken_at <= $8 returning 1`,
        [recording.orgId, recording.id, recording.version, takerId, what, new Date(now), anew, new Date(now - takingMs)],
      );
      if (first) await audit.record(tx, entry);
    });
  }

  async tidy(): Promise<void> {
    await this.#deps.database.query('delete from recording_takings where taken_at <= $1', [new Date(this.#deps.clock.now() - takingMs)]);
  }
}
