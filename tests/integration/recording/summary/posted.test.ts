/** What was said from a recording in its conversation, on a real server: it goes with the words that somebody takes back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { historySchema, messageSchema, messagesSchema } from '../../../../src/chat/schema.js';
import { manifestSchema } from '../../../../src/recording/evidence/manifest.js';
import { myActionsSchema, summarySchema } from '../../../../src/recording/summary/schema.js';
import type { SignedIn } from '../../../support/api.js';
import { waitFor } from '../../../support/index.js';
import { keepRecording } from '../../../support/kept-recording.js';
import { startTestServer, type TestServer } from '../../../support/server.js';

let server: TestServer;
let owner: SignedIn;
let host: SignedIn;
let otto: SignedIn;
let mei: SignedIn;
const patient = { deadlineMs: 60_000 };

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.setUpOwner();
  [host, otto, mei] = [await server.invite(owner, 'Hana'), await server.invite(owner, 'Otto'), await server.invite(owner, 'Mei')];
});
afterAll(() => server?.close());

interface Posted {
  readonly id: string;
  readonly conversationId: string;
  /** Of the summary's message. */
  readonly number: number;
  /** Of the message that tells Otto of a task in Mei's words. */
  readonly task: number;
  /** Where Otto has forwarded the summary to. */
  readonly elsewhere: string;
  readonly copy: number;
}

/** A transcript whose summary was posted, edited and forwarded, and a task of which was told. */
async function posted(): Promise<Posted> {
  const { id } = await keepRecording(server, {
    by: host,
    others: [otto, mei],
    kind: 'transcript',
    said: [
      { by: host, atMs: 1_000, text: 'We decided to keep the old desks.' },
      { by: mei, atMs: 5_000, text: 'We decided to paint the walls green.' },
      { by: mei, atMs: 9_000, text: 'Otto, can you order the lanterns by Friday?' },
      { by: otto, atMs: 13_000, text: 'Sure, no problem.' },
    ],
  });
  await ready(id, 1);
  const conversationId = await joined(id);
  const summary = await server.get(summarySchema, 'GET', `/api/recordings/${id}/summary`, undefined, host.accessToken);
  const lanterns = summary.actionItems.find(({ what }) => what.includes('lanterns'));
  await server.api('POST', `/api/action-items/${lanterns?.id}/confirm`, {}, host.accessToken);
  const task = await waitFor(
    async () => (await messages(conversationId)).find(({ body }) => body.includes('☑')),
    'that Otto is told',
    patient,
  );
  await server.get(summarySchema, 'POST', `/api/recordings/${id}/summary/post`, { number: summary.number }, host.accessToken);
  const message = (await messages(conversationId)).find(({ body }) => body.includes('walls green'));
  const number = message?.number ?? 0;
  const socket = await server.connect(host.accessToken);
  await socket.chat.edit({ conversationId, number, body: `${message?.body}\n\nPlease read.` });
  const { id: elsewhere } = await server.get(
    z.looseObject({ id: z.string() }),
    'POST',
    '/api/conversations',
    { kind: 'group', title: 'Elsewhere', memberIds: [host.person.id] },
    otto.accessToken,
  );
  const forwards = await server.connect(otto.accessToken);
  const { number: copy } = await forwards.chat.send({
    conversationId: elsewhere,
    clientId: crypto.randomUUID(),
    body: '',
    forward: { conversationId, number },
  });
  expect((await one(elsewhere, copy)).body).toContain('walls green');
  return { id, conversationId, number, task: task.number, elsewhere, copy };
}

/** All three are in the conversation, as after the meeting. */
async function joined(id: string): Promise<string> {
  const rows = await server.database.query<{ conversationId: string }>(
    `with place as (select org_id, conversation_id from recordings where id = $1),
          members as (insert into conversation_members (org_id, conversation_id, person_id)
                      select org_id, conversation_id, p.id from place, unnest($2::uuid[]) as p (id) on conflict do nothing)
     select conversation_id as "conversationId" from place`,
    [id, [host, otto, mei].map(({ person }) => person.id)],
  );
  return rows[0]?.conversationId ?? '';
}

async function ready(id: string, version: number): Promise<void> {
  const of = async () =>
    (await server.database.query<{ state: string; version: number }>('select state, version from recordings where id = $1', [id]))[0];
  await waitFor(
    async () => {
      const now = await of();
      return now?.state === 'ready' && now.version === version;
    },
    `version ${version}`,
    patient,
  );
}
const messages = async (conversationId: string, by = otto) =>
  (await server.get(messagesSchema, 'GET', `/api/conversations/${conversationId}/messages`, undefined, by.accessToken)).messages;
const one = async (conversationId: string, number: number) => {
  const found = (await messages(conversationId)).find((message) => message.number === number);
  return messageSchema.parse(found);
};
const history = (conversationId: string, number: number) =>
  server.api('GET', `/api/conversations/${conversationId}/messages/${number}/history`, undefined, otto.accessToken);
/** What the log keeps of before, as exports have it. */
const keptOf = async (conversationId: string, number: number) =>
  (
    await server.database.query<{ before: string }>(
      'select before from message_changes where conversation_id = $1 and message_number = $2 and before is not null order by number',
      [conversationId, number],
    )
  ).map((row) => row.before);
const withdraw = (id: string) =>
  server.get(
    z.looseObject({ heldBy: z.string().nullable() }),
    'POST',
    `/api/recordings/${id}/consent/withdraw`,
    { everything: true },
    mei.accessToken,
  );
const corrections = async (id: string) =>
  (
    await server.database.query<{ subject: unknown; detail: unknown; actor: unknown }>(
      `select subject, detail, actor from audit_log where action = 'recording.post-corrected' and subject->>'recording' = $1 order by number`,
      [id],
    )
  ).map(({ detail }) => detail);
const states = (id: string) =>
  server.database.query<{ what: string; state: string }>('select what, state from recording_posts where recording_id = $1 order by what', [
    id,
  ]);

describe('When somebody takes back everything that he said', () => {
  it('the summary that was posted is written anew without him, and nobody reads what it was', async () => {
    const { id, conversationId, number, task, elsewhere, copy } = await posted();
    expect(JSON.stringify(await messages(conversationId))).toMatch(/walls green.*lanterns|lanterns.*walls green/s);
    expect(await withdraw(id)).toMatchObject({ heldBy: null });
    await ready(id, 2);
    for (const message of [await one(conversationId, number), await one(elsewhere, copy)]) {
      expect(message.body).toContain('We decided to keep the old desks');
      expect(message.body).toContain('reviewed by Hana');
      expect(message.body).not.toMatch(/walls|green|lanterns/i);
      expect(message.editedAt).not.toBeNull();
    }
    const { changes } = historySchema.parse((await history(conversationId, number)).body);
    expect(changes.flatMap(({ before: was }) => was ?? [])).toEqual([]);
    expect([await keptOf(conversationId, number), await keptOf(elsewhere, copy), await keptOf(conversationId, task)]).toEqual([[], [], []]);
    // The task was in her words.
    expect(await one(conversationId, task)).toMatchObject({ body: '', recalledAt: expect.any(String) });
    const mine = await server.get(myActionsSchema, 'GET', '/api/action-items/mine', undefined, otto.accessToken);
    expect(mine.items).toEqual([]);
    const all = JSON.stringify([await messages(conversationId), await messages(elsewhere)]);
    expect(all).not.toMatch(/walls|lanterns/i);
    expect(await corrections(id)).toEqual([
      { what: 'action', message: task, done: 'recalled' },
      { what: 'summary', message: number, done: 'rewritten' },
    ]);
    const [row] = await server.database.query<{ manifest: unknown }>(
      'select manifest from recording_manifests where recording_id = $1 order by version desc limit 1',
      [id],
    );
    const manifest = manifestSchema.parse(typeof row?.manifest === 'string' ? JSON.parse(row.manifest) : row?.manifest);
    expect(manifest.posts).toMatchObject([
      { what: 'action', conversation: conversationId, message: task, state: 'recalled', changedAt: expect.any(String) },
      { what: 'summary', conversation: conversationId, message: number, state: 'corrected', changedAt: expect.any(String) },
    ]);
    expect(JSON.stringify(manifest)).not.toMatch(/walls|lanterns/i);
  }, 240_000);

  it('under a legal hold the messages are recalled, and the log keeps them until it is lifted', async () => {
    const { id, conversationId, number, task, elsewhere, copy } = await posted();
    const body = { name: 'Case 7', matter: '7', reason: 'Litigation', conversationIds: [conversationId] };
    const hold = await server.get(z.looseObject({ id: z.string() }), 'POST', '/api/holds', body, owner.accessToken);
    expect(await withdraw(id)).toMatchObject({ heldBy: 'Case 7' });
    await waitFor(async () => (await states(id)).every(({ state }) => state === 'held'), 'that they are recalled', patient);
    for (const [place, at] of [
      [conversationId, number],
      [conversationId, task],
      [elsewhere, copy],
    ] as const) {
      expect(await one(place, at)).toMatchObject({ body: '', recalledAt: expect.any(String) });
      expect((await history(place, at)).status).toBe(409);
      expect((await keptOf(place, at)).join()).toMatch(/lanterns/i);
    }
    expect(await corrections(id)).toMatchObject([
      { what: 'action', done: 'recalled', heldBy: 'Case 7' },
      { what: 'summary', done: 'recalled', heldBy: 'Case 7' },
    ]);
    // The recording is as it was, for who governs alone.
    const summary = (by: SignedIn) => server.api('GET', `/api/recordings/${id}/summary`, undefined, by.accessToken);
    expect([(await summary(host)).status, (await summary(owner)).status]).toEqual([409, 200]);
    expect(JSON.stringify((await summary(owner)).body)).toContain('walls green');

    await server.api('POST', `/api/holds/${hold.id}/release`, { reason: 'Settled' }, owner.accessToken);
    // What looks every hour.
    await server.database.query(`insert into pgboss.job (name, data) values ('recording.find-forgotten', '{"value": {}}')`);
    await ready(id, 2);
    for (const [place, at] of [
      [conversationId, number],
      [conversationId, task],
      [elsewhere, copy],
    ] as const)
      expect(await keptOf(place, at)).toEqual([]);
    expect((await states(id)).map(({ state }) => state)).toEqual(['recalled', 'recalled']);
    expect(JSON.stringify((await summary(host)).body)).not.toMatch(/walls|lanterns/i);
  }, 240_000);

  it('a summary without words of his stays as it is', async () => {
    const { id } = await keepRecording(server, {
      by: host,
      others: [otto, mei],
      kind: 'transcript',
      said: [{ by: host, atMs: 1_000, text: 'We decided to keep the old chairs.' }],
    });
    await ready(id, 1);
    await joined(id);
    const posting = await server.get(summarySchema, 'POST', `/api/recordings/${id}/summary/post`, { number: 1 }, host.accessToken);
    expect(posting.posted).not.toBeNull();
    await withdraw(id);
    await ready(id, 2);
    expect(await states(id)).toEqual([{ what: 'summary', state: 'current' }]);
    expect(await corrections(id)).toEqual([]);
  }, 240_000);
});
