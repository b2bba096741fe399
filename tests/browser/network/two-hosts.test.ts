/** One meeting on two hosts: the second server has a network of its own, and its media cross a cable. */
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { openBrowser, type TestBrowser } from '../../support/browser.js';
import { TestCluster } from '../../support/cluster.js';
import { type Forwarder, forward } from '../../support/forwarder.js';
import { freePort } from '../../support/free-port.js';
import { NetNamespace } from '../../support/net-namespace.js';
import type { ServerProcess } from '../../support/server-process.js';
import { Person } from '../person.js';

/** A text: why there is none. */
let namespace: NetNamespace | string = 'not asked for';
let cluster: TestCluster | undefined;
let browser: TestBrowser | undefined;
const forwarders: Forwarder[] = [];

beforeAll(async () => {
  namespace = await NetNamespace.open();
});
afterAll(async () => {
  await browser?.close();
  await cluster?.stop();
  for (const forwarder of forwarders) await forwarder.close();
  if (typeof namespace !== 'string') await namespace.close();
});

/** The same service, as the other host reaches it. */
async function fromAfar(url: string, host: NetNamespace): Promise<string> {
  const far = new URL(url);
  const forwarder = await forward(host.hostAddress, Number(far.port));
  forwarders.push(forwarder);
  far.host = `${host.hostAddress}:${forwarder.port}`;
  return far.href;
}

/** What a host tells of itself: where its page, its socket and its media are. */
async function settingsAt(address: string): Promise<Record<string, string>> {
  const [http, gateway] = [await freePort(), await freePort()];
  return {
    CAUSEWAY_HTTP_HOST: address,
    CAUSEWAY_HTTP_PORT: String(http),
    CAUSEWAY_GATEWAY_HOST: address,
    CAUSEWAY_GATEWAY_PORT: String(gateway),
    CAUSEWAY_PUBLIC_GATEWAY_URL: `ws://${address}:${gateway}/socket`,
    CAUSEWAY_MEDIA_LISTEN_IP: address,
    CAUSEWAY_MEDIA_PIPE_IP: address,
  };
}

it('shows and lets hear each the other, and mutes across', async ({ skip }) => {
  if (typeof namespace === 'string') return skip(namespace);
  onTestFailed(async ({ task }) => browser?.screenshots(task.name));
  const { hostAddress, address, prefix } = namespace;
  cluster = await TestCluster.start();
  const near: ServerProcess = await cluster.node('near', await settingsAt(hostAddress), { address: hostAddress, prefix: [] });
  const owner = await near.setUpOwner('Olivia');
  await near.invite(owner, 'Ming');
  const { code } = await near.createMeeting(owner, { lobby: 'off' });
  const engines = {
    DATABASE_URL: await fromAfar(cluster.databaseUrl, namespace),
    REDIS_URL: await fromAfar(cluster.redis.url, namespace),
  };
  const far = await cluster.node('far', { ...(await settingsAt(address)), ...engines }, { address, prefix });
  // Cameras are given to secure origins only, and there is no certificate for the cable.
  browser = await openBrowser([`--unsafely-treat-insecure-origin-as-secure=${near.url},${far.url}`]);
  const [olivia, ming] = await Promise.all([Person.at(browser, 'Olivia'), Person.at(browser, 'Ming')]);
  for (const [one, url] of [
    [olivia, near.url],
    [ming, far.url],
  ] as const) {
    await one.signIn(url);
    await one.openMeeting(`${url}/m/${code}`);
    await one.clickJoin();
    await one.isIn();
  }
  await olivia.seesAndHears('Ming');
  await ming.seesAndHears('Olivia');
  await olivia.does('Mute', 'Ming');
  await olivia.hearsNothingOf('Ming');
  expect([...olivia.visitor.problems, ...ming.visitor.problems]).toEqual([]);
});
