/** Who may call a route, decided before anything of the request is read. */
import type { FastifyRequest } from 'fastify';
import { CausewayError } from '../errors.js';
import type { Principal } from '../principal.js';

/** public: anybody. person: an account. guest: an account, or a guest. An app needs the route's scope in any case. */
export type Access = 'public' | 'person' | 'guest';

const principals = new WeakMap<FastifyRequest, Principal>();

/** The pages that describe the API. They are no part of it. */
export function isDescription(url: string): boolean {
  return url === '/api/openapi.json' || url === '/api/docs' || url.startsWith('/api/docs/');
}

/**
 * A route of the API. Asked of the route's own address and never of the request's, which says the
 * same in many ways (`/%61pi/me`).
 */
export function isApi(url: string | undefined): boolean {
  return url?.startsWith('/api/') === true && !isDescription(url);
}

export async function authorize(request: FastifyRequest, authenticate: (accessToken: string) => Promise<Principal>): Promise<void> {
  if (!isApi(request.routeOptions.url)) return;
  const access = request.routeOptions.config.access ?? 'person';
  if (access === 'public') return;
  // RFC 9110 section 11.1: the name of the scheme is case-insensitive.
  const token = /^Bearer +(\S{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) throw new CausewayError('AUTH_REQUIRED');
  const principal = await authenticate(token);
  const { scope } = request.routeOptions.config;
  if (principal.role === 'app') {
    if (!scope) throw new CausewayError('AUTH_FORBIDDEN');
    if (!principal.scopes?.includes(scope)) throw new CausewayError('BOT_SCOPE', { fill: { scope } });
  } else if (access === 'person' && principal.role === 'guest') throw new CausewayError('AUTH_FORBIDDEN');
  principals.set(request, principal);
}

/** The caller. Only on routes that are not public. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = principals.get(request);
  if (!principal) throw new CausewayError('AUTH_REQUIRED');
  return principal;
}
