/** The agenda of a meeting: who may change it, what is refused, two hosts at once, and what is written down. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agenda, agendaSchema, type Meeting } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Attendee, Role, refused } from './attendee.js';

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;
let ben: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  [ana, ben] = [await server.invite(olivia, 'Ana'), await server.invite(olivia, 'Ben')];
});
afterAll(() => server?.close());

const agendaOf = (meeting: Pick<Meeting, 'id'>, who = olivia): Promise<Agenda> =>
  server.get(agendaSchema, 'GET', `/api/meetings/${meeting.id}/agenda`, undefined, who.accessToken);
const put = (meeting: Pick<Meeting, 'id'>, body: unknown, who = olivia) =>
  server.api('PUT', `/api/meetings/${meeting.id}/agenda`, body, who.accessToken);
const item = (title: string, minutes = 0) => ({ id: randomUUID(), title, minutes, spentMs: 0 });
const turnsOf = ({ id }: Pick<Meeting, 'id'>) =>
  server.database.query<{ title: string | null; at: Date }>(
    'select title, at from meeting_agenda_turns where meeting_id = $1 order by number',
    [id],
  );

/** A meeting with an agenda of three, and Olivia in it. */
async function open(titles = ['Minutes of last time', 'Budget', 'Any other business']) {
  const meeting = await server.createMeeting(olivia, { lobby: 'off', agenda: titles.map((title) => ({ title })) });
  const host = await Attendee.enter(server, meeting.id, olivia);
  const { items } = host.state.agenda;
  return { meeting, meetingId: meeting.id, host, items };
}

describe('The agenda of a meeting', () => {
  it('is given when the meeting is made, and read by those who are in it', async () => {
    const meeting = await server.createMeeting(olivia, {
      agenda: [{ title: '  Budget \n 2027 ', minutes: 15 }, { title: '其他事項' }],
    });
    expect(await agendaOf(meeting)).toEqual({
      revision: 1,
      items: [
        { id: expect.any(String), title: 'Budget 2027', minutes: 15, spentMs: 0 },
        { id: expect.any(String), title: '其他事項', minutes: null, spentMs: 0 },
      ],
      currentId: null,
      since: null,
    });
    expect(await server.api('GET', `/api/meetings/${meeting.id}/agenda`, undefined, ana.accessToken)).toMatchObject({ status: 404 });
  });

  it('is empty where nobody gave one', async () => {
    const meeting = await server.createMeeting(olivia, {});
    expect(await agendaOf(meeting)).toEqual({ revision: 0, items: [], currentId: null, since: null });
  });

  it('is changed by hosts alone, before the meeting and during it', async () => {
    const { meeting, meetingId, host, items } = await open();
    const attendee = await Attendee.enter(server, meetingId, ana);
    const changed = { revision: 1, items: items.map(({ id, title }) => ({ id, title })) };
    expect(await put(meeting, changed, ana)).toMatchObject({ status: 403, body: { error: { code: 'MEETING_FORBIDDEN' } } });
    expect(await put(meeting, changed, ben)).toMatchObject({ status: 404 });
    await refused(attendee.client.meeting.setAgenda({ meetingId, revision: 1, items: [] }), 'MEETING_FORBIDDEN');
    await refused(attendee.client.meeting.turnAgenda({ meetingId, itemId: items[0]?.id ?? '' }), 'MEETING_FORBIDDEN');
    const outside = await Attendee.arrive(server, meetingId, ben);
    await refused(outside.client.meeting.setAgenda({ meetingId, revision: 1, items: [] }), 'MEETING_NOT_IN');
    await refused(outside.client.meeting.turnAgenda({ meetingId, itemId: '' }), 'MEETING_NOT_IN');

    await host.client.meeting.setRole({ meetingId, participantId: attendee.id, role: Role.ROLE_CO_HOST });
    const more = [...items.map((one) => ({ ...one, minutes: 0 })), item('Thanks', 5)];
    const { agenda } = await attendee.client.meeting.setAgenda({ meetingId, revision: 1, items: more });
    expect(agenda).toMatchObject({ revision: 2, currentId: '' });
    await host.until((state) => state.agenda.items.at(-1)?.title === 'Thanks', 'the new item');
    expect(host.state.agenda.items.map(({ minutes }) => minutes)).toEqual([null, null, null, 5]);
    expect((await agendaOf(meeting, ana)).revision).toBe(2);
  });

  it('that is changed by the API is seen in the meeting', async () => {
    const { meeting, host, items } = await open();
    expect((await put(meeting, { revision: 1, items: items.toReversed().map(({ id, title }) => ({ id, title })) })).status).toBe(200);
    await host.until((state) => state.agenda.revision === 2, 'the new order');
    expect(host.state.agenda.items.map(({ title }) => title)).toEqual(['Any other business', 'Budget', 'Minutes of last time']);
  });

  it('is not overwritten by whoever has seen an older one, and the same list once more is no conflict', async () => {
    const { meetingId, host, items, meeting } = await open();
    const other = await Attendee.enter(server, meetingId, ana);
    await host.client.meeting.setRole({ meetingId, participantId: other.id, role: Role.ROLE_CO_HOST });
    const list = items.map((one) => ({ ...one, minutes: 0 }));
    const [olivias, anas] = [
      [...list, item('From Olivia')],
      [...list, item('From Ana')],
    ];
    const answers = await Promise.allSettled([
      host.client.meeting.setAgenda({ meetingId, revision: 1, items: olivias }),
      other.client.meeting.setAgenda({ meetingId, revision: 1, items: anas }),
    ]);
    const first = answers.findIndex(({ status }) => status === 'fulfilled');
    expect(answers[1 - first]).toMatchObject({ reason: { code: 'MEETING_AGENDA_CHANGED' } });
    for (const somebody of [host, other]) {
      await somebody.until((state) => state.agenda.revision === 2, 'the list of who was first');
      expect(somebody.state.agenda.items.at(-1)?.title).toBe(['From Olivia', 'From Ana'][first]);
    }
    // The answer was lost: the page sends it again.
    const won = first === 0 ? olivias : anas;
    expect((await host.client.meeting.setAgenda({ meetingId, revision: 1, items: won })).agenda?.revision).toBe(2);
    expect(await put(meeting, { revision: 1, items: [] })).toMatchObject({
      status: 409,
      body: { error: { code: 'MEETING_AGENDA_CHANGED' } },
    });
  });

  it('refuses what is no agenda', async () => {
    const { meeting, meetingId, host, items } = await open();
    const set = (list: object[]) => host.client.meeting.setAgenda({ meetingId, revision: 1, items: list });
    const twice = item('Twice');
    for (const list of [
      [item('')],
      [item(' \u200b ')],
      [item('x'.repeat(201))],
      [item('too long', 601)],
      [{ ...item('no id'), id: '' }],
      [{ ...item('an id'), id: "'; drop table meetings" }],
      [twice, twice],
      Array.from({ length: 51 }, (_, index) => item(`${index}`)),
    ])
      await refused(set(list), 'REQUEST_INVALID');
    expect(await put(meeting, { revision: 1, items: [{ id: randomUUID(), title: 'x', minutes: 1.5 }] })).toMatchObject({ status: 400 });
    expect(await put(meeting, { revision: -1, items: [] })).toMatchObject({ status: 400 });
    expect(await server.api('POST', '/api/meetings', { title: 'Bad', agenda: [{ title: '' }] }, olivia.accessToken)).toMatchObject({
      status: 400,
    });
    for (const itemId of [randomUUID(), 'nonsense'])
      await refused(host.client.meeting.turnAgenda({ meetingId, itemId }), 'MEETING_NO_AGENDA_ITEM');
    expect(host.state.agenda).toMatchObject({ revision: 1, items, currentId: null });
    expect(await turnsOf(meeting)).toEqual([]);
    // As much as there may be, of the widest characters.
    const most = Array.from({ length: 50 }, () => item('議'.repeat(200), 600));
    expect((await set(most)).agenda?.items).toHaveLength(50);
  });

  it('says what is talked about, also to who comes later, and writes down since when', async () => {
    const { meeting, meetingId, host, items } = await open();
    const turn = (index: number | null) =>
      host.client.meeting.turnAgenda({ meetingId, itemId: index === null ? '' : (items[index]?.id ?? '') });
    await turn(0);
    await turn(1);
    await turn(1);
    await host.until((state) => state.agenda.currentId === items[1]?.id, 'the second item');
    const late = await Attendee.enter(server, meetingId, await server.guest(meeting.code, 'Gia'));
    expect(late.state.agenda).toEqual(host.state.agenda);
    await turn(null);
    await late.until((state) => state.agenda.currentId === null, 'no item');
    const turns = await turnsOf(meeting);
    expect(turns.map(({ title }) => title)).toEqual(['Minutes of last time', 'Budget', null]);
    expect(late.state.agenda.since).toBe(turns.at(-1)?.at.getTime());
    const spent = (turns[2]?.at.getTime() ?? 0) - (turns[1]?.at.getTime() ?? 0);
    expect(late.state.agenda.items[1]?.spentMs).toBe(spent);
    expect((await agendaOf(meeting)).items[1]?.spentMs).toBe(spent);
  });

  it('calls what was talked about as it is called now, and talks about nothing when its item goes', async () => {
    const { meeting, meetingId, host, items } = await open();
    await host.client.meeting.turnAgenda({ meetingId, itemId: items[1]?.id ?? '' });
    const list = items.map((one) => ({ ...one, minutes: 0 }));
    const renamed = list.map((one, index) => (index === 1 ? { ...one, title: 'Budget 2027' } : one));
    await host.client.meeting.setAgenda({ meetingId, revision: 1, items: renamed });
    expect((await turnsOf(meeting)).map(({ title }) => title)).toEqual(['Budget 2027']);
    await host.client.meeting.setAgenda({ meetingId, revision: 2, items: renamed.filter((_, index) => index !== 1) });
    await host.until((state) => state.agenda.currentId === null, 'no item');
    expect((await turnsOf(meeting)).map(({ title }) => title)).toEqual(['Budget 2027', null]);
  });

  it('stays as it was once the meeting is over, and goes with one that is cancelled', async () => {
    const { meeting, meetingId, host, items } = await open();
    await host.client.meeting.endForAll({ meetingId });
    await host.told('removed');
    expect(await put(meeting, { revision: 1, items: [] })).toMatchObject({ status: 410, body: { error: { code: 'MEETING_ENDED' } } });
    expect((await agendaOf(meeting)).items).toHaveLength(items.length);
    const never = await server.createMeeting(olivia, { agenda: [{ title: 'Never' }] });
    expect((await server.api('DELETE', `/api/meetings/${never.id}`, undefined, olivia.accessToken)).status).toBe(200);
    expect(await server.database.query('select 1 from meeting_agendas where meeting_id = $1', [never.id])).toEqual([]);
  });
});
