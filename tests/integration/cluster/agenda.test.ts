/** The agenda of a meeting on two nodes, and after its home has died. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SignedIn } from '../../support/api.js';
import { TestCluster } from '../../support/cluster.js';
import type { ServerProcess } from '../../support/server-process.js';
import { Attendee, Role } from '../server/attendee.js';

let cluster: TestCluster;
let one: ServerProcess;
let two: ServerProcess;
let olivia: SignedIn;
let ana: SignedIn;
let ben: SignedIn;

beforeAll(async () => {
  cluster = await TestCluster.start();
  one = await cluster.node('one');
  olivia = await one.setUpOwner();
  [ana, ben] = [await one.invite(olivia, 'Ana'), await one.invite(olivia, 'Ben')];
  two = await cluster.node('two');
}, 120_000);

afterAll(() => cluster?.stop());

it('is the same on both nodes, and goes on where it was when the home dies', async () => {
  const meeting = await one.createMeeting(olivia, { lobby: 'off', agenda: [{ title: 'Budget' }, { title: 'Move' }, { title: 'Party' }] });
  const meetingId = meeting.id;
  const host = await Attendee.enter(one, meetingId, olivia);
  const far = await Attendee.enter(two, meetingId, ana);
  expect(far.state.agenda).toEqual(host.state.agenda);
  const [budget, move, party] = far.state.agenda.items.map(({ id }) => id);
  await host.client.meeting.setRole({ meetingId, participantId: far.id, role: Role.ROLE_CO_HOST });
  await host.client.meeting.turnAgenda({ meetingId, itemId: budget ?? '' });
  await far.until((state) => state.agenda.currentId === budget, 'the first item');
  await far.client.meeting.turnAgenda({ meetingId, itemId: move ?? '' });
  await host.until((state) => state.agenda.currentId === move, 'the second item');
  // Through the API of the node that is not the home.
  const items = [...host.state.agenda.items].reverse().map(({ id, title, minutes }) => ({ id, title, minutes }));
  expect((await two.api('PUT', `/api/meetings/${meetingId}/agenda`, { revision: 1, items }, ana.accessToken)).status).toBe(200);
  await far.until((state) => state.agenda.revision === 2, 'the new order');
  const before = far.state.agenda;

  await one.end('SIGKILL');
  await far.client.meeting.turnAgenda({ meetingId, itemId: party ?? '' });
  await far.until((state) => state.agenda.currentId === party, 'the third item at the new home');
  const late = await Attendee.enter(two, meetingId, ben);
  expect(late.state.agenda).toMatchObject({ revision: 2, currentId: party });
  expect(late.state.agenda.items.map(({ id }) => id)).toEqual(before.items.map(({ id }) => id));
  expect(late.state.agenda.items.find(({ id }) => id === move)?.spentMs).toBe(late.state.agenda.since - before.since);
}, 120_000);
