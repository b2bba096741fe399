/** The API described: OpenAPI 3.1 at /api/openapi.json, and a page to read it at /api/docs. */
import fastifySwagger, { type SwaggerTransform } from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** What every refusal looks like. */
const refusalSchema = z.object({
  error: z.object({
    code: z.string().describe('What happened; never changes its meaning. Branch on this.'),
    message: z.string().describe('A sentence for a person, in the language of Accept-Language.'),
    retryable: z.boolean().describe('The same call may succeed later, unchanged.'),
    field: z.string().optional().describe('Which part of the input is wrong.'),
  }),
});

export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Causeway',
        version,
        description: 'The HTTP API. What is live travels on the socket: docs/reference/protocol.md.',
      },
      components: {
        securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ accessToken: [] }],
    },
    transform: describeRoute,
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: false,
    uiConfig: { persistAuthorization: false, validatorUrl: null },
  });
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

/** Adds what is the same for all routes: the form of refusals, and that public ones need no token. */
const describeRoute: SwaggerTransform = (route) => {
  const described = jsonSchemaTransform({
    ...route,
    schema: route.schema?.hide ? route.schema : { ...route.schema, response: { ...responsesOf(route.schema), default: refusalSchema } },
  });
  if (route.route.config?.access === 'public' && described.schema) return { ...described, schema: { ...described.schema, security: [] } };
  return described;
};

function responsesOf(schema: { response?: unknown } | undefined): object {
  return typeof schema?.response === 'object' && schema.response !== null ? schema.response : {};
}
