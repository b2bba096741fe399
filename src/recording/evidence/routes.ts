/** The HTTP API of evidence. */
import { z } from 'zod';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { RecordingAccess } from '../ports.js';
import { sendFile } from '../send-file.js';
import type { Takings } from '../takings.js';
import type { Exports } from './export.js';
import type { Manifests } from './manifests.js';
import { evidenceKeySchema, signedManifestSchema } from './schema.js';

export interface EvidenceRoutesDeps {
  readonly access: RecordingAccess;
  readonly manifests: Manifests;
  readonly exports: Exports;
  readonly takings: Takings;
}

const tags = ['Evidence of recordings'];
const bytes = z.unknown().describe('The bytes: application/zip.');
const idParams = z.object({ id: z.uuid().toLowerCase() });
/** Each reads a whole recording from the store. */
const exportsPerMinute = 30;

export function evidenceRoutes(app: HttpApp, { access, manifests, exports, takings }: EvidenceRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/recordings/evidence-key',
    config: { access: 'person' },
    schema: { tags, summary: 'The public key that checks evidence, and the end of the chain', response: { 200: evidenceKeySchema } },
    handler: async (request) => {
      const { orgId } = principalOf(request);
      return { key: await manifests.publicKey(orgId), head: await manifests.head(orgId) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/manifest',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'The signed manifest of a recording',
      description: 'For who manages it: it has the ledger of consent.',
      params: idParams,
      response: { 200: signedManifestSchema },
    },
    handler: async (request) => {
      const recording = await access.assert(principalOf(request), request.params.id, 'manage');
      const { number, manifest, link, signature, keyId, publicKey } = await exports.signed(recording);
      return { number, manifest, chain: link, signature: signature.toString('base64'), keyId, publicKey };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/evidence.zip',
    exposeHeadRoute: false,
    config: { access: 'person', ratePerMinute: exportsPerMinute },
    schema: {
      tags,
      summary: 'A recording with everything that shows what it is, or a part of the ZIP (Range)',
      description: 'For who governs it. `npm run verify -- FILE` checks it anywhere, without a server.',
      params: idParams,
      response: { 200: bytes, 206: bytes, 304: z.unknown() },
    },
    handler: async (request, reply) => {
      const by = principalOf(request);
      const offer = await exports.offer(by, request.params.id);
      const taken = (begins: boolean) => takings.note(offer, by.signInId, begins);
      return sendFile(request, reply, { file: offer, read: (range) => offer.read(range), name: offer.saveAs, inline: false, taken });
    },
  });
}
