/** Who is told of shares and reviews, on a whole server: by e-mail, by push, by a line, and over the API. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { messagesSchema } from '../../../../src/chat/schema.js';
import { newsListSchema, reviewSchema, shareMadeSchema } from '../../../../src/recording/archive/schema.js';
import { recordingDetailSchema, recordingsSchema } from '../../../../src/recording/schema.js';
import type { SignedIn } from '../../../support/api.js';
import { waitFor } from '../../../support/index.js';
import { keepRecording } from '../../../support/kept-recording.js';
import { type MailServer, startMailServer } from '../../../support/mail-server.js';
import { type Device, type PushService, startPushService } from '../../../support/push-service.js';
import { startTestServer, type TestServer } from '../../../support/server.js';

let mail: MailServer;
let push: PushService;
let server: TestServer;
let owner: SignedIn;
let host: SignedIn;
let otto: SignedIn;
let petra: SignedIn;
let id: string;

beforeAll(async () => {
  [mail, push] = await Promise.all([startMailServer(), startPushService()]);
  server = await startTestServer({
    SMTP_URL: mail.url,
    MAIL_FROM: 'causeway@harbour.example',
    PUBLIC_URL: 'https://meet.harbour.example',
    OUTBOUND_ALLOW: push.place,
    PUSH_DELAY_MS: 20,
    // Nothing is told before `due`, however slow the machine is.
    RECORDING_TELL_MS: 600_000,
  });
  owner = await server.setUpOwner();
  host = await server.invite(owner, 'Hana');
  otto = await server.invite(owner, 'Otto');
  petra = await server.invite(owner, 'Petra');
});
afterAll(async () => {
  await server?.close();
  await push?.close();
  await mail?.close();
});
beforeEach(async () => {
  await server.database.query('delete from recording_news');
  ({ id } = await keepRecording(server, { by: host, title: 'Budget', kind: 'transcript', state: 'failed' }));
  mail.received.length = 0;
});

const call = (by: SignedIn, method: string, path: string, body?: unknown) => server.api(method, path, body, by.accessToken);
const share = async (body: object, by = host) =>
  (await server.get(shareMadeSchema, 'POST', `/api/recordings/${id}/shares`, body, by.accessToken)).share;
const shareWith = (to: SignedIn, by = host) => share({ kind: 'person', targetId: to.person.id }, by);
const unshare = (shareId: string) => call(host, 'DELETE', `/api/recordings/${id}/shares/${shareId}`);
const news = (of: SignedIn) => server.get(newsListSchema, 'GET', '/api/recording-news', undefined, of.accessToken);
const listed = async (by: SignedIn, of: string) =>
  (await server.get(recordingsSchema, 'GET', `/api/recordings?of=${of}`, undefined, by.accessToken)).recordings.map((one) => one.id);
const opened = (by: SignedIn) => call(by, 'POST', '/api/recording-news/seen', { recordingId: id });
const setPolicy = (privacy: string) => call(owner, 'PATCH', '/api/notification-policy', { privacy });
const subscribed = async (by: SignedIn): Promise<Device> => {
  const device = push.device();
  await call(by, 'POST', '/api/push/subscriptions', { ...device.subscription, language: 'en' });
  return device;
};
const assign = (to: SignedIn) =>
  server.get(
    reviewSchema,
    'POST',
    `/api/recordings/${id}/reviews`,
    { reviewerId: to.person.id, task: 'Listen for prices' },
    owner.accessToken,
  );

/** The time to tell has come; resolves when everybody was told who is. */
async function due(): Promise<void> {
  await server.database.query(`update pgboss.job set start_after = now() where name = 'recording.tell' and state = 'created'`);
  await done('recording.tell');
}

async function done(queue: string): Promise<void> {
  await waitFor(
    async () =>
      (
        await server.database.query(
          `select 1 from pgboss.job where name = $1 and state in ('created', 'retry', 'active') and start_after <= now()`,
          [queue],
        )
      ).length === 0,
    `the jobs of ${queue}`,
    { deadlineMs: 60_000 },
  );
}

describe('who got a recording shared with him', () => {
  it('has a mark until he opens it, and is told by e-mail and push, with no name nor title by default', async () => {
    const device = await subscribed(await server.signIn('Otto'));
    await call(otto, 'PATCH', '/api/notification-settings', { language: 'zh-Hant' });
    const made = await shareWith(otto);
    expect(await news(otto)).toMatchObject({
      unseen: 1,
      news: [{ kind: 'shared', recording: { id, title: 'Budget' }, by: { id: host.person.id, name: 'Hana' }, seen: false }],
    });
    expect(await listed(otto, 'new')).toEqual([id]);
    const detail = await server.get(recordingDetailSchema, 'GET', `/api/recordings/${id}`, undefined, otto.accessToken);
    expect(detail).toMatchObject({ toReview: false, news: [{ kind: 'shared', by: { name: 'Hana' } }] });
    await due();
    expect(mail.received).toMatchObject([{ to: ['otto@harbour.example'], subject: '有人與你分享了錄影' }]);
    const [received] = mail.received;
    expect(received?.text).toContain(`https://meet.harbour.example/archive/${id}`);
    expect(`${received?.text}${received?.html}${received?.subject}`).not.toMatch(/Budget|Hana/);
    expect(device.received).toMatchObject([{ payload: { kind: 'recording-shared', recording: id, language: 'en' } }]);
    expect(JSON.stringify(device.received)).not.toMatch(/Budget|Hana/);

    expect((await opened(otto)).body).toEqual({ seen: 1 });
    expect([(await opened(otto)).body, (await news(otto)).unseen, await listed(otto, 'new')]).toEqual([{ seen: 0 }, 0, []]);
    expect((await news(otto)).news).toMatchObject([{ seen: true }]);
    await unshare(made.id);
    expect(await news(otto)).toEqual({ news: [], unseen: 0 });
    await call(otto, 'PATCH', '/api/notification-settings', { language: null });
  });

  it('reads who and what where the organisation lets names leave the server', async () => {
    await setPolicy('names');
    const device = await subscribed(await server.signIn('Otto'));
    await shareWith(otto);
    await due();
    await setPolicy('ids');
    expect(mail.received.map(({ subject }) => subject)).toEqual(['Hana shared a recording with you: Budget / Hana 與你分享了錄影: Budget']);
    expect(device.received.map(({ payload }) => payload)).toEqual([
      { kind: 'recording-shared', recording: id, language: 'en', sender: 'Hana', title: 'Budget' },
    ]);
  });

  it('is told once: not when it is shared again, nor when the job runs again', async () => {
    const made = await shareWith(otto);
    await due();
    expect((await share({ kind: 'person', targetId: otto.person.id, download: false })).id).toBe(made.id);
    await server.database.query(
      `insert into pgboss.job (name, data, singleton_key, state, policy)
       select name, data, gen_random_uuid()::text, 'created', policy from pgboss.job where name = 'recording.tell' and data->'value'->>'personId' = $1`,
      [otto.person.id],
    );
    await due();
    expect(mail.received).toHaveLength(1);
    expect((await news(otto)).unseen).toBe(1);
  });

  it('is told of nothing that was taken back or opened in between', async () => {
    const { id: taken } = await shareWith(otto);
    await unshare(taken);
    await shareWith(petra);
    await opened(petra);
    await due();
    expect(mail.received).toEqual([]);
    expect([(await news(otto)).news, (await news(petra)).unseen]).toEqual([[], 0]);
    // Another share is another one to be told of.
    await shareWith(otto);
    await due();
    expect(mail.received).toMatchObject([{ to: ['otto@harbour.example'] }]);
  });

  it('is told of it again when it had expired', async () => {
    const first = await shareWith(otto);
    await server.database.query(`update recording_shares set expires_at = now() - interval '1 minute' where id = $1`, [first.id]);
    expect((await news(otto)).unseen).toBe(0);
    await due();
    expect(mail.received).toEqual([]);
    expect((await shareWith(otto)).id).not.toBe(first.id);
    await due();
    expect(mail.received).toHaveLength(1);
  });

  it('gets no e-mail that he does not want, and nothing within his quiet hours', async () => {
    const device = await subscribed(await server.signIn('Petra'));
    await call(petra, 'PATCH', '/api/notification-settings', {
      quiet: { from: '00:00', to: '00:00', days: [0, 1, 2, 3, 4, 5, 6], timeZone: 'Asia/Hong_Kong' },
    });
    await shareWith(petra);
    await due();
    expect([mail.received, device.asked]).toEqual([[], 0]);
    // It waits for their end.
    await call(petra, 'PATCH', '/api/notification-settings', { email: false, quiet: null });
    await due();
    expect([mail.received, device.received.length]).toEqual([[], 1]);
    await call(petra, 'PATCH', '/api/notification-settings', { email: true });
  });

  it('gets his e-mail when the mail server takes it again', async () => {
    await shareWith(otto);
    mail.refuse();
    await due();
    const rows = () =>
      server.database.query<{ state: string }>(`select state from pgboss.job where name = 'recording.tell' and state = 'retry'`);
    await waitFor(async () => (await rows()).length === 1, 'the job that waits to be tried again');
    mail.accept();
    await server.database.query(`update pgboss.job set start_after = now() where name = 'recording.tell' and state = 'retry'`);
    await done('recording.tell');
    expect(mail.received).toMatchObject([{ to: ['otto@harbour.example'] }]);
  });
});

describe('a share with a conversation', () => {
  const makeConversation = async (kind: string, members: readonly SignedIn[], by = host) =>
    (
      await server.get(
        z.object({ id: z.uuid() }),
        'POST',
        '/api/conversations',
        { kind, title: 'Board', memberIds: members.map(({ person }) => person.id) },
        by.accessToken,
      )
    ).id;
  const lines = async (conversationId: string, by: SignedIn) =>
    (await server.get(messagesSchema, 'GET', `/api/conversations/${conversationId}/messages`, undefined, by.accessToken)).messages.filter(
      ({ system }) => system?.what === 'recording-shared',
    );

  it('is a line there with the way to the recording, a push, and a mark for all but who shared it', async () => {
    const device = await subscribed(await server.signIn('Otto'));
    const conversationId = await makeConversation('group', [otto, petra]);
    const made = await share({ kind: 'conversation', targetId: conversationId });
    await done('recording.tell-conversation');
    const [line, ...more] = await lines(conversationId, otto);
    expect([line?.senderName, line?.system, more]).toEqual([
      'Hana',
      { what: 'recording-shared', people: [], text: 'transcript', recordingId: id },
      [],
    ]);
    await waitFor(() => device.received.length > 0, 'the push');
    expect(device.received[0]).toMatchObject({ payload: { kind: 'message', conversation: conversationId, number: line?.number } });
    expect([(await news(otto)).unseen, (await news(petra)).unseen, (await news(host)).unseen]).toEqual([1, 1, 0]);
    // Nobody gets an e-mail of what stands in a conversation.
    await due();
    expect(mail.received).toEqual([]);

    // Who leaves it learns nothing more; who is in it loses the mark with the share.
    await call(host, 'DELETE', `/api/conversations/${conversationId}/members/${petra.person.id}`);
    expect(await news(petra)).toEqual({ news: [], unseen: 0 });
    await unshare(made.id);
    expect(await news(otto)).toEqual({ news: [], unseen: 0 });
    expect(await lines(conversationId, otto)).toHaveLength(1);
  });

  it('puts no line where he who shares may not write', async () => {
    const conversationId = await makeConversation('announcement', [host, petra], owner);
    await share({ kind: 'conversation', targetId: conversationId });
    await done('recording.tell-conversation');
    expect([await lines(conversationId, petra), (await news(petra)).unseen]).toEqual([[], 1]);
  });
});

describe('a review', () => {
  it('is told to the reviewer, who has it among what waits for him until he is through', async () => {
    const device = await subscribed(await server.signIn('Otto'));
    await assign(otto);
    expect(await listed(otto, 'review')).toEqual([id]);
    await due();
    expect(mail.received).toMatchObject([
      { to: ['otto@harbour.example'], subject: 'A recording waits for your review / 有錄影等待你覆核' },
    ]);
    expect(mail.received[0]?.text).toContain(`/archive/${id}?tab=review`);
    expect(mail.received[0]?.text).not.toContain('prices');
    expect(device.received).toMatchObject([{ payload: { kind: 'recording-review-assigned', recording: id } }]);
    await opened(otto);
    const detail = await server.get(recordingDetailSchema, 'GET', `/api/recordings/${id}`, undefined, otto.accessToken);
    expect(detail).toMatchObject({ toReview: true, news: [] });
  });

  it('is told to who gave it out when it is finished', async () => {
    const review = await assign(otto);
    await due();
    mail.received.length = 0;
    await server.database.query(`update recordings set state = 'ready' where id = $1`, [id]);
    const body = { outcome: 'flagged', conclusion: 'A price was named' };
    expect((await call(otto, 'POST', `/api/recording-reviews/${review.id}/finish`, body)).status).toBe(200);
    expect((await news(otto)).news.filter(({ recording }) => recording?.id === id)).toEqual([]);
    expect((await news(owner)).news[0]).toMatchObject({
      kind: 'review-finished',
      outcome: 'flagged',
      by: { name: 'Otto' },
      recording: { id },
    });
    await due();
    expect(mail.received.map(({ to }) => to)).toEqual([['olivia@harbour.example']]);
    await opened(owner);
  });

  it('that is withdrawn is told without the title to a reviewer who knew of it, and to no other', async () => {
    await setPolicy('names');
    const [known, unknown] = [await assign(otto), await assign(petra)];
    await server.database.query(
      `update pgboss.job set start_after = now() where name = 'recording.tell' and state = 'created' and data->'value'->>'personId' = $1`,
      [otto.person.id],
    );
    await done('recording.tell');
    mail.received.length = 0;
    for (const review of [known, unknown]) expect((await call(owner, 'DELETE', `/api/recording-reviews/${review.id}`)).status).toBe(200);
    await due();
    await setPolicy('ids');
    expect(mail.received.map(({ to, subject }) => [to, subject])).toEqual([
      [['otto@harbour.example'], 'Olivia withdrew a review / Olivia 撤回了覆核'],
    ]);
    expect(mail.received[0]?.text).not.toMatch(/Budget|archive\//);
    expect((await news(otto)).news[0]).toMatchObject({ kind: 'review-withdrawn', recording: null });
    expect((await news(petra)).news.filter(({ kind }) => kind.startsWith('review'))).toEqual([]);
    expect(await listed(otto, 'review')).not.toContain(id);
  });
});

it('news of others can not be marked, and what says nothing is refused', async () => {
  await shareWith(petra);
  const [own] = (await news(petra)).news;
  expect((await call(otto, 'POST', '/api/recording-news/seen', { ids: [own?.id] })).body).toEqual({ seen: 0 });
  expect((await call(petra, 'POST', '/api/recording-news/seen', {})).status).toBe(400);
  expect((await call(petra, 'POST', '/api/recording-news/seen', { ids: [own?.id] })).body).toEqual({ seen: 1 });
  expect(push.complaints).toEqual([]);
});
