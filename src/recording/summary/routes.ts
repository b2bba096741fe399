/** The HTTP API of summaries and action items. */
import { z } from 'zod';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { ActionItems } from './action-items.js';
import { actionItemSchema, actionPatch, myActionsSchema, newActionBody, postBody, summaryBody, summarySchema } from './schema.js';
import type { Summaries } from './summaries.js';

const tags = ['Recordings'];
const params = z.object({ id: z.uuid().toLowerCase() });
const nothing = z.object({});

export function summaryRoutes(app: HttpApp, { summaries, actions }: { summaries: Summaries; actions: ActionItems }): void {
  app.route({
    method: 'GET',
    url: '/api/recordings/:id/summary',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'The summary of a recording, or one of its earlier versions',
      params,
      querystring: z.object({ number: z.coerce.number().int().min(1).optional() }),
      response: { 200: summarySchema },
    },
    handler: (request) => summaries.get(principalOf(request), request.params.id, request.query.number),
  });

  app.route({
    method: 'PUT',
    url: '/api/recordings/:id/summary',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Edit the summary of a recording: a new version',
      params,
      body: summaryBody,
      response: { 200: summarySchema },
    },
    handler: (request) => summaries.edit(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/summary/again',
    config: { access: 'person', ratePerMinute: 20 },
    schema: { tags, summary: 'Have the summary written again', params, response: { 200: nothing } },
    handler: async (request) => {
      await summaries.again(principalOf(request), request.params.id);
      return {};
    },
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/summary/post',
    config: { access: 'person' },
    schema: {
      tags,
      summary: "Post the reviewed summary to the meeting's conversation",
      params,
      body: postBody,
      response: { 200: summarySchema },
    },
    handler: (request) => summaries.post(principalOf(request), request.params.id, request.body.number),
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/action-items',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Add an action item that the machine missed',
      params,
      body: newActionBody,
      response: { 200: actionItemSchema },
    },
    handler: (request) => actions.add(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'GET',
    url: '/api/action-items/mine',
    config: { access: 'person' },
    schema: { tags, summary: 'What the caller has to do: confirmed action items', response: { 200: myActionsSchema } },
    handler: async (request) => ({ items: await actions.mine(principalOf(request)) }),
  });

  app.route({
    method: 'PATCH',
    url: '/api/action-items/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Change an action item', params, body: actionPatch, response: { 200: actionItemSchema } },
    handler: (request) => actions.change(principalOf(request), request.params.id, request.body),
  });

  for (const [act, summary] of [
    ['confirm', 'Confirm an action item: its assignee is told'],
    ['dismiss', 'Dismiss an action item'],
    ['done', 'Say that an action item is done'],
  ] as const) {
    app.route({
      method: 'POST',
      url: `/api/action-items/:id/${act}`,
      config: { access: 'person' },
      schema: { tags, summary, params, response: { 200: actionItemSchema } },
      handler: (request) => actions[act](principalOf(request), request.params.id),
    });
  }
}
