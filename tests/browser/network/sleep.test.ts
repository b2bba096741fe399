/** A laptop that sleeps in a meeting: every process of one browser stands still, and goes on later. */
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { openBrowser, type TestBrowser } from '../../support/browser.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { childrenOf } from '../../support/server-process.js';
import { Person } from '../person.js';

/** Longer than the worker goes on sending to a path that is silent (RFC 7675). */
const sleepMs = 25_000;

let server: TestServer;
let desktop: TestBrowser;
let laptop: TestBrowser;
let olivia: Person;
let ming: Person;
let processes: number[] = [];

beforeAll(async () => {
  server = await startTestServer();
  const owner = await server.setUpOwner('Olivia');
  await server.invite(owner, 'Ming');
  const { code } = await server.createMeeting(owner, { lobby: 'off' });
  desktop = await openBrowser();
  const before = new Set((await childrenOf(process.pid)).map(({ pid }) => pid));
  laptop = await openBrowser();
  const root = (await childrenOf(process.pid)).find(({ pid, name }) => !before.has(pid) && /^chrom/.test(name));
  if (!root) throw new Error('the browser has no process');
  [olivia, ming] = [await Person.at(desktop, 'Olivia'), await Person.at(laptop, 'Ming')];
  for (const one of [olivia, ming]) {
    await one.signIn(server.url);
    await one.openMeeting(`${server.url}/m/${code}`);
    await one.clickJoin();
    await one.isIn();
  }
  await Promise.all([olivia.seesAndHears('Ming'), ming.seesAndHears('Olivia')]);
  processes = [root.pid, ...(await descendantsOf(root.pid))];
});
afterAll(async () => {
  signal('SIGCONT');
  await laptop?.close();
  await desktop?.close();
  await server?.close();
});

it('comes back by itself, with sound and picture both ways and without loading the page anew', async () => {
  onTestFailed(async ({ task }) => {
    await desktop.screenshots(task.name);
    await laptop.screenshots(task.name);
  });
  const loaded = await ming.loadedAt();
  expect(processes.length).toBeGreaterThan(2);
  signal('SIGSTOP');
  await olivia.hearsNothingOf('Ming');
  await olivia.page.waitForTimeout(sleepMs);
  signal('SIGCONT');
  await Promise.all([ming.seesAndHears('Olivia'), olivia.seesAndHears('Ming')]);
  expect(await ming.loadedAt()).toBe(loaded);
});

function signal(name: NodeJS.Signals): void {
  for (const pid of processes) {
    try {
      process.kill(pid, name);
    } catch {
      // A helper of the browser that has ended meanwhile.
    }
  }
}

async function descendantsOf(parent: number): Promise<number[]> {
  const found: number[] = [];
  for (const { pid } of await childrenOf(parent)) found.push(pid, ...(await descendantsOf(pid)));
  return found;
}
