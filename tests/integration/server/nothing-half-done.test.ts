/** Whatever fails leaves nothing behind. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Meeting } from '../../../src/signaling/schema.js';
import { produceParameters, type SignedIn } from '../../support/api.js';
import { waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Attendee, refused, Source } from './attendee.js';

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;
let ben: SignedIn;
let meeting: Meeting;
let host: Attendee;
const arrived: Attendee[] = [];
/** Capabilities of the right shape that mediasoup does not take. */
const notForMediasoup =
  '{"codecs":[{"kind":"video","mimeType":"video/rtx","preferredPayloadType":97,"clockRate":90000,"parameters":{"apt":"ninety-six"}}]}';

beforeAll(async () => {
  server = await startTestServer({ MEETING_PARTICIPANTS: 2, CHAT_BODY_CHARACTERS: 20 });
  olivia = await server.setUpOwner();
  [ana, ben] = await Promise.all([server.invite(olivia, 'Ana'), server.invite(olivia, 'Ben')]);
});
afterAll(() => server?.close());

beforeEach(async () => {
  meeting = await server.createMeeting(olivia);
  host = await enter(olivia);
  await host.produce(Source.SOURCE_MICROPHONE);
  return async () => {
    for (const { client } of arrived.splice(0)) await client.close();
    await waitFor(async () => (await server.metric('causeway_media_transports')) === 0, 'everybody to be gone');
  };
});

async function arrive(who: SignedIn, meetingId = meeting.id): Promise<Attendee> {
  const attendee = await Attendee.arrive(server, meetingId, who);
  arrived.push(attendee);
  return attendee;
}

async function enter(who: SignedIn, meetingId = meeting.id): Promise<Attendee> {
  const attendee = await arrive(who, meetingId);
  await attendee.enter();
  return attendee;
}

/** What is there of the meetings: media, participants, events, and who was in. */
async function whatIsThere(): Promise<object> {
  const figures = [
    'causeway_media_transports',
    'causeway_media_producers',
    'causeway_media_consumers',
    'causeway_participants',
    'causeway_meetings',
  ];
  const [stays, snapshot, ...counted] = await Promise.all([
    staysOf(meeting),
    host.snapshot(),
    ...figures.map((name) => server.metric(name)),
  ]);
  return { stays, participants: [...snapshot.participants.keys()], number: snapshot.number, counted };
}

async function leavesNothing(act: () => Promise<unknown>): Promise<void> {
  const before = await whatIsThere();
  await act();
  expect(await whatIsThere()).toEqual(before);
}

describe('A join that fails leaves no transport, no participant and no stay', () => {
  const capabilities: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['no JSON', '{"codecs":'],
    ['another shape', '[1,2,3]'],
    ['no codecs', '{"codecs":[]}'],
    ['a codec of no kind', '{"codecs":[{"kind":"smell","mimeType":"smell/rose","preferredPayloadType":1,"clockRate":1}]}'],
    ['a codec that mediasoup does not take', notForMediasoup],
    ['more than 64 KiB', JSON.stringify({ codecs: [], padding: 'x'.repeat(70_000) })],
  ];
  it.each(capabilities)('with capabilities that are %s', async (_what, text) => {
    const attendee = await arrive(ana);
    await leavesNothing(() => refused(attendee.join(text), 'MEDIA_BAD_CAPABILITIES'));
    await attendee.enter();
  });

  it('because the meeting is locked', async () => {
    await host.client.meeting.setLock({ meetingId: meeting.id, locked: true });
    const attendee = await arrive(ana);
    await leavesNothing(() => refused(attendee.join(), 'MEETING_LOCKED'));
  });

  it('because the meeting is full, and there is room again when somebody leaves', async () => {
    const second = await enter(ana);
    const third = await arrive(ben);
    await leavesNothing(() => refused(third.join(), 'MEETING_FULL'));
    await second.leave();
    await third.enter();
  });

  it('because two came for the last place at once', async () => {
    const both = [await arrive(ana), await arrive(ben)];
    const results = await Promise.allSettled(both.map((one) => one.enter()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'MEETING_FULL' } });
    expect(await whatIsThere()).toMatchObject({ participants: { length: 2 } });
    expect(await staysOf(meeting)).toHaveLength(2);
    expect(await transportsOf(2)).toBe(true);
  });

  it('because a host removed the person', async () => {
    const attendee = await enter(ana);
    await host.client.meeting.remove({ meetingId: meeting.id, participantId: attendee.id });
    await host.until((state) => state.participants.size === 1, 'her to be out');
    await waitFor(() => transportsOf(1), 'her transports to be closed');
    await leavesNothing(() => refused(attendee.join(), 'MEETING_REMOVED'));
  });

  it('because the meeting has ended or is not there', async () => {
    const over = await server.createMeeting(olivia);
    expect((await server.api('POST', `/api/meetings/${over.id}/end`, undefined, olivia.accessToken)).status).toBe(200);
    const late = await arrive(ana, over.id);
    const lost = await arrive(ana, crypto.randomUUID());
    const mistaken = await arrive(ana, 'not an id');
    await leavesNothing(async () => {
      await refused(late.join(), 'MEETING_ENDED');
      for (const one of [lost, mistaken]) await refused(one.join(), 'MEETING_NOT_FOUND');
    });
  });

  it('because the device was signed out, or the socket closed, while it was on the way', async () => {
    const phone = await server.signIn('Ana');
    const onPhone = await arrive(phone);
    const tab = await arrive(ben);
    const before = await answered('MeetingService.Join');
    const joins = [onPhone.join(), tab.join()].map((join) => join.catch(() => undefined));
    await Promise.all([server.api('POST', '/api/auth/sign-out', undefined, phone.accessToken), tab.client.close(), ...joins]);
    await waitFor(async () => (await answered('MeetingService.Join')) === before + 2, 'both joins to be answered, though nobody hears it');
    await waitFor(() => transportsOf(1), 'both to be gone');
    // Whoever was in for a moment has left.
    await waitFor(async () => (await staysOf(meeting)).filter(({ left }) => !left).length === 1, 'their stays to be closed');
    ana = await server.signIn('Ana');
  });
});

describe('A join on the way into a meeting that ends', () => {
  it('is not in it afterwards', async () => {
    const attendee = await arrive(ana);
    const [joined] = await Promise.allSettled([attendee.join(), host.client.meeting.endForAll({ meetingId: meeting.id })]);
    if (joined.status === 'rejected') expect(joined.reason).toMatchObject({ code: 'MEETING_ENDED' });
    else await attendee.told('removed');
    await refused(attendee.join(), 'MEETING_ENDED');
    expect(await server.meeting(olivia, meeting.id)).toMatchObject({ status: 'ended', participants: 0 });
    expect((await staysOf(meeting)).every(({ left }) => left)).toBe(true);
    await waitFor(() => transportsOf(0), 'the media to be closed');
  });
});

describe('Fresh transports', () => {
  it('are closed when their owner went away while they were made', async () => {
    const attendee = await enter(ana);
    const before = await answered('MeetingService.Join');
    const calls = [
      attendee.join(),
      attendee.client.media.rebuild({ meetingId: meeting.id, rtpCapabilities: await server.rtpCapabilities() }),
    ];
    attendee.client.meeting.leave({ meetingId: meeting.id }).catch(() => undefined);
    await Promise.all([...calls.map((call) => call.catch(() => undefined)), attendee.client.close()]);
    await waitFor(async () => (await answered('MeetingService.Join')) === before + 1, 'the join to be answered, though nobody hears it');
    await waitFor(() => transportsOf(1), 'all of hers to be closed');
  });
});

describe('Media that is asked for anew and refused', () => {
  it('leaves nobody with a picture that does not come, and others may share their screens', async () => {
    const attendee = await enter(ana);
    await attendee.produce(Source.SOURCE_SCREEN, 'video');
    await host.until(() => host.sees(attendee)?.producers.length === 1, 'her screen');
    await refused(attendee.client.media.rebuild({ meetingId: meeting.id, rtpCapabilities: notForMediasoup }), 'MEDIA_BAD_CAPABILITIES');
    await host.until(() => host.sees(attendee)?.producers.length === 0, 'her screen to be gone');
    await host.produce(Source.SOURCE_SCREEN, 'video');
  });

  it('ends in one pair of transports, however often at once: those of the last answer', async () => {
    const attendee = await enter(ana);
    const rtpCapabilities = await server.rtpCapabilities();
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => attendee.client.media.rebuild({ meetingId: meeting.id, rtpCapabilities })),
    );
    expect(await transportsOf(2)).toBe(true);
    const transportId = answers.at(-1)?.media?.send?.id ?? '';
    const rtpParameters = produceParameters('audio');
    await attendee.client.media.produce({ meetingId: meeting.id, transportId, source: Source.SOURCE_MICROPHONE, rtpParameters });
  });
});

describe('Several joins of one session at once', () => {
  it('are one participant with one pair of transports, those of the last answer', async () => {
    const attendee = await arrive(ana);
    const joins = await Promise.all([attendee.enter(), attendee.enter(), attendee.enter()]);
    expect(new Set(joins.map(({ participantId }) => participantId)).size).toBe(1);
    expect((await host.snapshot()).participants.size).toBe(2);
    expect(await transportsOf(2)).toBe(true);
    expect(await staysOf(meeting)).toHaveLength(2);
    await attendee.produce(Source.SOURCE_MICROPHONE);
  });
});

function staysOf({ id }: Meeting): Promise<{ id: string; left: boolean }[]> {
  return server.database.query('select id, left_at is not null as left from meeting_stays where meeting_id = $1 order by id', [id]);
}

function answered(method: string): Promise<number> {
  return server.metric(`causeway_gateway_request_seconds_count{method="${method}"}`);
}

/** So many are in, with two transports each. */
async function transportsOf(participants: number): Promise<boolean> {
  const [transports, all] = await Promise.all([server.metric('causeway_media_transports'), server.metric('causeway_participants')]);
  return all === participants && transports === 2 * participants;
}

describe('A message that is refused leaves no gap in the numbers', () => {
  it('whatever was wrong with it', async () => {
    const { conversationId } = host;
    const send = (clientId: string, body: string, to = conversationId) => host.client.chat.send({ conversationId: to, clientId, body });
    expect((await host.write('one')).number).toBe(1);
    await refused(host.write('   '), 'CHAT_EMPTY');
    await refused(host.write('x'.repeat(21)), 'CHAT_TOO_LONG');
    await refused(send('not a uuid', 'two'), 'CHAT_BAD_CLIENT_ID');
    await refused(send(crypto.randomUUID(), 'two', crypto.randomUUID()), 'CHAT_NOT_FOUND');
    await refused(send(crypto.randomUUID(), 'two', 'nowhere'), 'CHAT_NOT_FOUND');
    await refused((await arrive(ben)).client.chat.send({ conversationId, clientId: crypto.randomUUID(), body: 'two' }), 'CHAT_NOT_FOUND');
    const clientId = crypto.randomUUID();
    const answers = await Promise.all([host.write('two', clientId), host.write('two', clientId), host.write('two', clientId)]);
    expect(answers.map(({ number }) => number)).toEqual([2, 2, 2]);
    expect((await host.write('三'.repeat(20))).number).toBe(3);
    const { messages, latest } = await host.client.chat.fetch({ conversationId });
    expect([latest, ...messages.map(({ number }) => number)]).toEqual([3, 1, 2, 3]);
    const heard = host.client.eventsOf(`conversation/${conversationId}`).map(({ number }) => number);
    expect(heard).toEqual([1, 2, 3]);
  });

  it('also when its client id was used in another conversation', async () => {
    const other = await enter(olivia, (await server.createMeeting(olivia)).id);
    const clientId = crypto.randomUUID();
    await other.write('there', clientId);
    await refused(host.write('here', clientId), 'CHAT_BAD_CLIENT_ID');
    expect((await host.write('here')).number).toBe(1);
  });
});

describe('A producer that is refused leaves nothing', () => {
  const good = JSON.parse(produceParameters('audio')) as Record<string, unknown>;
  const garbage: readonly (readonly [string, string])[] = [
    ['no JSON', 'garbage'],
    ['null', 'null'],
    ['no codecs', JSON.stringify({ ...good, codecs: [] })],
    [
      'a repair of nothing',
      JSON.stringify({ ...good, codecs: [{ mimeType: 'audio/rtx', payloadType: 100, clockRate: 48_000, parameters: { apt: 99 } }] }),
    ],
    ['numbers out of their bytes', JSON.stringify({ ...good, encodings: [{ ssrc: 2 ** 40 }] })],
    ['another kind than its source', produceParameters('video')],
    [
      'a codec that nobody routes',
      JSON.stringify({ ...good, codecs: [{ mimeType: 'audio/tin-can', payloadType: 100, clockRate: 48_000, channels: 2 }] }),
    ],
    ['an extension of id 0', JSON.stringify({ ...good, headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 0 }] })],
  ];
  it.each(garbage)('with parameters that are %s', async (_what, rtpParameters) => {
    const attendee = await enter(ana);
    const transportId = attendee.joined.media?.send?.id ?? '';
    const produce = () =>
      attendee.client.media.produce({ meetingId: meeting.id, transportId, source: Source.SOURCE_MICROPHONE, rtpParameters });
    await leavesNothing(() => refused(produce(), 'MEDIA_BAD_PARAMETERS'));
    // The source is free, and the worker's channel is not upset.
    await attendee.produce(Source.SOURCE_MICROPHONE);
  });

  it('for a source that is taken, unknown, or sent over the wrong transport', async () => {
    const attendee = await enter(ana);
    const { send, receive } = attendee.joined.media ?? {};
    const { id: meetingId } = meeting;
    const produce = (source: number, transportId = send?.id ?? '') =>
      attendee.client.media.produce({ meetingId, transportId, source, rtpParameters: produceParameters('audio') });
    await attendee.produce(Source.SOURCE_MICROPHONE);
    await host.told('consumersChanged');
    await leavesNothing(async () => {
      await refused(produce(Source.SOURCE_MICROPHONE), 'MEDIA_SOURCE_TAKEN');
      await refused(produce(Source.SOURCE_UNSPECIFIED), 'MEDIA_BAD_PARAMETERS');
      await refused(produce(Source.SOURCE_SCREEN_AUDIO, receive?.id ?? ''), 'MEDIA_NOT_FOUND');
    });
  });

  it('when two people begin to share a screen at once', async () => {
    const attendee = await enter(ana);
    const results = await Promise.allSettled([host, attendee].map((one) => one.produce(Source.SOURCE_SCREEN, 'video')));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'MEDIA_SHARE_TAKEN' } });
    const producers = [...(await host.snapshot()).participants.values()].flatMap((participant) => participant.producers);
    expect(producers.map(({ source }) => source).sort()).toEqual([Source.SOURCE_MICROPHONE, Source.SOURCE_SCREEN]);
  });
});
