/** What a new home makes of those who are not participants, and of meetings that nobody is left in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/platform/database/index.js';
import { PoolDatabase } from '../../../src/platform/database/pool-database.js';
import type { Meeting } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { TestCluster } from '../../support/cluster.js';
import { testLog, waitFor } from '../../support/index.js';
import type { ServerProcess } from '../../support/server-process.js';
import { Attendee, Role } from '../server/attendee.js';

let cluster: TestCluster;
let database: Database;
let one: ServerProcess;
let two: ServerProcess;
let olivia: SignedIn;
let ana: SignedIn;
let ben: SignedIn;

beforeAll(async () => {
  cluster = await TestCluster.start();
  database = new PoolDatabase({ url: cluster.databaseUrl, connections: 1, applicationName: 'test', log: testLog() });
  one = await cluster.node('one');
  olivia = await one.setUpOwner();
  [ana, ben] = [await one.invite(olivia, 'Ana'), await one.invite(olivia, 'Ben')];
  two = await cluster.node('two');
}, 120_000);

afterAll(async () => {
  await database?.close();
  await cluster?.stop();
});

const openStays = async (meeting: Meeting) =>
  (await database.query('select 1 from meeting_stays where meeting_id = $1 and left_at is null', [meeting.id])).length;

describe('when the home dies', () => {
  it('viewers go on viewing, those at the door knock again, and a node that starts meanwhile takes nothing away', async () => {
    const webinar = await one.createMeeting(olivia, { kind: 'webinar', lobby: 'off' });
    await Attendee.enter(one, webinar.id, olivia);
    const viewer = await Attendee.enter(two, webinar.id, ana);
    const guarded = await one.createMeeting(olivia, { lobby: 'everyone' });
    await Attendee.enter(one, guarded.id, olivia);
    const waiting = await Attendee.arrive(two, guarded.id, ben);
    await waiting.knock();
    const alone = await one.createMeeting(olivia);
    await Attendee.enter(one, alone.id, olivia);

    await cluster.node('three');
    expect(await Promise.all([webinar, guarded, alone].map(openStays))).toEqual([2, 1, 1]);
    expect(await two.meeting(olivia, webinar.id)).toMatchObject({ participants: 2 });

    await one.end('SIGKILL');
    expect(await waiting.told('lobbyAnswer')).toMatchObject({ meetingId: guarded.id, admitted: true });
    await waiting.knock();

    const host = await Attendee.arrive(two, webinar.id, olivia);
    await host.enter();
    const viewers = await waitFor(async () => {
      const list = await host.client.meeting.listViewers({ meetingId: webinar.id });
      return list.total === 1 ? list.viewers : null;
    }, 'the viewer to be in again');
    expect(viewers[0]).toMatchObject({ id: viewer.id, name: 'Ana', role: Role.ROLE_VIEWER });
    await viewer.client.meeting.raiseHand({ meetingId: webinar.id, raised: true });
    expect(await host.told('viewerHands')).toBeDefined();
    await waitFor(async () => (await openStays(webinar)) === 2, 'the stay of who was lost to end');
  }, 120_000);

  it('a meeting that nobody else was in is taken up by a node that starts, with its stays ended', async () => {
    const meeting = await two.createMeeting(olivia);
    await Attendee.enter(two, meeting.id, olivia);
    await two.end('SIGKILL');
    await waitFor(async () => (await cluster.leaseHolder(meeting.id)) === null, 'the lease to end');
    const four = await cluster.node('four');
    expect(await four.meeting(olivia, meeting.id)).toMatchObject({ status: 'live', participants: 0 });
    expect(await openStays(meeting)).toBe(0);
    const again = await Attendee.enter(four, meeting.id, olivia);
    expect(again.state.participants.size).toBe(1);
  }, 120_000);
});
