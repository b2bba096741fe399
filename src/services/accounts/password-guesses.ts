/**
 * How often somebody may try a password for one account, whatever addresses he comes from: the limit
 * by address alone would let a thousand machines guess a thousand times as fast. An e-mail without an
 * account is limited alike. Devices that are signed in are not touched by it.
 */
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret } from '../../platform/ids.js';

/** Failures within the window; whoever really mistypes has given up by then, or asked for help. */
const limit = 10;
const windowMs = 600_000;

export class PasswordGuesses {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor({ database, clock }: { database: Database; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Counts a try as failed before it is made: of many at the same moment none slips through. @throws REQUEST_RATE */
  async begin(email: string): Promise<void> {
    const now = this.#clock.now();
    const [row] = await this.#database.query<{ failures: number }>(
      `insert into password_failures as f (email_hash, failures, since) values ($1, 1, $2)
       on conflict (email_hash) do update set
         failures = case when f.since <= $3 then 1 else least(f.failures, $4) + 1 end,
         since = case when f.since <= $3 then excluded.since else f.since end
       returning failures`,
      [hashSecret(email), new Date(now), new Date(now - windowMs), limit],
    );
    if (row && row.failures > limit) throw new CausewayError('REQUEST_RATE');
  }

  /** The try was right: it does not count. Those before still do, because somebody else may have made them. */
  async succeeded(email: string): Promise<void> {
    await this.#database.query('update password_failures set failures = greatest(0, failures - 1) where email_hash = $1', [
      hashSecret(email),
    ]);
  }

  /** Deletes what counts no more. */
  async forgetOld(): Promise<void> {
    await this.#database.query('delete from password_failures where since <= $1', [new Date(this.#clock.now() - windowMs)]);
  }
}
