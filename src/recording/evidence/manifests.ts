/** Manifests in the database: signed, chained per organisation, only added to. */
import type { Audit } from '../../platform/audit.js';
import { canonical, storableObject } from '../../platform/canonical-json.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import type { Recording } from '../recording.js';
import { type PublicKey, publicKeyOf, signingKey } from './keys.js';
import { formatVersion, genesis, type Link, linkFormat, type Manifest, manifestSchema, sha256Of } from './manifest.js';

export interface ManifestsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** Everything that shows that a manifest is what was signed. Texts byte by byte as they were hashed. */
export interface SignedManifest {
  readonly number: number;
  readonly manifest: string;
  readonly link: string;
  readonly signature: Buffer;
  readonly keyId: string;
  readonly publicKey: string;
  readonly previous: { readonly link: string; readonly signature: Buffer } | null;
}

/** The end of an organisation's chain: noted elsewhere, it shows a chain that was cut off or written anew. */
export interface Head {
  readonly number: number;
  /** SHA-256 of the last link, hex. */
  readonly hash: string;
}

/** Sets the locks of chains apart from other advisory locks of the database. */
const lockSpace = 0x65_76_69_64;

export class Manifests {
  readonly #deps: ManifestsDeps;

  constructor(deps: ManifestsDeps) {
    this.#deps = deps;
  }

  /** Signs what is true of the version, unless that was signed before. */
  async sign(recording: Recording, unsigned: Omit<Manifest, 'signedAt'>): Promise<void> {
    const { database, clock, audit } = this.#deps;
    const { orgId } = recording;
    const { version } = unsigned.recording;
    await database.transaction(async (tx) => {
      // A statement of its own: the next one sees what the holder before us committed.
      await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [lockSpace, orgId]);
      const before = await this.#latest(tx, recording, version);
      // The step ran to its end and was killed before that was written down.
      if (before && before === textOf({ ...unsigned, signedAt: manifestSchema.parse(JSON.parse(before)).signedAt })) return;
      const at = new Date(clock.now());
      const manifest = textOf({ ...unsigned, signedAt: at.toISOString() });
      const head = await this.head(orgId, tx);
      const next: Link = {
        format: linkFormat,
        formatVersion,
        organisation: orgId,
        number: (head?.number ?? 0) + 1,
        previous: head?.hash ?? genesis,
        manifest: sha256Of(manifest),
        at: at.toISOString(),
      };
      const link = canonical(next);
      const key = await signingKey(tx, orgId, clock);
      await tx.query(
        `insert into recording_manifests (org_id, number, recording_id, version, manifest, link, hash, signature, key_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [orgId, next.number, recording.id, version, manifest, link, sha256Of(link), key.sign(Buffer.from(link)), key.id, at],
      );
      await audit.record(tx, {
        orgId,
        actor: null,
        action: 'recording.manifest-signed',
        subject: { recording: recording.id },
        detail: {
          version,
          reason: unsigned.recording.reason,
          number: next.number,
          hash: sha256Of(link),
          manifest: next.manifest,
          key: key.id,
        },
      });
    });
  }

  /** The last one of the version. Null: it was not signed yet, or the recording was deleted. */
  async of(recording: Pick<Recording, 'orgId' | 'id'>, version: number): Promise<SignedManifest | null> {
    const [row] = await this.#deps.database.query<
      Omit<SignedManifest, 'previous'> & { previousLink: string | null; previousSignature: Buffer | null }
    >(
      `select m.number, m.manifest, m.link, m.signature, m.key_id as "keyId", k.public_key as "publicKey",
              p.link as "previousLink", p.signature as "previousSignature"
       from recording_manifests m join evidence_keys k on k.org_id = m.org_id and k.id = m.key_id
       left join recording_manifests p on p.org_id = m.org_id and p.number = m.number - 1
       where m.org_id = $1 and m.recording_id = $2 and m.version = $3 and m.manifest is not null order by m.number desc limit 1`,
      [recording.orgId, recording.id, version],
    );
    if (!row) return null;
    const { previousLink, previousSignature, ...signed } = row;
    return { ...signed, previous: previousLink && previousSignature ? { link: previousLink, signature: previousSignature } : null };
  }

  /** Null: nothing was signed yet. */
  async head(orgId: string, tx: Query = this.#deps.database): Promise<Head | null> {
    const [row] = await tx.query<Head>('select number, hash from recording_manifests where org_id = $1 order by number desc limit 1', [
      orgId,
    ]);
    return row ?? null;
  }

  publicKey(orgId: string): Promise<PublicKey | null> {
    return publicKeyOf(this.#deps.database, orgId);
  }

  async #latest(tx: Query, { orgId, id }: Recording, version: number): Promise<string | null> {
    const [row] = await tx.query<{ manifest: string | null }>(
      'select manifest from recording_manifests where org_id = $1 and recording_id = $2 and version = $3 order by number desc limit 1',
      [orgId, id, version],
    );
    return row?.manifest ?? null;
  }
}

function textOf(manifest: Manifest): string {
  return canonical(storableObject(manifest));
}
