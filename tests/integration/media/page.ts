/** Stands for the page of one peer: keeps what it is offered, and notices when an offer makes no sense. */
import type { types as mediasoup } from 'mediasoup';
import type { AddPeerOptions, ConsumerOffer, MediaRoom, PeerOffer, Source, TransportOffer } from '../../../src/media/index.js';
import { waitFor } from '../../support/index.js';
import { cameraParameters, microphoneParameters, screenParameters } from '../../unit/media/parameters.js';

export class Page {
  /** By producer. */
  readonly consumers = new Map<string, ConsumerOffer>();
  /** Consumers that were offered by event, not in the answer. */
  readonly announced: string[] = [];
  readonly faults: string[] = [];
  #offer: PeerOffer | undefined;

  constructor(
    readonly room: MediaRoom,
    readonly id: string,
    readonly rtpCapabilities: mediasoup.RtpCapabilities,
  ) {
    room.setMaxListeners(0);
    room.on('consumers', (peerId, { added, removed }) => {
      if (peerId !== id) return;
      if (!this.#offer) this.faults.push('an event came before the answer of addPeer');
      for (const consumerId of removed) this.#remove(consumerId);
      for (const offer of added) {
        this.#add(offer);
        this.announced.push(offer.id);
      }
    });
  }

  get offer(): PeerOffer {
    if (!this.#offer) throw new Error('not in the room');
    return this.#offer;
  }

  get sendTransport(): TransportOffer {
    if (!this.offer.send) throw new Error('a viewer');
    return this.offer.send;
  }

  async join(options: AddPeerOptions = {}): Promise<this> {
    this.#offer = undefined;
    this.consumers.clear();
    const offer = await this.room.addPeer(this.id, this.rtpCapabilities, options);
    this.#offer = offer;
    for (const consumer of offer.consumers) this.#add(consumer);
    return this;
  }

  leave(): void {
    this.room.removePeer(this.id);
    this.#offer = undefined;
    this.consumers.clear();
  }

  async send(source: Source, rtpParameters = parametersOf(source), paused = false): Promise<string> {
    const { id } = await this.room.produce(this.id, { transportId: this.sendTransport.id, source, rtpParameters, paused });
    return id;
  }

  /** Waits until the page has a consumer of it. */
  async receives(producerId: string): Promise<ConsumerOffer> {
    return waitFor(() => this.consumers.get(producerId), `${this.id} is offered producer ${producerId}`);
  }

  async resumeAll(): Promise<void> {
    await this.room.resumeConsumers(
      this.id,
      [...this.consumers.values()].map(({ id }) => id),
    );
  }

  #add(offer: ConsumerOffer): void {
    if (this.consumers.has(offer.producerId)) this.faults.push(`a second consumer of ${offer.source}`);
    if (offer.producerPeerId === this.id) this.faults.push('a consumer of oneself');
    this.consumers.set(offer.producerId, offer);
  }

  #remove(consumerId: string): void {
    const known = [...this.consumers.values()].find(({ id }) => id === consumerId);
    if (!known) this.faults.push('the removal of a consumer that was never offered');
    else this.consumers.delete(known.producerId);
  }
}

export function parametersOf(source: Source): mediasoup.RtpParameters {
  if (source === 'camera') return cameraParameters();
  return source === 'screen' ? screenParameters() : microphoneParameters();
}
