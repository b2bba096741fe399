/** The service worker in a real browser, with pushes as the browser gives them to it. No push service of a browser is asked. */
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CDPSession, Worker } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CausewayError } from '../../src/platform/errors.js';
import { createHttp, type Http } from '../../src/platform/http/index.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { openBrowser, type TestBrowser, type Visitor } from '../support/browser.js';
import { type TemporaryFolder, temporaryFolder, testConfig, testLog, waitFor } from '../support/index.js';

const conversation = '0192f0c0-0000-7000-8000-000000000001';

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly lang: string;
  readonly requireInteraction: boolean;
  readonly data: unknown;
}

let folder: TemporaryFolder;
let http: Http;
let browser: TestBrowser;
let visitor: Visitor;
let cdp: CDPSession;
let worker: Worker;
let origin: string;
let registrationId: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(path.join(folder.path, 'index.html'), '<!doctype html><title>Causeway</title>');
  await copyFile(path.join(import.meta.dirname, '..', '..', 'web', 'public', 'push-worker.js'), path.join(folder.path, 'push-worker.js'));
  // The page's own server: the worker has to work under its policy.
  http = await createHttp({
    config: testConfig(),
    log: testLog(),
    metrics: createMetrics(),
    version: '1.2.3',
    page: folder.path,
    socketOrigins: () => [],
    health: async () => ({}),
    authenticate: async () => {
      throw new CausewayError('AUTH_REQUIRED');
    },
  });
  const { port } = await http.listen();
  origin = `http://127.0.0.1:${port}`;
  browser = await openBrowser();
  visitor = await browser.visit('Ben', { permissions: ['notifications'] });
  const { page, context } = visitor;
  await page.goto(`${origin}/`);
  cdp = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const found = registrations.find(({ scopeURL }) => scopeURL === `${origin}/`);
      if (found) resolve(found.registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  const started = context.waitForEvent('serviceworker');
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/push-worker.js');
    await navigator.serviceWorker.ready;
  });
  worker = context.serviceWorkers()[0] ?? (await started);
  registrationId = await registered;
  // Asked for notifications while one is being shown, the browser may take it for one that was closed and
  // forget it (it compares what it has written down with what is on the screen). So nobody asks before it is shown.
  await worker.evaluate(`{
    const show = registration.showNotification.bind(registration);
    self.ends = [];
    registration.showNotification = (...given) => {
      const showing = show(...given);
      showing.then(() => self.ends.push('shown'), (error) => self.ends.push(String(error)));
      return showing;
    };
  }`);
});
afterAll(async () => {
  await browser?.close();
  await http?.close();
  await folder?.remove();
});

const shown = (): Promise<Shown[]> =>
  visitor.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body, tag, lang, requireInteraction, data }) => ({
      title,
      body,
      tag,
      lang,
      requireInteraction,
      data,
    }));
  });
const nothingShown = async () => (await shown()).length === 0;
const deliver = (data: string) => cdp.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
const ends = () => worker.evaluate<string[]>('self.ends');
/** Gives what is shown after it. */
const push = async (data: unknown): Promise<Shown[]> => {
  const before = (await ends()).length;
  await deliver(typeof data === 'string' ? data : JSON.stringify(data));
  await waitFor(async () => (await ends()).length > before, 'the worker to show it', { deadlineMs: 60_000 });
  expect((await ends()).slice(before)).toEqual(['shown']);
  return shown();
};

beforeEach(async () => {
  await visitor.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    for (const notification of await registration.getNotifications()) notification.close();
  });
  await waitFor(nothingShown, 'nothing to be shown', { deadlineMs: 60_000 });
});

describe('The service worker', () => {
  it('says in the language of the page that there is a message, and leads to it', async () => {
    expect(await push({ kind: 'message', conversation, number: 7, language: 'zh-Hant' })).toEqual([
      {
        title: 'Causeway',
        body: '新訊息',
        tag: conversation,
        lang: 'zh-Hant',
        requireInteraction: false,
        data: { path: `/chat/${conversation}/7` },
      },
    ]);
  });

  it('shows one notification for each conversation, and each urgent message until it is looked at', async () => {
    await push({ kind: 'message', conversation, number: 7, language: 'en' });
    await push({ kind: 'mention', conversation, number: 8, language: 'en' });
    const all = await push({ kind: 'urgent', conversation, number: 9, language: 'en' });
    expect(all.map(({ body, requireInteraction }) => [body, requireInteraction])).toEqual(
      expect.arrayContaining([
        ['You were mentioned', false],
        ['Urgent message: please confirm', true],
      ]),
    );
  });

  it('tells of a recording, and leads to it and to nothing else', async () => {
    const recording = '0192f0c0-0000-7000-8000-000000000002';
    const [shared] = await push({ kind: 'recording-shared', recording, language: 'zh-Hant', sender: 'Ana', title: 'Budget' });
    expect(shared).toMatchObject({ title: 'Ana · Budget', body: '有人與你分享了錄影', data: { path: `/archive/${recording}` } });
    const two = await push({ kind: 'recording-review-assigned', recording, language: 'en' });
    expect(two).toContainEqual(
      expect.objectContaining({ body: 'A recording waits for your review', data: { path: `/archive/${recording}?tab=review` } }),
    );
    const three = await push({ kind: 'recording-review-withdrawn', recording: '//evil.example/x', language: 'en' });
    expect(three).toContainEqual(expect.objectContaining({ body: 'A review was withdrawn', data: { path: '/archive' } }));
  });

  it('shows names and text as they are where it gets them', async () => {
    const evil = `<img src=x onerror="alert(1)">`;
    const [one] = await push({ kind: 'mention', conversation, number: 7, language: 'en', sender: 'Ana', title: evil, text: evil });
    expect(one).toMatchObject({ title: `Ana · ${evil}`, body: `You were mentioned\n${evil}` });
  });

  it('shows a message in place of what it can not read, and leads nowhere but into chat', async () => {
    const [none] = await push('not JSON');
    expect(none).toMatchObject({ body: 'New message', data: { path: '/chat' } });
    const [odd] = await push({
      kind: 'toString',
      conversation: '//evil.example/x',
      number: 'NaN',
      language: 'constructor',
      sender: { a: 1 },
    });
    expect(odd).toMatchObject({ title: 'Causeway', body: 'New message', lang: 'en', data: { path: '/chat' } });
  });

  it('tells the page that is open where a notification leads that was clicked', async () => {
    await push({ kind: 'message', conversation, number: 7, language: 'en' });
    await visitor.page.evaluate(() => {
      const told = new Promise((resolve) => {
        navigator.serviceWorker.addEventListener('message', ({ data }) => resolve(data), { once: true });
      });
      Object.assign(globalThis, { told });
    });
    // As if it was clicked; the browser then refuses to bring the page to the front, because nobody did.
    await worker.evaluate(`
      registration.getNotifications().then(([notification]) => {
        dispatchEvent(new NotificationEvent('notificationclick', { notification }));
      })`);
    expect(await visitor.page.evaluate(() => Reflect.get(globalThis, 'told'))).toEqual({
      type: 'causeway.open',
      path: `/chat/${conversation}/7`,
    });
    // The worker closes it before it tells, but the browser hears of both by different ways.
    await waitFor(nothingShown, 'it to be closed', { deadlineMs: 60_000 });
  });
});
