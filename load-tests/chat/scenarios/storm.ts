/** Half of all connections are lost at the same moment and come back within seconds, while people go on writing. */
import { setTimeout as delay } from 'node:timers/promises';
import { Crowd } from '../crowd.js';
import { until, using } from '../measure.js';
import type { ChatRun } from '../options.js';
import { paced } from '../pacer.js';
import { conversations, openStage, people, startChatServer } from '../stage.js';

export async function measureStorm(run: ChatRun): Promise<void> {
  const count = run.option('connections');
  const members = run.option('members');
  const seconds = run.option('storm-seconds');
  const stage = await openStage();
  run.cleanup(() => stage.close());
  const server = await startChatServer(stage);
  run.cleanup(() => server.process.close());
  run.progress(`${count} people connect …`);
  const everybody = await people(stage, count);
  const groups = Array.from({ length: Math.ceil(count / members) }, (_, at) => everybody.slice(at * members, (at + 1) * members));
  const ids = await conversations(stage, groups);
  const crowd = new Crowd(server);
  await crowd.seat(everybody, 100);

  // Every second seat of a group, so that those who stay and those who go share conversations; the first of each writes.
  const leaving = everybody
    .map((_, at) => at)
    .filter((at) => (at % members) % 2 === 1 || (members % 2 === 1 && at % members === members - 1 && at % 2 === 0));
  const half = leaving.slice(0, Math.floor(count / 2));
  const resume = run.samples('resume_ms', 'ms', 'From the first packet of the new connection to the answer that says what was missed.');
  const acks = run.samples('ack_ms', 'ms', 'From the moment a message is due to the answer that it is durable, meanwhile.');
  const latest = new Map<string, number>();
  let refused = 0;
  let renewed = 0;
  const write = paced(run.option('storm-rate'), seconds + 4, async (turn, due) => {
    const at = turn % ids.length;
    const id = ids[at] ?? '';
    const number = await crowd.send(at * members, id, `message ${turn} during the storm`);
    acks.add(performance.now() - due);
    latest.set(id, Math.max(latest.get(id) ?? 0, number));
  });
  await delay(1_000);
  run.progress(`${half.length} of ${count} connections are lost and come back within ${seconds} s …`);
  for (const at of half) crowd.drop(at);
  const used = await using(server, () =>
    paced(half.length / seconds, seconds, async (turn) => {
      const back = await crowd.comeBack(half[turn] ?? 0).catch(() => null);
      if (!back) refused += 1;
      else {
        resume.add(back.ms);
        if (!back.resumed) renewed += 1;
      }
    }),
  );
  await write;
  await until(() => crowd.missing(latest) === 0, 'everything has arrived').catch(() => undefined);
  run.value('resume_errors', 'count', refused, 'Connections that did not come back at the first try.');
  run.value('resume_new_sessions', 'count', renewed, 'Of those that came back: with a new session in place of the old one.');
  run.value(
    'server_cpu_ms_per_resume',
    'ms',
    (used.cpuSeconds * 1e3) / half.length,
    'CPU of the server process by connections that came back, all else included.',
  );
  run.value('lost', 'count', crowd.book.lost + crowd.missing(latest), 'Messages that a member did not get.');
  run.value('duplicated', 'count', crowd.book.duplicated, 'Messages that came to a member twice.');
  for (const trouble of new Set(crowd.troubles)) run.progress(`  trouble: ${trouble}`);
  crowd.close();
}
