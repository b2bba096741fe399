/** What a server adds to the delay at a small fan-out, and what one more hop between workers adds. */
import { setTimeout as delay } from 'node:timers/promises';
import { Histogram } from '../../lib/histogram.js';
import { Audience, livestream } from '../audience.js';
import { Crowd } from '../crowd.js';
import { Forwarding } from '../forwarding.js';
import type { MediaRun } from '../options.js';
import { type Side, startSides } from '../side.js';
import { observe } from '../window.js';

const settleMs = 1_500;
/** Whoever places viewers, has filled both workers after so many times as many. */
const patience = 6;

interface Fans {
  readonly near: Forwarding;
  readonly far: Forwarding;
}

export async function measurePipe(run: MediaRun): Promise<void> {
  run.progress('Starting the product and the bare script …');
  const workers = 2;
  run.setting('workers', workers);
  const sides = await startSides({ workers, kind: 'webinar' });
  run.cleanup(() => sides.close());
  const crowd = new Crowd(run.option('receivers'));
  run.cleanup(async () => crowd.close());
  await crowd.measureOwnDelay();

  const own = new Histogram('us');
  const figures = new Map<Side, Fans>(sides.both.map((side) => [side, { near: new Forwarding(), far: new Forwarding() }]));
  const rounds = Math.max(1, run.option('rounds'));
  const seconds = run.option('seconds') / rounds;
  for (let round = 0; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides.both : [...sides.both].reverse()) {
      for (const where of ['near', 'far'] as const) {
        const audience = new Audience(crowd, side);
        await audience.open(livestream);
        const port = await fill(audience, where, run.option('fan'));
        if (port === undefined) {
          if (round === 0) run.notMeasured(`${where} viewers of the ${side.name}: it placed none there`);
        } else {
          run.progress(
            `Round ${round + 1} of ${rounds}: ${run.option('fan')} viewers ${where === 'near' ? 'on the worker of the publisher' : 'one hop away'}, ${side.name} …`,
          );
          await delay(settleMs);
          const window = await observe({ crowd, workers: side.workers, director: side.director, ports: audience.ports, seconds });
          figures.get(side)?.[where].add(window, port);
          own.merge(window.total.ownDelays.counts);
        }
        await audience.close();
      }
    }
  }
  for (const side of sides.both) {
    const { near, far } = figures.get(side)!;
    if (near.measured) near.report(run, side);
    if (far.measured) far.report(run, { ...side, prefix: `${side.prefix}pipe_` });
  }
  run.histogram('generator_delay_us', own, "The generator's own part of every delay: its packets without a server between.");
  run.notMeasured('hops between machines: both workers are of one server, and all is loopback');
}

/** Exactly so many viewers, all on the publisher's worker, or all on another. Gives its port; undefined: there are not as many. */
async function fill(audience: Audience, where: 'near' | 'far', count: number): Promise<number | undefined> {
  const fits = (): number[] =>
    [...audience.viewers].filter(([, { port }]) => (port === audience.hostPort) === (where === 'near')).map(([number]) => number);
  while (fits().length < count && audience.size < patience * count) await audience.resize(audience.size + count);
  const staying = new Set(fits().slice(0, count));
  if (staying.size < count) return undefined;
  await audience.leave([...audience.viewers.keys()].filter((number) => !staying.has(number)));
  return audience.viewers.get([...staying][0]!)?.port;
}
