/** Nodes, and Redis, that die under a meeting: it goes on, and nobody is in it twice. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/platform/database/index.js';
import { PoolDatabase } from '../../../src/platform/database/pool-database.js';
import type { Meeting } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { TestCluster } from '../../support/cluster.js';
import { SocketCallError, testLog, waitFor } from '../../support/index.js';
import type { ServerProcess } from '../../support/server-process.js';
import { Attendee, LeftReason, Source } from '../server/attendee.js';

let cluster: TestCluster;
let database: Database;
let one: ServerProcess;
let two: ServerProcess;
let olivia: SignedIn;
let ana: SignedIn;
let meeting: Meeting;
/** Olivia, on the home of the meeting. */
let host: Attendee;
/** Ana, on the other node. */
let far: Attendee;

beforeEach(async () => {
  cluster = await TestCluster.start();
  database = new PoolDatabase({ url: cluster.databaseUrl, connections: 1, applicationName: 'test', log: testLog() });
  one = await cluster.node('one');
  olivia = await one.setUpOwner();
  ana = await one.invite(olivia, 'Ana');
  two = await cluster.node('two');
  meeting = await one.createMeeting(olivia, { lobby: 'off' });
  host = await Attendee.enter(one, meeting.id, olivia);
  far = await Attendee.enter(two, meeting.id, ana);
  await host.until(() => host.sees(far), 'Ana');
}, 120_000);

afterEach(async () => {
  await database?.close();
  await cluster?.stop();
});

const hand = (who: Attendee, raised: boolean) => who.client.meeting.raiseHand({ meetingId: meeting.id, raised });

/** Calls again where the server says that it may succeed later. */
async function persist<Reply>(call: () => Promise<Reply>): Promise<Reply> {
  return waitFor(
    () =>
      call().catch((error: unknown) => {
        if (error instanceof SocketCallError && !error.retryable) throw error;
        return null;
      }),
    'the call to succeed',
  );
}

/** Nobody is in it twice, and open stays are those of people who are in. */
async function expectPeople(from: Attendee, names: readonly string[]): Promise<void> {
  const { participants } = await from.snapshot();
  expect([...participants.values()].map(({ name }) => name).sort()).toEqual([...names].sort());
  const stays = await waitFor(
    async () => {
      const open = await database.query<{ name: string }>(
        'select p.name from meeting_stays s join people p on p.id = s.person_id where s.meeting_id = $1 and s.left_at is null order by 1',
        [meeting.id],
      );
      return open.length === names.length ? open : null;
    },
    `open stays of ${names.join(', ')}`,
  );
  expect(stays.map(({ name }) => name)).toEqual([...names].sort());
}

describe('kill -9 of the home', () => {
  it('leaves the far one in the meeting as he was; the other comes back on the node that is left', async () => {
    await hand(far, true);
    await host.produce(Source.SOURCE_MICROPHONE);
    await far.until(() => far.sees(host)?.producers.length === 1 && far.sees(far)?.handRaisedAt, 'hand and microphone');
    const { number } = far.state;
    const lost = host.id;

    const died = performance.now();
    await one.end('SIGKILL');
    // Her page finds the next gateway and joins again, at once.
    const again = await Attendee.arrive(two, meeting.id, olivia);
    await persist(() => again.enter());
    const tookMs = performance.now() - died;
    process.stdout.write(`back in the meeting ${Math.round(tookMs)} ms after kill -9 of its home\n`);

    await far.until(() => far.sees(again) && !far.sees(lost), 'Olivia to be back');
    expect(far.sees(far)?.handRaisedAt).toBeGreaterThan(0);
    expect(far.client.isOpen).toBe(true);
    const left = far.client.events.find(({ meeting: event }) => event?.participantLeft?.participantId === lost);
    expect(left?.meeting?.participantLeft?.reason).toBe(LeftReason.REASON_LOST);
    expect(left?.number).toBeGreaterThan(number);
    // The far one's transports were on his own node; he acts on without a new join.
    await hand(far, false);
    await again.until(() => again.sees(far)?.handRaisedAt === 0, 'the hand to go down');
    await far.produce(Source.SOURCE_MICROPHONE);
    await again.until(() => again.sees(far)?.producers.length === 1, 'the microphone of the far one');
    await expectPeople(far, ['Ana', 'Olivia']);
  });
});

describe('kill -9 of the other node', () => {
  it('takes its people out of the meeting, and nobody else', async () => {
    await two.end('SIGKILL');
    await host.until(() => !host.sees(far), 'Ana to be gone');
    await hand(host, true);
    await host.until(() => host.sees(host)?.handRaisedAt, 'the hand');
    const again = await Attendee.enter(one, meeting.id, ana);
    await host.until(() => host.sees(again), 'Ana to be back');
    await expectPeople(host, ['Ana', 'Olivia']);
  });
});

describe('kill -9 of Redis', () => {
  it('stops nothing for good: both go on when it is back', async () => {
    await cluster.redis.kill();
    // At the home everything goes on.
    await hand(host, true);
    await cluster.redis.restart();
    await persist(() => hand(far, true));
    await host.until(() => host.sees(far)?.handRaisedAt, 'the hand of the far one');
    await persist(async () => (await far.snapshot()).participants.size === 2);
    await expectPeople(host, ['Ana', 'Olivia']);
    await host.client.meeting.lowerHand({ meetingId: meeting.id, participantId: far.id });
    await waitFor(async () => (await far.snapshot()).participants.get(far.id)?.handRaisedAt === 0, 'the hand to go down');
    // Numbers are the same on both sides.
    expect((await far.snapshot()).number).toBe((await host.snapshot()).number);
  });
});

describe('somebody who is put out while Redis is away', () => {
  it('is out when it is back: he is told so, and receives nothing any more', async () => {
    await far.produce(Source.SOURCE_MICROPHONE);
    await host.until(() => host.sees(far)?.producers.length === 1, 'the microphone of the far one');
    await cluster.redis.kill();
    await host.client.meeting.remove({ meetingId: meeting.id, participantId: far.id });
    // So long that nothing is tried again by itself.
    await expect(hand(far, true)).rejects.toMatchObject({ code: 'CLUSTER_NODE_GONE' });
    await cluster.redis.restart();
    await far.told('removed');
    await waitFor(
      async () => /^causeway_media_transports 0$/m.test(String((await two.api('GET', '/metrics')).body)),
      'nothing of hers to be left',
    );
    const heard = far.client.eventsOf(`meeting/${meeting.id}`).length;
    await hand(host, true);
    const again = await Attendee.enter(two, meeting.id, await one.invite(olivia, 'Ben'));
    await host.until(() => host.sees(again), 'Ben');
    expect(far.client.eventsOf(`meeting/${meeting.id}`)).toHaveLength(heard);
  });
});

describe('SIGTERM of the home', () => {
  it('hands the meeting over: the far one goes on, and the other finds it there', async () => {
    await hand(far, true);
    await far.until(() => far.sees(far)?.handRaisedAt, 'the hand');
    const ended = one.end('SIGTERM');
    expect((await host.client.closed).goodbye).toBe('SERVER_DRAINING');
    const again = await Attendee.arrive(two, meeting.id, olivia);
    await persist(() => again.enter());
    expect(await ended).toBe(0);
    await persist(() => hand(far, false));
    await again.until(() => again.sees(far)?.handRaisedAt === 0, 'the hand to go down');
    await far.until(() => far.sees(again) && !far.sees(host), 'Olivia to be there once');
    await expectPeople(far, ['Ana', 'Olivia']);
  });
});

describe('a home that stands still for longer than its lease', () => {
  it('is home no longer when it wakes, and its people are in the meeting once', async () => {
    await hand(far, true);
    await host.until(() => host.sees(far)?.handRaisedAt, 'the hand');
    process.kill(one.pid, 'SIGSTOP');
    await far.until(() => !far.sees(host), 'the other node to take over');
    await hand(far, false);
    process.kill(one.pid, 'SIGCONT');
    await far.until(() => far.sees(host.id), 'the host to be in again');
    // Olivia's socket was never lost; her page is told to look again.
    await host.client.waitForEvent(({ session }) => session?.topicReset, 'to be told to take a snapshot');
    const { participants, number } = await persist(() => host.snapshot());
    expect([...participants.keys()].sort()).toEqual([host.id, far.id].sort());
    expect(participants.get(far.id)?.handRaisedAt).toBe(0);
    expect(number).toBe((await far.snapshot()).number);
    await persist(() => hand(host, true));
    await far.until(() => far.sees(host.id)?.handRaisedAt, 'the hand of the host');
    await host.client.waitForEvent(({ meeting: event }) => event?.participantChanged?.handRaisedAtMs, 'her own hand');
    await expectPeople(far, ['Ana', 'Olivia']);
  });
});

describe('a node that stands still for longer than the lease', () => {
  it('brings its people into the meeting again when it wakes, as those they were', async () => {
    process.kill(two.pid, 'SIGSTOP');
    await host.until(() => !host.sees(far), 'Ana to be given up');
    process.kill(two.pid, 'SIGCONT');
    await host.until(() => host.sees(far), 'Ana to be in again');
    await hand(far, true);
    await host.until(() => host.sees(far)?.handRaisedAt, 'the hand');
    expect(far.sees(far)?.handRaisedAt).toBeGreaterThan(0);
    await far.told('mediaMoved');
    await expectPeople(host, ['Ana', 'Olivia']);
  });
});
