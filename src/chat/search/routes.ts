/** The search over HTTP. */
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import { foundSchema, searchQuery } from './schema.js';
import type { Search } from './search.js';

export function searchRoutes(app: HttpApp, search: Pick<Search, 'find'>): void {
  app.route({
    method: 'GET',
    url: '/api/search/messages',
    config: { access: 'guest', scope: 'messages:read' },
    schema: {
      tags: ['Chat'],
      summary: 'Messages and file names that the caller may read, newest first',
      querystring: searchQuery,
      response: { 200: foundSchema },
    },
    handler: (request) => search.find(principalOf(request), request.query),
  });
}
