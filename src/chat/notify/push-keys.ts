/** The key pair by which push services know this installation (VAPID, RFC 8292): made once, kept in the database. */
import webPush from 'web-push';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';

export interface PushKeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

export class PushKeys {
  readonly #database: Database;
  readonly #clock: Clock;
  #known: Promise<PushKeyPair> | null = null;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  get(): Promise<PushKeyPair> {
    this.#known ??= this.#load().catch((error: unknown) => {
      this.#known = null;
      throw error;
    });
    return this.#known;
  }

  async #load(): Promise<PushKeyPair> {
    const fresh = webPush.generateVAPIDKeys();
    // Of several nodes that start for the first time one wins, and all take its keys.
    await this.#database.query('insert into push_keys (public_key, private_key, created_at) values ($1, $2, $3) on conflict do nothing', [
      fresh.publicKey,
      fresh.privateKey,
      new Date(this.#clock.now()),
    ]);
    const [row] = await this.#database.query<{ public_key: string; private_key: string }>('select public_key, private_key from push_keys');
    return row ? { publicKey: row.public_key, privateKey: row.private_key } : fresh;
  }
}
