/** One meeting on two nodes: people see each other and act as if they were on one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Meeting, meetingSchema } from '../../../src/signaling/schema.js';
import { produceParameters, type SignedIn } from '../../support/api.js';
import { TestCluster } from '../../support/cluster.js';
import { waitFor } from '../../support/index.js';
import type { ServerProcess } from '../../support/server-process.js';
import { Attendee, RemovedReason, Role, refused, Source } from '../server/attendee.js';

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

/** Olivia on the home of the meeting, Ana on the other node. */
async function meet(over: Parameters<typeof one.createMeeting>[1] = {}): Promise<{ meeting: Meeting; host: Attendee; far: Attendee }> {
  const meeting = await one.createMeeting(olivia, over);
  const host = await Attendee.enter(one, meeting.id, olivia);
  const far = await Attendee.enter(two, meeting.id, ana);
  await host.until(() => host.sees(far), 'Ana');
  return { meeting, host, far };
}

describe('people of one meeting on two nodes', () => {
  it('see each other come, raise hands, lock, change roles and leave', async () => {
    const { meeting, host, far } = await meet();
    const meetingId = meeting.id;
    expect(far.sees(host)).toMatchObject({ name: 'Olivia', connected: true });

    await far.client.meeting.raiseHand({ meetingId, raised: true });
    await host.until(() => (host.sees(far)?.handRaisedAt ?? 0) > 0, 'the hand of the far one');
    await host.client.meeting.lowerHand({ meetingId, participantId: far.id });
    await far.until(() => far.sees(far)?.handRaisedAt === 0, 'the hand to go down');
    await host.client.meeting.setRole({ meetingId, participantId: far.id, role: Role.ROLE_CO_HOST });
    await far.until(() => far.sees(far)?.role === Role.ROLE_CO_HOST, 'to be co-host');
    await far.client.meeting.setLock({ meetingId, locked: true });
    await host.until(({ locked }) => locked, 'the lock');
    await refused((await Attendee.arrive(two, meetingId, ben)).join(), 'MEETING_LOCKED');

    await far.client.meeting.leave({ meetingId });
    await host.until(() => !host.sees(far), 'the far one to leave');
    await refused(far.client.meeting.raiseHand({ meetingId, raised: true }), 'MEETING_NOT_IN');
    await far.enter();
    await host.until(() => host.sees(far), 'the far one to be back');
    const { snapshot } = await far.client.meeting.snapshot({ meetingId });
    expect(snapshot?.participants).toHaveLength(2);
  });

  it('knock, are admitted and are denied across nodes', async () => {
    const meeting = await one.createMeeting(olivia, { lobby: 'everyone' });
    const host = await Attendee.enter(one, meeting.id, olivia);
    const far = await Attendee.arrive(two, meeting.id, ana);
    const waitingId = await far.knock();
    await host.client.waitForEvent(({ session }) => session?.lobbyList?.waiting?.some(({ id }) => id === waitingId), 'the knock');
    await host.client.meeting.answerLobby({ meetingId: meeting.id, waitingId, admit: true });
    expect(await far.told('lobbyAnswer')).toMatchObject({ admitted: true });
    await far.enter();
    await host.until(() => host.sees(far), 'Ana');
  });

  it('write in the chat', async () => {
    const { host, far } = await meet();
    await far.write('from afar');
    await host.client.waitForEvent(({ chat }) => chat?.message?.body === 'from afar', 'the message of the far one');
    await host.write('from the home');
    await far.client.waitForEvent(({ chat }) => chat?.message?.body === 'from the home', 'the message of the home');
  });

  it('call everything of the MediaService from the far node', async () => {
    const { meeting, host, far } = await meet();
    const meetingId = meeting.id;
    const microphone = await far.produce(Source.SOURCE_MICROPHONE);
    await host.until(() => host.sees(far)?.producers.some(({ id }) => id === microphone), 'the microphone');
    await host.told('consumersChanged');
    const camera = await host.produce(Source.SOURCE_CAMERA, 'video');
    await far.until(() => far.sees(host)?.producers.some(({ id }) => id === camera), 'the camera of the host');
    const { added } = await far.told('consumersChanged');
    await far.client.media.resumeConsumers({ meetingId, consumerIds: (added ?? []).map(({ id }) => id ?? '') });
    await far.client.media.setView({ meetingId, shown: [{ producerId: camera, width: 640, height: 360 }] });
    await far.client.media.setProducerPaused({ meetingId, producerId: microphone, paused: true });
    await host.until(() => host.sees(far)?.producers[0]?.paused, 'the microphone to be off');
    await far.client.media.speaking({ meetingId });
    expect(await far.client.media.stats({ meetingId })).toBeDefined();
    const { iceParameters } = await far.client.media.restartIce({ meetingId, transportId: far.joined.media?.receive?.id ?? '' });
    expect(iceParameters).toContain('usernameFragment');
    await far.client.media.closeProducer({ meetingId, producerId: microphone });
    await host.until(() => host.sees(far)?.producers.length === 0, 'the microphone to be gone');
    const { media } = await far.client.media.rebuild({ meetingId, rtpCapabilities: await two.rtpCapabilities() });
    expect(media?.send?.id).toBeTruthy();
    await far.client.media.produce({
      meetingId,
      transportId: media?.send?.id ?? '',
      source: Source.SOURCE_MICROPHONE,
      rtpParameters: produceParameters('audio'),
    });
    await host.client.meeting.mute({ meetingId, participantId: far.id });
    expect(await far.told('producerStopped')).toMatchObject({ closed: false, byName: 'Olivia' });
    await host.client.meeting.askToUnmute({ meetingId, participantId: far.id });
    expect(await far.told('askedToUnmute')).toMatchObject({ byName: 'Olivia' });
  });

  it('are removed, and stay out on every node', async () => {
    const { meeting, host, far } = await meet();
    await host.client.meeting.remove({ meetingId: meeting.id, participantId: far.id });
    expect(await far.told('removed')).toMatchObject({ reason: RemovedReason.REASON_BY_HOST });
    await host.until(() => !host.sees(far), 'Ana to be gone');
    for (const node of [one, two]) await refused((await Attendee.arrive(node, meeting.id, ana)).join(), 'MEETING_REMOVED');
  });

  it('are told when it ends, whoever ends it where', async () => {
    const { meeting, host, far } = await meet();
    await host.client.meeting.setRole({ meetingId: meeting.id, participantId: far.id, role: Role.ROLE_HOST });
    await far.until(() => far.sees(far)?.role === Role.ROLE_HOST, 'to be host');
    await far.client.meeting.endForAll({ meetingId: meeting.id });
    for (const attendee of [host, far])
      expect(await attendee.told('removed')).toMatchObject({ reason: RemovedReason.REASON_MEETING_ENDED });
    await refused((await Attendee.arrive(two, meeting.id, ana)).join(), 'MEETING_ENDED');
  });

  it('are seen to be away and back when the socket of the far one is lost', async () => {
    const { host, far } = await meet();
    far.client.drop();
    await host.until(() => host.sees(far)?.connected === false, 'the far one to be away');
    far.client = await far.client.resume();
    await host.until(() => host.sees(far)?.connected, 'the far one to be back');
    await far.client.close();
    await host.until(() => !host.sees(far), 'the far one to be gone');
  });
});

describe('the HTTP API', () => {
  it('counts, changes and ends a meeting from the far node', async () => {
    const { meeting, host, far } = await meet({ lobby: 'off' });
    for (const node of [one, two]) expect(await node.meeting(olivia, meeting.id)).toMatchObject({ status: 'live', participants: 2 });
    await two.get(meetingSchema, 'PATCH', `/api/meetings/${meeting.id}`, { lobby: 'everyone' }, olivia.accessToken);
    const knocking = await Attendee.arrive(one, meeting.id, ben);
    await waitFor(async () => {
      const { waiting } = await knocking.join();
      if (!waiting) await knocking.client.meeting.leave({ meetingId: meeting.id });
      return waiting;
    }, 'the lobby to be on');
    expect((await two.api('POST', `/api/meetings/${meeting.id}/end`, {}, olivia.accessToken)).status).toBe(200);
    for (const attendee of [host, far]) await attendee.told('removed');
  });

  it('names the sockets of all nodes, its own first', async () => {
    const [first, second] = [await one.face(), await two.face()];
    expect(first.gatewayUrls).toEqual([first.gatewayUrl, second.gatewayUrl]);
    expect(second.gatewayUrls).toEqual([second.gatewayUrl, first.gatewayUrl]);
  });
});
