/** What people are told of recordings, over HTTP. */
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { News } from './news.js';
import { newsListSchema, seenBody, seenSchema } from './schema.js';
import type { Telling } from './telling.js';

const tags = ['Recordings'];

export function newsRoutes(app: HttpApp, { news, telling }: { readonly news: News; readonly telling: Telling }): void {
  app.route({
    method: 'GET',
    url: '/api/recording-news',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'What the caller was told of recordings: shares, reviews given out, how they came out',
      description: 'What was taken back is not among it.',
      response: { 200: newsListSchema },
    },
    handler: (request) => news.list(principalOf(request)),
  });

  app.route({
    method: 'POST',
    url: '/api/recording-news/seen',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'The caller has opened a recording, or read news',
      body: seenBody,
      response: { 200: seenSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { recordingId, ids } = request.body;
      const seen = await news.see(principal, { ...(recordingId && { recordingId }), ...(ids && { ids }) });
      // His other pages show it no more.
      if (seen > 0) telling.heard([principal.personId]);
      return { seen };
    },
  });
}
