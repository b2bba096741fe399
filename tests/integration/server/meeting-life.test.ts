import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromSnapshot } from '../../../src/signaling/meeting-state.js';
import { attendanceSchema, type Meeting, messagesSchema } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Attendee, LeftReason, Role, refused, Source } from './attendee.js';

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  ana = await server.invite(olivia, 'Ana');
});
afterAll(() => server?.close());

async function open(over: Parameters<TestServer['createMeeting']>[1] = {}): Promise<{ meeting: Meeting; host: Attendee }> {
  const meeting = await server.createMeeting(olivia, over);
  return { meeting, host: await Attendee.enter(server, meeting.id, olivia) };
}
const enter = (meeting: Meeting, who: { accessToken: string }, at = server) => Attendee.enter(at, meeting.id, who);

describe('What people in a meeting see', () => {
  it('is the same for a late joiner as for one who saw every event', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    const { meetingId } = attendee;
    const microphone = await attendee.produce(Source.SOURCE_MICROPHONE);
    const camera = await attendee.produce(Source.SOURCE_CAMERA, 'video');
    await host.produce(Source.SOURCE_SCREEN, 'video');
    await attendee.client.media.setProducerPaused({ meetingId, producerId: camera, paused: true });
    await attendee.client.media.closeProducer({ meetingId, producerId: microphone });
    await attendee.client.meeting.raiseHand({ meetingId, raised: true });
    await host.client.meeting.setRole({ meetingId, participantId: attendee.id, role: Role.ROLE_CO_HOST });
    await host.client.meeting.setLock({ meetingId, locked: true });
    const late = await enter(meeting, olivia);
    const snapshot = fromSnapshot(late.joined.snapshot ?? {});
    for (const early of [host, attendee]) {
      const state = await early.until(({ number }) => number === snapshot.number, 'the late joiner');
      expect({ ...state, activeSpeakerId: null }).toEqual({ ...snapshot, activeSpeakerId: null });
    }
    expect(snapshot.participants.size).toBe(3);
    expect(await late.snapshot()).toMatchObject({ locked: true, number: snapshot.number });
  });

  it('is told in numbers that count up by one', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    for (const raised of [true, false, true, true, false]) await attendee.client.meeting.raiseHand({ meetingId: meeting.id, raised });
    await refused(attendee.client.meeting.setLock({ meetingId: meeting.id, locked: true }), 'MEETING_FORBIDDEN');
    await attendee.leave();
    await host.until(() => !host.sees(attendee), 'her to be gone');
    const numbers = host.client
      .eventsOf(`meeting/${meeting.id}`)
      .map(({ number }) => number)
      .filter((number) => number > 0);
    // She came in, her hand went up, down, up, down, and she left: what changes nothing is no event.
    expect(numbers).toEqual(Array.from({ length: 6 }, (_, i) => host.joined.snapshot!.number! + 1 + i));
  });

  it('has two participants for two tabs of one person, and one tab can go without the other', async () => {
    const { meeting, host } = await open();
    const [first, second] = [await enter(meeting, ana), await enter(meeting, ana)];
    expect(first.id).not.toBe(second.id);
    await host.until((state) => state.participants.size === 3, 'three participants');
    const producerId = await first.produce(Source.SOURCE_MICROPHONE);
    await second.leave();
    await host.until(() => !host.sees(second), 'the second tab to be gone');
    expect(host.sees(first)).toMatchObject({ personId: ana.person.id, producers: [{ id: producerId }] });
    await first.client.meeting.raiseHand({ meetingId: meeting.id, raised: true });
    await host.until(() => host.sees(first)?.handRaisedAt, 'the hand of the first tab');
    await first.write('I am still here');
  });
});

describe('A person whose socket is lost', () => {
  it('comes back as the same participant and is told what happened meanwhile', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    const before = attendee.client;
    before.drop();
    await host.until(() => host.sees(attendee)?.connected === false, 'her to be shown as away');
    await host.client.meeting.setLock({ meetingId: meeting.id, locked: true });
    await host.write('written while she was away');
    await host.produce(Source.SOURCE_MICROPHONE);
    attendee.client = await before.resume();
    expect(attendee.client.welcome.resumed).toBe(true);
    // The events before the loss came on the socket before.
    attendee.client.events.unshift(...before.events);
    await attendee.until((state) => state.locked && attendee.sees(attendee)?.connected, 'what she missed');
    await host.until(() => host.sees(attendee)?.connected, 'her to be shown as back');
    expect(attendee.state.participants).toEqual(host.state.participants);
    await attendee.client.waitForEvent(({ chat }) => chat?.message?.body === 'written while she was away', 'the message');
    await attendee.told('consumersChanged');
    expect((await attendee.snapshot()).participants.has(attendee.id)).toBe(true);
  });

  it('gets new transports, and stays the same participant, when the page joins again in its session', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    await attendee.produce(Source.SOURCE_MICROPHONE);
    const { participantId, media } = attendee.joined;
    const again = await attendee.enter();
    expect(again.participantId).toBe(participantId);
    expect(again.media?.send?.id).not.toBe(media?.send?.id);
    expect(attendee.sees(attendee)?.producers).toEqual([]);
    await attendee.produce(Source.SOURCE_MICROPHONE);
    await host.until(() => host.sees(attendee)?.producers.length === 1, 'her microphone');
    expect(host.state.participants.size).toBe(2);
  });

  it('is out of the meeting when the time to come back is over', async () => {
    const hasty = await startTestServer({ SESSION_RESUME_MS: 100 });
    try {
      const owner = await hasty.setUpOwner();
      const meeting = await hasty.createMeeting(owner);
      const host = await enter(meeting, owner, hasty);
      const attendee = await enter(meeting, await hasty.invite(owner, 'Ana'), hasty);
      await host.until(() => host.sees(attendee), 'her to come in');
      attendee.client.drop();
      await host.until(() => !host.sees(attendee), 'her to be gone');
      expect(host.client.events.at(-1)?.meeting?.participantLeft).toMatchObject({
        participantId: attendee.id,
        reason: LeftReason.REASON_LOST,
      });
      attendee.client = await attendee.client.resume();
      expect(attendee.client.welcome.resumed).toBe(false);
      await refused(attendee.snapshot(), 'MEETING_NOT_IN');
      await attendee.enter();
      await host.until((state) => state.participants.size === 2, 'her to be in again');
    } finally {
      await hasty.close();
    }
  });

  it('is out at once when the device was signed out', async () => {
    const { meeting, host } = await open();
    const [phone, laptop] = [await server.signIn('Ana'), await server.signIn('Ana')];
    const [onPhone, onLaptop] = [await enter(meeting, phone), await enter(meeting, laptop)];
    await host.until((state) => state.participants.size === 3, 'both devices');
    expect((await server.api('POST', '/api/auth/sign-out', undefined, phone.accessToken)).status).toBe(200);
    expect(await onPhone.client.closed).toMatchObject({ code: 4005, goodbye: 'AUTH_SIGNED_OUT' });
    await host.until(() => !host.sees(onPhone), 'the phone to be out');
    expect(host.sees(onLaptop)).toBeDefined();
    await expect(onPhone.client.resume()).rejects.toMatchObject({ code: 'AUTH_SIGNED_OUT' });
    expect((await server.api('POST', '/api/devices/sign-out-everywhere', undefined, laptop.accessToken)).status).toBe(200);
    expect((await onLaptop.client.closed).goodbye).toBe('AUTH_SIGNED_OUT');
    await host.until((state) => state.participants.size === 1, 'the laptop to be out');
    ana = await server.signIn('Ana');
  });
});

describe('The chat of a meeting', () => {
  it.each([
    { chatHistory: true, sees: ['before', 'after'] },
    { chatHistory: false, sees: ['after'] },
  ])('shows a late joiner $sees when history is $chatHistory', async ({ chatHistory, sees }) => {
    const { meeting, host } = await open({ chatHistory });
    await host.write('before');
    const late = await enter(meeting, ana);
    await host.write('after');
    await late.client.waitForEvent(({ chat }) => chat?.message?.body === 'after', 'the message');
    const { messages } = await late.client.chat.fetch({ conversationId: late.conversationId, after: 0 });
    expect(messages.map(({ body }) => body)).toEqual(sees);
    const page = await server.get(messagesSchema, 'GET', `/api/meetings/${meeting.id}/messages`, undefined, ana.accessToken);
    expect(page.messages.map(({ body }) => body)).toEqual(sees);
    expect(late.joined).toMatchObject({ chatLast: 1, chatVisibleAfter: chatHistory ? 0 : 1 });
  });
});

describe('A meeting', () => {
  it('tells its hosts who was in it, and when', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    await attendee.leave();
    await attendee.enter();
    await host.client.meeting.endForAll({ meetingId: meeting.id });
    const path = `/api/meetings/${meeting.id}/attendance`;
    const { people } = await server.get(attendanceSchema, 'GET', path, undefined, olivia.accessToken);
    expect(people.map(({ name, stays }) => [name, stays.length])).toEqual([
      ['Olivia', 1],
      ['Ana', 2],
    ]);
    for (const { joinedAt, leftAt } of people.flatMap(({ stays }) => stays))
      expect(Date.parse(leftAt ?? '')).toBeGreaterThanOrEqual(Date.parse(joinedAt));
    expect(await server.api('GET', path, undefined, ana.accessToken)).toMatchObject({
      status: 403,
      body: { error: { code: 'MEETING_FORBIDDEN' } },
    });
  });

  it('goes on after a restart of the server, and people come back to it', async () => {
    const { meeting, host } = await open();
    await host.client.meeting.setLock({ meetingId: meeting.id, locked: true });
    await host.write('before the restart');
    await server.restart();
    expect(await host.client.closed).toMatchObject({ code: 4012, goodbye: 'SERVER_DRAINING' });
    expect(await server.meeting(olivia, meeting.id)).toMatchObject({ status: 'live', participants: 0 });
    const again = await enter(meeting, olivia);
    expect(again.state).toMatchObject({ locked: true, startedAt: host.state.startedAt });
    expect(again.joined.chatLast).toBe(1);
    const { people } = await server.get(attendanceSchema, 'GET', `/api/meetings/${meeting.id}/attendance`, undefined, olivia.accessToken);
    expect(people[0]?.stays.map(({ leftAt }) => leftAt === null)).toEqual([false, true]);
  });
});

describe('A meeting that nobody is in', () => {
  let hasty: TestServer;
  let owner: SignedIn;
  const statusOf = async (meeting: Meeting) => (await hasty.meeting(owner, meeting.id)).status;

  beforeAll(async () => {
    hasty = await startTestServer({ MEETING_EMPTY_MS: 100 });
    owner = await hasty.setUpOwner();
  });
  afterAll(() => hasty?.close());

  it('is still to come when whoever knocked has gone again', async () => {
    const meeting = await hasty.createMeeting(owner);
    const guest = await Attendee.arrive(hasty, meeting.id, await hasty.guest(meeting.code, 'Curious'));
    await guest.knock();
    expect(await hasty.metric('causeway_meetings')).toBe(1);
    await guest.client.close();
    await waitFor(async () => (await hasty.metric('causeway_meetings')) === 0, 'the knock to be forgotten');
    expect(await statusOf(meeting)).toBe('scheduled');
  });

  it('ends by itself, not before', async () => {
    const meeting = await hasty.createMeeting(owner);
    const host = await enter(meeting, owner, hasty);
    const other = await enter(meeting, owner, hasty);
    await other.leave();
    await host.until((state) => state.participants.size === 1, 'one to be left');
    expect(await statusOf(meeting)).toBe('live');
    await host.leave();
    await waitFor(async () => (await statusOf(meeting)) === 'ended', 'the meeting to end');
    await refused(host.join(), 'MEETING_ENDED');
  });

  it('is not ended by somebody who only knocked', async () => {
    const meeting = await hasty.createMeeting(owner);
    const guest = await Attendee.arrive(hasty, meeting.id, await hasty.guest(meeting.code, 'Early'));
    await guest.knock();
    expect(await statusOf(meeting)).toBe('scheduled');
    // Another meeting's whole life passes meanwhile.
    const other = await hasty.createMeeting(owner);
    await (await enter(other, owner, hasty)).leave();
    await waitFor(async () => (await statusOf(other)) === 'ended', 'the other meeting to end');
    const host = await enter(meeting, owner, hasty);
    expect(host.joined.lobby?.waiting).toEqual([expect.objectContaining({ name: 'Early' })]);
    await host.client.meeting.answerLobby({ meetingId: meeting.id, waitingId: '', admit: true });
    expect((await guest.told('lobbyAnswer')).admitted).toBe(true);
    await guest.client.close();
  });

  it('is not ended before its time', async () => {
    const meeting = await hasty.createMeeting(owner, { startsAt: new Date(Date.now() + 3_600_000).toISOString() });
    const host = await enter(meeting, owner, hasty);
    await host.leave();
    const other = await hasty.createMeeting(owner);
    await (await enter(other, owner, hasty)).leave();
    await waitFor(async () => (await statusOf(other)) === 'ended', 'the other meeting to end');
    expect(await statusOf(meeting)).toBe('live');
    await host.enter();
  });
});
