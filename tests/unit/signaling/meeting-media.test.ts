/** What the room tells, and what becomes of it. The room is a stand-in: a real one tells these things when it likes. */
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import type { Media, MediaRoom, MediaRoomEvents, PeerOffer } from '../../../src/media/index.js';
import { type Session, WatchedSession } from '../../../src/platform/gateway/index.js';
import { Meeting } from '../../../src/signaling/meeting.js';
import { MeetingMedia } from '../../../src/signaling/meeting-media.js';
import type { MemberRole } from '../../../src/signaling/meeting-records.js';
import { Presences } from '../../../src/signaling/presences.js';

const { MeetingKind, Role, Source } = causeway;

class StubSession extends WatchedSession implements Session {
  readonly language = 'en';
  readonly connected = true;
  readonly ended = false;
  readonly told: causeway.ISessionEvent[] = [];
  readonly principal: Session['principal'];
  readonly id: string;

  constructor(id: string) {
    super();
    this.id = id;
    this.principal = { orgId: 'o', personId: id, name: id, role: 'member', signInId: 's', expiresAt: 0 };
  }

  send(event: causeway.ISessionEvent): void {
    this.told.push(event);
  }
  subscribe(): void {}
  unsubscribe(): void {}
  end(): void {}
}

class StubRoom extends EventEmitter<MediaRoomEvents> implements MediaRoom {
  readonly id = 'm';
  readonly peerIds: readonly string[] = [];
  readonly calls: unknown[][] = [];
  /** What happens while a worker makes a producer. */
  whileProducing = (): void => undefined;

  async addPeer(): Promise<PeerOffer> {
    throw new Error('not here');
  }
  removePeer(): void {}
  async connectTransport(): Promise<void> {}
  async restartIce(): Promise<never> {
    throw new Error('not here');
  }
  async produce(peerId: string): Promise<{ id: string }> {
    this.calls.push(['produce', peerId]);
    this.whileProducing();
    return { id: 'new' };
  }
  async setProducerPaused(): Promise<void> {}
  closeProducer(peerId: string, producerId: string): void {
    this.calls.push(['closeProducer', peerId, producerId]);
  }
  async resumeConsumers(): Promise<void> {}
  async setView(): Promise<void> {}
  speaking(peerId: string): void {
    this.calls.push(['speaking', peerId]);
  }
  async scores(): Promise<{ send: null; receive: null }> {
    return { send: null, receive: null };
  }
  close(): void {}
  abandon(): void {}
  setTaps(): void {}
}

let room: StubRoom;
let rooms: number;
let machine: Meeting;
let media: MeetingMedia;
let sessions: Map<string, StubSession>;
let events: causeway.MeetingEvent.$Properties[];
let now: number;
const sessionOf = (id: string) => sessions.get(id)!;
const toldTo = (id: string) => sessionOf(id).told;
const refusal = (code: string) => expect.objectContaining({ code });
const produce = (id: string) =>
  media.produce(sessionOf(id), { transportId: 't', source: Source.SOURCE_MICROPHONE, rtpParameters: { codecs: [] }, paused: false });

beforeEach(async () => {
  now = 10_000;
  rooms = 0;
  const clock = { now: () => now };
  const initial = {
    meetingId: 'm',
    title: '',
    code: '',
    locked: false,
    startedAt: 1,
    conversationId: 'c',
    kind: MeetingKind.MEETING_KIND_WEBINAR,
  };
  machine = new Meeting(initial, { clock, maxParticipants: 9, maxViewers: 9, maxWaiting: 9 });
  const stub: Media = {
    rtpCapabilities: {},
    openRoom: async () => {
      rooms += 1;
      room = new StubRoom();
      return room;
    },
    describe: () => {
      throw new Error('not here');
    },
    close: async () => undefined,
  };
  const presences = new Presences();
  media = new MeetingMedia({ clock, meetingId: 'm', media: stub, machine, presences });
  sessions = new Map();
  for (const [id, role] of [
    ['hal', 'host'],
    ['pia', 'presenter'],
    ['vic', 'attendee'],
  ] as const satisfies readonly (readonly [string, MemberRole])[]) {
    const session = new StubSession(id);
    sessions.set(id, session);
    machine.enter({ id, personId: id, name: id, guest: false, role });
    presences.add({ participantId: id, personId: id, session, stayId: id, forget: () => undefined });
  }
  // Opens the room.
  await media.resumeConsumers(sessionOf('hal'), []);
  machine.addProducer('hal', { id: 'h', source: Source.SOURCE_MICROPHONE, paused: false });
  machine.addProducer('pia', { id: 'p', source: Source.SOURCE_CAMERA, paused: false });
  events = [];
  machine.on('event', (event) => events.push(event));
});

describe('What the room tells', () => {
  it('of a producer that nobody receives goes to its publisher alone', () => {
    room.emit('demand', 'pia', 'p', -1);
    room.emit('demand', 'gone', 'x', 2);
    expect([toldTo('hal'), toldTo('pia'), toldTo('vic')]).toEqual([[], [{ producerDemand: { producerId: 'p', maxSpatialLayer: -1 } }], []]);
    expect(events).toEqual([]);
  });

  it('of a picture that somebody cannot decode goes to its publisher alone', () => {
    room.emit('undecodable', 'pia', 'p');
    expect([toldTo('hal'), toldTo('pia'), toldTo('vic')]).toEqual([[], [{ producerUndecodable: { producerId: 'p' } }], []]);
  });

  it('of pictures that do not come goes to whom they do not come, a viewer too', () => {
    room.emit('starved', 'vic', ['c1', 'c2']);
    room.emit('starved', 'vic', []);
    expect(toldTo('vic')).toEqual([
      { videoStarved: { meetingId: 'm', consumerIds: ['c1', 'c2'] } },
      { videoStarved: { meetingId: 'm', consumerIds: [] } },
    ]);
  });

  it('of who is heard goes to all, and is nobody who is not on stage', () => {
    room.emit('heard', ['pia', null, 'gone', 'hal']);
    room.emit('heard', ['pia', null, null, 'hal']);
    expect(events).toEqual([{ heard: { participantIds: ['pia', '', '', 'hal'] } }]);
    expect(machine.state.heard).toEqual(['pia', null, null, 'hal']);
    room.emit('heard', []);
    expect(machine.state.heard).toEqual([]);
  });

  it('of those who must build their media anew takes the producers of these alone', () => {
    machine.setSpeaker('hal');
    room.emit('moved', ['pia', 'vic', 'gone']);
    expect([toldTo('hal'), toldTo('pia'), toldTo('vic')]).toEqual([
      [],
      [{ mediaMoved: { meetingId: 'm' } }],
      [{ mediaMoved: { meetingId: 'm' } }],
    ]);
    expect(machine.state.participants.get('hal')?.producers).toHaveLength(1);
    expect(machine.state.participants.get('pia')?.producers).toEqual([]);
    expect(machine.state.activeSpeakerId).toBe('hal');
    room.emit('moved', ['hal']);
    expect(machine.state.activeSpeakerId).toBeNull();
  });

  it('at its end sends everybody to another one', async () => {
    room.emit('heard', ['pia']);
    room.emit('lost');
    for (const id of ['hal', 'pia', 'vic']) expect(toldTo(id)).toEqual([{ mediaMoved: { meetingId: 'm' } }]);
    expect(machine.state.heard).toEqual([]);
    await media.resumeConsumers(sessionOf('vic'), []);
    expect(rooms).toBe(2);
  });
});

describe('Whoever says that his microphone carries a voice', () => {
  it('is heeded 5 times a second, each for himself', async () => {
    for (let i = 0; i < 20; i += 1) await media.speaking(sessionOf('pia'));
    await media.speaking(sessionOf('hal'));
    expect(room.calls.filter(([, id]) => id === 'pia')).toHaveLength(5);
    expect(room.calls.filter(([, id]) => id === 'hal')).toHaveLength(1);
    now += 1_000;
    await media.speaking(sessionOf('pia'));
    expect(room.calls.filter(([, id]) => id === 'pia')).toHaveLength(6);
  });

  it('is not heeded when he views, and refused when he is not in', async () => {
    await media.speaking(sessionOf('vic'));
    expect(room.calls).toEqual([]);
    await expect(media.speaking(new StubSession('stranger'))).rejects.toEqual(refusal('MEETING_NOT_IN'));
  });
});

describe('A producer', () => {
  it('is not made for a viewer', async () => {
    await expect(produce('vic')).rejects.toEqual(refusal('MEETING_FORBIDDEN'));
    expect(room.calls).toEqual([]);
  });

  it('is closed when its owner was sent off the stage while it was made', async () => {
    room.whileProducing = () => void machine.changeRole({ personId: 'pia', role: Role.ROLE_VIEWER });
    await expect(produce('pia')).rejects.toEqual(refusal('MEETING_FORBIDDEN'));
    expect(room.calls).toEqual([
      ['produce', 'pia'],
      ['closeProducer', 'pia', 'new'],
    ]);
    expect(events.some((event) => event.producerAdded)).toBe(false);
  });
});
