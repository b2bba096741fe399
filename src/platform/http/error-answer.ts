/** Turns whatever was thrown into an answer of the catalogue, in the caller's language. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CausewayError, pickLanguage, toCausewayError } from '../errors.js';

export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toCatalogue(thrown);
  if (error.code === 'SERVER_FAULT') request.log.error({ err: error.cause ?? thrown }, 'http: a request failed');
  const { status, retryable = false } = error.entry;
  const challenge = challengeFor(error);
  if (challenge) reply.header('www-authenticate', challenge);
  if (error.retryAfterMs !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .serializer(JSON.stringify)
    .send({
      error: {
        code: error.code,
        message: error.say(pickLanguage(request.headers['accept-language'])),
        retryable,
        ...(error.field === undefined ? {} : { field: error.field }),
      },
    });
}

/** RFC 6750 section 3: what is wrong with the bearer token. A wrong password is no matter of tokens. */
function challengeFor({ code, fill }: CausewayError): string | null {
  if (code === 'AUTH_REQUIRED') return 'Bearer';
  if (code === 'AUTH_EXPIRED' || code === 'AUTH_SIGNED_OUT') return 'Bearer error="invalid_token"';
  if (code === 'BOT_SCOPE') return `Bearer error="insufficient_scope", scope="${fill.scope ?? ''}"`;
  return null;
}

function toCatalogue(thrown: unknown): CausewayError {
  if (thrown instanceof CausewayError) return thrown;
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  if (status === 413) return new CausewayError('REQUEST_TOO_LARGE');
  // Fastify's own refusals: bad JSON, unknown media type, a bad address.
  if (thrown instanceof Error && typeof status === 'number' && status >= 400 && status < 500) {
    return new CausewayError('REQUEST_INVALID', { fill: { detail: thrown.message.replace(/\.$/, '') } });
  }
  return toCausewayError(thrown);
}
