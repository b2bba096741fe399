/** Domains against the whole server: what does not cross, by every way in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { domainRuleSchema, domainSchema } from '../../../../src/chat/domains/schema.js';
import type { SignedIn } from '../../../support/api.js';
import { makeConversation, say } from '../../../support/chat.js';
import { SocketCallError, type SocketClient } from '../../../support/index.js';
import { startTestServer, type TestServer } from '../../../support/server.js';
import { uploadTo } from '../../../support/uploads.js';

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;
let ben: SignedIn;
let asBen: SocketClient;
let mainland: string;
let plant: string;
let weekly: string;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  [ana, ben] = [await server.invite(olivia, 'Ana'), await server.invite(olivia, 'Ben')];
  mainland = (await server.get(domainSchema, 'POST', '/api/domains', { name: 'Mainland' }, olivia.accessToken)).id;
  const [standard] = (await server.get(z.object({ domains: z.array(domainSchema) }), 'GET', '/api/domains', undefined, ana.accessToken))
    .domains;
  // Ben is in both, so that he can be in a conversation of each.
  const domainIds = [mainland, standard?.id];
  expect((await server.api('PUT', `/api/people/${ben.person.id}/domains`, { domainIds }, olivia.accessToken)).status).toBe(200);
  plant = (await makeConversation(server, ben, [], { title: 'Plant', domainId: mainland })).id;
  weekly = (await makeConversation(server, ben, [ana], { title: 'Weekly' })).id;
  asBen = await server.connect(ben.accessToken);
});
afterAll(async () => {
  asBen?.drop();
  await server?.close();
});

const codeOf = (act: Promise<unknown>) =>
  act.then(
    () => null,
    (error: unknown) => (error instanceof SocketCallError ? error.code : error),
  );
const refused = { error: { code: 'CHAT_DOMAIN_REFUSED', message: expect.stringContaining('Domains are closed by default') } };
async function audited(): Promise<{ actor: { name: string }; detail: Record<string, unknown> }[]> {
  const schema = z.object({
    rows: z.array(z.object({ actor: z.object({ name: z.string() }), detail: z.record(z.string(), z.unknown()) })),
  });
  return (await server.get(schema, 'GET', '/api/audit?action=chat.domain-refused', undefined, olivia.accessToken)).rows;
}

describe('What belongs to another domain', () => {
  it('is no member: not of a conversation that is made, nor of one that is there', async () => {
    const made = await server.api(
      'POST',
      '/api/conversations',
      { kind: 'group', title: 'x', domainId: mainland, memberIds: [ana.person.id] },
      ben.accessToken,
    );
    expect(made.body).toMatchObject(refused);
    const added = await server.api('POST', `/api/conversations/${plant}/members`, { personIds: [ana.person.id] }, ben.accessToken);
    expect(added.body).toMatchObject(refused);
    const alone = await server.api('POST', '/api/conversations', { kind: 'group', title: 'x', domainId: mainland }, ana.accessToken);
    expect(alone.body, 'nor does one begin there oneself').toMatchObject(refused);
    expect((await audited())[0]).toMatchObject({ actor: { name: 'Ana' }, detail: { what: 'people', from: 'Default', to: 'Mainland' } });
  });

  it('is not forwarded, until a rule lets it: first the words, then the files', async () => {
    const file = await uploadTo(server, ben.accessToken, plant, 'plan.txt', Buffer.from('the plan'));
    const number = await say(asBen, plant, 'of the plant', { attachmentIds: [file.id] });
    const forward = () => codeOf(say(asBen, weekly, '', { forward: { conversationId: plant, number } }));
    expect(await forward()).toBe('CHAT_DOMAIN_REFUSED');
    const allow = (what: string) =>
      server.get(
        domainRuleSchema,
        'POST',
        '/api/domain-rules',
        { name: `${what} out`, from: mainland, what, allow: true },
        olivia.accessToken,
      );
    await allow('forward');
    expect(await forward()).toBe('CHAT_DOMAIN_REFUSED');
    expect((await audited()).slice(0, 2).map(({ detail }) => detail.what)).toEqual(['files', 'forward']);
    await allow('files');
    expect(await forward()).toBeNull();
  });

  it('is not uploaded', async () => {
    await server.api('PUT', `/api/people/${ana.person.id}/domains`, { domainIds: [mainland] }, olivia.accessToken);
    await server.api('DELETE', `/api/domain-rules/${await ruleNamed('files out')}`, undefined, olivia.accessToken);
    await expect(uploadTo(server, ana.accessToken, weekly, 'x.txt', Buffer.from('x'))).rejects.toThrow('CHAT_DOMAIN_REFUSED');
    expect((await server.api('POST', `/api/conversations/${weekly}/messages`, { body: 'words are' }, ana.accessToken)).status).toBe(200);
  });

  it('is not exported', async () => {
    const body = { conversationIds: [plant] };
    expect((await server.api('POST', '/api/exports', body, olivia.accessToken)).body).toMatchObject(refused);
    expect((await audited())[0]).toMatchObject({ actor: { name: 'Olivia' }, detail: { what: 'export', from: 'Mainland', to: 'Default' } });
  });

  it('shows the domain in the conversation once it is moved', async () => {
    const { id } = await makeConversation(server, ben, []);
    const moved = await server.api('PATCH', `/api/conversations/${id}/domain`, { domainId: mainland.toUpperCase() }, olivia.accessToken);
    expect(moved.body).toEqual({ domainId: mainland, domainName: 'Mainland' });
    const { conversations } = await asBen.chat.sync({ only: [id] });
    expect(conversations?.[0]?.conversation).toMatchObject({ domainId: mainland, domainName: 'Mainland' });
    const { messages } = await asBen.chat.fetch({ conversationId: id, after: 0, limit: 10 });
    expect(messages?.at(-1)?.system).toMatchObject({ what: 'domain-changed', text: 'Mainland' });
  });
});

async function ruleNamed(name: string): Promise<string> {
  const schema = z.object({ rules: z.array(domainRuleSchema) });
  const { rules } = await server.get(schema, 'GET', '/api/domain-rules', undefined, olivia.accessToken);
  return rules.find((rule) => rule.name === name)?.id ?? '';
}
