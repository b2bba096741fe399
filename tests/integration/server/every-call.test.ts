/** Walks every call of the socket. One that is added to the proto without a line here fails the first test. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Language, languages } from '../../../src/platform/errors.js';
import { SocketCallError, SocketClient } from '../../support/index.js';
import { Attendee, Role, Source } from './attendee.js';
import { audio, dtlsParameters, expectRefusal, type Scene, type Things, twoOrganisations } from './two-organisations.js';

/** A call that names things of somebody else's meeting, `theirs`, or those things as if they were in the caller's own. */
type Call = (as: SocketClient, theirs: Things, own: { meetingId: string }) => Promise<object>;

interface MethodCase {
  readonly refused?: readonly Call[];
  /** Answers with nothing and changes nothing. */
  readonly harmless?: readonly Call[];
}

const capabilities = async () => scene.server.rtpCapabilities();

const methods: Readonly<Record<string, MethodCase>> = {
  'SessionService.Ping': { harmless: [async (as) => ({ ...(await as.session.ping({})), serverTimeMs: 0 })] },
  'SessionService.Renew': { refused: [(as, { accessToken }) => as.session.renew({ accessToken })] },
  'SessionService.Replay': {
    refused: [
      (as, { meetingId }) => as.session.replay({ topic: `meeting/${meetingId}`, after: 0 }),
      (as, { conversationId }) => as.session.replay({ topic: `conversation/${conversationId}`, after: 0 }),
    ],
  },

  'MeetingService.Join': { refused: [async (as, { meetingId }) => as.meeting.join({ meetingId, rtpCapabilities: await capabilities() })] },
  'MeetingService.Leave': { harmless: [(as, { meetingId }) => as.meeting.leave({ meetingId })] },
  'MeetingService.Snapshot': { refused: [(as, { meetingId }) => as.meeting.snapshot({ meetingId })] },
  'MeetingService.RaiseHand': { refused: [(as, { meetingId }) => as.meeting.raiseHand({ meetingId, raised: true })] },
  'MeetingService.AnswerLobby': {
    refused: [
      (as, { meetingId, waitingId }) => as.meeting.answerLobby({ meetingId, waitingId, admit: true }),
      (as, { meetingId }) => as.meeting.answerLobby({ meetingId, waitingId: '', admit: false }),
    ],
  },
  'MeetingService.SetLock': { refused: [(as, { meetingId }) => as.meeting.setLock({ meetingId, locked: true })] },
  'MeetingService.Mute': {
    refused: [
      (as, { meetingId, participantId }) => as.meeting.mute({ meetingId, participantId }),
      (as, { participantId }, { meetingId }) => as.meeting.mute({ meetingId, participantId }),
    ],
  },
  'MeetingService.AskToUnmute': {
    refused: [
      (as, { meetingId, participantId }) => as.meeting.askToUnmute({ meetingId, participantId }),
      (as, { participantId }, { meetingId }) => as.meeting.askToUnmute({ meetingId, participantId }),
    ],
  },
  'MeetingService.Remove': {
    refused: [
      (as, { meetingId, participantId }) => as.meeting.remove({ meetingId, participantId }),
      (as, { participantId }, { meetingId }) => as.meeting.remove({ meetingId, participantId }),
    ],
  },
  'MeetingService.LowerHand': {
    refused: [
      (as, { meetingId, participantId }) => as.meeting.lowerHand({ meetingId, participantId }),
      (as, { participantId }, { meetingId }) => as.meeting.lowerHand({ meetingId, participantId }),
    ],
  },
  'MeetingService.SetRole': {
    refused: [
      (as, { meetingId, participantId }) => as.meeting.setRole({ meetingId, participantId, role: Role.ROLE_HOST }),
      (as, { participantId }, { meetingId }) => as.meeting.setRole({ meetingId, participantId, role: Role.ROLE_HOST }),
    ],
  },
  'MeetingService.SetSpotlight': {
    refused: [
      (as, { meetingId, participantId }) => as.meeting.setSpotlight({ meetingId, participantId, on: true }),
      (as, { participantId }, { meetingId }) => as.meeting.setSpotlight({ meetingId, participantId, on: true }),
    ],
  },
  'MeetingService.ListViewers': { refused: [(as, { meetingId }) => as.meeting.listViewers({ meetingId })] },
  'MeetingService.SetAgenda': { refused: [(as, { meetingId }) => as.meeting.setAgenda({ meetingId, revision: 0, items: [] })] },
  'MeetingService.TurnAgenda': { refused: [(as, { meetingId }) => as.meeting.turnAgenda({ meetingId, itemId: '' })] },
  'MeetingService.EndForAll': { refused: [(as, { meetingId }) => as.meeting.endForAll({ meetingId })] },

  'MediaService.Rebuild': {
    refused: [async (as, { meetingId }) => as.media.rebuild({ meetingId, rtpCapabilities: await capabilities() })],
  },
  'MediaService.ConnectTransport': {
    refused: [
      (as, { meetingId, sendTransportId: transportId }) => as.media.connectTransport({ meetingId, transportId, dtlsParameters }),
      (as, { sendTransportId: transportId }, { meetingId }) => as.media.connectTransport({ meetingId, transportId, dtlsParameters }),
      (as, { receiveTransportId: transportId }, { meetingId }) => as.media.connectTransport({ meetingId, transportId, dtlsParameters }),
    ],
  },
  'MediaService.RestartIce': {
    refused: [
      (as, { meetingId, sendTransportId: transportId }) => as.media.restartIce({ meetingId, transportId }),
      (as, { receiveTransportId: transportId }, { meetingId }) => as.media.restartIce({ meetingId, transportId }),
    ],
  },
  'MediaService.Produce': {
    refused: [
      (as, { meetingId, sendTransportId: transportId }) =>
        as.media.produce({ meetingId, transportId, source: Source.SOURCE_MICROPHONE, rtpParameters: audio() }),
      (as, { sendTransportId: transportId }, { meetingId }) =>
        as.media.produce({ meetingId, transportId, source: Source.SOURCE_MICROPHONE, rtpParameters: audio() }),
    ],
  },
  'MediaService.SetProducerPaused': {
    refused: [
      (as, { meetingId, producerId }) => as.media.setProducerPaused({ meetingId, producerId, paused: true }),
      (as, { producerId }, { meetingId }) => as.media.setProducerPaused({ meetingId, producerId, paused: true }),
    ],
  },
  'MediaService.CloseProducer': {
    refused: [(as, { meetingId, producerId }) => as.media.closeProducer({ meetingId, producerId })],
    harmless: [(as, { producerId }, { meetingId }) => as.media.closeProducer({ meetingId, producerId })],
  },
  'MediaService.ResumeConsumers': {
    refused: [(as, { meetingId, consumerId }) => as.media.resumeConsumers({ meetingId, consumerIds: [consumerId] })],
    harmless: [(as, { consumerId }, { meetingId }) => as.media.resumeConsumers({ meetingId, consumerIds: [consumerId] })],
  },
  'MediaService.SetView': {
    refused: [(as, { meetingId, producerId }) => as.media.setView({ meetingId, shown: [{ producerId, width: 640, height: 360 }] })],
    harmless: [(as, { producerId }, { meetingId }) => as.media.setView({ meetingId, shown: [{ producerId, width: 640, height: 360 }] })],
  },
  'MediaService.ReportQuality': { refused: [(as, { meetingId }) => as.media.reportQuality({ meetingId, sample: { durationMs: 10_000 } })] },
  'MediaService.Speaking': { refused: [(as, { meetingId }) => as.media.speaking({ meetingId })] },
  'MediaService.Stats': { refused: [(as, { meetingId }) => as.media.stats({ meetingId })] },

  'RecordingService.Start': { refused: [(as, { meetingId }) => as.recording.start({ meetingId, kind: 1 })] },
  'RecordingService.SetPaused': { refused: [(as, { meetingId }) => as.recording.setPaused({ meetingId, paused: true })] },
  'RecordingService.Stop': { refused: [(as, { meetingId }) => as.recording.stop({ meetingId })] },
  'RecordingService.AnswerConsent': { refused: [(as, { meetingId }) => as.recording.answerConsent({ meetingId, answer: { yes: true } })] },
  'RecordingService.SetCaptions': { refused: [(as, { meetingId }) => as.recording.setCaptions({ meetingId, on: true })] },
  'RecordingService.SetOwnCaptions': { refused: [(as, { meetingId }) => as.recording.setOwnCaptions({ meetingId, optOut: true })] },

  'ChatService.Send': {
    refused: [(as, { conversationId }) => as.chat.send({ conversationId, clientId: crypto.randomUUID(), body: 'hello there' })],
  },
  'ChatService.Fetch': { refused: [(as, { conversationId }) => as.chat.fetch({ conversationId, after: 0 })] },
  'ChatService.Sync': {
    harmless: [
      async (as, { conversationId }) => {
        const { conversations, urgent } = await as.chat.sync({ only: [conversationId], cursors: [{ conversationId, number: 0 }] });
        return { conversations: conversations.length, urgent: urgent.length };
      },
    ],
  },
  'ChatService.Edit': { refused: [(as, { conversationId }) => as.chat.edit({ conversationId, number: 1, body: 'other words' })] },
  'ChatService.Recall': { refused: [(as, { conversationId }) => as.chat.recall({ conversationId, number: 1 })] },
  'ChatService.React': { refused: [(as, { conversationId }) => as.chat.react({ conversationId, number: 1, emoji: '👍', on: true })] },
  'ChatService.Pin': { refused: [(as, { conversationId }) => as.chat.pin({ conversationId, number: 1, on: true })] },
  'ChatService.Vote': { refused: [(as, { conversationId }) => as.chat.vote({ conversationId, number: 1, options: [0] })] },
  'ChatService.ClosePoll': { refused: [(as, { conversationId }) => as.chat.closePoll({ conversationId, number: 1 })] },
  'ChatService.MarkRead': { refused: [(as, { conversationId }) => as.chat.markRead({ conversationId, number: 1 })] },
  'ChatService.ListReaders': { refused: [(as, { conversationId }) => as.chat.listReaders({ conversationId, number: 1 })] },
  'ChatService.Confirm': { refused: [(as, { conversationId }) => as.chat.confirm({ conversationId, number: 1 })] },
  'ChatService.Type': { refused: [(as, { conversationId }) => as.chat.type({ conversationId })] },
  'ChatService.SaveDraft': { refused: [(as, { conversationId }) => as.chat.saveDraft({ conversationId, body: 'half a' })] },
  'ChatService.WatchPresence': {
    harmless: [async (as) => ({ people: (await as.chat.watchPresence({ personIds: [scene.olivia.person.id] })).people.length })],
  },
};

let scene: Scene;
/** In meetings of their own, one for each language. */
const strangers = new Map<Language, Attendee>();
const guests = new Map<Language, Attendee>();

beforeAll(async () => {
  scene = await twoOrganisations();
  const sven = await scene.stranger();
  const { id } = await scene.server.createMeeting(sven, { title: 'Elsewhere' });
  for (const language of languages) {
    const stranger = await Attendee.arrive(scene.server, id, sven, language);
    await stranger.enter();
    strangers.set(language, stranger);
    const signedIn = await scene.guest();
    const guest = await Attendee.arrive(scene.server, signedIn.meetingId, signedIn, language);
    await guest.enter();
    guests.set(language, guest);
  }
});
afterAll(() => scene?.server.close());

/** Everything that outsiders must not change: the database, the meeting, what its people were told, and the media. */
async function untouched(): Promise<unknown> {
  const { host, attendee } = scene.first;
  const told = [host, attendee].map(({ client }) => client.events.filter((event) => event.meeting?.activeSpeaker === undefined).length);
  const media = await Promise.all(['transports', 'producers', 'consumers'].map((name) => scene.server.metric(`causeway_media_${name}`)));
  return { rows: await scene.rows(), meeting: { ...(await host.snapshot()), activeSpeakerId: null }, told, media };
}

describe('Every call of the socket', () => {
  it('is known to this test', () => {
    expect([...scene.server.server.methods()].sort()).toEqual(Object.keys(methods).sort());
  });

  for (const [name, { refused = [], harmless = [] }] of Object.entries(methods)) {
    it(`${name} is not heard before the hello, nor after one without a good token`, async () => {
      const url = await scene.server.gatewayUrl();
      const silent = await SocketClient.open(url);
      silent.send({ request: { id: 1, method: name, payload: new Uint8Array() } });
      expect(await silent.closed).toMatchObject({ code: 4001, goodbye: 'SOCKET_HELLO_EXPECTED' });
      const nobody = await SocketClient.open(url);
      nobody.send({ hello: { accessToken: 'nonsense', language: 'en', client: 'test' } });
      nobody.send({ request: { id: 1, method: name, payload: new Uint8Array() } });
      expect(await nobody.closed).toMatchObject({ code: 4003, goodbye: 'AUTH_REQUIRED' });
      for (const { frames } of [silent, nobody]) expect(frames.map((frame) => frame.body)).toEqual(['goodbye']);
    });

    it.each([
      ['somebody of another organisation', strangers],
      ['a guest of another meeting', guests],
    ])(`${name} does not reach what is not the caller's: %s`, async (_who, callers) => {
      const before = await untouched();
      for (const [language, { client, meetingId }] of callers) {
        for (const call of refused)
          expectRefused(await call(client, scene.first.things, { meetingId }).catch((error: unknown) => error), language);
        for (const call of harmless)
          expect(Object.values(await call(client, scene.first.things, { meetingId })).filter(Boolean)).toEqual([]);
      }
      expect(await untouched()).toEqual(before);
    });
  }

  it('has a case for each method', () => {
    for (const { refused = [], harmless = [] } of Object.values(methods)) expect(refused.length + harmless.length).toBeGreaterThan(0);
  });

  it('is refused in the caller’s language when it does not exist or cannot be read', async () => {
    for (const [language, { client }] of strangers) {
      expectRefused(await client.call('MeetingService.TakeOver').catch((error: unknown) => error), language, 'METHOD_UNKNOWN');
      expectRefused(
        await client.call('MeetingService.Join', new Uint8Array([0xff])).catch((error: unknown) => error),
        language,
        'REQUEST_INVALID',
      );
    }
  });
});

function expectRefused(error: unknown, language: Language, code?: string): void {
  if (!(error instanceof SocketCallError)) throw new Error('It was not refused.', { cause: error });
  expectRefusal({ code: error.code, message: error.message.slice(`${error.code}: `.length) }, language);
  if (code) expect(error.code).toBe(code);
  else expect(error.code, 'the input is right, the caller is not').not.toMatch(/^REQUEST_|BAD_PARAMETERS|BAD_CAPABILITIES/);
}
