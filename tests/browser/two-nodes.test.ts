/** One meeting on two server processes, in real pages: each page at its own node, then one node dies. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { TestCluster } from '../support/cluster.js';
import type { ServerProcess } from '../support/server-process.js';
import { oneStory } from './one-story.js';
import { Person } from './person.js';

let cluster: TestCluster;
let browser: TestBrowser;
let one: ServerProcess;
let two: ServerProcess;
let olivia: Person;
let ming: Person;
let link: URL;

beforeAll(async () => {
  cluster = await TestCluster.start();
  one = await cluster.node('one');
  const owner = await one.setUpOwner('Olivia');
  await one.invite(owner, 'Ming');
  two = await cluster.node('two');
  browser = await openBrowser();
  [olivia, ming] = await Promise.all([Person.at(browser, 'Olivia'), Person.at(browser, 'Ming')]);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await cluster?.stop();
});

oneStory(() => browser);

describe('a meeting on two nodes', () => {
  it('shows each to the other, with sound, over a pipe between the nodes', async () => {
    await olivia.signIn(one.url);
    link = new URL(await olivia.startsMeeting());
    await olivia.clickJoin();
    await olivia.isIn();
    await ming.signIn(two.url);
    await ming.openMeeting(`${two.url}${link.pathname}`);
    await ming.clickJoin();
    await ming.isIn();
    await olivia.seesAndHears('Ming');
    await ming.seesAndHears('Olivia');
  });

  it('carries the chat between them', async () => {
    await ming.writes('從另一個節點');
    await olivia.reads('從另一個節點');
    await Promise.all([olivia.closesPanel(), ming.closesPanel()]);
  });

  it('goes on when its home is killed: who was there comes back at the other node by himself', async () => {
    const loads = await Promise.all([olivia.loadedAt(), ming.loadedAt()]);
    const before = await ming.tracks();
    await one.end('SIGKILL');
    await ming.sees('Olivia', { besides: before });
    await ming.hears('Olivia', { besides: before });
    await olivia.seesAndHears('Ming');
    expect(await Promise.all([olivia.loadedAt(), ming.loadedAt()])).toEqual(loads);
    await ming.writes('still here');
    await olivia.reads('still here');
  });
});
