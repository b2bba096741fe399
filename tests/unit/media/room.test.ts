/** What the director of a room makes of late answers and lost nodes. The parts are stand-ins: real ones are late when they like. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProducerFace } from '../../../src/media/feed.js';
import type { PeerOffer } from '../../../src/media/index.js';
import { Room } from '../../../src/media/room.js';
import type { RoomPart } from '../../../src/media/room-part.js';
import { systemClock } from '../../../src/platform/clock.js';
import { CausewayError } from '../../../src/platform/errors.js';
import { testLog } from '../../support/index.js';

const offer: PeerOffer = {
  send: null,
  receive: { id: 'r', iceParameters: { usernameFragment: '', password: '' }, iceCandidates: [], dtlsParameters: { fingerprints: [] } },
  consumers: [],
};

class StubPart implements RoomPart {
  readonly calls: string[] = [];
  whileAdding = async (): Promise<void> => undefined;
  whileProducing = async (): Promise<void> => undefined;
  #producers = 0;

  constructor(readonly node: string) {}

  async addPeer(): Promise<PeerOffer> {
    await this.whileAdding();
    return offer;
  }
  removePeer(peerId: string): void {
    this.calls.push(`remove ${peerId}`);
  }
  async produce(peerId: string, { source }: Parameters<RoomPart['produce']>[1]): Promise<ProducerFace> {
    await this.whileProducing();
    this.#producers += 1;
    const kind = source === 'microphone' ? 'audio' : 'video';
    const layered = { type: kind === 'audio' ? 'simple' : 'simulcast', encodings: [{}, {}, {}] } as const;
    return { id: `${peerId}-${source}-${this.#producers}`, peerId, source, kind, layered, paused: false, node: this.node, floor: 'f' };
  }
  closeProducer(_peerId: string, producerId: string): void {
    this.calls.push(`close ${producerId}`);
  }
  async connectTransport(): Promise<void> {}
  async restartIce(): Promise<never> {
    throw new Error('not here');
  }
  async setProducerPaused(): Promise<void> {}
  async resumeConsumers(): Promise<void> {}
  async setView(): Promise<void> {}
  async scores(): Promise<{ send: null; receive: null }> {
    return { send: null, receive: null };
  }
  setDistant({ set = [] }: Parameters<RoomPart['setDistant']>[0]): void {
    for (const { id } of set) this.calls.push(`distant ${id}`);
  }
  setVoices(): void {}
  setTaps(): void {}
  close(): void {}
}

let one: StubPart;
let two: StubPart;
let room: Room;
const send = (peerId: string, source: 'microphone' | 'camera') =>
  room.produce(peerId, { transportId: 't', source, rtpParameters: { codecs: [] }, paused: false });

beforeEach(async () => {
  [one, two] = [new StubPart('one'), new StubPart('two')];
  room = new Room(
    { id: 'room', slots: 3, directVoices: 10, firstPictures: 9 },
    {
      log: testLog(),
      clock: systemClock,
      node: 'one',
      openPart: async (node) => (node === 'one' ? one : two),
      onClosed: () => undefined,
    },
  );
  await room.begin();
  return () => room.close();
});

describe('A node that answers too late', () => {
  it('is told to take away the peer that it may have all the same', async () => {
    two.whileAdding = () => Promise.reject(new CausewayError('CLUSTER_NODE_GONE'));
    await expect(room.addPeer('ben', {}, { node: 'two' })).rejects.toMatchObject({ code: 'CLUSTER_NODE_GONE' });
    expect(two.calls).toEqual(['remove ben']);
    expect(room.peerIds).toEqual([]);
  });

  it('gives a producer of a peer who was added anew meanwhile: it is closed, and nobody hears of it', async () => {
    await room.addPeer('anna', {});
    await room.addPeer('ben', {}, { node: 'two' });
    two.whileProducing = async () => void (await room.addPeer('ben', {}, { node: 'two' }));
    await expect(send('ben', 'microphone')).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' });
    expect(two.calls).toEqual(['remove ben', 'close ben-microphone-1']);
    expect(one.calls).toEqual([]);
  });
});

describe('A node that is lost', () => {
  it('wants no pictures any more', async () => {
    await room.addPeer('anna', {});
    await room.addPeer('ben', {}, { node: 'two' });
    const { id } = await send('anna', 'camera');
    room.hear('two', ['demand', id, 2]);
    const told = new Promise<unknown[]>((resolve) => room.on('demand', (...event) => resolve(event)));
    room.nodeGone('two');
    expect(await told).toEqual(['anna', id, 0]);
  }, 20_000);

  it('leaves the speaker to those who are there', async () => {
    await room.addPeer('anna', {});
    await room.addPeer('cleo', {});
    await room.addPeer('ben', {}, { node: 'two' });
    const [anna, cleo, ben] = [await send('anna', 'microphone'), await send('cleo', 'microphone'), await send('ben', 'microphone')];
    const speakers: (string | null)[] = [];
    room.on('speaker', (peerId) => speakers.push(peerId));
    room.hear('two', ['volumes', [{ producerId: ben.id, level: -5 }]]);
    room.nodeGone('two');
    const talk = [
      { producerId: anna.id, level: -20 },
      { producerId: cleo.id, level: -30 },
    ];
    room.hear('one', ['volumes', talk]);
    room.hear('one', ['volumes', talk.toReversed()]);
    room.hear('one', ['dominant', cleo.id]);
    expect(speakers).toEqual(['ben', null, 'anna', 'cleo']);
  });
});
