/** People who are there and do nothing: what one costs in memory. */
import { setTimeout as delay } from 'node:timers/promises';
import { Crowd } from '../crowd.js';
import { memoryOf } from '../measure.js';
import type { ChatRun } from '../options.js';
import { conversations, openStage, people, startChatServer } from '../stage.js';

const first = 1_000;
const settleMs = 30_000;

export async function measureIdle(run: ChatRun): Promise<void> {
  const count = run.option('idle');
  const members = run.option('members');
  const stage = await openStage();
  run.cleanup(() => stage.close());
  const server = await startChatServer(stage);
  run.cleanup(() => server.process.close());
  run.progress(`${count} people sign in …`);
  const everybody = await people(stage, count);
  await conversations(
    stage,
    Array.from({ length: Math.ceil(count / members) }, (_, at) => everybody.slice(at * members, (at + 1) * members)),
  );
  const crowd = new Crowd(server);
  await crowd.seat(everybody.slice(0, first));
  await delay(settleMs);
  const before = await memoryOf(server);
  await crowd.seat(everybody.slice(first), 100);
  await delay(settleMs);
  const after = await memoryOf(server);
  run.value('connections', 'count', crowd.size, 'Connections, each a person with a session that is subscribed to his conversation.');
  run.value(
    'memory_per_connection_bytes',
    'bytes',
    (after - before) / (crowd.size - first),
    `Resident memory of the server process for each connection beyond the first ${first}.`,
  );
  run.value('memory_bytes', 'bytes', after, 'Resident memory of the server process with all of them.');
  run.value('connections_lost', 'count', crowd.troubles.length, 'Connections that ended by themselves.');
  run.notMeasured('memory that the system holds for sockets');
  crowd.close();
}
