/** Turns whatever was thrown into an answer of the catalogue, in the caller's language. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { CausewayError, pickLanguage, toCausewayError } from '../errors.js';

export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toCatalogue(thrown);
  if (error.code === 'SERVER_FAULT') request.log.error({ err: error.cause ?? thrown }, 'http: a request failed');
  const { status, retryable = false } = error.entry;
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
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

function toCatalogue(thrown: unknown): CausewayError {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const [first] = thrown.validation;
    const field = first?.instancePath.replace(/^\//, '').replaceAll('/', '.') ?? '';
    return invalid(field, `${field}${field ? ': ' : ''}${first?.message ?? 'input'}`);
  }
  if (thrown instanceof CausewayError) return thrown;
  const { statusCode, code, message } = thrown instanceof Error ? (thrown as FastifyError) : { statusCode: 500, code: '', message: '' };
  if (statusCode === 413) return new CausewayError('REQUEST_TOO_LARGE');
  // Fastify's own refusals: bad JSON, unknown media type, a bad header.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return invalid('', message || code);
  return toCausewayError(thrown);
}

function invalid(field: string, detail: string): CausewayError {
  return new CausewayError('REQUEST_INVALID', { fill: { detail }, ...(field ? { field } : {}) });
}
