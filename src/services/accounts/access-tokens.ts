/**
 * Access tokens: short-lived JWTs (RFC 7519), HMAC-SHA-256, signed with a key that rotates. The
 * keys are in the database, so every node signs with the same and a restart signs nobody out.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';

export interface AccessClaims {
  readonly orgId: string;
  readonly personId: string;
  readonly signInId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

interface SigningKey {
  readonly id: string;
  /** Made once: from bytes, each signature and each check would spend a millisecond on trying other kinds of keys. */
  readonly secret: KeyObject;
  readonly createdAt: number;
}

const issuer = 'causeway';
const payloadSchema = z.object({ sub: z.uuid(), org: z.uuid(), sid: z.uuid(), exp: z.number() });
const headerSchema = z.object({ header: z.object({ kid: z.string() }) });

export class AccessTokens {
  readonly #deps: { database: Database; clock: Clock; lifeMs: number; keyLifeMs: number };
  #keys = new Map<string, SigningKey>();
  #rotation: Promise<SigningKey> | undefined;
  #loading: Promise<SigningKey | undefined> | undefined;

  constructor(deps: { database: Database; clock: Clock; lifeMs: number; keyLifeMs: number }) {
    this.#deps = deps;
  }

  get lifeMs(): number {
    return this.#deps.lifeMs;
  }

  async sign(claims: Omit<AccessClaims, 'expiresAt'>): Promise<string> {
    const key = await this.#currentKey();
    const issuedAt = Math.floor(this.#deps.clock.now() / 1000);
    const payload = {
      sub: claims.personId,
      org: claims.orgId,
      sid: claims.signInId,
      iat: issuedAt,
      exp: issuedAt + Math.ceil(this.#deps.lifeMs / 1000),
    };
    return jwt.sign(payload, key.secret, { algorithm: 'HS256', keyid: key.id, issuer });
  }

  /** @throws AUTH_EXPIRED, AUTH_REQUIRED when it is not a token of ours. */
  async verify(token: string): Promise<AccessClaims> {
    const keyId = keyIdOf(token);
    const key = keyId === undefined ? undefined : await this.#keyById(keyId);
    if (!key) throw new CausewayError('AUTH_REQUIRED');
    try {
      const clockTimestamp = Math.floor(this.#deps.clock.now() / 1000);
      const payload = payloadSchema.parse(jwt.verify(token, key.secret, { algorithms: ['HS256'], issuer, clockTimestamp }));
      return { orgId: payload.org, personId: payload.sub, signInId: payload.sid, expiresAt: payload.exp * 1000 };
    } catch (error) {
      throw new CausewayError(error instanceof jwt.TokenExpiredError ? 'AUTH_EXPIRED' : 'AUTH_REQUIRED', { cause: error });
    }
  }

  /**
   * Anybody can send a token with a key that nobody knows: all who do so at the same time share one
   * query. That one may have begun before another node made the key, the one after it has not.
   */
  async #keyById(id: string): Promise<SigningKey | undefined> {
    for (let tries = 0; tries < 2 && !this.#keys.has(id); tries += 1) {
      this.#loading ??= this.#load().finally(() => {
        this.#loading = undefined;
      });
      await this.#loading;
    }
    return this.#keys.get(id);
  }

  async #currentKey(): Promise<SigningKey> {
    const newest = this.#newest() ?? (await this.#load());
    if (newest && this.#deps.clock.now() - newest.createdAt < this.#deps.keyLifeMs) return newest;
    this.#rotation ??= this.#rotate().finally(() => {
      this.#rotation = undefined;
    });
    return this.#rotation;
  }

  #newest(): SigningKey | undefined {
    return [...this.#keys.values()].reduce<SigningKey | undefined>((a, b) => (a && a.createdAt > b.createdAt ? a : b), undefined);
  }

  async #load(): Promise<SigningKey | undefined> {
    const rows = await this.#deps.database.query<{ id: string; secret: Buffer; created_at: Date }>(
      'select id, secret, created_at from signing_keys',
    );
    this.#keys = new Map(
      rows.map((row) => [row.id, { id: row.id, secret: createSecretKey(row.secret), createdAt: row.created_at.getTime() }]),
    );
    return this.#newest();
  }

  /** Makes a new key unless another node just did, and forgets those that no living token needs. */
  async #rotate(): Promise<SigningKey> {
    const { database, clock, keyLifeMs, lifeMs } = this.#deps;
    await database.transaction(async (tx) => {
      await tx.query('lock table signing_keys in exclusive mode');
      const [newest] = await tx.query<{ created_at: Date }>('select created_at from signing_keys order by created_at desc limit 1');
      if (newest && clock.now() - newest.created_at.getTime() < keyLifeMs) return;
      await tx.query('delete from signing_keys where created_at < $1', [new Date(clock.now() - keyLifeMs - lifeMs - 60_000)]);
      await tx.query('insert into signing_keys (id, secret, created_at) values ($1, $2, $3)', [
        newId(clock.now()),
        randomBytes(32),
        new Date(clock.now()),
      ]);
    });
    const key = await this.#load();
    if (!key) throw new Error('The new signing key is not in the database.');
    return key;
  }
}

/** What the token claims; nothing is checked yet. */
function keyIdOf(token: string): string | undefined {
  try {
    return headerSchema.parse(jwt.decode(token, { complete: true })).header.kid;
  } catch {
    // `decode` throws when the payload is no JSON.
    return undefined;
  }
}
