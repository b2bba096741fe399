/** One conversation with a thousand members who are all there, on both socket libraries. */
import { Crowd } from '../crowd.js';
import { until, using } from '../measure.js';
import type { ChatRun } from '../options.js';
import { paced } from '../pacer.js';
import { conversations, openStage, people, startChatServer } from '../stage.js';

export async function measureFanout(run: ChatRun): Promise<void> {
  await measureWith(run, 'uws', '');
  await measureWith(run, 'ws', 'ws_');
}

async function measureWith(run: ChatRun, library: 'uws' | 'ws', prefix: string): Promise<void> {
  const online = run.option('online');
  run.progress(`${online} members on ${library}: starting …`);
  const stage = await openStage();
  run.cleanup(() => stage.close());
  const server = await startChatServer(stage, { GATEWAY_LIBRARY: library });
  run.cleanup(() => server.process.close());
  const everybody = await people(stage, online);
  const [id = ''] = await conversations(stage, [everybody]);
  /** By number: how many have it, when the first and the last got it. */
  const told = new Map<number, { count: number; first: number; last: number }>();
  const crowd = new Crowd(server, (_id, number, at) => {
    const message = told.get(number) ?? { count: 0, first: at, last: at };
    told.set(number, message);
    message.count += 1;
    message.last = at;
  });
  await crowd.seat(everybody);

  const acks = run.samples(`${prefix}ack_ms`, 'ms', `From the moment a message is due to the answer that it is durable (${library}).`);
  const fanout = run.samples(
    `${prefix}fanout_ms`,
    'ms',
    `From the commit, that is when the first member has it or the sender his answer, to the last of ${online} members (${library}).`,
  );
  const ackedAt = new Map<number, number>();
  const rate = run.option('fanout-rate');
  const send =
    (measured: boolean) =>
    async (turn: number, due: number): Promise<void> => {
      const number = await crowd.send((turn * 7) % online, id, `message ${turn} of a usual length, as people write them`);
      const now = performance.now();
      if (measured) acks.add(now - due);
      ackedAt.set(number, performance.timeOrigin + now);
    };
  const allHave = () => [...ackedAt.keys()].every((number) => told.get(number)?.count === online);
  await paced(rate, 2, send(false));
  await until(allHave, 'the warm-up has arrived');
  ackedAt.clear();
  told.clear();
  const before = crowd.deliveries;
  run.progress(`${rate} messages a second to ${online} members for ${run.option('seconds')} s …`);
  const used = await using(server, async () => {
    await paced(rate, run.option('seconds'), send(true));
    await until(allHave, 'everything has arrived');
  });
  for (const [number, { first, last }] of told) fanout.add(last - Math.min(first, ackedAt.get(number) ?? first));
  const deliveries = crowd.deliveries - before;
  run.value(`${prefix}deliveries_per_second`, 'per_second', deliveries / used.seconds, `Messages that arrived at members (${library}).`);
  run.value(
    `${prefix}server_cpu_us_per_delivery`,
    'us',
    (used.cpuSeconds * 1e6) / deliveries,
    `CPU of the server process by deliveries (${library}).`,
  );
  run.value(`${prefix}lost`, 'count', crowd.book.lost, 'Messages that a member did not get.');
  run.value(`${prefix}duplicated`, 'count', crowd.book.duplicated, 'Messages that came to a member twice.');
  for (const trouble of new Set(crowd.troubles)) run.progress(`  trouble: ${trouble}`);
  crowd.close();
}
