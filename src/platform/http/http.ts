/**
 * HTTP: one Fastify with the API, the page, health and metrics on one port.
 *
 * Order of a request: rate limit, origin, access (who calls), schema, handler, schema of the
 * answer. Every route under /api has schemas for what it takes and gives; one without refuses the
 * start. Every refusal is `{ error: { code, message, retryable, field? } }`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController, type RawServerDefault } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Config } from '../../config.js';
import { addressPlace } from '../address.js';
import { CausewayError } from '../errors.js';
import { newId } from '../ids.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { packageRoot } from '../package-root.js';
import type { Principal } from '../principal.js';
import { type Access, authorize, isApi } from './access.js';
import { describeApi } from './description.js';
import { answerError } from './error-answer.js';
import { checkOrigin } from './origin.js';
import { servePage } from './page.js';
import { validatorCompiler } from './validation.js';

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
  readonly socketOrigins: () => readonly string[];
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
    /** Apps may call it whose token has this scope, such as `messages:write`. Default: none may. */
    scope?: string;
    /** A limit of its own in place of the general one, calls per minute and address. */
    ratePerMinute?: number;
  }
}

/** A request that has not fully arrived by now never will, milliseconds. */
const requestMs = 60_000;
/** A part that has not said by now that it is well is not, milliseconds. */
const healthMs = 5_000;

export async function createHttp(deps: HttpDeps): Promise<Http> {
  const { config, log, metrics } = deps;
  const logger: FastifyBaseLogger = log.child({ part: 'http' });
  let closing: Promise<void> | null = null;
  const server = fastify({
    loggerInstance: logger,
    // Requests are counted, timed and told in one line below; Fastify's own two lines have the address with its query.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.HTTP_BODY_BYTES,
    requestTimeout: requestMs,
    // One proxy: its entry is the last of X-Forwarded-For. Those before it were written by the caller.
    trustProxy: config.TRUST_PROXY ? (_address: string, hop: number) => hop === 0 : false,
    genReqId: () => newId(),
    routerOptions: { maxParamLength: 256 },
    // Refused below, in the form of the catalogue.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
  });
  const app: HttpApp = server.withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));

  const routes: RouteFace[] = [];
  app.addHook('onRoute', (route) => {
    if (!isApi(route.url)) return;
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    for (const method of methods) {
      if (method === 'HEAD' || method === 'OPTIONS') continue;
      if (!route.schema?.response) throw new Error(`The route ${method} ${route.url} has no schema for its answer.`);
      if (route.url.includes(':') && !route.schema.params)
        throw new Error(`The route ${method} ${route.url} has no schema for its parameters.`);
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
    // The route and not the address, which may hold what is not meant for logs.
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    durations.observe({ method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    const line = { method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    if (isApi(route) && reply.statusCode >= 400) request.log.info(line, 'http: refused');
    else request.log.debug(line, 'http: answered');
  });

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (closing) throw new CausewayError('SERVER_DRAINING');
  });
  await app.register(fastifyRateLimit, {
    max: config.HTTP_REQUESTS_PER_MINUTE,
    timeWindow: 60_000,
    // A client that has gone already has no address any more; its answer reaches nobody.
    keyGenerator: ({ ip }: { readonly ip: string | undefined }) => (ip === undefined ? 'gone' : addressPlace(ip)),
    // The page's own files are cheap; only the API is counted.
    allowList: (request) => !isApi(request.routeOptions.url),
    errorResponseBuilder: () => new CausewayError('REQUEST_RATE'),
  });
  await app.register(fastifyCookie);
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Nodes come and go, and a page may go on with any of them.
        connectSrc: ["'self'", () => deps.socketOrigins().join(' ')],
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
    // With `no-referrer` browsers would send `Origin: null` with some requests of our own page.
    referrerPolicy: { policy: 'same-origin' },
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('permissions-policy', 'camera=(self), microphone=(self), display-capture=(self), geolocation=()');
    if (request.routeOptions.url?.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
  app.addHook('onRequest', checkOrigin(config));
  app.addHook('onRequest', async (request) => authorize(request, deps.authenticate));

  await describeApi(server, deps.version);

  const healthSchema = z.object({ ready: z.boolean(), version: z.string(), checks: z.record(z.string(), z.boolean()) });
  // Anybody may ask, as often as he likes: all who ask at the same time share one look at the parts.
  let looking: ReturnType<HttpDeps['health']> | null = null;
  const health = () => {
    looking ??= withinTime(deps.health()).finally(() => {
      looking = null;
    });
    return looking;
  };
  app.get('/health', { schema: { hide: true, response: { 200: healthSchema, 503: healthSchema } } }, async (request, reply) => {
    const checks = await health().catch((error: unknown) => {
      request.log.warn({ err: error }, 'http: health could not be found out');
      return { health: false };
    });
    const ready = Object.values(checks).every(Boolean);
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ready, version: deps.version, checks: { ...checks } });
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );

  await servePage(server, deps.page ?? path.join(packageRoot, 'web', 'dist'));

  const end = async () => {
    // Requests that still run then are cut, so that the rest of the server can stop.
    const timer = setTimeout(() => server.server.closeAllConnections(), config.DRAIN_MS);
    await app.close();
    clearTimeout(timer);
  };
  return {
    app,
    routes: () => routes,
    listen: async () => {
      await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
      const address = server.server.address();
      if (typeof address !== 'object' || address === null) throw new Error('The HTTP server has no port.');
      return { port: address.port };
    },
    close: () => {
      closing ??= end();
      return closing;
    },
  };
}

async function withinTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${healthMs} ms.`)), healthMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
