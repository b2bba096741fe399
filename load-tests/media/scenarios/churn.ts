/** What a person who is in costs in memory, and whether those who have gone leave something behind. */
import { setTimeout as delay } from 'node:timers/promises';
import { Crowd } from '../crowd.js';
import type { Way } from '../crowd-calls.js';
import type { MediaRun } from '../options.js';
import { residentBytes } from '../process-usage.js';
import { Product } from '../product.js';
import { slope } from '../trend.js';

const settleMs = 3_000;
/** Who come and go at the same time. */
const atOnce = 10;
const sampleEvery = 50;
const microphone = { frameMs: 20, bitsPerSecond: 32_000, speaking: false };

export async function measureChurn(run: MediaRun): Promise<void> {
  const idle = run.option('idle');
  run.progress('Starting the product …');
  const product = await Product.start({ workers: 1, kind: 'meeting' });
  run.setting('workers', 1);
  run.cleanup(() => product.close());
  const crowd = new Crowd(1);
  run.cleanup(async () => crowd.close());
  const [worker = 0] = await product.server.mediaWorkers();
  const memory = async (): Promise<{ server: number; worker: number }> => ({
    server: await residentBytes(product.server.pid),
    worker: await residentBytes(worker),
  });
  const ways = await product.guests(Array.from({ length: Math.max(idle, atOnce) }, (_, at) => `Guest ${at + 1}`));
  await crowd.open({ number: 1, microphone }, product.host);

  if (idle > 0) {
    await come(crowd, ways.slice(0, atOnce), 2);
    await crowd.leave(numbers(atOnce, 2));
    await delay(settleMs);
    const before = await memory();
    run.progress(`${idle} people join and do nothing …`);
    for (let at = 0; at < idle; at += atOnce) await come(crowd, ways.slice(at, Math.min(idle, at + atOnce)), 2 + at);
    await delay(settleMs);
    const after = await memory();
    run.value(
      'memory_per_attendee_bytes',
      'bytes',
      (after.server - before.server) / idle,
      "Resident memory of the product's main process for one who is in, hears one microphone and sends nothing.",
    );
    run.value('worker_memory_per_attendee_bytes', 'bytes', (after.worker - before.worker) / idle, 'The same of the media worker.');
    await crowd.leave(numbers(idle, 2));
  }

  const cycles = run.option('cycles');
  const samples: { cycle: number; server: number; worker: number }[] = [];
  for (let cycle = 0; cycle < cycles; cycle += atOnce) {
    await come(crowd, ways.slice(0, atOnce), 2);
    await crowd.leave(numbers(atOnce, 2));
    if (cycle % sampleEvery === 0) {
      samples.push({ cycle, ...(await memory()) });
      run.progress(`${cycle} of ${cycles} cycles`);
    }
  }
  // The first half warms up what grows once: caches, the heap.
  const late = samples.slice(Math.floor(samples.length / 2));
  if (late.length > 1) {
    const growth = (of: 'server' | 'worker'): number => slope(late.map((sample) => ({ x: sample.cycle, y: sample[of] })));
    run.value(
      'memory_growth_bytes_per_cycle',
      'bytes',
      growth('server'),
      "Slope of the resident memory of the product's main process over the second half of the joins and leaves.",
    );
    run.value('worker_memory_growth_bytes_per_cycle', 'bytes', growth('worker'), 'The same of the media worker.');
  }
  for (const [name, figure] of [
    ['transports_left', 'causeway_media_transports'],
    ['consumers_left', 'causeway_media_consumers'],
  ] as const) {
    const left = await product.metric(figure);
    if (left !== undefined)
      run.value(name, 'count', left, `${figure} after all guests have gone; the host has two transports and nobody to hear.`);
  }
  run.notMeasured('memory that the system holds for sockets');
}

async function come(crowd: Crowd, ways: readonly Way[], first: number): Promise<void> {
  await Promise.all(ways.map((way, at) => crowd.open({ number: first + at }, way)));
}

function numbers(count: number, first: number): number[] {
  return Array.from({ length: count }, (_, at) => first + at);
}
