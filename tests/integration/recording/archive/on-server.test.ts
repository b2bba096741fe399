import { afterAll, beforeAll, expect, it } from 'vitest';
import { playSchema, retentionSchema, shareMadeSchema, visitSchema } from '../../../../src/recording/archive/schema.js';
import { recordingDetailSchema, recordingsSchema } from '../../../../src/recording/schema.js';
import type { SignedIn } from '../../../support/api.js';
import { waitFor } from '../../../support/index.js';
import { keepRecording } from '../../../support/kept-recording.js';
import { startTestServer, type TestServer } from '../../../support/server.js';
import { codeOf, cookieOf } from './archive-world.js';

let server: TestServer;
let owner: SignedIn;
let host: SignedIn;
let colleague: SignedIn;
let id: string;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.setUpOwner();
  host = await server.invite(owner, 'Hana');
  colleague = await server.invite(owner, 'Otto');
  ({ id } = await keepRecording(server, { by: host, said: [{ by: host, atMs: 2_000, text: 'We will send the offer.' }] }));
  await waitFor(
    async () => (await server.database.query(`select 1 from recordings where id = $1 and state = 'ready'`, [id])).length > 0,
    'the recording is ready',
    { deadlineMs: 120_000 },
  );
});
afterAll(() => server.close());

const listed = async (by: SignedIn) =>
  (await server.get(recordingsSchema, 'GET', '/api/recordings', undefined, by.accessToken)).recordings.map((recording) => recording.id);

it('a colleague finds and watches what the host shared with him', async () => {
  expect(await listed(colleague)).toEqual([]);
  expect((await server.api('GET', `/api/recordings/${id}`, undefined, colleague.accessToken)).status).toBe(404);
  const body = { kind: 'person', targetId: colleague.person.id };
  await server.get(shareMadeSchema, 'POST', `/api/recordings/${id}/shares`, body, host.accessToken);
  expect(await listed(colleague)).toEqual([id]);
  const detail = await server.get(recordingDetailSchema, 'GET', `/api/recordings/${id}`, undefined, colleague.accessToken);
  expect(detail.mine).toMatchObject({ download: false, manage: false });
  const begun = await server.api('POST', `/api/recordings/${id}/plays`, undefined, colleague.accessToken);
  const { playlist } = playSchema.parse(begun.body);
  const cookie = cookieOf(begun);
  const list = await (await fetch(`${server.url}${playlist}`, { headers: { cookie } })).text();
  const pieces = list.split('\n').filter((line) => line.endsWith('.m4s'));
  expect(pieces.length).toBeGreaterThan(0);
  for (const piece of ['init.mp4', ...pieces]) {
    const answer = await fetch(`${server.url}${playlist.replace('index.m3u8', piece)}`, { headers: { cookie } });
    expect([answer.status, (await answer.arrayBuffer()).byteLength > 100]).toEqual([200, true]);
  }
});

it('a visitor watches by a link with a password, without an account', async () => {
  const body = { kind: 'link', name: 'Client', password: 'correct horse', expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
  const { link } = await server.get(shareMadeSchema, 'POST', `/api/recordings/${id}/shares`, body, host.accessToken);
  const secret = link?.split('#')[1];
  expect(codeOf(await server.api('POST', '/api/recording-links/open', { secret }))).toBe('SHARE_PASSWORD');
  const opened = await server.api('POST', '/api/recording-links/open', { secret, password: 'correct horse', name: 'Xu' });
  const visit = visitSchema.parse(opened.body);
  const words = await fetch(`${server.url}/api/recording-links/${visit.id}/transcript`, { headers: { cookie: cookieOf(opened) } });
  expect(await words.text()).toContain('We will send the offer.');
});

it('a legal hold of the chat keeps it, and when that is lifted all of it is deleted but the signatures', async () => {
  const hold = { name: 'Matter 7', matter: '7', reason: 'Litigation' };
  const made = await server.api('POST', '/api/holds', hold, owner.accessToken);
  expect(made.status).toBe(200);
  const retention = await server.get(retentionSchema, 'GET', `/api/recordings/${id}/retention`, undefined, host.accessToken);
  expect(retention).toMatchObject({ rule: 'hold', hold: 'Matter 7' });
  expect(codeOf(await server.api('DELETE', `/api/recordings/${id}`, undefined, host.accessToken))).toBe('RECORDING_HELD');
  await server.database.query(`update legal_holds set released_at = now(), release_reason = 'over'`);
  expect((await server.api('DELETE', `/api/recordings/${id}`, undefined, host.accessToken)).status).toBe(200);
  const rows = await server.database.query<{ manifest: string | null; signature: Buffer }>(
    'select manifest, signature from recording_manifests where recording_id = $1',
    [id],
  );
  expect(rows).toMatchObject([{ manifest: null, signature: expect.any(Buffer) }]);
  await waitFor(
    async () => (await server.database.query(`select 1 from audit_log where action = 'recording.blobs-deleted'`)).length > 0,
    'the blobs are gone',
  );
  expect([await listed(host), await listed(owner)]).toEqual([[], []]);
});
