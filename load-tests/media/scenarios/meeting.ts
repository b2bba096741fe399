/** A large meeting, all cameras and microphones on: what the server sends, against sending all to all. */
import { setTimeout as delay } from 'node:timers/promises';
import { Person } from '../../../tests/browser/person.js';
import { openBrowser, type TestBrowser } from '../../../tests/support/browser.js';
import type { AttendeeSettings, Joined } from '../attendee.js';
import { makeClips } from '../clips.js';
import { Crowd } from '../crowd.js';
import type { MediaRun } from '../options.js';
import { residentBytes } from '../process-usage.js';
import { Product } from '../product.js';
import type { LayerSettings } from '../video-source.js';
import { chooseViews } from '../views.js';
import { observe, type Window } from '../window.js';

const joinsPerSecond = 25;
/** Less is told to publishers only after five calm seconds. */
const settleMs = 8_000;
/** From the layout of pages: nine on a screen. */
const tile = { width: 320, height: 180 };
const framesPerSecond = 24;
const layers: readonly LayerSettings[] = [
  { width: 320, height: 180, bitsPerSecond: 120_000 },
  { width: 640, height: 360, bitsPerSecond: 450_000 },
  { width: 1_280, height: 720, bitsPerSecond: 1_500_000 },
];
const microphone = { frameMs: 20, bitsPerSecond: 32_000 };
const slots = 5;
/** Different pictures; people share them. */
const faces = 6;

const firstNames = [
  'Ada',
  'Bo',
  'Chi Wai',
  'Dora',
  'Emre',
  'Fatima',
  'Gil',
  'Hana',
  'Ivo',
  'Jun',
  'Kit',
  'Lina',
  'Mo',
  'Nadia',
  'Oskar',
  'Ping',
];
const lastNames = [
  'Au',
  'Berg',
  'Chan',
  'Dahl',
  'Evans',
  'Fong',
  'Gupta',
  'Ho',
  'Ito',
  'Jensen',
  'Kwok',
  'Lam',
  'Mehta',
  'Ng',
  'Okoro',
  'Poon',
  'Quinn',
  'Rossi',
  'Sato',
  'Tam',
];

export async function measureMeeting(run: MediaRun): Promise<void> {
  const people = run.option('people');
  run.progress('Starting the product …');
  const product = await Product.start({ workers: run.option('workers'), kind: 'meeting' });
  run.cleanup(() => product.close());
  const crowd = new Crowd(0);
  run.cleanup(async () => crowd.close());
  const workers = await product.server.mediaWorkers();
  const memory = async (): Promise<number[]> => Promise.all([product.server.pid, ...workers].map(residentBytes));
  const before = await memory();

  const browser = run.option('pages') > 0 ? await openBrowser() : undefined;
  if (browser) {
    run.cleanup(() => browser.close());
    run.program('chromium', browser.version);
    run.progress('Encoding pictures …');
    await crowd.giveClips(await makeClips(browser, product.server.url, faces, layers));
  }

  run.progress(`${people} people join, all with camera and microphone on …`);
  const joined = await enter(run, product, crowd);
  const [server = 0, ...ofWorkers] = (await memory()).map((bytes, at) => bytes - before[at]!);
  run.value(
    'memory_per_attendee_bytes',
    'bytes',
    server / people,
    "Resident memory of the product's main process for one attendee who sends and receives.",
  );
  run.value(
    'worker_memory_per_attendee_bytes',
    'bytes',
    ofWorkers.reduce((sum, one) => sum + one, 0) / people,
    'The same of its media workers.',
  );

  const cameras = [...joined].flatMap(([owner, { cameraId }]) => (cameraId === undefined ? [] : [{ owner, producerId: cameraId }]));
  const views = chooseViews({ cameras, people: [...joined.keys()], shown: run.option('shown'), browsing: run.option('browsing') });
  for (const [number, producerIds] of views) await crowd.show(number, producerIds, tile);

  const ports = [...new Set([...joined.values()].map(({ port }) => port))];
  const seconds = run.option('seconds');
  const look = async (what: string): Promise<Window> => {
    await delay(settleMs);
    run.progress(what);
    return observe({ crowd, workers, director: product.server.pid, ports, seconds });
  };
  await crowd.obey(false);
  const whole = await look('Counting while everybody sends everything …');
  await crowd.obey(true);
  const wanted = await look('Counting while nobody sends what nobody watches …');
  await report(run, product, { whole, wanted, people, cameras: cameras.length });

  if (browser) await watchWithPages(run, product, browser);
  run.notMeasured('bandwidth estimation, and retransmission: the generated people ask for neither');
  run.notMeasured(
    `cameras at full rate: they give ${run.option('rate-scale')} % of ${framesPerSecond} frames a second, since 2 cores don't carry all of it beside the generator; at full rate the ratio to all-to-all is lower, because sound is never scaled`,
  );
}

async function enter(run: MediaRun, product: Product, crowd: Crowd): Promise<ReadonlyMap<number, Joined>> {
  const people = run.option('people');
  const guests = await product.guests(Array.from({ length: people - 1 }, (_, at) => nameOf(at + 2)));
  const cameras = run.option('cameras');
  const scale = run.option('rate-scale') / 100;
  // Fewer frames of the same size.
  const scaled = layers.map((layer) => ({ ...layer, bitsPerSecond: layer.bitsPerSecond * scale }));
  const camera = { framesPerSecond: framesPerSecond * scale, layers: scaled };
  const answers = run.samples('join_answer_ms', 'ms', 'From the opening of the socket to the answer of Join.');
  const joined = new Map<number, Joined>();
  let errors = 0;
  await product.loopDelay();
  const begin = performance.now();
  await Promise.all(
    [product.host, ...guests].map(async (way, at) => {
      const number = at + 1;
      await delay((at / joinsPerSecond) * 1_000 - (performance.now() - begin));
      const films = Math.floor((number * cameras) / 100) > Math.floor(((number - 1) * cameras) / 100);
      const settings: AttendeeSettings = {
        number,
        ...(films && { camera: { ...camera, clips: number % faces } }),
        microphone: { ...microphone, speaking: number <= run.option('speakers') },
      };
      try {
        const one = await crowd.open(settings, way);
        joined.set(number, one);
        answers.add(one.answerMs);
        if (joined.size % 50 === 0) run.progress(`  ${joined.size} are in`);
      } catch (error) {
        errors += 1;
        if (errors > 1) return;
        run.progress(`First error: ${error instanceof Error ? error.message : String(error)}`);
        for (const line of product.server.complaints().slice(-3)) run.progress(`  the server: ${line.slice(0, 600)}`);
      }
    }),
  );
  const loop = await product.loopDelay();
  run.value('join_errors', 'count', errors, `Of ${people} joins, ${joinsPerSecond} a second.`);
  run.value(
    'event_loop_delay_ms',
    'ms',
    loop.p99,
    `p99 of the delay of the product's main thread while ${people} join, ${joinsPerSecond} a second.`,
  );
  return new Map([...joined].sort(([a], [b]) => a - b));
}

interface Found {
  readonly whole: Window;
  readonly wanted: Window;
  readonly people: number;
  readonly cameras: number;
}

async function report(run: MediaRun, product: Product, { whole, wanted, people, cameras }: Found): Promise<void> {
  const rate = (framesPerSecond * run.option('rate-scale')) / 100;
  // All to all would send everybody one layer of everybody: the smallest, of one packet a frame.
  const allToAll = (people - 1) * (wanted.total.sent.audio / wanted.total.seconds + cameras * rate);
  const perSecond = wanted.total.packets / wanted.total.seconds;
  run.value('packets_per_second', 'per_second', perSecond, 'Packets that the server delivered.');
  run.value(
    'all_to_all_packets_per_second',
    'per_second',
    allToAll,
    'Packets if everybody got the sound and the smallest picture of everybody.',
  );
  run.value('sent_ratio_to_all_to_all', 'ratio', perSecond / allToAll, 'The one by the other.');
  const published = ({ total }: Window): number => (total.sent.audio + total.sent.video) / total.seconds;
  run.value('published_packets_per_second', 'per_second', published(whole), 'Packets from publishers while they heed no demand.');
  run.value('published_packets_per_second_on_demand', 'per_second', published(wanted), 'The same while they send what somebody watches.');
  run.histogram(
    'added_delay_us',
    wanted.total.delays(),
    "From a publisher's send call to a receiver's callback; the generator, which sends and receives in one process, included. Of pictures: what comes through a slot has no time on it.",
  );
  run.value(
    'loss_ratio',
    'ratio',
    wanted.total.lost / (wanted.total.lost + wanted.total.packets),
    `Packets that did not arrive; ${wanted.total.dropped} of ${wanted.total.lost} were lost on the generator's own sockets.`,
  );
  run.value(
    'worker_cpu_us_per_packet',
    'us',
    (wanted.workerCpu / wanted.total.packets) * 1_000_000,
    'CPU of the media workers for each packet delivered, what they receive included.',
  );
  run.value(
    'main_cpu_us_per_packet',
    'us',
    (wanted.directorCpu / wanted.total.packets) * 1_000_000,
    "CPU of the product's main process for each packet delivered: the slots' voices pass through it.",
  );
  const consumers = await product.metric('causeway_media_consumers');
  if (consumers !== undefined) {
    run.value(
      'consumers',
      'count',
      consumers,
      `Streams that the server sends or has ready; all to all would be ${people * (people - 1) * 2}.`,
    );
    run.value(
      'consumers_ratio_to_plan',
      'ratio',
      consumers / (people * (slots + run.option('shown'))),
      'Of people x (voices heard at once + pictures shown).',
    );
  }
  run.setting('busiest_worker_core_share', Math.round(wanted.busiestWorker * 100) / 100);
  run.setting('generator_core_share', Math.round(wanted.busiestGenerator * 100) / 100);
  for (const trouble of new Set([...whole.total.troubles, ...wanted.total.troubles])) run.progress(`  trouble: ${trouble}`);
}

/** Real pages beside the generated people: what those see is the truth. */
async function watchWithPages(run: MediaRun, product: Product, browser: TestBrowser): Promise<void> {
  const persons: Person[] = [];
  for (let at = 0; at < run.option('pages'); at += 1) {
    const person = await Person.at(browser, `Page ${at + 1}`);
    run.progress(`${person.name} joins …`);
    await person.openMeeting(product.link);
    await person.clickJoin('a guest');
    await person.button('Leave').waitFor();
    persons.push(person);
  }
  const [first] = persons;
  const file = run.text('screenshot');
  if (!first || file === '') return;
  await delay(settleMs);
  await first.page.screenshot({ path: file });
  run.progress(`What ${first.name} sees is in ${file}.`);
}

/** No two of the first 320 alike. */
function nameOf(number: number): string {
  const last = Math.floor(number / firstNames.length) % lastNames.length;
  return `${firstNames[number % firstNames.length]} ${lastNames[last]}`;
}
