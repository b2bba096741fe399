/** The key of an organisation that signs its manifests: Ed25519 (RFC 8032), made when it is first needed. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Clock } from '../../platform/clock.js';
import type { Query } from '../../platform/database/index.js';

export interface PublicKey {
  /** SHA-256 of the public key (SPKI, DER), hex. */
  readonly id: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
}

export interface SigningKey extends PublicKey {
  sign(bytes: Uint8Array): Buffer;
}

/** What tells one public key from another. */
export function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** The caller holds the lock of the organisation's chain, so that two do not make a key each. */
export async function signingKey(tx: Query, orgId: string, clock: Clock): Promise<SigningKey> {
  const [row] = await tx.query<{ private_key: Buffer }>(
    'select private_key from evidence_keys where org_id = $1 order by created_at desc, id limit 1',
    [orgId],
  );
  const privateKey = row
    ? createPrivateKey({ key: row.private_key, format: 'der', type: 'pkcs8' })
    : generateKeyPairSync('ed25519').privateKey;
  const publicKey = createPublicKey(privateKey);
  const key = { id: fingerprintOf(publicKey), publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
  if (!row)
    await tx.query('insert into evidence_keys (org_id, id, public_key, private_key, created_at) values ($1, $2, $3, $4, $5)', [
      orgId,
      key.id,
      key.publicKey,
      privateKey.export({ type: 'pkcs8', format: 'der' }),
      new Date(clock.now()),
    ]);
  return { ...key, sign: (bytes) => sign(null, bytes, privateKey) };
}

/** Null: nothing was signed yet. */
export async function publicKeyOf(tx: Query, orgId: string): Promise<PublicKey | null> {
  const [row] = await tx.query<PublicKey>(
    'select id, public_key as "publicKey" from evidence_keys where org_id = $1 order by created_at desc, id limit 1',
    [orgId],
  );
  return row ?? null;
}
