/** The HTTP API of consent: policies, one's own recordings, the ledger, withdrawal. Answers during a meeting come by its socket. */
import { z } from 'zod';
import { pickLanguage } from '../../platform/errors.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Policies } from './policies.js';
import type { Recorded } from './recorded.js';
import {
  ledgerSchema,
  mineQuery,
  mineSchema,
  recordingPoliciesSchema,
  recordingPolicyBody,
  withdrawBody,
  withdrawnSchema,
} from './schema.js';
import type { Withdrawals } from './withdrawals.js';

export interface ConsentRoutesDeps {
  readonly policies: Policies;
  readonly recorded: Recorded;
  readonly withdrawals: Withdrawals;
}

const tags = ['Consent to recordings'];
const idParams = z.object({ id: z.uuid().toLowerCase() });

export function consentRoutes(app: HttpApp, { policies, recorded, withdrawals }: ConsentRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/recording-policies',
    config: { access: 'person' },
    schema: { tags, summary: 'What the organisation allows of recordings', response: { 200: recordingPoliciesSchema } },
    handler: async (request) => ({ policies: await policies.list(principalOf(request).orgId) }),
  });

  app.route({
    method: 'PUT',
    url: '/api/recording-policies',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Set what is allowed in one kind of meeting',
      description: 'For recordings that are started from now on.',
      body: recordingPolicyBody,
      response: { 200: recordingPoliciesSchema },
    },
    handler: async (request) => ({ policies: await policies.set(principalOf(request), request.body) }),
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/mine',
    config: { access: 'guest' },
    schema: {
      tags,
      summary: 'Recordings that the caller was told of or asked about',
      querystring: mineQuery,
      response: { 200: mineSchema },
    },
    handler: (request) => recorded.mine(principalOf(request), request.query),
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/consent',
    config: { access: 'guest' },
    schema: {
      tags,
      summary: 'The ledger of consent, with the notices that were shown',
      description: 'All of it for who manages or governs the recording, his own rows for who was told or asked.',
      params: idParams,
      response: { 200: ledgerSchema },
    },
    handler: (request) => recorded.ledgerFor(principalOf(request), request.params.id),
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/consent/withdraw',
    config: { access: 'guest' },
    schema: {
      tags,
      summary: 'Withdraw consent, at any time',
      params: idParams,
      body: withdrawBody,
      response: { 200: withdrawnSchema },
    },
    handler: (request) =>
      withdrawals.withdraw(principalOf(request), request.params.id, {
        everything: request.body.everything,
        personId: request.body.personId ?? null,
        language: pickLanguage(request.headers['accept-language']),
        client: request.headers['user-agent'] ?? '',
      }),
  });
}
