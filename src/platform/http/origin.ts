/** Which pages may call: our own, and those of ALLOWED_ORIGINS. Programs send no Origin header and are not meant here. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../config.js';
import { CausewayError } from '../errors.js';

type OriginSettings = Pick<Config, 'PUBLIC_URL' | 'ALLOWED_ORIGINS'>;

/**
 * Refuses pages of others, and tells browsers that an allowed page may read the answer (Fetch
 * Standard, CORS protocol). Cookies never come along: they are SameSite.
 */
export function checkOrigin(config: OriginSettings): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const allowed = new Set(
    config.ALLOWED_ORIGINS.split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );
  const own = config.PUBLIC_URL ? new URL(config.PUBLIC_URL).origin : null;
  return async (request, reply) => {
    const { origin } = request.headers;
    if (allowed.size > 0) reply.header('vary', 'Origin');
    if (origin === undefined) return undefined;
    if (allowed.has(origin)) {
      reply.header('access-control-allow-origin', origin);
      reply.header('access-control-expose-headers', 'x-request-id, retry-after');
      if (!isPreflight(request)) return undefined;
      reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
      reply.header('access-control-allow-headers', 'authorization, content-type, accept-language');
      reply.header('access-control-max-age', '600');
      return reply.code(204).send();
    }
    const reads = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
    if (!reads && origin !== own && !isSameHost(origin, request)) throw new CausewayError('REQUEST_ORIGIN');
    return undefined;
  };
}

function isPreflight(request: FastifyRequest): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
}

/** `null`, which a page in a sandbox sends, is no host. */
function isSameHost(origin: string, request: FastifyRequest): boolean {
  return URL.canParse(origin) && new URL(origin).host === request.host;
}
