/** Into a room of the media core in this process, without sockets, meetings or people. */
import type { types as mediasoup } from 'mediasoup';
import type { ConsumerOffer, MediaRoom } from '../../src/media/index.js';
import { type Entrance, type EntranceEvents, type OfferedStream, offeredStream, type Setup, type Source } from '../media/entrance.js';
import { rtpCapabilities } from '../media/parameters.js';
import { extensions } from '../media/wire/rtp.js';

export interface RoomEntranceOptions {
  readonly room: MediaRoom;
  readonly peerId: string;
  /** What an attendee's picture is. */
  readonly picture?: 'camera' | 'screen';
}

export class RoomEntrance implements Entrance {
  readonly #options: RoomEntranceOptions;

  constructor(options: RoomEntranceOptions) {
    this.#options = options;
    options.room.setMaxListeners(0);
  }

  async join({ added, removed, demand }: EntranceEvents): Promise<Setup> {
    const { room, peerId } = this.#options;
    room.on('consumers', (id, change) => {
      if (id !== peerId) return;
      added(change.added.map(streamOf));
      removed(change.removed);
    });
    room.on('demand', (id, producerId, layer) => {
      if (id === peerId) demand(producerId, layer);
    });
    const { send, receive, consumers } = await room.addPeer(peerId, rtpCapabilities);
    return { send: send ?? undefined, receive, streams: consumers.map(streamOf) };
  }

  async connect(transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    await this.#options.room.connectTransport(this.#options.peerId, transportId, dtlsParameters);
  }

  async produce(transportId: string, source: Source, rtpParameters: mediasoup.RtpParameters): Promise<string> {
    const { room, peerId, picture = 'camera' } = this.#options;
    const sent = source === 'camera' ? picture : source;
    // The generator writes a time of its own there, which no sender report agrees with: the worker, that
    // brings the layers of a picture under one clock by it, would keep to the first layer.
    const headerExtensions = (rtpParameters.headerExtensions ?? []).filter(({ uri }) => uri !== extensions.sentAt.uri);
    const { id } = await room.produce(peerId, {
      transportId,
      source: sent,
      rtpParameters: { ...rtpParameters, headerExtensions },
      paused: false,
    });
    return id;
  }

  async resume(consumerIds: readonly string[]): Promise<void> {
    await this.#options.room.resumeConsumers(this.#options.peerId, consumerIds);
  }

  async show(producerIds: readonly string[], size: { readonly width: number; readonly height: number }): Promise<void> {
    await this.#options.room.setView(
      this.#options.peerId,
      producerIds.map((producerId) => ({ producerId, ...size })),
    );
  }

  async speaking(): Promise<void> {
    this.#options.room.speaking(this.#options.peerId);
  }

  async close(): Promise<void> {
    this.#options.room.removePeer(this.#options.peerId);
  }
}

function streamOf(consumer: ConsumerOffer): OfferedStream {
  return offeredStream(consumer, consumer.kind, consumer.rtpParameters);
}
