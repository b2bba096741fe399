/** Many conversations at a steady rate; then the same rate to one alone. */
import { Crowd } from '../crowd.js';
import { until, using } from '../measure.js';
import type { ChatRun } from '../options.js';
import { paced } from '../pacer.js';
import { conversations, openStage, people, startChatServer } from '../stage.js';

/** Connections, caches and compiled code of a server that has just started. */
const warmUpSeconds = 4;

export async function measureSteady(run: ChatRun): Promise<void> {
  await measureAt(run, run.option('conversations'), '');
}

/** Both in one run, so that they can be compared. */
export async function measureHot(run: ChatRun): Promise<void> {
  await measureAt(run, run.option('conversations'), 'spread_');
  await measureAt(run, 1, '');
}

async function measureAt(run: ChatRun, count: number, prefix: string): Promise<void> {
  const members = run.option('members');
  const rate = run.option('rate');
  run.progress(`${count} conversations of ${members}: starting …`);
  const stage = await openStage();
  run.cleanup(() => stage.close());
  const server = await startChatServer(stage);
  run.cleanup(() => server.process.close());
  const everybody = await people(stage, count * members);
  const groups = Array.from({ length: count }, (_, at) => everybody.slice(at * members, (at + 1) * members));
  const ids = await conversations(stage, groups);
  const arrivals = run.samples(
    `${prefix}delivery_ms`,
    'ms',
    'From the moment a message is due to its arrival at a member, for each member.',
  );
  const dueAt = new Map<string, number>();
  // An event may come before the answer that tells its number: they are brought together at the end.
  const arrived: { readonly key: string; readonly at: number }[] = [];
  const crowd = new Crowd(server, (id, number, at) => arrived.push({ key: `${id}/${number}`, at }));
  await crowd.seat(everybody);

  const acks = run.samples(`${prefix}ack_ms`, 'ms', 'From the moment a message is due to the answer that it is durable.');
  const latest = new Map<string, number>();
  const send =
    (measured: boolean) =>
    async (turn: number, due: number): Promise<void> => {
      const at = turn % count;
      const id = ids[at] ?? '';
      const sent = performance.timeOrigin + due;
      const number = await crowd.send(
        at * members + (Math.floor(turn / count) % members),
        id,
        `message ${turn} of a usual length, as people write them`,
      );
      if (measured) acks.add(performance.timeOrigin + performance.now() - sent);
      dueAt.set(`${id}/${number}`, sent);
      latest.set(id, Math.max(latest.get(id) ?? 0, number));
    };
  await paced(rate, warmUpSeconds, send(false));
  await until(() => crowd.missing(latest) === 0, 'the warm-up has arrived');
  arrived.length = 0;
  const before = crowd.deliveries;
  run.progress(`${rate} messages a second for ${run.option('seconds')} s …`);
  const used = await using(server, async () => {
    await paced(rate, run.option('seconds'), send(true));
    await until(() => crowd.missing(latest) === 0, 'everything has arrived');
  });
  for (const { key, at } of arrived) arrivals.add(at - (dueAt.get(key) ?? at));
  const deliveries = crowd.deliveries - before;
  run.value(
    `${prefix}messages_per_second`,
    'per_second',
    (rate * run.option('seconds')) / used.seconds,
    'Messages that were acknowledged.',
  );
  run.value(`${prefix}deliveries_per_second`, 'per_second', deliveries / used.seconds, 'Messages that arrived at members.');
  run.value(
    `${prefix}server_cpu_us_per_delivery`,
    'us',
    (used.cpuSeconds * 1e6) / deliveries,
    'CPU of the server process, all that it does included, by deliveries.',
  );
  run.value(`${prefix}server_cpu_us_per_message`, 'us', (used.cpuSeconds * 1e6) / (rate * run.option('seconds')), 'The same by messages.');
  run.value(`${prefix}lost`, 'count', crowd.book.lost + crowd.missing(latest), 'Messages that a member did not get.');
  run.value(`${prefix}duplicated`, 'count', crowd.book.duplicated, 'Messages that came to a member twice.');
  for (const trouble of new Set(crowd.troubles)) run.progress(`  trouble: ${trouble}`);
  crowd.close();
}
