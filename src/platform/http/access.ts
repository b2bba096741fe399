/** Who may call a route, decided before anything of the request is read. */
import type { FastifyRequest } from 'fastify';
import { CausewayError } from '../errors.js';
import type { Principal } from '../principal.js';

/** public: anybody. person: an account. guest: an account, or a guest of a meeting. */
export type Access = 'public' | 'person' | 'guest';

const principals = new WeakMap<FastifyRequest, Principal>();

export async function authorize(request: FastifyRequest, authenticate: (accessToken: string) => Promise<Principal>): Promise<void> {
  if (!request.routeOptions.url?.startsWith('/api/') || request.routeOptions.url.startsWith('/api/docs')) return;
  const access = request.routeOptions.config.access ?? 'person';
  if (access === 'public') return;
  const token = /^Bearer (\S{1,4096})$/.exec(request.headers.authorization ?? '')?.[1];
  if (!token) throw new CausewayError('AUTH_REQUIRED');
  const principal = await authenticate(token);
  if (access === 'person' && principal.role === 'guest') throw new CausewayError('AUTH_FORBIDDEN');
  principals.set(request, principal);
}

/** The caller. Only on routes that are not public. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = principals.get(request);
  if (!principal) throw new CausewayError('AUTH_REQUIRED');
  return principal;
}
