/** Which pages may call: our own. Programs send no Origin header and are not meant here. */
import type { FastifyRequest } from 'fastify';
import type { Config } from '../../config.js';

export function isOwnOrigin(request: FastifyRequest, config: Pick<Config, 'PUBLIC_URL' | 'ALLOWED_ORIGINS'>): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const allowed = config.ALLOWED_ORIGINS.split(',').map((entry) => entry.trim());
  if (config.PUBLIC_URL) allowed.push(new URL(config.PUBLIC_URL).origin);
  return new URL(origin).host === request.host || allowed.includes(origin);
}
