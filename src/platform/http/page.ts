/** The built page: its hashed files for ever, index.html for every address that a person may open. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { CausewayError } from '../errors.js';
import { answerError } from './error-answer.js';

export async function servePage(app: FastifyInstance, root: string): Promise<void> {
  const built = existsSync(path.join(root, 'index.html'));
  if (built) {
    const assets = path.join(root, 'assets') + path.sep;
    await app.register(fastifyStatic, {
      root,
      // Each file is a route of its own, made at the start: an address can't lead out of the folder.
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, file) => {
        reply.header('cache-control', file.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const wantsPage = reads && !request.url.startsWith('/api/') && request.headers.accept?.includes('text/html');
    if (built && wantsPage) return reply.sendFile('index.html');
    return answerError(new CausewayError('ROUTE_NOT_FOUND'), request, reply);
  });
}
