/** Webinars over real sockets: who is on stage, who views, and the way from one to the other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attendanceSchema, type Meeting, meetingFaceSchema } from '../../../src/signaling/schema.js';
import { produceParameters, type SignedIn } from '../../support/api.js';
import { waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Attendee, LeftReason, RemovedReason, Role, refused, Source } from './attendee.js';

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;
let ben: SignedIn;

beforeAll(async () => {
  server = await startTestServer({ MEETING_VIEWERS: 4, MEETING_PARTICIPANTS: 12 });
  olivia = await server.setUpOwner();
  [ana, ben] = await Promise.all([server.invite(olivia, 'Ana'), server.invite(olivia, 'Ben')]);
});
afterAll(() => server?.close());

interface Scene {
  readonly meeting: Meeting;
  readonly meetingId: string;
  readonly host: Attendee;
  /** Views. */
  readonly viewer: Attendee;
}

async function open(over: Parameters<TestServer['createMeeting']>[1] = {}): Promise<Scene> {
  const meeting = await server.createMeeting(olivia, { kind: 'webinar', lobby: 'off', ...over });
  const host = await Attendee.enter(server, meeting.id, olivia);
  return { meeting, meetingId: meeting.id, host, viewer: await Attendee.enter(server, meeting.id, ana) };
}

async function close(...attendees: readonly Attendee[]): Promise<void> {
  for (const { client } of attendees) await client.close();
}

const setRole = ({ host, meetingId }: Scene, attendee: Attendee, role: number) =>
  host.client.meeting.setRole({ meetingId, participantId: attendee.id, role });
const kindOf = async ({ id }: Meeting) => (await server.meeting(olivia, id)).kind;

/** What the media workers hold. */
function mediaObjects(): Promise<number[]> {
  return Promise.all(['transports', 'producers', 'consumers'].map((name) => server.metric(`causeway_media_${name}`)));
}

/** A viewer is called, and his page joins again. */
async function bringOnStage(scene: Scene, attendee = scene.viewer, role: number = Role.ROLE_PRESENTER): Promise<void> {
  await setRole(scene, attendee, role);
  expect(await attendee.told('roleChanged')).toMatchObject({ meetingId: scene.meetingId, role, joinAgain: true });
  await attendee.enter();
}

describe('The kind of a meeting', () => {
  it('is an ordinary one unless it is said otherwise, and can be changed until it begins', async () => {
    const meeting = await server.createMeeting(olivia);
    const patch = (kind: string) => server.api('PATCH', `/api/meetings/${meeting.id}`, { kind }, olivia.accessToken);
    expect(meeting.kind).toBe('meeting');
    expect(await patch('webinar')).toMatchObject({ status: 200, body: { kind: 'webinar' } });
    expect(await patch('circus')).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_INVALID', field: 'kind' } } });
    expect((await server.get(meetingFaceSchema, 'GET', `/api/meetings/code/${meeting.code}`)).kind).toBe('webinar');
    // Somebody who knocks begins nothing.
    const knocking = await Attendee.arrive(server, meeting.id, await server.guest(meeting.code, 'Gus'));
    await knocking.knock();
    expect(await patch('meeting')).toMatchObject({ status: 200 });
    expect(await patch('webinar')).toMatchObject({ status: 200 });
    const host = await Attendee.enter(server, meeting.id, olivia);
    const viewer = await Attendee.enter(server, meeting.id, ana);
    expect(viewer.joined.self?.role).toBe(Role.ROLE_VIEWER);
    expect(await patch('meeting')).toMatchObject({ status: 409, body: { error: { code: 'MEETING_BEGUN', field: 'kind' } } });
    expect(await patch('webinar')).toMatchObject({ status: 200 });
    expect(await kindOf(meeting)).toBe('webinar');
    await close(host, viewer, knocking);
  });

  it('decides which roles there are', async () => {
    const ordinary = await open({ kind: 'meeting' });
    for (const role of [Role.ROLE_PRESENTER, Role.ROLE_VIEWER, Role.ROLE_UNSPECIFIED])
      await refused(setRole(ordinary, ordinary.viewer, role), 'REQUEST_INVALID');
    const webinar = await open();
    for (const role of [Role.ROLE_ATTENDEE, Role.ROLE_UNSPECIFIED])
      await refused(setRole(webinar, webinar.viewer, role), 'REQUEST_INVALID');
    await close(ordinary.host, ordinary.viewer, webinar.host, webinar.viewer);
  });
});

describe('A viewer', () => {
  it('sees the stage, has nothing to send with, and is told who he is', async () => {
    const { host, viewer, meeting } = await open();
    expect(viewer.joined.self).toMatchObject({ id: viewer.id, name: 'Ana', role: Role.ROLE_VIEWER, personId: ana.person.id });
    expect(host.joined.self).toMatchObject({ id: host.id, role: Role.ROLE_HOST });
    expect([...viewer.state.participants.keys()]).toEqual([host.id]);
    expect(viewer.joined.snapshot).toMatchObject({ viewers: 1, kind: 2 });
    expect(viewer.joined.lobby ?? null).toBeNull();
    expect(viewer.joined.media?.send ?? null).toBeNull();
    expect(viewer.joined.media?.receive?.id).not.toBe('');
    expect((await server.meeting(olivia, meeting.id)).participants).toBe(2);
    await close(host, viewer);
  });

  it('is counted, and no event tells of him', async () => {
    const { host, viewer, meetingId } = await open();
    const second = await Attendee.enter(server, meetingId, ben);
    await host.until((state) => state.viewers === 2, 'two viewers');
    await second.leave();
    await viewer.until((state) => state.viewers === 1, 'one viewer');
    const events = host.client.eventsOf(`meeting/${meetingId}`);
    expect(events.filter(({ meeting }) => meeting?.viewersCounted === undefined)).toEqual([]);
    expect(await server.metric('causeway_viewers')).toBe(1);
    await close(host, viewer, second);
  });

  it('receives what the stage sends', async () => {
    const { host, viewer, meetingId } = await open();
    const producerId = await host.produce(Source.SOURCE_MICROPHONE);
    const { added } = await viewer.told('consumersChanged');
    expect(added?.map(({ source }) => source)).toEqual([Source.SOURCE_MICROPHONE]);
    await viewer.client.media.resumeConsumers({ meetingId, consumerIds: added?.map(({ id }) => id ?? '') ?? [] });
    await viewer.client.media.setView({ meetingId, shown: [{ producerId, width: 640, height: 360 }] });
    await viewer.client.media.stats({ meetingId });
    const rebuilt = await viewer.client.media.rebuild({ meetingId, rtpCapabilities: await server.rtpCapabilities() });
    expect(rebuilt.media?.send ?? null).toBeNull();
    expect(rebuilt.media?.consumers).toHaveLength(1);
    await viewer.client.media.restartIce({ meetingId, transportId: rebuilt.media?.receive?.id ?? '' });
    await close(host, viewer);
  });

  it('may not send, and nothing of it stays open', async () => {
    const { host, viewer, meetingId } = await open();
    const before = await mediaObjects();
    const { send } = host.joined.media ?? {};
    for (const transportId of [viewer.joined.media?.receive?.id ?? '', send?.id ?? '', 'none'])
      for (const [source, kind] of [
        [Source.SOURCE_MICROPHONE, 'audio'],
        [Source.SOURCE_SCREEN, 'video'],
      ] as const)
        await refused(
          viewer.client.media.produce({ meetingId, transportId, source, rtpParameters: produceParameters(kind) }),
          'MEETING_FORBIDDEN',
        );
    await viewer.client.media.speaking({ meetingId });
    expect(await mediaObjects()).toEqual(before);
    await close(host, viewer);
  });

  it('may moderate nothing', async () => {
    const { host, viewer, meetingId } = await open();
    const { client } = viewer;
    const participantId = host.id;
    await refused(client.meeting.setLock({ meetingId, locked: true }), 'MEETING_FORBIDDEN');
    await refused(client.meeting.mute({ meetingId, participantId }), 'MEETING_FORBIDDEN');
    await refused(client.meeting.askToUnmute({ meetingId, participantId }), 'MEETING_FORBIDDEN');
    await refused(client.meeting.remove({ meetingId, participantId }), 'MEETING_FORBIDDEN');
    await refused(client.meeting.lowerHand({ meetingId, participantId }), 'MEETING_FORBIDDEN');
    await refused(client.meeting.setRole({ meetingId, participantId: viewer.id, role: Role.ROLE_HOST }), 'MEETING_FORBIDDEN');
    await refused(client.meeting.setSpotlight({ meetingId, participantId, on: true }), 'MEETING_FORBIDDEN');
    await refused(client.meeting.listViewers({ meetingId }), 'MEETING_FORBIDDEN');
    await refused(client.meeting.answerLobby({ meetingId, waitingId: '', admit: true }), 'MEETING_FORBIDDEN');
    await refused(client.meeting.endForAll({ meetingId }), 'MEETING_FORBIDDEN');
    await close(host, viewer);
  });

  it('chats, leaves, comes back, and is written down', async () => {
    const { host, viewer, meetingId } = await open();
    await viewer.write('a question');
    await host.client.waitForEvent(({ chat }) => chat?.message?.body === 'a question', 'the question');
    await viewer.leave();
    await refused(viewer.snapshot(), 'MEETING_NOT_IN');
    expect((await viewer.enter()).snapshot?.viewers).toBe(1);
    const path = `/api/meetings/${meetingId}/attendance`;
    const { people } = await server.get(attendanceSchema, 'GET', path, undefined, olivia.accessToken);
    expect(people.map(({ name, stays }) => [name, stays.length])).toEqual([
      ['Olivia', 1],
      ['Ana', 2],
    ]);
    expect(await server.api('GET', path, undefined, ana.accessToken)).toMatchObject({ status: 403 });
    await close(host, viewer);
  });

  it('is put out by a host, for good', async () => {
    const { host, viewer, meetingId } = await open();
    await host.client.meeting.remove({ meetingId, participantId: viewer.id });
    expect(await viewer.told('removed')).toMatchObject({ meetingId, reason: RemovedReason.REASON_BY_HOST });
    await refused(viewer.join(), 'MEETING_REMOVED');
    await host.until((state) => state.viewers === 0, 'nobody to view');
    await close(host, viewer);
  });

  it('is in neither a full nor a locked webinar, and waits where there is a lobby', async () => {
    const { host, viewer, meeting, meetingId } = await open();
    const crowd = [await Attendee.enter(server, meetingId, ben)];
    for (const name of ['Gia', 'Gus']) crowd.push(await Attendee.enter(server, meetingId, await server.guest(meeting.code, name)));
    const late = await Attendee.arrive(server, meetingId, await server.guest(meeting.code, 'Greg'));
    const before = await mediaObjects();
    await refused(late.join(), 'MEETING_FULL');
    await crowd.pop()?.leave();
    await host.client.meeting.setLock({ meetingId, locked: true });
    await refused(late.join(), 'MEETING_LOCKED');
    const [transports = 0] = before;
    expect((await mediaObjects())[0]).toBeLessThan(transports);
    await host.client.meeting.setLock({ meetingId, locked: false });
    expect((await server.api('PATCH', `/api/meetings/${meetingId}`, { lobby: 'guests' }, olivia.accessToken)).status).toBe(200);
    const waitingId = await late.knock();
    await host.client.meeting.answerLobby({ meetingId, waitingId, admit: true });
    expect(await late.told('lobbyAnswer')).toMatchObject({ admitted: true });
    expect((await late.enter()).self?.role).toBe(Role.ROLE_VIEWER);
    await close(host, viewer, late, ...crowd);
  });
});

describe('The hands of viewers', () => {
  it('are shown to hosts, also to one who comes later, and to nobody else', async () => {
    const scene = await open();
    const { host, viewer, meetingId } = scene;
    await viewer.client.meeting.raiseHand({ meetingId, raised: true });
    expect((await host.told('viewerHands')).viewers).toEqual([
      expect.objectContaining({ id: viewer.id, name: 'Ana', role: Role.ROLE_VIEWER }),
    ]);
    const second = await Attendee.enter(server, meetingId, olivia);
    expect((await second.told('viewerHands')).viewers).toHaveLength(1);
    const other = await Attendee.enter(server, meetingId, ben);
    await bringOnStage(scene, other);
    await setRole(scene, other, Role.ROLE_CO_HOST);
    expect((await other.told('viewerHands')).viewers).toHaveLength(1);
    await host.client.meeting.lowerHand({ meetingId, participantId: viewer.id });
    await host.client.waitForEvent(({ session }) => session?.viewerHands?.viewers?.length === 0, 'no hand');
    expect(viewer.allTold('viewerHands')).toEqual([]);
    expect(host.client.eventsOf(`meeting/${meetingId}`).some(({ meeting }) => meeting?.participantChanged?.handRaisedAtMs)).toBe(false);
    await close(host, viewer, second, other);
  });
});

describe('The list of viewers', () => {
  it('comes page by page, by name, raised hands first, and by a part of the name', async () => {
    const { host, viewer, meeting, meetingId } = await open();
    const crowd = [viewer];
    for (const name of ['Zoe', 'Zach', 'Bob']) crowd.push(await Attendee.enter(server, meetingId, await server.guest(meeting.code, name)));
    await crowd[1]?.client.meeting.raiseHand({ meetingId, raised: true });
    const list = (asked: object) => host.client.meeting.listViewers({ meetingId, ...asked });
    const first = await list({ limit: 3 });
    expect([first.total, first.viewers.map(({ name }) => name)]).toEqual([4, ['Zoe', 'Ana', 'Bob']]);
    const last = await list({ limit: 3, cursor: first.cursor });
    expect([last.viewers.map(({ name }) => name), last.cursor]).toEqual([['Zach'], '']);
    expect((await list({ query: 'Z' })).viewers.map(({ name }) => name)).toEqual(['Zoe', 'Zach']);
    expect(await list({ query: 'nobody' })).toMatchObject({ total: 0, viewers: [], cursor: '' });
    for (const asked of [{ limit: 201 }, { limit: 0xffff_ffff }, { cursor: 'nonsense' }, { query: 'x'.repeat(200) }])
      await refused(list(asked), 'REQUEST_INVALID');
    await close(host, ...crowd);
  });

  it('is empty of an ordinary meeting', async () => {
    const { host, viewer, meetingId } = await open({ kind: 'meeting' });
    expect(await host.client.meeting.listViewers({ meetingId })).toMatchObject({ total: 0, viewers: [], cursor: '' });
    await refused(viewer.client.meeting.listViewers({ meetingId }), 'MEETING_FORBIDDEN');
    await close(host, viewer);
  });
});

describe('On stage', () => {
  it('comes a viewer as the same participant, and may send', async () => {
    const scene = await open();
    const { host, viewer } = scene;
    const before = viewer.id;
    await bringOnStage(scene);
    expect(viewer.id).toBe(before);
    expect(viewer.joined.self?.role).toBe(Role.ROLE_PRESENTER);
    await host.until(() => host.sees(viewer)?.role === Role.ROLE_PRESENTER, 'her on stage');
    const producerId = await viewer.produce(Source.SOURCE_MICROPHONE);
    await host.until(() => host.sees(viewer)?.producers[0]?.id === producerId, 'her microphone');
    await host.until((state) => state.viewers === 0, 'nobody to view');
    await close(host, viewer);
  });

  it('comes nobody whose page does not ask for it, and nothing hangs', async () => {
    const scene = await open();
    const { host, viewer, meetingId } = scene;
    await setRole(scene, viewer, Role.ROLE_PRESENTER);
    expect(host.sees(viewer)).toBeUndefined();
    expect((await host.client.meeting.listViewers({ meetingId })).viewers).toHaveLength(1);
    await refused(viewer.produce(Source.SOURCE_MICROPHONE), 'MEETING_FORBIDDEN');
    await viewer.leave();
    // The role is the person's: he comes back with it.
    await viewer.enter();
    expect(viewer.joined.self?.role).toBe(Role.ROLE_PRESENTER);
    await host.until(() => host.sees(viewer), 'her on stage');
    await close(host, viewer);
  });

  it('is nobody any more who was sent back, whose producers are closed and who goes on viewing', async () => {
    const scene = await open();
    const { host, viewer, meetingId } = scene;
    const before = await mediaObjects();
    await bringOnStage(scene);
    await viewer.produce(Source.SOURCE_MICROPHONE);
    await host.told('consumersChanged');
    await setRole(scene, viewer, Role.ROLE_VIEWER);
    await host.until(() => !host.sees(viewer), 'her off the stage');
    expect(
      host.client.eventsOf(`meeting/${meetingId}`).findLast(({ meeting }) => meeting?.participantLeft)?.meeting?.participantLeft,
    ).toMatchObject({ participantId: viewer.id, reason: LeftReason.REASON_OFF_STAGE });
    await viewer.client.waitForEvent(
      ({ session }) => session?.roleChanged?.role === Role.ROLE_VIEWER && session.roleChanged.joinAgain,
      'the role',
    );
    await waitFor(async () => (await server.metric('causeway_media_producers')) === before[1], 'her producers to be closed');
    await refused(viewer.produce(Source.SOURCE_CAMERA, 'video'), 'MEETING_FORBIDDEN');
    const id = viewer.id;
    await viewer.enter();
    expect(viewer.joined).toMatchObject({ participantId: id, self: { role: Role.ROLE_VIEWER }, snapshot: { viewers: 1 } });
    expect(viewer.joined.media?.send ?? null).toBeNull();
    expect(await mediaObjects()).toEqual(before);
    await close(host, viewer);
  });

  it('come people by a co-host, who gives no other role', async () => {
    const scene = await open();
    const { host, viewer, meetingId } = scene;
    const coHost = await Attendee.enter(server, meetingId, ben);
    await bringOnStage(scene, coHost, Role.ROLE_CO_HOST);
    const give = (role: number, to = viewer) => coHost.client.meeting.setRole({ meetingId, participantId: to.id, role });
    await refused(give(Role.ROLE_CO_HOST), 'MEETING_FORBIDDEN');
    await refused(give(Role.ROLE_VIEWER, host), 'MEETING_FORBIDDEN');
    await give(Role.ROLE_PRESENTER);
    await viewer.told('roleChanged');
    await viewer.enter();
    await host.until(() => host.sees(viewer), 'her on stage');
    await give(Role.ROLE_VIEWER);
    await host.until(() => !host.sees(viewer), 'her off the stage');
    await close(host, viewer, coHost);
  });

  it('is a presenter again who was one before, also after a restart of the server', async () => {
    const scene = await open();
    await bringOnStage(scene);
    await server.restart();
    const [host, presenter] = [await Attendee.enter(server, scene.meetingId, olivia), await Attendee.enter(server, scene.meetingId, ana)];
    expect(presenter.joined.self?.role).toBe(Role.ROLE_PRESENTER);
    await host.until(() => host.sees(presenter)?.role === Role.ROLE_PRESENTER, 'her on stage');
    await close(host, presenter);
  });
});

describe('A role of an ordinary meeting', () => {
  it('is told to whom it is given, who need not join again', async () => {
    const { host, viewer: attendee, meetingId } = await open({ kind: 'meeting' });
    await host.client.meeting.setRole({ meetingId, participantId: attendee.id, role: Role.ROLE_CO_HOST });
    expect(await attendee.told('roleChanged')).toMatchObject({ meetingId, role: Role.ROLE_CO_HOST, joinAgain: false });
    await attendee.told('lobbyList');
    await close(host, attendee);
  });
});

describe('The spotlight', () => {
  it('is set by hosts, seen by all, and has room for 9', async () => {
    const { host, viewer: attendee, meeting, meetingId } = await open({ kind: 'meeting' });
    const crowd: Attendee[] = [attendee];
    for (let i = 0; i < 9; i += 1) crowd.push(await Attendee.enter(server, meetingId, await server.guest(meeting.code, `Guest ${i}`)));
    const put = (id: string, on = true, by = host) => by.client.meeting.setSpotlight({ meetingId, participantId: id, on });
    await refused(put(host.id, true, attendee), 'MEETING_FORBIDDEN');
    await refused(put(crypto.randomUUID()), 'MEETING_NO_PARTICIPANT');
    for (const { id } of crowd.slice(0, 9)) await put(id);
    await refused(put(crowd[9]!.id), 'MEETING_SPOTLIGHT_FULL');
    await crowd[1]?.leave();
    await put(crowd[0]!.id, false);
    const expected = crowd.slice(2, 9).map(({ id }) => id);
    await attendee.until(({ spotlight }) => spotlight.length === 7, 'the spotlight');
    expect(attendee.state.spotlight).toEqual(expected);
    expect((await attendee.snapshot()).spotlight).toEqual(expected);
    await close(host, ...crowd);
  });

  it('is of those on stage', async () => {
    const { host, viewer, meetingId } = await open();
    await refused(host.client.meeting.setSpotlight({ meetingId, participantId: viewer.id, on: true }), 'MEETING_NO_PARTICIPANT');
    await close(host, viewer);
  });
});
