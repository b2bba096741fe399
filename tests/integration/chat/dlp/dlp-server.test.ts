/** DLP on a whole server: what people are told, and that nothing of what was blocked is anywhere. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dlpRuleSchema, dlpRulesSchema, dlpTestSchema } from '../../../../src/chat/dlp/schema.js';
import { auditSchema } from '../../../../src/services/audit/schema.js';
import type { SignedIn } from '../../../support/api.js';
import { makeConversation, readAll, say } from '../../../support/chat.js';
import { startTestServer, type TestServer } from '../../../support/server.js';
import type { SocketClient } from '../../../support/socket-client.js';
import { uploadTo } from '../../../support/uploads.js';

const hkid = 'A123456(3)';
let server: TestServer;
let olivia: SignedIn;
let ming: SignedIn;
let asMing: SocketClient;
let asOlivia: SocketClient;
let group: string;

beforeAll(async () => {
  server = await startTestServer({ SOCKET_REQUESTS_PER_SECOND: 1_000, SOCKET_REQUEST_BURST: 5_000 });
  olivia = await server.setUpOwner();
  ming = await server.invite(olivia, 'Ming');
  asMing = await server.connect(ming.accessToken, 'zh-Hant');
  asOlivia = await server.connect(olivia.accessToken);
  group = (await makeConversation(server, olivia, [ming])).id;
});
afterAll(async () => {
  for (const client of [asMing, asOlivia]) client?.drop();
  await server?.close();
});

const make = (body: object) =>
  server.get(
    dlpRuleSchema,
    'POST',
    '/api/dlp/rules',
    { name: 'Cards', enabled: true, detectors: ['hkid'], action: 'block', ...body },
    olivia.accessToken,
  );
const change = (id: string, body: object) => server.get(dlpRuleSchema, 'PATCH', `/api/dlp/rules/${id}`, body, olivia.accessToken);
const remove = (id: string) => server.get(z.object({}), 'DELETE', `/api/dlp/rules/${id}`, undefined, olivia.accessToken);
const refusal = (body: unknown, by = olivia) => server.api('POST', '/api/dlp/rules', body, by.accessToken);

/** Every place of the database in which a text stands. */
async function placesOf(text: string): Promise<string[]> {
  const tables = await server.database.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const places: string[] = [];
  for (const { name } of tables) {
    const found = await server.database.query(`select 1 from ${name} t where t::text like $1 limit 1`, [`%${text}%`]);
    if (found.length > 0) places.push(name);
  }
  return places;
}

describe('A message that is blocked', () => {
  it('is refused over the socket and over HTTP in the sender’s language, takes no number, and stands nowhere', async () => {
    const rule = await make({ name: '身份證 <b>', patterns: [{ name: 'Plan', pattern: 'blue\\s+heron' }] });
    const before = (await readAll(asOlivia, group)).length;
    const sent = asMing.chat.send({ conversationId: group, clientId: randomUUID(), body: `${hkid} blue  heron 7781` });
    await expect(sent).rejects.toMatchObject({
      code: 'CHAT_DLP_BLOCKED',
      message: 'CHAT_DLP_BLOCKED: 規則「身份證 <b>」發現HKID (1), Plan (1)，不可在此傳送。內容沒有保留。',
    });
    const overHttp = await server.api(
      'POST',
      `/api/conversations/${group}/messages`,
      { clientId: randomUUID(), body: 'the BLUE HERON 7781' },
      ming.accessToken,
    );
    expect(overHttp).toMatchObject({
      status: 403,
      body: { error: { code: 'CHAT_DLP_BLOCKED', message: expect.stringContaining('Plan (1)') } },
    });
    expect(await placesOf('7781')).toEqual([]);
    expect(await placesOf('123456')).toEqual([]);
    expect((await readAll(asOlivia, group)).length).toBe(before);
    const { rows } = await server.get(auditSchema, 'GET', '/api/audit?action=chat.dlp-blocked', undefined, olivia.accessToken);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ actor: { name: 'Ming' }, subject: { conversation: group, rule: rule.id } });
    await remove(rule.id);
  });

  it('may not come by an edit, a poll, a forward or the name of a file either', async () => {
    const elsewhere = (await makeConversation(server, ming, [], { title: 'Notes' })).id;
    const forwarded = await say(asMing, elsewhere, `written before ${hkid}`);
    const number = await say(asMing, group, 'harmless');
    const rule = await make({});
    const blocked = { code: 'CHAT_DLP_BLOCKED' };
    const clientId = randomUUID();
    await expect(asMing.chat.edit({ conversationId: group, number, body: `now ${hkid}` })).rejects.toMatchObject(blocked);
    await expect(
      asMing.chat.send({ conversationId: group, clientId, body: 'Which?', poll: { options: ['none', hkid] } }),
    ).rejects.toMatchObject(blocked);
    await expect(
      asMing.chat.send({ conversationId: group, clientId, body: '', forward: { conversationId: elsewhere, number: forwarded } }),
    ).rejects.toMatchObject(blocked);
    await expect(uploadTo(server, ming.accessToken, group, `${hkid}.txt`, Buffer.from('x'))).rejects.toThrow('CHAT_DLP_BLOCKED');
    expect((await readAll(asOlivia, group)).at(-1)).toMatchObject({ number, body: 'harmless' });
    await remove(rule.id);
  });
});

describe('A message that is asked about', () => {
  it('is sent when the warning was read, or the reason given', async () => {
    const rule = await make({ action: 'warn' });
    const clientId = randomUUID();
    const send = (more: object) => asMing.chat.send({ conversationId: group, clientId, body: `Room for ${hkid}`, ...more });
    await expect(send({})).rejects.toMatchObject({ code: 'CHAT_DLP_WARNED', message: expect.stringContaining('HKID (1)') });
    const { number } = await send({ dlpAcknowledged: true });
    expect(number).toBeGreaterThan(0);
    await change(rule.id, { action: 'reason' });
    await expect(say(asMing, group, hkid)).rejects.toMatchObject({ code: 'CHAT_DLP_REASON' });
    await expect(say(asMing, group, hkid, { dlpReason: 'for the tenancy' })).resolves.toBeGreaterThan(number);
    await remove(rule.id);
  });
});

describe('The API of rules', () => {
  it('keeps a rule that is off, tests it on history, and switches it on', async () => {
    await say(asMing, group, `old ${hkid}`);
    const { id, ...rule } = await make({ name: 'Later', enabled: false });
    expect(await say(asMing, group, 'G123456(A)')).toBeGreaterThan(0);
    const { createdAt: _made, changedAt: _changed, ...body } = rule;
    const result = await server.get(dlpTestSchema, 'POST', '/api/dlp/rules/test', { rule: body }, olivia.accessToken);
    expect(result.messages.slice(0, 2)).toMatchObject([
      { conversationId: group, sender: { name: 'Ming' }, found: [{ detector: 'hkid', excerpt: 'G123•••(•)' }] },
      { found: [{ excerpt: 'A123•••(•)' }] },
    ]);
    await change(id, { enabled: true });
    await expect(say(asMing, group, hkid)).rejects.toMatchObject({ code: 'CHAT_DLP_BLOCKED' });
    expect((await server.get(dlpRulesSchema, 'GET', '/api/dlp/rules', undefined, olivia.accessToken)).rules).toMatchObject([
      { id, enabled: true },
    ]);
    await remove(id);
  });

  it('is for admins', async () => {
    const rule = await make({ enabled: false });
    for (const [method, path, body] of [
      ['GET', '/api/dlp/rules', undefined],
      ['POST', '/api/dlp/rules', { name: 'x', action: 'warn', detectors: ['hkid'] }],
      ['PATCH', `/api/dlp/rules/${rule.id}`, { enabled: false }],
      ['DELETE', `/api/dlp/rules/${rule.id}`, undefined],
      ['POST', '/api/dlp/rules/test', { rule: { name: 'x', action: 'warn', detectors: ['hkid'] } }],
    ] as const)
      expect(await server.api(method, path, body, ming.accessToken)).toMatchObject({
        status: 403,
        body: { error: { code: 'AUTH_FORBIDDEN' } },
      });
    await remove(rule.id);
    expect(await server.api('DELETE', `/api/dlp/rules/${rule.id}`, undefined, olivia.accessToken)).toMatchObject({ status: 404 });
  });

  const good = { name: 'Rule', action: 'warn', detectors: ['hkid'] };
  it.each([
    ['no name', { ...good, name: ' ' }, 'REQUEST_INVALID', 'name'],
    ['an action that is none', { ...good, action: 'delete' }, 'REQUEST_INVALID', 'action'],
    ['a detector that is none', { ...good, detectors: ['ssn'] }, 'REQUEST_INVALID', 'detectors.0'],
    ['a minimum of nothing', { ...good, minimum: 0 }, 'REQUEST_INVALID', 'minimum'],
    ['a minimum beyond counting', { ...good, minimum: 101 }, 'REQUEST_INVALID', 'minimum'],
    ['half a match', { ...good, minimum: 1.5 }, 'REQUEST_INVALID', 'minimum'],
    ['a kind that is none', { ...good, scope: { kinds: ['secret'] } }, 'REQUEST_INVALID', 'scope.kinds.0'],
    [
      'a pattern of 1,001 characters',
      { ...good, patterns: [{ name: 'p', pattern: 'a'.repeat(1_001) }] },
      'REQUEST_INVALID',
      'patterns.0.pattern',
    ],
    ['21 patterns', { ...good, patterns: Array.from({ length: 21 }, () => ({ name: 'p', pattern: 'a' })) }, 'REQUEST_INVALID', 'patterns'],
    ['a file type that is a path', { ...good, fileTypes: ['../exe'] }, 'REQUEST_INVALID', 'fileTypes.0'],
    ['a look-behind', { ...good, patterns: [{ name: 'p', pattern: '(?<!a)b' }] }, 'DLP_PATTERN_UNSUPPORTED', 'patterns'],
    ['a back-reference', { ...good, patterns: [{ name: 'p', pattern: '(a+)\\1' }] }, 'DLP_PATTERN_UNSUPPORTED', 'patterns'],
    [
      'a repetition of a repetition',
      { ...good, patterns: [{ name: 'p', pattern: '((a{99}){99}){99}' }] },
      'DLP_PATTERN_INVALID',
      'patterns',
    ],
    ['a pattern for everything', { ...good, patterns: [{ name: 'p', pattern: '.*' }] }, 'DLP_PATTERN_EMPTY', 'patterns'],
    ['nothing to look for', { ...good, detectors: [] }, 'DLP_RULE_EMPTY', undefined],
    ['a list for a body', [], 'REQUEST_INVALID', undefined],
  ])('refuses a rule with %s', async (_, body, code, field) => {
    const { status, body: answer } = await refusal(body);
    expect(status).toBe(400);
    expect(answer).toMatchObject({ error: { code, ...(field === undefined ? {} : { field }) } });
  });

  it.each([
    ['a time that is none', { since: 'yesterday' }],
    ['a limit of nothing', { limit: 0 }],
    ['a limit beyond bounds', { limit: 100_001 }],
  ])('refuses a test with %s', async (_, over) => {
    expect((await server.api('POST', '/api/dlp/rules/test', { rule: good, ...over }, olivia.accessToken)).status).toBe(400);
  });

  it('answers other people while a bomb is tested on what was written for it', async () => {
    const bomb = `${'a'.repeat(7_900)}!`;
    for (let i = 0; i < 10; i += 1) await say(asMing, group, bomb);
    const rule = {
      name: 'Bomb',
      action: 'block',
      patterns: ['(a+)+$', '((a{10}){10}){5}b', '(a|aa)+$'].map((pattern) => ({ name: 'p', pattern })),
    };
    const [tested, number] = await Promise.all([
      server.get(dlpTestSchema, 'POST', '/api/dlp/rules/test', { rule }, olivia.accessToken),
      say(asMing, group, 'still here?'),
    ]);
    expect(number).toBeGreaterThan(0);
    expect(tested.matched).toBe(0);
  });
});

describe('A reason', () => {
  it('that waits with a scheduled message is bounded, and has nothing in it that rules would not let pass', async () => {
    const [blocks, asks] = [
      await make({ name: 'No identity cards' }),
      await make({ name: 'Money', detectors: [], patterns: [{ name: 'Money', pattern: 'million' }], action: 'reason' }),
    ];
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const schedule = (body: string, dlpReason: string) =>
      server.api('POST', `/api/conversations/${group}/scheduled`, { body, sendAt, dlpReason }, ming.accessToken);
    const refused = (code: string) => ({ body: { error: { code } } });
    // Written nowhere else in this file.
    const hidden = 'C668668(9)';
    for (const body of ['ten million', 'lunch?'])
      expect(await schedule(body, `for ${hidden}`)).toMatchObject(refused('DLP_REASON_CONTENT'));
    expect(await schedule('lunch?', 'x'.repeat(501))).toMatchObject(refused('REQUEST_INVALID'));
    expect(await schedule('ten million', 'ok')).toMatchObject(refused('CHAT_DLP_REASON'));
    const kept = await schedule('ten million', 'the board asked');
    expect(kept.status).toBe(200);
    const { id } = z.object({ id: z.string() }).parse(kept.body);
    const change = await server.api('PATCH', `/api/scheduled/${id}`, { dlpReason: `for ${hidden}` }, ming.accessToken);
    expect(change).toMatchObject(refused('DLP_REASON_CONTENT'));
    expect(await placesOf('C668668')).toEqual([]);
    await Promise.all([remove(blocks.id), remove(asks.id)]);
  });
});
