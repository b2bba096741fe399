/** A server with an administrator, a member, and apps in conversations. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type AppScope, appMadeSchema, appScopes, tokenSchema } from '../../../../src/chat/bots/schema.js';
import { conversationSchema, messageSchema } from '../../../../src/chat/schema.js';
import type { Config } from '../../../../src/config.js';
import type { Answer, Api, SignedIn } from '../../../support/api.js';
import { startTestServer, type TestServer } from '../../../support/server.js';

export type AppMade = z.output<typeof appMadeSchema>;

/** Receivers of tests live on the machine itself. */
export const outboundToTests = { OUTBOUND_ALLOW: '127.0.0.1/32' } satisfies Partial<Config>;

export class BotsWorld {
  readonly server: TestServer;
  readonly olivia: SignedIn;
  readonly ana: SignedIn;

  private constructor(server: TestServer, olivia: SignedIn, ana: SignedIn) {
    this.server = server;
    this.olivia = olivia;
    this.ana = ana;
  }

  static async open(over: Partial<Config> = {}): Promise<BotsWorld> {
    const server = await startTestServer({ ...outboundToTests, ...over });
    const olivia = await server.setUpOwner();
    return new BotsWorld(server, olivia, await server.invite(olivia, 'Ana'));
  }

  /** As the administrator, unless somebody else is named. */
  call(method: string, path: string, body?: unknown, by: { accessToken: string } = this.olivia): Promise<Answer> {
    return this.server.api(method, path, body, by.accessToken);
  }

  app(over: Record<string, unknown> = {}): Promise<AppMade> {
    return makeApp(this.server, this.olivia, over);
  }

  conversation(personIds: readonly string[] = [], title = 'Deliveries'): Promise<z.output<typeof conversationSchema>> {
    return makeConversation(this.server, this.olivia, [this.ana.person.id, ...personIds], title);
  }

  say(conversationId: string, body: string, by: { accessToken: string } = this.ana): Promise<z.output<typeof messageSchema>> {
    return this.server.get(messageSchema, 'POST', `/api/conversations/${conversationId}/messages`, { body }, by.accessToken);
  }

  async token(app: AppMade, scope?: string): Promise<string> {
    return (await tokenOf(this.server, app, scope)).access_token;
  }

  /** Actions of the audit log, oldest first. */
  async audited(action: string): Promise<{ actor_id: string | null; subject: Record<string, unknown>; detail: Record<string, unknown> }[]> {
    return this.server.database.query('select actor_id, subject, detail from audit_log where action = $1 order by number', [action]);
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

export function makeApp(server: Api, by: SignedIn, over: Record<string, unknown> = {}): Promise<AppMade> {
  return server.get(
    appMadeSchema,
    'POST',
    '/api/apps',
    { name: 'ERP', scopes: appScopes satisfies readonly AppScope[], ...over },
    by.accessToken,
  );
}

export function makeConversation(
  server: Api,
  by: SignedIn,
  memberIds: readonly string[],
  title: string,
): Promise<z.output<typeof conversationSchema>> {
  return server.get(conversationSchema, 'POST', '/api/conversations', { kind: 'group', title, memberIds }, by.accessToken);
}

export interface FormAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** POST /api/oauth/token */
export async function askToken(
  server: Api,
  fields: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<FormAnswer> {
  const answer = await fetch(`${server.url}/api/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
  });
  return { status: answer.status, body: z.record(z.string(), z.unknown()).parse(await answer.json()), headers: answer.headers };
}

export async function tokenOf(server: Api, app: AppMade, scope = ''): Promise<z.output<typeof tokenSchema>> {
  const answer = await askToken(server, { grant_type: 'client_credentials', client_id: app.id, client_secret: app.clientSecret, scope });
  if (answer.status !== 200) throw new Error(`No token: ${JSON.stringify(answer.body)}`);
  return tokenSchema.parse(answer.body);
}

export function basic(id: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}` };
}

/** RFC 7636 section 4. */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
