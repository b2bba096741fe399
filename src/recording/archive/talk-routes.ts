/** Comments and reviews over HTTP. */
import { contentDisposition, harmlessName } from '../../platform/file-name.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Comments } from './comments.js';
import type { Reviews } from './reviews.js';
import {
  bytesSchema,
  commentBody,
  commentParams,
  commentSchema,
  commentsSchema,
  finishBody,
  markBody,
  markParams,
  nothing,
  recordingParams,
  reviewBody,
  reviewSchema,
  reviewsSchema,
} from './schema.js';

const tags = ['Recordings'];
const reviewParams = recordingParams;

export function commentRoutes(app: HttpApp, comments: Comments): void {
  app.route({
    method: 'GET',
    url: '/api/recordings/:id/comments',
    config: { access: 'person' },
    schema: { tags, summary: 'What people said about moments of a recording', params: recordingParams, response: { 200: commentsSchema } },
    handler: async (request) => ({ comments: await comments.list(principalOf(request), request.params.id) }),
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/comments',
    config: { access: 'person', ratePerMinute: 60 },
    schema: { tags, summary: 'Say something about a moment', params: recordingParams, body: commentBody, response: { 200: commentSchema } },
    handler: (request) => comments.add(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'DELETE',
    url: '/api/recordings/:id/comments/:commentId',
    config: { access: 'person' },
    schema: { tags, summary: 'Delete a comment', params: commentParams, response: { 200: nothing } },
    handler: async (request) => {
      await comments.remove(principalOf(request), request.params.id, request.params.commentId);
      return {};
    },
  });
}

export function reviewRoutes(app: HttpApp, reviews: Reviews): void {
  app.route({
    method: 'GET',
    url: '/api/recordings/:id/reviews',
    config: { access: 'person' },
    schema: {
      tags,
      summary: "Reviews of a recording: all for administrators, one's own for a reviewer",
      params: recordingParams,
      response: { 200: reviewsSchema },
    },
    handler: async (request) => ({ reviews: await reviews.list(principalOf(request), request.params.id) }),
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/reviews',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Have somebody review a recording: he sees it until he is through',
      params: recordingParams,
      body: reviewBody,
      response: { 200: reviewSchema },
    },
    handler: (request) => reviews.assign(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'GET',
    url: '/api/recording-reviews/mine',
    config: { access: 'person' },
    schema: { tags, summary: 'What the caller is to review, and has reviewed', response: { 200: reviewsSchema } },
    handler: async (request) => ({ reviews: await reviews.mine(principalOf(request)) }),
  });

  app.route({
    method: 'GET',
    url: '/api/recording-reviews/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'One review', params: reviewParams, response: { 200: reviewSchema } },
    handler: (request) => reviews.one(principalOf(request), request.params.id),
  });

  app.route({
    method: 'DELETE',
    url: '/api/recording-reviews/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Withdraw a review', params: reviewParams, response: { 200: nothing } },
    handler: async (request) => {
      await reviews.withdraw(principalOf(request), request.params.id);
      return {};
    },
  });

  app.route({
    method: 'POST',
    url: '/api/recording-reviews/:id/marks',
    config: { access: 'person' },
    schema: { tags, summary: 'Mark a passage', params: reviewParams, body: markBody, response: { 200: reviewSchema } },
    handler: (request) => reviews.mark(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'PUT',
    url: '/api/recording-reviews/:id/marks/:markId',
    config: { access: 'person' },
    schema: { tags, summary: 'Change a mark', params: markParams, body: markBody, response: { 200: reviewSchema } },
    handler: (request) => reviews.changeMark(principalOf(request), request.params.id, request.params.markId, request.body),
  });

  app.route({
    method: 'DELETE',
    url: '/api/recording-reviews/:id/marks/:markId',
    config: { access: 'person' },
    schema: { tags, summary: 'Take a mark away', params: markParams, response: { 200: reviewSchema } },
    handler: (request) => reviews.removeMark(principalOf(request), request.params.id, request.params.markId),
  });

  app.route({
    method: 'POST',
    url: '/api/recording-reviews/:id/finish',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Say how the review came out: its report is written',
      params: reviewParams,
      body: finishBody,
      response: { 200: reviewSchema },
    },
    handler: (request) => reviews.finish(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'GET',
    url: '/api/recording-reviews/:id/report.pdf',
    exposeHeadRoute: false,
    config: { access: 'person' },
    schema: { tags, summary: 'The report of a review', params: reviewParams, response: { 200: bytesSchema } },
    handler: async (request, reply) => {
      const { content, name } = await reviews.report(principalOf(request), request.params.id);
      return reply
        .type('application/pdf')
        .headers({ 'content-disposition': contentDisposition('attachment', harmlessName(name)), 'x-content-type-options': 'nosniff' })
        .send(content);
    },
  });
}
