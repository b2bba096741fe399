/**
 * The switch of pushes in a real browser, with a real service worker. Only the browser's own push service is played: it stands
 * in the Internet.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transformWithOxc } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CausewayError } from '../../src/platform/errors.js';
import { createHttp, type Http } from '../../src/platform/http/index.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { openBrowser, type TestBrowser, type Visitor } from '../support/browser.js';
import { type TemporaryFolder, temporaryFolder, testConfig, testLog } from '../support/index.js';

const web = path.join(import.meta.dirname, '..', '..', 'web');

/** Runs in the page, before anything: subscriptions as a browser makes them, without a push service. */
const playPushService = `
  let subscription = null;
  let made = 0;
  PushManager.prototype.getSubscription = async () => subscription;
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (userVisibleOnly !== true) throw new DOMException('', 'NotAllowedError');
    made += 1;
    const endpoint = 'https://push.example/' + made;
    subscription = {
      options: { applicationServerKey: new Uint8Array(applicationServerKey).buffer },
      toJSON: () => ({ endpoint, keys: { p256dh: 'p' + made, auth: 'a' + made } }),
      unsubscribe: async () => { subscription = null; return true; },
    };
    return subscription;
  };
`;
/** A page that has the switch at hand, for two people. */
const page = `<!doctype html><title>Causeway</title><script type="module" src="/page.js"></script>`;
const script = `
  import { Push } from '/push.js';
  globalThis.calls = [];
  globalThis.key = 'AQID';
  const server = {
    key: async () => ({ key: globalThis.key }),
    subscribe: async (body) => calls.push(['subscribe', body.endpoint, body.language]),
    unsubscribe: async () => calls.push(['unsubscribe']),
  };
  globalThis.switchOf = (personId) => new Push({ server, personId, language: () => 'zh-Hant' });
  globalThis.ready = true;
`;

let folder: TemporaryFolder;
let http: Http;
let browser: TestBrowser;
let visitor: Visitor;
let url: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const { code } = await transformWithOxc(await readFile(path.join(web, 'src', 'core', 'push.ts'), 'utf8'), 'push.ts');
  await writeFile(path.join(folder.path, 'push.js'), code);
  await writeFile(path.join(folder.path, 'page.js'), script);
  await writeFile(path.join(folder.path, 'index.html'), page);
  await copyFile(path.join(web, 'public', 'push-worker.js'), path.join(folder.path, 'push-worker.js'));
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
  url = `http://127.0.0.1:${(await http.listen()).port}/`;
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await http?.close();
  await folder?.remove();
});
beforeEach(async () => {
  await visitor?.close();
  visitor = await browser.visit('Ben', { permissions: ['notifications'] });
  await visitor.page.addInitScript(playPushService);
  await open();
});

const open = async () => {
  await visitor.page.goto(url);
  await visitor.page.waitForFunction('globalThis.ready === true');
};
const run = (expression: string): Promise<unknown> => visitor.page.evaluate(expression);

describe('The switch of pushes', () => {
  it('is off at first; on, it tells the server where to push to; off again, it takes that back', async () => {
    expect(await run(`switchOf('ben').state()`)).toBe('off');
    expect(await run(`switchOf('ben').turnOn()`)).toBe('on');
    expect(await run(`switchOf('ben').state()`)).toBe('on');
    await run(`switchOf('ben').turnOff()`);
    expect(await run(`switchOf('ben').state()`)).toBe('off');
    expect(await run('calls')).toEqual([['subscribe', 'https://push.example/1', 'zh-Hant'], ['unsubscribe']]);
  });

  it('is its person’s: whoever else signs in finds it off, and changes nothing by coming', async () => {
    await run(`switchOf('ben').turnOn()`);
    expect(await run(`switchOf('carl').state()`)).toBe('off');
    await run(`switchOf('carl').refresh()`);
    expect(await run('calls.length')).toBe(1);
    await run(`switchOf('ben').refresh()`);
    expect(await run('calls')).toEqual([
      ['subscribe', 'https://push.example/1', 'zh-Hant'],
      ['subscribe', 'https://push.example/1', 'zh-Hant'],
    ]);
  });

  it('subscribes anew when the server has other keys', async () => {
    await run(`switchOf('ben').turnOn()`);
    await run(`globalThis.key = 'BAUG'; switchOf('ben').refresh()`);
    expect(await run('calls[1]')).toEqual(['subscribe', 'https://push.example/2', 'zh-Hant']);
  });

  it('says that the person has told the browser no, and that a browser can not', async () => {
    await visitor.context.clearPermissions();
    await run(`Object.defineProperty(Notification, 'permission', { value: 'denied' }), true`);
    expect(await run(`switchOf('ben').state()`)).toBe('blocked');
    await run(`delete globalThis.PushManager, true`);
    expect(await run(`switchOf('ben').state()`)).toBe('unsupported');
    expect(await run(`switchOf('ben').turnOn()`)).toBe('unsupported');
    expect(await run('calls')).toEqual([]);
  });
});
