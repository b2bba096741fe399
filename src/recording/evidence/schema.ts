/** Shapes of the API of evidence. The page infers its types from here. */
import { z } from 'zod';

const hash = z.string().describe('SHA-256, hex.');

/** GET /api/recordings/:id/manifest */
export const signedManifestSchema = z.object({
  number: z.number().int().describe('In the chain of the organisation, from 1.'),
  manifest: z.string().describe('Canonical JSON (RFC 8785), byte by byte as it was hashed.'),
  chain: z.string().describe('The link: canonical JSON with the hash of the manifest and of the link before. This is what is signed.'),
  signature: z.string().describe('Ed25519 over the UTF-8 of `chain`, base64.'),
  keyId: hash.describe('SHA-256 of the public key (SPKI, DER), hex.'),
  publicKey: z.string().describe('SPKI, PEM.'),
});
export type SignedManifestFace = z.output<typeof signedManifestSchema>;

/** GET /api/recordings/evidence-key */
export const evidenceKeySchema = z.object({
  key: z
    .object({
      id: hash.describe('SHA-256 of the public key (SPKI, DER), hex: its fingerprint.'),
      publicKey: z.string().describe('SPKI, PEM.'),
    })
    .nullable()
    .describe('Null: nothing was signed yet.'),
  head: z
    .object({ number: z.number().int(), hash: hash.describe('SHA-256 of the last link, hex.') })
    .nullable()
    .describe('The end of the chain. Noted elsewhere, it shows a chain that was cut off or written anew.'),
});
export type EvidenceKey = z.output<typeof evidenceKeySchema>;
