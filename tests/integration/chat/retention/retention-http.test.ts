/** Retention, holds and exports against the whole server: over HTTP, with real uploads and recalls. */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exportSchema, holdSchema, retentionSchema } from '../../../../src/chat/retention/schema.js';
import { openBlobs } from '../../../../src/platform/blobs/index.js';
import { openJobs } from '../../../../src/platform/jobs/index.js';
import { signedInSchema } from '../../../../src/services/accounts/schema.js';
import { password, type SignedIn } from '../../../support/api.js';
import { readAll, say } from '../../../support/chat.js';
import { testLog, waitFor } from '../../../support/index.js';
import { startTestServer, type TestServer } from '../../../support/server.js';
import { uploadTo } from '../../../support/uploads.js';

const idSchema = z.object({ id: z.string() });
const hold = { name: 'Case 7', matter: 'Harbour v Pier', reason: 'Court order' };

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  ana = await server.invite(olivia, 'Ana');
});
afterAll(() => server?.close());

const newGroup = async (title: string): Promise<string> =>
  (await server.get(idSchema, 'POST', '/api/conversations', { kind: 'group', title, memberIds: [olivia.person.id] }, ana.accessToken)).id;
const asOlivia = (method: string, path: string, body?: unknown) => server.api(method, path, body, olivia.accessToken);

describe('Over HTTP', () => {
  it('an export is made, watched, taken and deleted', async () => {
    const group = await newGroup('Plans');
    await server.api('POST', `/api/conversations/${group}/messages`, { body: 'hello' }, ana.accessToken);
    const { id, status } = await server.get(exportSchema, 'POST', '/api/exports', { conversationIds: [group] }, olivia.accessToken);
    expect(status).toBe('waiting');
    const made = await waitFor(
      async () => {
        const found = await server.get(exportSchema, 'GET', `/api/exports/${id}`, undefined, olivia.accessToken);
        return found.status === 'done' && found;
      },
      'the export',
      { deadlineMs: 60_000 },
    );
    const answer = await fetch(`${server.url}/api/exports/${id}/file`, { headers: { authorization: `Bearer ${olivia.accessToken}` } });
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="causeway-export-${id}.zip"`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([made.size, made.sha256]);
    for (const path of ['/api/exports', `/api/exports/${id}`, `/api/exports/${id}/file`])
      expect((await server.api('GET', path, undefined, ana.accessToken)).body, path).toMatchObject({ error: { code: 'AUTH_FORBIDDEN' } });
    expect((await asOlivia('DELETE', `/api/exports/${id}`)).status).toBe(200);
    expect((await asOlivia('GET', `/api/exports/${id}/file`)).body).toMatchObject({ error: { code: 'CHAT_EXPORT_NOT_FOUND' } });
  });

  it('policies, the minimum and the backup are set and told', async () => {
    const group = await newGroup('Board');
    await asOlivia('PUT', '/api/retention/organisation', { days: 30 });
    await asOlivia('PUT', `/api/retention/conversations/${group.toUpperCase()}`, { days: 10 });
    const patch = { minimum: { days: 20, reason: 'Cap. 112 section 51C' }, backup: { day: 1, hour: 3 } };
    expect(await server.get(retentionSchema, 'PATCH', '/api/retention', patch, olivia.accessToken)).toEqual({
      policies: [
        { scope: 'organisation', id: null, name: '', days: 30 },
        { scope: 'conversation', id: group, name: 'Board', days: 10 },
      ],
      minimum: patch.minimum,
      backup: { day: 1, hour: 3, format: 'json' },
    });
    const kept = await server.api('GET', `/api/retention/conversations/${group}`, undefined, ana.accessToken);
    expect(kept.body).toEqual({ days: 20, decidedBy: 'minimum', wanted: 10, held: false });
    await asOlivia('DELETE', `/api/retention/conversations/${group}`);
    expect((await server.api('GET', `/api/retention/conversations/${group}`, undefined, ana.accessToken)).body).toMatchObject({
      days: 30,
      decidedBy: 'organisation',
    });
  });

  it('a hold keeps the files of what is recalled, which nobody can open any more', async () => {
    const group = await newGroup('Held');
    const free = await newGroup('Free');
    await server.get(holdSchema, 'POST', '/api/holds', { ...hold, conversationIds: [group] }, olivia.accessToken);
    const left: number[] = [];
    for (const id of [group, free]) {
      const file = await uploadTo(server, ana.accessToken, id, 'plan.txt', Buffer.from('the plan'));
      const body = { clientId: randomUUID(), body: 'see', attachmentIds: [file.id] };
      const message = await server.get(
        z.object({ number: z.number() }),
        'POST',
        `/api/conversations/${id}/messages`,
        body,
        ana.accessToken,
      );
      const socket = await server.connect(ana.accessToken);
      await socket.chat.recall({ conversationId: id, number: message.number });
      await socket.close();
      expect((await server.api('GET', `/api/attachments/${file.id}`, undefined, ana.accessToken)).status).toBe(404);
      left.push((await server.database.query('select 1 from attachments where id = $1', [file.id])).length);
    }
    expect(left).toEqual([1, 0]);
  });

  it('a hold keeps a guest from being removed', async () => {
    const group = await newGroup('With a guest');
    const { link } = await server.get(
      z.object({ link: z.string() }),
      'POST',
      `/api/conversations/${group}/guests`,
      { email: 'gia@outside.example' },
      ana.accessToken,
    );
    const guest = { token: link.split('#')[1], name: 'Gia', password };
    const { person } = await server.get(signedInSchema, 'POST', '/api/invitations/accept', guest);
    const { id } = await server.get(holdSchema, 'POST', '/api/holds', { ...hold, personIds: [person.id] }, olivia.accessToken);
    const refused = await asOlivia('DELETE', `/api/guests/${person.id}`);
    expect(refused.body).toMatchObject({ error: { code: 'CHAT_HELD', message: expect.stringContaining('Case 7') } });
    expect((await server.api('POST', '/api/auth/sign-in', { email: 'gia@outside.example', password })).status).toBe(200);
    await asOlivia('POST', `/api/holds/${id}/release`, { reason: 'Settled' });
    expect((await asOlivia('DELETE', `/api/guests/${person.id}`)).status).toBe(200);
  });
});

describe('The night', () => {
  it('deletes old messages with their files; devices are told and forget them', async () => {
    const group = await newGroup('Old');
    const socket = await server.connect(ana.accessToken);
    const file = await uploadTo(server, ana.accessToken, group, 'old.txt', Buffer.from('an old file'));
    const old = await say(socket, group, 'old', { attachmentIds: [file.id] });
    await say(socket, group, 'young');
    const [blob] = await server.database.query<{ key: string }>('select key from attachments where id = $1', [file.id]);
    expect(blob).toBeDefined();
    const before = (await socket.chat.sync({})).conversations?.find(({ conversation }) => conversation?.id === group);
    await server.database.query(`update messages set sent_at = sent_at - interval '100 days' where conversation_id = $1 and number <= $2`, [
      group,
      old,
    ]);
    await asOlivia('PUT', `/api/retention/conversations/${group}`, { days: 90 });
    const jobs = await openJobs({ database: server.database, log: testLog() });
    try {
      const nothing = z.record(z.string(), z.never());
      await jobs.enqueue({ name: 'chat.delete-old', schema: nothing }, {});
      await socket.waitForEvent(({ session }) => session?.chat?.conversationChanged === group, 'less to be seen');
      await jobs.enqueue({ name: 'attachments.clear-blobs', schema: nothing }, {});
    } finally {
      await jobs.close();
    }
    expect((await readAll(socket, group)).map(({ body }) => body)).toEqual(['young']);
    const cursor = {
      conversationId: group,
      number: before?.conversation?.latest ?? 0,
      readNumber: before?.conversation?.readNumber ?? 0,
      version: before?.conversation?.version ?? 0,
    };
    const { conversations } = await socket.chat.sync({ cursors: [cursor], only: [group] });
    expect(conversations?.[0]?.conversation?.visibleAfter, 'a device that knew everything hears of it').toBe(old);
    await waitFor(
      async () => (await server.database.query('select 1 from unneeded_blobs where key = $1', [blob?.key])).length === 0,
      'the blob to be deleted',
      { deadlineMs: 60_000 },
    );
    const blobs = await openBlobs(server.config, testLog());
    expect(await blobs.stat(blob?.key ?? '')).toBeNull();
    await blobs.close();
    await socket.close();
  });
});

describe('Bad input to retention and exports', () => {
  const id = randomUUID();
  it.each([
    ['PUT', '/api/retention/organisation', { days: 0 }],
    ['PUT', '/api/retention/organisation', { days: -1 }],
    ['PUT', '/api/retention/organisation', { days: 1.5 }],
    ['PUT', '/api/retention/organisation', { days: 1e9 }],
    ['PUT', '/api/retention/organisation', {}],
    ['PUT', '/api/retention/domains/x', { days: 1 }],
    ['PATCH', '/api/retention', { minimum: { days: -1, reason: '' } }],
    ['PATCH', '/api/retention', { backup: { day: 31, hour: 3 } }],
    ['PATCH', '/api/retention', { backup: { day: 1, hour: 24 } }],
    ['POST', '/api/holds', { ...hold, name: '' }],
    ['POST', '/api/holds', { ...hold, reason: '\u0000\u202e' }],
    ['POST', '/api/holds', { ...hold, since: 'yesterday' }],
    ['POST', '/api/holds', { ...hold, since: '2026-02-01T00:00:00Z', until: '2026-01-01T00:00:00Z' }],
    ['POST', '/api/holds', { ...hold, personIds: 'everybody' }],
    ['POST', '/api/holds', { ...hold, personIds: Array.from({ length: 2_001 }, () => id) }],
    ['POST', `/api/holds/${id}/release`, {}],
    ['POST', '/api/exports', {}],
    ['POST', '/api/exports', { conversationIds: [] }],
    ['POST', '/api/exports', { conversationIds: [id], domainId: id }],
    ['POST', '/api/exports', { personIds: [id], format: 'pdf' }],
    ['POST', '/api/exports', { personIds: [id], until: '-000001-01-01T00:00:00Z' }],
    ['GET', '/api/exports/..%2f..%2fetc/file', undefined],
  ])('is refused: %s %s %j', async (method, path, body) => {
    expect((await asOlivia(method, path, body)).body).toMatchObject({ error: { code: 'REQUEST_INVALID' } });
  });
});
