/**
 * `npm run bench:join`: what a person waits for, with real Chromium pages against the built server.
 *
 * Two pages are in one meeting. One of them joins again and again; then both show a camera that has
 * the time in its picture; then the media worker is killed again and again.
 */
import type { Page } from 'playwright-core';
import { Person } from '../tests/browser/person.js';
import { Api } from '../tests/support/api.js';
import { openBrowser, type TestBrowser } from '../tests/support/browser.js';
import { waitFor } from '../tests/support/wait-for.js';
import { benchmark, type Run } from './lib/benchmark.js';
import { type ServerProcess, startServerProcess } from './lib/server-process.js';
import { installTimeCode, type Seen } from './lib/time-code.js';

const options = {
  joins: { default: 20, help: 'joins of a member, and as many of a guest' },
  seconds: { default: 20, help: 'how long pictures are read' },
  kills: { default: 10, help: 'how often the worker is killed' },
  width: { default: 640, help: 'of the camera, pixels' },
  height: { default: 360, help: 'of the camera, pixels' },
  rate: { default: 30, help: 'pictures per second of the camera' },
} as const;

type JoinRun = Run<typeof options>;

interface Stage {
  readonly server: ServerProcess;
  readonly browser: TestBrowser;
  readonly link: string;
  readonly host: Person;
  readonly participants: () => Promise<number>;
}

const deadlineMs = 60_000;

await benchmark('join', options, async (run) => {
  const stage = await prepare(run);
  try {
    await measure(run, stage);
  } catch (error) {
    // The error says what was waited for; the pages say why it did not come.
    await stage.browser.screenshots('bench-join');
    throw error;
  }
});

async function prepare(run: JoinRun): Promise<Stage> {
  run.progress('Starting the server …');
  // One worker: what is killed is then always the one in use, and no other can take over meanwhile.
  const server = await startServerProcess({ MEDIA_WORKERS: 1 });
  run.cleanup(() => server.close());
  run.setting('media_workers', 1);
  const browser = await openBrowser();
  run.cleanup(() => browser.close());
  run.program('chromium', browser.version);

  const host = await person(run, browser, 'Mei');
  await host.setUp(`${server.url}${server.setupPath}`);
  const api = new Api(() => server);
  const owner = await api.signIn('Mei');
  const { id, link } = await api.createMeeting(owner, { lobby: 'off' });
  return { server, browser, link, host, participants: async () => (await api.meeting(owner, id)).participants };
}

async function measure(run: JoinRun, stage: Stage): Promise<void> {
  const { browser, host, link, server } = stage;
  await enter(host.page, link);

  const member = await person(run, browser, 'Mei');
  await member.signIn(server.url);
  await measureJoins(run, stage, { prefix: '', who: 'a member', page: member.page });
  await member.visitor.close();
  const guest = await person(run, browser, 'Pui');
  await measureJoins(run, stage, { prefix: 'guest_', who: 'a guest by the link', page: guest.page, guestName: 'Pui' });

  await enter(guest.page, link, 'Pui');
  const pages = [host.page, guest.page];
  await measureCamera(run, pages);
  await measureRecovery(run, server, pages);

  run.notMeasured('networks with delay or loss: all is loopback on one machine, and both pages share its cores with the server');
  run.notMeasured('a real camera and a real screen: pictures are drawn at the sender, and read when they are handed to the painter');
  run.notMeasured('sound');
}

interface Joiner {
  readonly prefix: string;
  readonly who: string;
  readonly page: Page;
  readonly guestName?: string;
}

async function measureJoins(run: JoinRun, { link, host, participants }: Stage, { prefix, who, page, guestName }: Joiner): Promise<void> {
  const picture = run.samples(
    `${prefix}join_ms`,
    'ms',
    `From the click on the join button to the first decoded picture of the other: ${who}.`,
  );
  const answer = run.samples(`${prefix}join_answer_ms`, 'ms', `The part of it before the server's answer to Join was there: ${who}.`);
  // The first one warms up what the server does once in its life.
  for (let round = 0; round <= run.option('joins'); round += 1) {
    await enter(page, link, guestName);
    const { click, joined, first } = await marks(page);
    if (round > 0) {
      picture.add(first - click);
      answer.add(joined - click);
      run.progress(`Join ${round} of ${run.option('joins')} (${who}): ${Math.round(first - click)} ms`);
    }
    // A guest is remembered by the browser; each is to be a new one.
    if (guestName !== undefined) await forget(page);
    await page.goto('about:blank');
    await waitFor(async () => (await participants()) === 1, 'the one who left is gone', { deadlineMs });
  }
  await takeSeen(host.page);
}

async function measureCamera(run: JoinRun, pages: readonly Page[]): Promise<void> {
  const delays = run.samples(
    'camera_to_screen_ms',
    'ms',
    'From drawing a picture at the sender until the receiving page has it, decoded, to paint.',
  );
  // The bandwidth estimate grows in the first seconds; people talk for an hour.
  await steady(pages);
  run.progress(`Reading pictures for ${run.option('seconds')} s …`);
  const begin = Date.now();
  const seen: Seen[] = [];
  while (Date.now() - begin < run.option('seconds') * 1_000) {
    for (const page of pages) {
      await page.waitForTimeout(500);
      seen.push(...(await takeSeen(page)));
    }
  }
  const seconds = (Date.now() - begin) / 1_000;
  delays.add(...seen.map(({ seenAt, drawnAt }) => seenAt - drawnAt));
  const widths = seen.map(({ width }) => width).sort((a, b) => a - b);
  run.value('pictures_per_second', 'per_second', seen.length / pages.length / seconds, 'Pictures that arrived at one page.');
  run.value('picture_width', 'count', widths[Math.floor(widths.length / 2)] ?? 0, 'Median width of the pictures that arrived, pixels.');
}

async function measureRecovery(run: JoinRun, server: ServerProcess, pages: readonly Page[]): Promise<void> {
  const recovery = run.samples(
    'worker_recovery_ms',
    'ms',
    'From kill -9 of the media worker to the first decoded picture that was drawn after it; a sample for each of the two pages.',
  );
  for (let round = 1; round <= run.option('kills'); round += 1) {
    await steady(pages);
    const [worker] = await server.mediaWorkers();
    if (worker === undefined) throw new Error('The server has no media worker.');
    const killedAt = Date.now();
    process.kill(worker, 'SIGKILL');
    const times = await Promise.all(pages.map(async (page) => (await firstAfter(page, killedAt)).seenAt - killedAt));
    recovery.add(...times);
    run.progress(`Kill ${round} of ${run.option('kills')}: ${times.map(Math.round).join(' and ')} ms`);
  }
}

// People and pages

async function person(run: JoinRun, browser: TestBrowser, name: string): Promise<Person> {
  const somebody = await Person.at(browser, name);
  const camera = { width: run.option('width'), height: run.option('height'), frameRate: run.option('rate') };
  await somebody.visitor.context.addInitScript(installTimeCode, camera);
  return somebody;
}

/** Opens the link, waits as a person does until the mirror shows something, and joins. */
async function enter(page: Page, link: string, guestName?: string): Promise<void> {
  await page.goto(link);
  if (guestName !== undefined) await page.getByLabel('Your name').fill(guestName);
  await page.waitForFunction(() => [...document.querySelectorAll('video')].some((video) => video.currentTime > 0));
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('button', { name: 'Leave', exact: true }).waitFor({ timeout: deadlineMs });
}

async function forget(page: Page): Promise<void> {
  await page.evaluate(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
  await page.context().clearCookies();
}

/** The page's own marks; milliseconds of its own clock. */
async function marks(page: Page): Promise<{ click: number; joined: number; first: number }> {
  const isThere = () => performance.getEntriesByName('causeway:first-remote-frame').length > 0;
  await page.waitForFunction(isThere, undefined, { timeout: deadlineMs });
  return page.evaluate(() => ({
    click: performance.getEntriesByName('causeway:join-click').at(-1)!.startTime,
    joined: performance.getEntriesByName('causeway:joined').at(-1)!.startTime,
    first: performance.getEntriesByName('causeway:first-remote-frame')[0]!.startTime,
  }));
}

function takeSeen(page: Page): Promise<Seen[]> {
  return page.evaluate(() => window.causewayTimeCode.take());
}

/** All pages have had pictures for some seconds. */
async function steady(pages: readonly Page[]): Promise<void> {
  for (const page of pages) {
    await takeSeen(page);
    let count = 0;
    const enough = async (): Promise<boolean> => {
      await page.waitForTimeout(200);
      count += (await takeSeen(page)).length;
      return count > 60;
    };
    await waitFor(enough, 'pictures arrive steadily', { deadlineMs });
  }
}

function firstAfter(page: Page, moment: number): Promise<Seen> {
  const find = async (): Promise<Seen | undefined> => {
    await page.waitForTimeout(50);
    return (await takeSeen(page)).find(({ drawnAt }) => drawnAt > moment);
  };
  return waitFor(find, 'a picture drawn after the worker was killed', { deadlineMs });
}
