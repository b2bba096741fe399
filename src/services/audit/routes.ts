/** The audit log over HTTP, for admins. */
import { CausewayError } from '../../platform/errors.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Principal } from '../../platform/principal.js';
import type { AuditLog } from './audit-log.js';
import { auditQuery, auditSchema, verdictSchema, verifyQuery } from './schema.js';

const tags = ['Audit'];
/** A walk over the whole log is work. */
const verifiesPerMinute = 10;

export function auditRoutes(app: HttpApp, audit: AuditLog): void {
  app.route({
    method: 'GET',
    url: '/api/audit',
    config: { access: 'person' },
    schema: { tags, summary: 'Who did what to what, newest first', querystring: auditQuery, response: { 200: auditSchema } },
    handler: (request) => audit.list(administrator(principalOf(request)).orgId, request.query),
  });

  app.route({
    method: 'GET',
    url: '/api/audit/verify',
    config: { access: 'person', ratePerMinute: verifiesPerMinute },
    schema: {
      tags,
      summary: 'Whether the audit log is as it was written',
      description: 'Walks the chain of hashes and names the first row that was altered or deleted.',
      querystring: verifyQuery,
      response: { 200: verdictSchema },
    },
    handler: (request) => {
      const { number, hash } = request.query;
      const { orgId } = administrator(principalOf(request));
      return audit.verify(orgId, number === undefined || hash === undefined ? null : { number, hash });
    },
  });
}

/** @throws AUTH_FORBIDDEN */
function administrator(principal: Principal): Principal {
  if (principal.role !== 'owner' && principal.role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
  return principal;
}
