/** An HTTP server with routes that stand for those of the product. */
import { connect } from 'node:net';
import path from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Config } from '../../../src/config.js';
import { CausewayError } from '../../../src/platform/errors.js';
import { createHttp, type Http, type HttpApp, principalOf } from '../../../src/platform/http/index.js';
import { createLog } from '../../../src/platform/log.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import type { Principal } from '../../../src/platform/principal.js';
import { type TemporaryFolder, temporaryFolder, testConfig, waitFor } from '../../support/index.js';

const member: Principal = { orgId: 'o', personId: 'p', name: 'Ada', role: 'member', signInId: 's', expiresAt: 0 };
const guest: Principal = { ...member, role: 'guest', guestOf: 'm' };

/** What one test sees and sets. */
export class HttpWorld {
  readonly logged: string[] = [];
  healthy = true;
  /** How often the parts were looked at; each look waits for `whenLooked`. */
  looks = 0;
  whenLooked: Promise<void> = Promise.resolve();
  running: { readonly http: Http; readonly base: string } | null = null;

  private constructor(readonly folder: TemporaryFolder) {}

  static async open(): Promise<HttpWorld> {
    return new HttpWorld(await temporaryFolder());
  }

  create(over: Partial<Config> = {}): Promise<Http> {
    return createHttp({
      config: testConfig(over),
      log: createLog({ LOG_LEVEL: 'debug', NODE_NAME: 'test' }, { write: (line) => this.logged.push(line) }),
      metrics: createMetrics(),
      version: '1.2.3',
      socketOrigins: () => ['ws://*:3001'],
      page: path.join(this.folder.path, 'page'),
      authenticate: async (token) => {
        if (token === 'member') return member;
        if (token === 'guest') return guest;
        throw new CausewayError('AUTH_EXPIRED');
      },
      health: async () => {
        this.looks += 1;
        await this.whenLooked;
        return { database: this.healthy, media: true };
      },
    });
  }

  /** Starts a server with the routes below and more; gives its address. */
  async start(over: Partial<Config> = {}, more?: (app: HttpApp) => void): Promise<string> {
    const http = await this.create(over);
    routes(http.app);
    more?.(http.app);
    const { port } = await http.listen();
    this.running = { http, base: `http://127.0.0.1:${port}` };
    return this.running.base;
  }

  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.running?.http.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  async close(): Promise<void> {
    await this.running?.http.close();
    await this.folder.remove();
  }
}

export const echoBody = z.object({ name: z.string().min(2), deep: z.object({ list: z.array(z.number()) }).optional() });
export const answer = z.object({ said: z.string() });

/** Routes that stand for those of the product. */
function routes(app: HttpApp): void {
  app.post('/api/echo', { config: { access: 'public' }, schema: { body: echoBody, response: { 200: answer } } }, async (request) => ({
    said: request.body.name,
  }));
  app.get('/api/me', { schema: { response: { 200: answer } } }, async (request) => ({ said: principalOf(request).role }));
  app.get('/api/meeting', { config: { access: 'guest' }, schema: { response: { 200: answer } } }, async (request) => ({
    said: principalOf(request).role,
  }));
  app.get(
    '/api/items/:id',
    {
      config: { access: 'public' },
      schema: {
        params: z.object({ id: z.coerce.number() }),
        querystring: z.object({ page: z.coerce.number().default(1) }),
        response: { 200: answer },
      },
    },
    async (request) => ({ said: `${request.params.id + 1} ${request.query.page + 1}` }),
  );
  app.get('/api/fault', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () => {
    throw new Error('the reason in the log');
  });
  app.get('/api/refusal', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () => {
    throw new CausewayError('MEETING_FULL');
  });
  app.get('/api/wrong-answer', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () =>
    JSON.parse('{ "said": 7 }'),
  );
  app.get('/api/extra', { config: { access: 'public' }, schema: { response: { 200: answer } } }, async () => ({
    said: 'yes',
    secret: 'not in the schema',
  }));
  app.post('/api/sign-in', { config: { access: 'public', ratePerMinute: 3 }, schema: { response: { 200: answer } } }, async () => ({
    said: 'in',
  }));
}

const refusal = z.object({
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean(), field: z.string().optional() }),
});

export async function refused(response: Response): Promise<z.output<typeof refusal>['error']> {
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  return refusal.parse(await response.json()).error;
}

export const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });

/** Sends what a careful client never sends. */
export async function raw(base: string, text: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  let answered = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answered += chunk;
  });
  socket.write(text);
  await waitFor(() => answered.includes('\r\n\r\n'), 'an answer');
  socket.destroy();
  return answered;
}
