/** One speaks to many: how many a machine carries, what a packet costs, and what a crowd at the door does. */
import { setTimeout as delay } from 'node:timers/promises';
import { Histogram } from '../../lib/histogram.js';
import { Audience, livestream } from '../audience.js';
import { Crowd } from '../crowd.js';
import { Forwarding } from '../forwarding.js';
import type { MediaRun } from '../options.js';
import { residentBytes } from '../process-usage.js';
import { largestThatWorks } from '../search.js';
import { type Side, type Sides, startSides } from '../side.js';
import { limitOf, observe, type Window } from '../window.js';

const settleMs = 1_500;
/** Later than this, a picture is of no use in a conversation: what is late counts as not carried. */
const lateUs = 150_000;
const searchSeconds = 4;
const pictureDeadlineMs = 10_000;
/** The second burst, for the event loop alone. */
const fastBurst = { count: 100, perSecond: 100 };

export async function measureLivestream(run: MediaRun): Promise<void> {
  run.progress('Starting the product and the bare script …');
  const sides = await startSides({ workers: run.option('workers'), kind: 'webinar' });
  run.cleanup(() => sides.close());
  const crowd = new Crowd(run.option('receivers'));
  run.cleanup(async () => crowd.close());
  await crowd.measureOwnDelay();

  if (run.option('burst') > 0) await measureBurst(run, crowd, sides);
  await measureForwarding(run, crowd, sides.both);
  if (run.option('search') > 0) for (const side of sides.both) await searchMost(run, crowd, side);

  run.notMeasured('retransmission and bandwidth estimation: the generated viewers ask for neither, on both servers alike');
  run.notMeasured('networks: all is loopback, and generator and servers share the cores');
  run.notMeasured('sign-in of the viewers: their tokens are there before they join');
}

async function measureBurst(run: MediaRun, crowd: Crowd, { product, both: [side] }: Sides): Promise<void> {
  const count = run.option('burst');
  const perSecond = count / Math.max(1, run.option('burst-seconds'));
  const audience = new Audience(crowd, side);
  await side.ways(count);
  await audience.open(livestream);
  await delay(settleMs);
  const memory = async (): Promise<number[]> => Promise.all([product.server.pid, ...side.workers].map(residentBytes));
  const before = await memory();

  run.progress(`${count} viewers join, ${perSecond} a second …`);
  await crowd.mark();
  await product.loopDelay();
  const { joined, errors } = await audience.join(count, perSecond);
  const loop = await product.loopDelay();
  const pictures = await firstPictures(crowd, joined.length);
  const after = await memory();

  const answers = run.samples('join_answer_ms', 'ms', 'From the opening of the socket to the answer of Join, while all come at once.');
  answers.add(...joined.map(({ answerMs }) => answerMs));
  const connected = run.samples('join_connected_ms', 'ms', 'From the opening of the socket to the end of ICE and DTLS.');
  connected.add(...joined.map(({ connectedMs }) => connectedMs));
  const first = run.samples('first_picture_ms', 'ms', 'From the opening of the socket to the first packet of a picture (a key frame).');
  first.add(...pictures);
  run.value('join_errors', 'count', errors.length, `Of ${count} joins in the burst.`);
  if (errors[0]) {
    run.progress(`First error: ${errors[0].message}`);
    for (const line of product.server.complaints().slice(-3)) run.progress(`  the server: ${line.slice(0, 600)}`);
  }
  run.value('viewers_without_picture', 'count', joined.length - pictures.length, 'Joined, but got no picture within ten seconds.');
  run.value('burst_event_loop_delay_ms', 'ms', loop.p99, "p99 of the delay of the product's main thread during the burst.");
  const [server = 0, ...workers] = after.map((bytes, at) => bytes - before[at]!);
  run.value(
    'memory_per_viewer_bytes',
    'bytes',
    server / count,
    "Resident memory of the product's main process that came with the burst, for each viewer.",
  );
  run.value(
    'worker_memory_per_viewer_bytes',
    'bytes',
    workers.reduce((sum, one) => sum + one, 0) / count,
    'The same of its media workers.',
  );

  await audience.leave([...audience.viewers.keys()]);
  await delay(settleMs);
  run.progress(`${fastBurst.count} viewers join within a second …`);
  await product.loopDelay();
  const fast = await audience.join(fastBurst.count, fastBurst.perSecond);
  const fastLoop = await product.loopDelay();
  run.value('event_loop_delay_ms', 'ms', fastLoop.p99, "p99 of the delay of the product's main thread while 100 join within a second.");
  run.value('event_loop_delay_max_ms', 'ms', fastLoop.max, 'The longest of them.');
  run.value('fast_join_errors', 'count', fast.errors.length, 'Of 100 joins within a second.');
  await audience.close();
}

async function firstPictures(crowd: Crowd, expected: number): Promise<readonly number[]> {
  const deadline = performance.now() + pictureDeadlineMs;
  for (;;) {
    const { firstPictureMs } = await crowd.read();
    if (firstPictureMs.length >= expected || performance.now() > deadline) return firstPictureMs;
    await delay(200);
  }
}

async function measureForwarding(run: MediaRun, crowd: Crowd, sides: Sides['both']): Promise<void> {
  const rounds = Math.max(1, run.option('rounds'));
  const figures = new Map<Side, Forwarding>(sides.map((side) => [side, new Forwarding()]));
  const own = new Histogram('us');
  for (let round = 0; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
      run.progress(`Round ${round + 1} of ${rounds}: ${run.option('viewers')} viewers of the ${side.name} …`);
      const audience = new Audience(crowd, side);
      await audience.open(livestream);
      await audience.resize(run.option('viewers'));
      await delay(settleMs);
      const window = await observe({
        crowd,
        workers: side.workers,
        director: side.director,
        ports: audience.ports,
        seconds: run.option('seconds') / rounds,
      });
      tellTroubles(run, window);
      figures.get(side)?.add(window);
      own.merge(window.total.ownDelays.counts);
      await audience.close();
    }
  }
  for (const side of sides) figures.get(side)?.report(run, side);
  const [product, bare] = sides.map((side) => figures.get(side)?.usPerPacket ?? 0);
  run.value('cpu_ratio_to_bare', 'ratio', product! / bare!, 'CPU per packet of the product, of that of the bare script.');
  run.histogram('generator_delay_us', own, "The generator's own part of every delay: its packets without a server between.");
}

async function searchMost(run: MediaRun, crowd: Crowd, side: Side): Promise<void> {
  const audience = new Audience(crowd, side);
  await audience.open(livestream);
  let limit = '';
  const carries = async (count: number): Promise<boolean> => {
    try {
      await audience.resize(count);
    } catch (error) {
      limit = `joining (${error instanceof Error ? error.message : String(error)})`;
      run.progress(`  ${side.name}: not all of ${count} viewers came in: ${limit}`);
      return false;
    }
    await delay(settleMs);
    const window = await observe({ crowd, workers: side.workers, director: side.director, ports: audience.ports, seconds: searchSeconds });
    const { total } = window;
    const p99 = total.delays().percentile(0.99);
    const works = total.lost === 0 && total.silent === 0 && p99 < lateUs;
    run.progress(
      `  ${side.name}: ${count} viewers ${works ? 'are carried' : 'are too many'} (${total.lost} lost, ${total.dropped} dropped by the generator, p99 ${Math.round(p99 / 1_000)} ms, ` +
        `busiest worker ${percent(window.busiestWorker)}, generator ${percent(window.busiestGenerator)}, machine ${percent(window.machine)})`,
    );
    if (!works) limit = limitOf(window);
    return works;
  };
  run.progress(`Searching how many viewers the ${side.name} carries …`);
  const most = await largestThatWorks({
    start: run.option('search-from'),
    most: run.option('search-most'),
    within: 0.03,
    // Once is chance on a machine that others use too.
    works: async (count) => (await carries(count)) || carries(count),
  });
  const by = limit === '' ? 'the end of the search' : limit;
  run.value(
    `${side.prefix}max_viewers`,
    'count',
    most,
    `Viewers whom the ${side.name} carries without loss and with p99 of the delay below ${lateUs / 1_000} ms; the limit was ${by}.`,
  );
  run.setting(`${side.prefix}max_viewers_limited_by`, by);
  await audience.close();
}

function tellTroubles(run: MediaRun, { total }: Window): void {
  for (const trouble of new Set(total.troubles)) run.progress(`  trouble: ${trouble}`);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
