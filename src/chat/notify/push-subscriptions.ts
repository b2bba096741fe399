/** Which devices hear of messages while no page is open. A subscription belongs to a sign-in and ends with it. */
import { createECDH } from 'node:crypto';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError, type Language } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { PushSubscriptionBody } from './schema.js';

export interface Subscription {
  readonly orgId: string;
  readonly id: string;
  readonly personId: string;
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
  readonly language: Language;
  /** Its push service took nothing the last time. */
  readonly failing: boolean;
}

interface Row {
  org_id: string;
  id: string;
  person_id: string;
  endpoint: string;
  p256dh: string;
  auth: string;
  language: Language;
  failing: boolean;
}

/** A push service that has taken nothing for so long never will. */
const giveUpMs = 14 * 86_400_000;

/** Of `push_subscriptions s` and `sign_ins i`, at the time $1: the device is signed in. Asked with every push, so that a sign-out counts at once. */
export const isSignedIn = 'i.id = s.sign_in_id and i.revoked_at is null and i.expires_at > $1';

export class PushSubscriptions {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** In place of the one that this sign-in had. A browser in which somebody else signed in is his from now on. @throws REQUEST_INVALID */
  async set({ orgId, personId, signInId }: Principal, { endpoint, keys, language }: PushSubscriptionBody): Promise<void> {
    if (!isPoint(keys.p256dh))
      throw new CausewayError('REQUEST_INVALID', { field: 'keys', fill: { detail: 'keys.p256dh: must be a point of P-256' } });
    await this.#database.transaction(async (tx) => {
      // Two pages of a browser come at the same time.
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`causeway.push/${endpoint}`]);
      await tx.query('delete from push_subscriptions where sign_in_id = $1 or endpoint = $2', [signInId, endpoint]);
      await tx.query(
        `insert into push_subscriptions (org_id, id, person_id, sign_in_id, endpoint, p256dh, auth, language, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (sign_in_id) do update set endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth, language = excluded.language`,
        [orgId, newId(this.#clock.now()), personId, signInId, endpoint, keys.p256dh, keys.auth, language, new Date(this.#clock.now())],
      );
    });
  }

  async any(orgId: string): Promise<boolean> {
    return (await this.#database.query('select 1 from push_subscriptions where org_id = $1 limit 1', [orgId])).length > 0;
  }

  async removeOf({ orgId, signInId }: Pick<Principal, 'orgId' | 'signInId'>): Promise<void> {
    await this.#database.query('delete from push_subscriptions where org_id = $1 and sign_in_id = $2', [orgId, signInId]);
  }

  /** These sign-ins are over. */
  async forget(signInIds: readonly string[]): Promise<void> {
    await this.#database.query('delete from push_subscriptions where sign_in_id = any($1)', [signInIds]);
  }

  /** The push service says that it is gone (RFC 8030 section 7.3). */
  async remove({ orgId, id }: Pick<Subscription, 'orgId' | 'id'>): Promise<void> {
    await this.#database.query('delete from push_subscriptions where org_id = $1 and id = $2', [orgId, id]);
  }

  async of(orgId: string, personIds: readonly string[]): Promise<Subscription[]> {
    const rows = await this.#database.query<Row>(
      `select s.org_id, s.id, s.person_id, s.endpoint, s.p256dh, s.auth, s.language, s.failing_since is not null as failing from push_subscriptions s join sign_ins i on ${isSignedIn}
       where s.org_id = $2 and s.person_id = any($3)`,
      [new Date(this.#clock.now()), orgId, personIds],
    );
    return rows.map(toSubscription);
  }

  async one(orgId: string, id: string): Promise<Subscription | null> {
    const [row] = await this.#database.query<Row>(
      `select s.org_id, s.id, s.person_id, s.endpoint, s.p256dh, s.auth, s.language, s.failing_since is not null as failing from push_subscriptions s join sign_ins i on ${isSignedIn}
       where s.org_id = $2 and s.id = $3`,
      [new Date(this.#clock.now()), orgId, id],
    );
    return row ? toSubscription(row) : null;
  }

  async worked({ orgId, id }: Subscription): Promise<void> {
    await this.#database.query('update push_subscriptions set failing_since = null where org_id = $1 and id = $2', [orgId, id]);
  }

  /** It took nothing; after two weeks of that nobody asks it any more. */
  async failed({ orgId, id }: Subscription): Promise<void> {
    const now = this.#clock.now();
    await this.#database.query(
      `with late as (delete from push_subscriptions where org_id = $1 and id = $2 and failing_since < $4 returning id)
       update push_subscriptions set failing_since = coalesce(failing_since, $3) where org_id = $1 and id = $2 and id not in (select id from late)`,
      [orgId, id, new Date(now), new Date(now - giveUpMs)],
    );
  }
}

function toSubscription(row: Row): Subscription {
  const { org_id: orgId, id, person_id: personId, endpoint, p256dh, auth, language, failing } = row;
  return { orgId, id, personId, endpoint, keys: { p256dh, auth }, language, failing };
}

/** Nothing can be encrypted for what is none. */
function isPoint(p256dh: string): boolean {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  try {
    ecdh.computeSecret(Buffer.from(p256dh, 'base64url'));
    return true;
  } catch {
    return false;
  }
}
