import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Meeting } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Attendee, LeftReason, RemovedReason, Role, refused, Source } from './attendee.js';

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;
let ben: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  [ana, ben] = await Promise.all([server.invite(olivia, 'Ana'), server.invite(olivia, 'Ben')]);
});
afterAll(() => server?.close());

/** A meeting of Olivia's, with her in it. */
async function open(over: Parameters<TestServer['createMeeting']>[1] = {}): Promise<{ meeting: Meeting; host: Attendee }> {
  const meeting = await server.createMeeting(olivia, over);
  return { meeting, host: await Attendee.enter(server, meeting.id, olivia) };
}
const enter = (meeting: Meeting, who: { accessToken: string }) => Attendee.enter(server, meeting.id, who);
const arrive = (meeting: Meeting, who: { accessToken: string }) => Attendee.arrive(server, meeting.id, who);
const guestOf = async (meeting: Meeting, name: string) => arrive(meeting, await server.guest(meeting.code, name));

/** A guest who was let in. */
async function admitted(meeting: Meeting, host: Attendee, name: string): Promise<Attendee> {
  const guest = await guestOf(meeting, name);
  const wait = await guest.knock();
  await host.client.meeting.answerLobby({ meetingId: meeting.id, waitingId: wait, admit: true });
  await guest.told('lobbyAnswer');
  await guest.enter();
  return guest;
}

describe('The door of a meeting', () => {
  it('lets its host in at once, with a snapshot and both transports', async () => {
    const { meeting, host } = await open();
    expect([...host.state.participants.values()]).toEqual([
      expect.objectContaining({
        id: host.id,
        personId: olivia.person.id,
        name: 'Olivia',
        role: Role.ROLE_HOST,
        guest: false,
        connected: true,
        producers: [],
      }),
    ]);
    expect(host.state).toMatchObject({ meetingId: meeting.id, title: 'Weekly', code: meeting.code, locked: false, ended: false });
    expect(host.joined.media?.send?.id).toBeTruthy();
    expect(host.joined.media?.receive?.id).not.toBe(host.joined.media?.send?.id);
    expect(host.joined.lobby).toEqual({ waiting: [] });
    expect(await server.meeting(olivia, meeting.id)).toMatchObject({ status: 'live', participants: 1 });
  });

  it('keeps a guest waiting until a host lets him in', async () => {
    const { meeting, host } = await open();
    const guest = await guestOf(meeting, 'Gia');
    const wait = await guest.knock();
    expect((await host.told('lobbyList')).waiting).toEqual([expect.objectContaining({ id: wait, name: 'Gia', guest: true })]);
    expect(host.state.participants.size).toBe(1);
    await host.client.meeting.answerLobby({ meetingId: meeting.id, waitingId: wait, admit: true });
    expect(await guest.told('lobbyAnswer')).toEqual(expect.objectContaining({ meetingId: meeting.id, admitted: true }));
    await guest.enter();
    await host.until(() => host.sees(guest), 'the guest to come in');
    expect(host.sees(guest)).toMatchObject({ name: 'Gia', guest: true, role: Role.ROLE_ATTENDEE });
    await host.client.waitForEvent(({ session }) => session?.lobbyList && session.lobbyList.waiting?.length === 0, 'the lobby to be empty');
  });

  it('tells a guest that he was not let in, and does not take his next knock', async () => {
    const { meeting, host } = await open();
    const guest = await guestOf(meeting, 'Dan');
    const wait = await guest.knock();
    await host.client.meeting.answerLobby({ meetingId: meeting.id, waitingId: wait, admit: false });
    expect((await guest.told('lobbyAnswer')).admitted).toBe(false);
    await refused(guest.join(), 'MEETING_DENIED');
    expect(host.state.participants.size).toBe(1);
  });

  it('lets everyone who waits in with one answer', async () => {
    const { meeting, host } = await open();
    const guests = [await guestOf(meeting, 'Eva'), await guestOf(meeting, 'Fay')];
    for (const guest of guests) await guest.knock();
    await host.client.meeting.answerLobby({ meetingId: meeting.id, waitingId: '', admit: true });
    for (const guest of guests) {
      await guest.told('lobbyAnswer');
      await guest.enter();
    }
    await host.until((state) => state.participants.size === 3, 'both guests');
  });

  it('shows who waits to hosts and co-hosts alone, also to those who become one', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    await (await guestOf(meeting, 'Hal')).knock();
    await host.told('lobbyList');
    await host.client.meeting.setLock({ meetingId: meeting.id, locked: true });
    await attendee.until((state) => state.locked, 'the lock');
    expect(attendee.joined.lobby).toBeFalsy();
    expect(attendee.allTold('lobbyList')).toEqual([]);
    await host.client.meeting.setRole({ meetingId: meeting.id, participantId: attendee.id, role: Role.ROLE_CO_HOST });
    expect((await attendee.told('lobbyList')).waiting).toEqual([expect.objectContaining({ name: 'Hal' })]);
  });

  it('forgets a wait when the guest goes away', async () => {
    const { meeting, host } = await open();
    const guest = await guestOf(meeting, 'Ian');
    await guest.knock();
    await host.told('lobbyList');
    await guest.client.close();
    await host.client.waitForEvent((event) => event.session?.lobbyList?.waiting?.length === 0, 'an empty lobby');
  });

  it('tells those who wait when the meeting is called off', async () => {
    const meeting = await server.createMeeting(olivia);
    const guest = await guestOf(meeting, 'Ida');
    await guest.knock();
    expect((await server.api('DELETE', `/api/meetings/${meeting.id}`, undefined, olivia.accessToken)).status).toBe(200);
    expect((await guest.told('removed')).reason).toBe(RemovedReason.REASON_MEETING_ENDED);
    expect((await server.api('GET', `/api/meetings/${meeting.id}`, undefined, olivia.accessToken)).status).toBe(404);
  });

  it('stays shut for newcomers while the meeting is locked, and open for who was in', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    await attendee.leave();
    await host.client.meeting.setLock({ meetingId: meeting.id, locked: true });
    await refused((await arrive(meeting, ben)).join(), 'MEETING_LOCKED');
    await refused((await guestOf(meeting, 'Jon')).join(), 'MEETING_LOCKED');
    await attendee.enter();
    await host.client.meeting.setLock({ meetingId: meeting.id, locked: false });
    await enter(meeting, ben);
    await host.until((state) => !state.locked && state.participants.size === 3, 'three people');
  });

  it('follows what a host changes by the API while the meeting is on', async () => {
    const { meeting } = await open();
    const guest = await guestOf(meeting, 'Kay');
    const change = (patch: object) => server.api('PATCH', `/api/meetings/${meeting.id}`, patch, olivia.accessToken);
    expect((await change({ lobby: 'everyone', title: 'Board' })).status).toBe(200);
    await (await arrive(meeting, ben)).knock();
    expect((await change({ lobby: 'off' })).status).toBe(200);
    await enter(meeting, ana);
    expect((await change({ guests: false })).status).toBe(200);
    await refused(guest.join(), 'MEETING_GUESTS_OFF');
    expect(await server.api('POST', `/api/meetings/code/${meeting.code}/guest`, { name: 'Lea' })).toMatchObject({
      status: 403,
      body: { error: { code: 'MEETING_GUESTS_OFF' } },
    });
    expect((await change({ guests: true })).status).toBe(200);
    await guest.enter();
  });
});

describe('A host', () => {
  it('mutes a microphone, which only its owner opens again', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    const producerId = await attendee.produce(Source.SOURCE_MICROPHONE);
    await host.until(() => host.sees(attendee)?.producers.length, 'her microphone');
    await host.client.meeting.mute({ meetingId: meeting.id, participantId: attendee.id });
    expect(await attendee.told('producerStopped')).toMatchObject({ producerId, closed: false, byName: 'Olivia' });
    await host.until(() => host.sees(attendee)?.producers[0]?.paused, 'her to be muted');
    await refused(host.client.media.setProducerPaused({ meetingId: meeting.id, producerId, paused: false }), 'MEDIA_NOT_FOUND');
    expect(host.sees(attendee)?.producers[0]?.paused).toBe(true);
    await host.client.meeting.askToUnmute({ meetingId: meeting.id, participantId: attendee.id });
    expect((await attendee.told('askedToUnmute')).byName).toBe('Olivia');
    await attendee.client.media.setProducerPaused({ meetingId: meeting.id, producerId, paused: false });
    await host.until(() => host.sees(attendee)?.producers[0]?.paused === false, 'her to be heard again');
  });

  it('mutes everyone except hosts, and cameras never', async () => {
    const { meeting, host } = await open();
    const people = [await enter(meeting, ana), await enter(meeting, ben)];
    await host.produce(Source.SOURCE_MICROPHONE);
    for (const person of people) await person.produce(Source.SOURCE_MICROPHONE);
    await people[0]!.produce(Source.SOURCE_CAMERA, 'video');
    await host.client.meeting.mute({ meetingId: meeting.id, participantId: '' });
    await host.until(() => people.every((person) => host.sees(person)?.producers[0]?.paused), 'both to be muted');
    expect(host.sees(people[0]!)?.producers[1]).toMatchObject({ source: Source.SOURCE_CAMERA, paused: false });
    expect(host.sees(host)?.producers[0]?.paused).toBe(false);
  });

  it('makes co-hosts, who moderate but do not end the meeting or give roles', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    const other = await enter(meeting, ben);
    const { meetingId } = attendee;
    const asCoHost = attendee.client.meeting;
    await refused(asCoHost.setLock({ meetingId, locked: true }), 'MEETING_FORBIDDEN');
    await host.client.meeting.setRole({ meetingId, participantId: attendee.id, role: Role.ROLE_CO_HOST });
    await attendee.until(() => attendee.sees(attendee)?.role === Role.ROLE_CO_HOST, 'the role');
    await asCoHost.setLock({ meetingId, locked: true });
    await refused(asCoHost.endForAll({ meetingId }), 'MEETING_FORBIDDEN');
    await refused(asCoHost.setRole({ meetingId, participantId: other.id, role: Role.ROLE_CO_HOST }), 'MEETING_FORBIDDEN');
    await refused(asCoHost.remove({ meetingId, participantId: host.id }), 'MEETING_FORBIDDEN');
    // A role is the person's: it is there again after leaving and coming back.
    await attendee.leave();
    await attendee.enter();
    expect(attendee.sees(attendee)?.role).toBe(Role.ROLE_CO_HOST);
    await refused(host.client.meeting.setRole({ meetingId, participantId: host.id, role: Role.ROLE_ATTENDEE }), 'MEETING_LAST_HOST');
    await host.client.meeting.setRole({ meetingId, participantId: attendee.id, role: Role.ROLE_HOST });
    await host.client.meeting.setRole({ meetingId, participantId: host.id, role: Role.ROLE_ATTENDEE });
    await attendee.until(() => attendee.sees(host)?.role === Role.ROLE_ATTENDEE, 'the hand-over');
  });

  it('sees hands in the order in which they went up, and lowers them', async () => {
    const { meeting, host } = await open();
    const people = [await enter(meeting, ana), await enter(meeting, ben)];
    for (const person of [...people].reverse()) {
      await person.client.meeting.raiseHand({ meetingId: meeting.id, raised: true });
      await host.until(() => host.sees(person)?.handRaisedAt, 'the hand');
    }
    expect(host.sees(people[1]!)!.handRaisedAt).toBeLessThanOrEqual(host.sees(people[0]!)!.handRaisedAt);
    await refused(people[0]!.client.meeting.lowerHand({ meetingId: meeting.id, participantId: people[1]!.id }), 'MEETING_FORBIDDEN');
    await people[0]!.client.meeting.raiseHand({ meetingId: meeting.id, raised: false });
    await host.client.meeting.lowerHand({ meetingId: meeting.id, participantId: '' });
    await host.until((state) => [...state.participants.values()].every((p) => p.handRaisedAt === 0), 'no hands');
  });

  it('removes a person from all devices, who stays out on each, also when the server starts again', async () => {
    const { meeting, host } = await open();
    const [phone, laptop] = [await enter(meeting, ana), await enter(meeting, ana)];
    await host.client.meeting.remove({ meetingId: meeting.id, participantId: phone.id });
    for (const device of [phone, laptop])
      expect(await device.told('removed')).toMatchObject({ meetingId: meeting.id, reason: RemovedReason.REASON_BY_HOST });
    await host.until((state) => state.participants.size === 1, 'both of her devices to be gone');
    const reasons = host.client.events.flatMap(({ meeting: event }) => event?.participantLeft?.reason ?? []);
    expect(reasons).toEqual([LeftReason.REASON_REMOVED, LeftReason.REASON_REMOVED]);
    await refused(phone.join(), 'MEETING_REMOVED');
    await refused((await arrive(meeting, await server.signIn('Ana'))).join(), 'MEETING_REMOVED');
    await refused(phone.write('still here?'), 'CHAT_NOT_FOUND');
    await refused(phone.snapshot(), 'MEETING_NOT_IN');
    await server.restart();
    await refused((await arrive(meeting, ana)).join(), 'MEETING_REMOVED');
    expect((await server.api('GET', `/api/meetings/${meeting.id}`, undefined, ana.accessToken)).status).toBe(404);
  });

  it('keeps a removed guest out in the same browser, and lets new guests wait', async () => {
    const { meeting, host } = await open({ lobby: 'off' });
    const signedIn = await server.guest(meeting.code, 'Mia');
    const guest = await enter(meeting, signedIn);
    await host.client.meeting.remove({ meetingId: meeting.id, participantId: guest.id });
    await guest.told('removed');
    const again = await server.guest(meeting.code, 'Somebody else', signedIn.cookie);
    expect(again.person.id).toBe(signedIn.person.id);
    await refused((await arrive(meeting, again)).join(), 'MEETING_REMOVED');
    await (await guestOf(meeting, 'Ned')).knock();
  });

  it('ends the meeting for all, those who wait too, and for good', async () => {
    const { meeting, host } = await open();
    const attendee = await enter(meeting, ana);
    const waiting = await guestOf(meeting, 'Oda');
    await waiting.knock();
    await refused(attendee.client.meeting.endForAll({ meetingId: meeting.id }), 'MEETING_FORBIDDEN');
    await host.client.meeting.endForAll({ meetingId: meeting.id });
    for (const one of [host, attendee, waiting]) expect((await one.told('removed')).reason).toBe(RemovedReason.REASON_MEETING_ENDED);
    await attendee.until((state) => state.ended, 'the end');
    await refused(attendee.join(), 'MEETING_ENDED');
    await refused(attendee.snapshot(), 'MEETING_NOT_IN');
    expect(await server.api('POST', `/api/meetings/code/${meeting.code}/guest`, { name: 'Pia' })).toMatchObject({ status: 410 });
    expect(await server.meeting(olivia, meeting.id)).toMatchObject({ status: 'ended', participants: 0, endedAt: expect.any(String) });
  });

  it('lets a guest in whom he knows already without a second knock', async () => {
    const { meeting, host } = await open();
    const guest = await admitted(meeting, host, 'Pam');
    await guest.leave();
    await host.until(() => !host.sees(guest), 'the guest to be gone');
    await guest.enter();
    await host.until(() => host.sees(guest), 'the guest to be back');
  });
});
