/** A page whose machine gets another address in the middle of a call: socket and media find their way back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type TestBrowser } from '../../support/browser.js';
import { freePort } from '../../support/free-port.js';
import { NetNamespace } from '../../support/net-namespace.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Person } from '../person.js';

describe('a machine that gets another address', () => {
  /** A text: why there is none. */
  let namespace: NetNamespace | string = 'not asked for';
  let server: TestServer;
  let near: TestBrowser;
  let far: TestBrowser;

  beforeAll(async () => {
    namespace = await NetNamespace.open();
    if (typeof namespace === 'string') return;
    const httpPort = await freePort();
    server = await startTestServer({
      HTTP_HOST: '0.0.0.0',
      HTTP_PORT: httpPort,
      GATEWAY_HOST: '0.0.0.0',
      MEDIA_LISTEN_IP: namespace.hostAddress,
      MEDIA_ANNOUNCED_ADDRESS: namespace.hostAddress,
    });
    near = await openBrowser();
    const before = process.env.CHROMIUM_PATH;
    process.env.CHROMIUM_PATH = await namespace.chromium(before ?? 'chromium');
    // Cameras are given to secure origins only, and there is no certificate for the cable.
    far = await openBrowser([`--unsafely-treat-insecure-origin-as-secure=http://${namespace.hostAddress}:${httpPort}`]);
    if (before === undefined) delete process.env.CHROMIUM_PATH;
    else process.env.CHROMIUM_PATH = before;
  });
  afterAll(async () => {
    await far?.close();
    await near?.close();
    await server?.close();
    if (typeof namespace !== 'string') await namespace.close();
  });

  it('goes on without loading the page anew', async ({ skip }) => {
    if (typeof namespace === 'string') return skip(namespace);
    const { link } = await server.createMeeting(await server.setUpOwner(), { lobby: 'off' });
    const code = new URL(link).pathname;
    const [ann, ben] = await Promise.all([Person.at(far, 'Ann'), Person.at(near, 'Ben')]);
    for (const [one, home] of [
      [ben, '127.0.0.1'],
      [ann, namespace.hostAddress],
    ] as const) {
      await one.openMeeting(`http://${home}:${server.server.httpPort}${code}`);
      await one.clickJoin('a guest');
      await one.isIn();
    }
    await Promise.all([ann.seesAndHears('Ben'), ben.seesAndHears('Ann')]);
    const loadedAt = await ann.loadedAt();
    const moved = Date.now();
    await namespace.moveAddress();
    // Nothing of the old path can be counted: its packets have no way any more.
    await Promise.all([ann.hears('Ben'), ben.hears('Ann')]);
    console.info(`another address: both are heard again ${Date.now() - moved} ms after it`);
    await Promise.all([ann.sees('Ben'), ben.sees('Ann')]);
    expect(await ann.loadedAt()).toBe(loadedAt);
  });
});
