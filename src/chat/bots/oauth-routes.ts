/** The HTTP side of OAuth 2.0: the token endpoint, and what our page asks the administrator. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toCausewayError } from '../../platform/errors.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import { OAuthError } from './oauth-error.js';
import type { Bots } from './open-bots.js';
import { authorizeBody, authorizedSchema, authorizeFaceSchema, authorizeQuery, tokenErrorSchema, tokenSchema } from './schema.js';

const tags = ['Apps'];
const formType = 'application/x-www-form-urlencoded';
/** Far more than any request of the protocol. */
const formBytes = 16_384;

export function oauthRoutes(app: HttpApp, { codes, tokenEndpoint }: Bots): void {
  // A scope of its own: forms are understood here alone, and refusals are OAuth's.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(formType, { parseAs: 'string', bodyLimit: formBytes }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error, request, reply) => refuse(error, request, reply));
    scope.withTypeProvider<ZodTypeProvider>().route({
      method: 'POST',
      url: '/api/oauth/token',
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'An access token for an app: client_credentials, or authorization_code with PKCE (RFC 6749, RFC 7636)',
        consumes: [formType],
        body: z.string().max(formBytes),
        response: { 200: tokenSchema, '4xx': tokenErrorSchema, '5xx': tokenErrorSchema },
      },
      handler: async (request, reply) => {
        const token = await tokenEndpoint.answer(request.body, request.headers.authorization);
        // RFC 6749 section 5.1. Cache-Control stands on every answer of the API.
        reply.header('pragma', 'no-cache');
        return {
          access_token: token.accessToken,
          token_type: 'Bearer' as const,
          expires_in: Math.floor(token.expiresInMs / 1000),
          scope: token.scopes.join(' '),
        };
      },
    });
  });

  app.route({
    method: 'GET',
    url: '/api/oauth/authorize',
    schema: {
      tags,
      summary: 'What an app asks an administrator for',
      querystring: authorizeQuery,
      response: { 200: authorizeFaceSchema },
    },
    handler: (request) => codes.look(principalOf(request), request.query),
  });

  app.route({
    method: 'POST',
    url: '/api/oauth/authorize',
    schema: {
      tags,
      summary: 'Allow or deny it; gives where the browser goes next',
      body: authorizeBody,
      response: { 200: authorizedSchema },
    },
    handler: async (request) => {
      const { allow, ...asked } = request.body;
      return codes.decide(principalOf(request), asked, allow);
    },
  });
}

function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = thrown instanceof OAuthError ? thrown : translate(thrown, request, reply);
  // RFC 6749 section 5.2: the scheme that the client used, and Basic is the only one that it can.
  if (error.status === 401) reply.header('www-authenticate', 'Basic realm="Causeway", charset="UTF-8"');
  return reply
    .code(error.status)
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('pragma', 'no-cache')
    .serializer(JSON.stringify)
    .send({ error: error.code, error_description: error.message });
}

function translate(thrown: unknown, request: FastifyRequest, reply: FastifyReply): OAuthError {
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  // Fastify's own: too large, another media type.
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new OAuthError('invalid_request', `The body must be ${formType}, of at most ${formBytes} bytes.`, status);
  const error = toCausewayError(thrown);
  if (error.code === 'SERVER_FAULT') request.log.error({ err: error.cause ?? thrown }, 'http: a request failed');
  if (error.retryAfterMs !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
  const { status: code } = error.entry;
  return new OAuthError(code >= 500 || code === 429 ? 'temporarily_unavailable' : 'invalid_request', error.say('en'), code);
}
