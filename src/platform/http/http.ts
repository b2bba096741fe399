/**
 * HTTP: one Fastify with the API, the page, health and metrics on one port.
 *
 * Order of a request: rate limit, origin, access (who calls), schema, handler, schema of the
 * answer. Every route under /api has schemas for what it takes and gives; one without refuses the
 * start. Every refusal is `{ error: { code, message, retryable, field? } }`.
 */
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController, type RawServerDefault } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Config } from '../../config.js';
import { CausewayError } from '../errors.js';
import { newId } from '../ids.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { packageRoot } from '../package-root.js';
import type { Principal } from '../principal.js';
import { type Access, authorize } from './access.js';
import { answerError } from './error-answer.js';
import { isOwnOrigin } from './origin.js';

export type HttpApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

export interface HttpDeps {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly version: string;
  /** Who an access token stands for. @throws AUTH_REQUIRED, AUTH_EXPIRED, AUTH_SIGNED_OUT */
  readonly authenticate: (accessToken: string) => Promise<Principal>;
  /** Each part by name: does it answer? */
  readonly health: () => Promise<Readonly<Record<string, boolean>>>;
  /** Origins that the page may open sockets to, such as ws://*:3001, for the Content-Security-Policy. */
  readonly socketOrigins: readonly string[];
  /** The built page. Default: web/dist of the package. */
  readonly page?: string;
}

export interface RouteFace {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

export interface Http {
  readonly app: HttpApp;
  /** Every route under /api, for the test that walks them. */
  routes(): readonly RouteFace[];
  /** @throws Error with `code: 'EADDRINUSE'` */
  listen(): Promise<{ port: number }>;
  /** Lets running requests end. Idempotent. */
  close(): Promise<void>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call. Default: a person with an account. */
    access?: Access;
    /** A tighter limit than the general one, calls per minute and address. */
    ratePerMinute?: number;
  }
}

/** Served beside the API: its description. */
const described = new Set(['/api/openapi.json']);

export async function createHttp(deps: HttpDeps): Promise<Http> {
  const { config, log, metrics } = deps;
  const logger: FastifyBaseLogger = log.child({ part: 'http' });
  const server = fastify({
    loggerInstance: logger,
    // Requests are counted and timed (onResponse below), and refused ones logged; not each one told.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.HTTP_BODY_BYTES,
    trustProxy: config.TRUST_PROXY,
    genReqId: () => newId(),
    routerOptions: { maxParamLength: 256 },
  });
  const app: HttpApp = server.withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));

  const routes: RouteFace[] = [];
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/api/') || route.url.startsWith('/api/docs') || described.has(route.url)) return;
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    for (const method of methods) {
      if (method === 'HEAD' || method === 'OPTIONS') continue;
      if (!route.schema?.response) throw new Error(`The route ${method} ${route.url} has no schema for its answer.`);
      routes.push({ method, url: route.url, access: route.config?.access ?? 'person' });
    }
    const perMinute = route.config?.ratePerMinute;
    if (perMinute !== undefined) route.config = { ...route.config, rateLimit: { max: perMinute, timeWindow: 60_000 } };
  });

  const durations = metrics.histogram({
    name: 'causeway_http_request_seconds',
    help: 'Duration of HTTP requests.',
    labels: ['method', 'route', 'status'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) };
    durations.observe(labels, reply.elapsedTime / 1000);
  });

  await app.register(fastifyRateLimit, {
    max: config.HTTP_REQUESTS_PER_MINUTE,
    timeWindow: 60_000,
    // The page's own files are cheap; only the API is counted.
    allowList: (request) => !request.url.startsWith('/api/'),
    errorResponseBuilder: () => new CausewayError('REQUEST_RATE'),
  });
  await app.register(fastifyCookie);
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        connectSrc: ["'self'", ...deps.socketOrigins],
        // Styles that libraries set on elements, such as the place of a menu; scripts are ours alone.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Only where people come by HTTPS; a browser would otherwise refuse a later http://localhost.
    strictTransportSecurity: config.PUBLIC_URL?.startsWith('https:') ? { maxAge: 31_536_000 } : false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', 'camera=(self), microphone=(self), display-capture=(self), geolocation=()');
  });
  app.addHook('onRequest', async (request) => {
    if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return;
    if (!isOwnOrigin(request, config)) throw new CausewayError('REQUEST_ORIGIN');
  });
  app.addHook('onRequest', async (request) => authorize(request, deps.authenticate));
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    return payload;
  });

  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Causeway', version: deps.version, description: 'The HTTP API. What is live travels on the socket: docs/reference/protocol.md.' },
      components: { securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      security: [{ accessToken: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/api/docs', staticCSP: false });
  app.get('/api/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () => app.swagger());

  const healthSchema = z.object({ ready: z.boolean(), version: z.string(), checks: z.record(z.string(), z.boolean()) });
  app.get('/health', { schema: { hide: true, response: { 200: healthSchema, 503: healthSchema } } }, async (_request, reply) => {
    const checks = await deps.health();
    const ready = Object.values(checks).every(Boolean);
    return reply.code(ready ? 200 : 503).send({ ready, version: deps.version, checks: { ...checks } });
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()));

  await servePage(app, deps.page ?? path.join(packageRoot, 'web', 'dist'));

  return {
    app,
    routes: () => routes,
    listen: async () => {
      await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
      return { port: (app.server.address() as AddressInfo).port };
    },
    close: () => app.close(),
  };
}

/** The built page: its hashed files for ever, index.html for every address that a person may open. */
async function servePage(app: HttpApp, root: string): Promise<void> {
  const built = existsSync(path.join(root, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root,
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, file) => {
        reply.header('cache-control', file.includes(`${path.sep}assets${path.sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === 'GET' && !request.url.startsWith('/api/') && request.headers.accept?.includes('text/html');
    if (built && wantsPage) return reply.sendFile('index.html');
    return answerError(new CausewayError('ROUTE_NOT_FOUND'), request, reply);
  });
}
