/**
 * `npm run bench:join`: what a person waits for, with real Chromium pages against the built server.
 *
 * Two pages are in one meeting. One of them joins again and again; then both show a camera that has
 * the time in its picture; then the media worker is killed again and again.
 */
import type { Page } from 'playwright-core';
import type { z } from 'zod';
import { signedInSchema } from '../src/services/accounts/schema.js';
import { meetingSchema } from '../src/signaling/schema.js';
import { openBrowser, type TestBrowser, type Visitor } from '../tests/support/browser.js';
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
  readonly meetingLink: string;
  readonly host: Visitor;
  readonly participants: () => Promise<number>;
}

const deadlineMs = 60_000;
const password = 'a password for the benchmark';

await benchmark('join', options, async (run) => {
  const stage = await prepare(run);
  await enter(stage.host.page, stage.meetingLink);
  await measureJoins(run, stage);
  const guest = await person(run, stage.browser, 'Pui');
  await enter(guest.page, stage.meetingLink, 'Pui');
  await measureCamera(run, stage, guest);
  await measureRecovery(run, stage, guest);
  run.notMeasured('networks with delay or loss: all is loopback on one machine, and both pages share its cores with the server');
  run.notMeasured(
    'opening and decoding of a real camera, and the delay of a real screen: pictures are drawn at the sender and read before they are painted',
  );
  run.notMeasured('sound');
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
  const { accessToken: token } = await call(signedInSchema, host, server, '/api/setup', {
    data: {
      token: server.setupToken,
      organisation: 'Harbour Ltd',
      name: 'Mei',
      email: 'mei@harbour.example',
      password,
    },
  });
  const { id, code } = await call(meetingSchema, host, server, '/api/meetings', { data: { title: 'Benchmark', lobby: 'off' }, token });
  return {
    server,
    browser,
    host,
    meetingLink: `${server.url}/m/${code}`,
    participants: async () => (await call(meetingSchema, host, server, `/api/meetings/${id}`, { token })).participants,
  };
}

async function measureJoins(run: JoinRun, stage: Stage): Promise<void> {
  const { browser, server, host, meetingLink, participants } = stage;
  const kinds = [
    { prefix: '', who: 'a member', guestName: undefined, visitor: await person(run, browser, 'Mei') },
    { prefix: 'guest_', who: 'a guest by the link', guestName: 'Pui', visitor: await person(run, browser, 'Pui') },
  ];
  await call(signedInSchema, kinds[0]!.visitor, server, '/api/auth/sign-in', { data: { email: 'mei@harbour.example', password } });
  for (const { prefix, who, guestName, visitor } of kinds) {
    const picture = run.samples(
      `${prefix}join_ms`,
      'ms',
      `From the click on the join button to the first decoded picture of the other, ${who}.`,
    );
    const answer = run.samples(`${prefix}join_answer_ms`, 'ms', `The part of it until the server's answer to Join was there, ${who}.`);
    // The first one warms up what the server does once in its life.
    for (let round = 0; round <= run.option('joins'); round += 1) {
      await enter(visitor.page, meetingLink, guestName);
      const { click, joined, first } = await marks(visitor.page);
      if (round > 0) {
        picture.add(first - click);
        answer.add(joined - click);
        run.progress(`Join ${round} of ${run.option('joins')} (${who}): ${Math.round(first - click)} ms`);
      }
      await visitor.page.goto('about:blank');
      await waitFor(async () => (await participants()) === 1, 'the one who left is gone', { deadlineMs });
    }
    await visitor.close();
  }
  await clearSeen(host.page);
}

async function measureCamera(run: JoinRun, stage: Stage, guest: Visitor): Promise<void> {
  const delays = run.samples(
    'camera_to_screen_ms',
    'ms',
    'From drawing a picture at the sender to the moment at which the receiver is about to paint it.',
  );
  const pages = [stage.host.page, guest.page];
  // The bandwidth estimate grows in the first seconds; people talk for an hour.
  await steady(pages);
  const seconds = run.option('seconds');
  run.progress(`Reading pictures for ${seconds} s …`);
  const begin = Date.now();
  const seen: Seen[] = [];
  while (Date.now() - begin < seconds * 1_000) {
    await guest.page.waitForTimeout(500);
    for (const page of pages) seen.push(...(await takeSeen(page)));
  }
  for (const { seenAt, drawnAt } of seen) delays.add(seenAt - drawnAt);
  const widths = seen.map(({ width }) => width).sort((a, b) => a - b);
  run.value(
    'pictures_per_second',
    'per_second',
    seen.length / pages.length / ((Date.now() - begin) / 1_000),
    'Pictures that arrived at one page.',
  );
  run.value(
    'picture_width',
    'count',
    widths[Math.floor(widths.length / 2)] ?? 0,
    'Width of the pictures that arrived, pixels, the median.',
  );
}

async function measureRecovery(run: JoinRun, stage: Stage, guest: Visitor): Promise<void> {
  const recovery = run.samples(
    'worker_recovery_ms',
    'ms',
    'From kill -9 of the media worker to the first decoded picture that was drawn after it; one sample for each of the two pages.',
  );
  const pages = [stage.host.page, guest.page];
  for (let round = 1; round <= run.option('kills'); round += 1) {
    await steady(pages);
    const [worker] = await stage.server.mediaWorkers();
    if (worker === undefined) throw new Error('The server has no media worker.');
    const killedAt = Date.now();
    process.kill(worker, 'SIGKILL');
    const times = await Promise.all(pages.map(async (page) => (await firstAfter(page, killedAt)).seenAt - killedAt));
    recovery.add(...times);
    run.progress(`Kill ${round} of ${run.option('kills')}: ${times.map(Math.round).join(' and ')} ms`);
  }
}

// People and pages

async function person(run: JoinRun, browser: TestBrowser, name: string): Promise<Visitor> {
  const visitor = await browser.visit(name);
  const camera = { width: run.option('width'), height: run.option('height'), frameRate: run.option('rate') };
  await visitor.context.addInitScript(installTimeCode, camera);
  return visitor;
}

/** Opens the link, waits as a person does until the mirror shows something, and joins. */
async function enter(page: Page, link: string, guestName?: string): Promise<void> {
  await page.goto(link);
  if (guestName !== undefined) await page.getByLabel('Your name').fill(guestName);
  await page.waitForFunction(() => [...document.querySelectorAll('video')].some((video) => video.videoWidth > 0 && video.currentTime > 0));
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('button', { name: 'Leave', exact: true }).waitFor({ timeout: deadlineMs });
}

async function call<Schema extends z.ZodType>(
  schema: Schema,
  visitor: Visitor,
  server: ServerProcess,
  path: string,
  { data, token }: { data?: object; token?: string },
): Promise<z.output<Schema>> {
  const answer = await visitor.context.request.fetch(`${server.url}${path}`, {
    method: data ? 'POST' : 'GET',
    ...(data ? { data } : {}),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}: ${await answer.text()}`);
  return schema.parse(await answer.json());
}

/** The page's own marks; milliseconds of its own clock. */
async function marks(page: Page): Promise<{ click: number; joined: number; first: number }> {
  await page.waitForFunction(() => performance.getEntriesByName('causeway:first-remote-frame').length > 0, undefined, {
    timeout: deadlineMs,
  });
  return page.evaluate(() => ({
    click: performance.getEntriesByName('causeway:join-click').at(-1)!.startTime,
    joined: performance.getEntriesByName('causeway:joined').at(-1)!.startTime,
    first: performance.getEntriesByName('causeway:first-remote-frame')[0]!.startTime,
  }));
}

function takeSeen(page: Page): Promise<Seen[]> {
  return page.evaluate(() => window.causewayTimeCode.take());
}

async function clearSeen(page: Page): Promise<void> {
  await takeSeen(page);
}

/** Both pages have had pictures for some seconds. */
async function steady(pages: readonly Page[]): Promise<void> {
  for (const page of pages) {
    await clearSeen(page);
    let count = 0;
    await waitFor(
      async () => {
        await page.waitForTimeout(200);
        count += (await takeSeen(page)).length;
        return count > 60;
      },
      'pictures arrive steadily',
      { deadlineMs },
    );
  }
}

async function firstAfter(page: Page, moment: number): Promise<Seen> {
  return waitFor(
    async () => {
      await page.waitForTimeout(50);
      return (await takeSeen(page)).find(({ drawnAt }) => drawnAt > moment);
    },
    'a picture drawn after the worker was killed',
    { deadlineMs },
  );
}
