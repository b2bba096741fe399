/** The part of a room on another node, as the director has it in hand. */
import type { types as mediasoup } from 'mediasoup';
import type { Cluster } from '../platform/cluster/index.js';
import type { ProducerFace } from './feed.js';
import type { PeerOffer, Shown } from './media.js';
import type {} from './part-calls.js';
import type { DistantChange, ProduceOptions, RoomPart, Voices } from './room-part.js';
import type { TapWish } from './tap.js';

/** Milliseconds. A node that is gone is known sooner. */
const addPeerMs = 60_000;

export class RemotePart implements RoomPart {
  readonly #cluster: Cluster;
  readonly #room: string;

  constructor(
    readonly node: string,
    room: string,
    cluster: Cluster,
  ) {
    this.#room = room;
    this.#cluster = cluster;
  }

  addPeer(peerId: string, rtpCapabilities: mediasoup.RtpCapabilities, sends: boolean): Promise<PeerOffer> {
    // In a burst of joins its workers take one after the other.
    return this.#cluster.call(this.node, 'media.addPeer', { room: this.#room, peerId, rtpCapabilities, sends }, { answerMs: addPeerMs });
  }

  removePeer(peerId: string): void {
    this.#cluster.tell(this.node, 'media.removePeer', { room: this.#room, peerId });
  }

  async connectTransport(peerId: string, transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    await this.#cluster.call(this.node, 'media.connectTransport', { room: this.#room, peerId, transportId, dtlsParameters });
  }

  restartIce(peerId: string, transportId: string): Promise<mediasoup.IceParameters> {
    return this.#cluster.call(this.node, 'media.restartIce', { room: this.#room, peerId, transportId });
  }

  produce(peerId: string, options: ProduceOptions): Promise<ProducerFace> {
    const { transportId, source, rtpParameters, paused } = options;
    return this.#cluster.call(this.node, 'media.produce', {
      room: this.#room,
      peerId,
      options: { transportId, source, rtpParameters, paused },
    });
  }

  async setProducerPaused(peerId: string, producerId: string, paused: boolean): Promise<void> {
    await this.#cluster.call(this.node, 'media.setProducerPaused', { room: this.#room, peerId, producerId, paused });
  }

  closeProducer(peerId: string, producerId: string): void {
    this.#cluster.tell(this.node, 'media.closeProducer', { room: this.#room, peerId, producerId });
  }

  async resumeConsumers(peerId: string, consumerIds: readonly string[]): Promise<void> {
    await this.#cluster.call(this.node, 'media.resumeConsumers', { room: this.#room, peerId, consumerIds });
  }

  async setView(peerId: string, shown: readonly Shown[]): Promise<void> {
    await this.#cluster.call(this.node, 'media.setView', { room: this.#room, peerId, shown });
  }

  scores(peerId: string): Promise<{ send: number | null; receive: number | null }> {
    return this.#cluster.call(this.node, 'media.scores', { room: this.#room, peerId });
  }

  setDistant(change: DistantChange): void {
    this.#cluster.tell(this.node, 'media.setDistant', { room: this.#room, change });
  }

  setVoices(voices: Voices): void {
    this.#cluster.tell(this.node, 'media.setVoices', { room: this.#room, voices });
  }

  setTaps(taps: readonly TapWish[]): void {
    this.#cluster.tell(this.node, 'media.setTaps', { room: this.#room, taps });
  }

  close(): void {
    this.#cluster.tell(this.node, 'media.closePart', { room: this.#room });
  }
}
