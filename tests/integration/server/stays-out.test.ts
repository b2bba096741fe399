/** Who is out stays out: of the meeting, of its lobby, and of what was written before he came. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Meeting } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Attendee, refused } from './attendee.js';

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;
let meeting: Meeting;
let host: Attendee;
const arrived: Attendee[] = [];

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  ana = await server.invite(olivia, 'Ana');
});
afterAll(() => server?.close());

beforeEach(() => async () => {
  for (const { client } of arrived.splice(0)) await client.close();
});

async function begin(over: Parameters<TestServer['createMeeting']>[1] = {}): Promise<void> {
  meeting = await server.createMeeting(olivia, over);
  host = await enter(olivia);
}

async function arrive(who: { accessToken: string }): Promise<Attendee> {
  const attendee = await Attendee.arrive(server, meeting.id, who);
  arrived.push(attendee);
  return attendee;
}

async function enter(who: { accessToken: string }): Promise<Attendee> {
  const attendee = await arrive(who);
  await attendee.enter();
  return attendee;
}

function joinsAnswered(): Promise<number> {
  return server.metric('causeway_gateway_request_seconds_count{method="MeetingService.Join"}');
}

describe('Who was removed', () => {
  it('does not come in by another device that was on its way, and reads no more of the chat', async () => {
    for (let round = 0; round < 5; round += 1) {
      await begin({ lobby: 'off' });
      const guest = await server.guest(meeting.code, 'Gary');
      const [phone, laptop] = [await enter(guest), await arrive(guest)];
      await host.until((state) => state.participants.has(phone.id), 'him to be in');
      const coming = laptop.join().catch(() => undefined);
      await host.client.meeting.remove({ meetingId: meeting.id, participantId: phone.id });
      await coming;
      expect([...(await host.snapshot()).participants.keys()]).toEqual([host.id]);
      await refused(laptop.join(), 'MEETING_REMOVED');
      for (const { client } of [phone, laptop]) await refused(client.chat.fetch({ conversationId: host.conversationId }), 'CHAT_NOT_FOUND');
    }
  });

  it('waits when he comes back as a guest, also where there is no lobby', async () => {
    await begin({ lobby: 'off' });
    const member = await enter(ana);
    await host.until((state) => state.participants.has(member.id), 'her to be in');
    await host.client.meeting.remove({ meetingId: meeting.id, participantId: member.id });
    const inDisguise = await arrive(await server.guest(meeting.code, 'Not Ana'));
    expect(await inDisguise.knock()).not.toBe('');
  });
});

describe('Who has gone', () => {
  it('does not stay in the lobby when he went while he knocked', async () => {
    await begin();
    const before = await joinsAnswered();
    const hasty = await arrive(await server.guest(meeting.code, 'Hasty'));
    hasty.join().catch(() => undefined);
    await hasty.client.close();
    await waitFor(async () => (await joinsAnswered()) === before + 1, 'his knock to be answered, though he does not hear it');
    const patient = await arrive(await server.guest(meeting.code, 'Patient'));
    const waitId = await patient.knock();
    await host.client.waitForEvent(({ session }) => session?.lobbyList?.waiting?.some(({ id }) => id === waitId), 'the other knock');
    expect(
      host
        .allTold('lobbyList')
        .at(-1)
        ?.waiting?.map(({ name }) => name),
    ).toEqual(['Patient']);
  });

  it('is not in afterwards when he left while he came in', async () => {
    await begin();
    const hasty = await arrive(ana);
    await Promise.all([hasty.join(), hasty.leave()]);
    expect([...(await host.snapshot()).participants.keys()]).toEqual([host.id]);
  });
});

describe('Who comes late to a meeting that shows no history', () => {
  it('gets nothing of what was written before, not even by asking for lost events', async () => {
    await begin({ chatHistory: false });
    await host.write('not for Ana');
    const late = await enter(ana);
    const { conversationId } = late;
    expect((await late.client.chat.fetch({ conversationId })).messages).toEqual([]);
    await refused(late.client.session.replay({ topic: `conversation/${conversationId}`, after: 0 }), 'TOPIC_RESET');
    await host.write('for all');
    await late.client.waitForEvent(({ chat }) => chat?.message, 'what is new');
    expect(late.client.eventsOf(`conversation/${conversationId}`).map(({ chat }) => chat?.message?.body)).toEqual(['for all']);
  });
});
