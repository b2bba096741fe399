/** Into a meeting of the product, as its page goes: socket, Join, ConnectTransport, ResumeConsumers. */
import type { types as mediasoup } from 'mediasoup';
import { causeway } from '#proto';
import {
  type Entrance,
  type EntranceEvents,
  type OfferedStream,
  type OfferedTransport,
  offeredStream,
  type Setup,
  type Source,
} from './entrance.js';
import { GatewayClient } from './gateway-client.js';
import { rtpCapabilities } from './parameters.js';

export interface ProductEntranceOptions {
  readonly gatewayUrl: string;
  readonly accessToken: string;
  readonly meetingId: string;
}

const wireSources: Readonly<Record<Source, causeway.Source>> = {
  microphone: causeway.Source.SOURCE_MICROPHONE,
  camera: causeway.Source.SOURCE_CAMERA,
};

export class ProductEntrance implements Entrance {
  readonly #options: ProductEntranceOptions;
  #client: GatewayClient | undefined;

  constructor(options: ProductEntranceOptions) {
    this.#options = options;
  }

  async join(events: EntranceEvents): Promise<Setup> {
    const { gatewayUrl, accessToken, meetingId } = this.#options;
    const client = await GatewayClient.connect(gatewayUrl, accessToken, {
      event: ({ session }) => session && take(session, events),
      lost: events.lost,
    });
    this.#client = client;
    const { joined } = await client.meeting.join({ meetingId, rtpCapabilities: JSON.stringify(rtpCapabilities) });
    if (!joined?.media?.receive) throw new Error('In the lobby: the meeting of a benchmark has none.');
    const { send, receive, consumers } = joined.media;
    return { send: send ? transport(send) : undefined, receive: transport(receive), streams: (consumers ?? []).map(stream) };
  }

  async connect(transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    await this.#media.connectTransport({ meetingId: this.#meetingId, transportId, dtlsParameters: JSON.stringify(dtlsParameters) });
  }

  async produce(transportId: string, source: Source, rtpParameters: mediasoup.RtpParameters): Promise<string> {
    const { producerId } = await this.#media.produce({
      meetingId: this.#meetingId,
      transportId,
      source: wireSources[source],
      rtpParameters: JSON.stringify(rtpParameters),
      paused: false,
    });
    return producerId;
  }

  async resume(consumerIds: readonly string[]): Promise<void> {
    if (consumerIds.length > 0) await this.#media.resumeConsumers({ meetingId: this.#meetingId, consumerIds: [...consumerIds] });
  }

  async show(producerIds: readonly string[], size: { readonly width: number; readonly height: number }): Promise<void> {
    await this.#media.setView({ meetingId: this.#meetingId, shown: producerIds.map((producerId) => ({ producerId, ...size })) });
  }

  async speaking(): Promise<void> {
    await this.#media.speaking({ meetingId: this.#meetingId });
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  get #meetingId(): string {
    return this.#options.meetingId;
  }

  get #media(): causeway.MediaService {
    if (!this.#client) throw new Error('Not joined.');
    return this.#client.media;
  }
}

function take(session: causeway.ISessionEvent, events: EntranceEvents): void {
  const { consumersChanged, producerDemand, mediaMoved, removed, producerStopped } = session;
  if (consumersChanged) {
    events.removed(consumersChanged.removed ?? []);
    const added = (consumersChanged.added ?? []).map(stream);
    if (added.length > 0) events.added(added);
  }
  if (producerDemand) events.demand(producerDemand.producerId ?? '', producerDemand.maxSpatialLayer ?? 0);
  if (mediaMoved) events.lost(new Error('The media worker was lost.'));
  if (removed) events.lost(new Error('Removed from the meeting.'));
  if (producerStopped) events.lost(new Error('The server stopped a producer.'));
}

function transport(options: causeway.ITransportOptions): OfferedTransport {
  return {
    id: options.id ?? '',
    iceParameters: JSON.parse(options.iceParameters ?? ''),
    iceCandidates: JSON.parse(options.iceCandidates ?? ''),
    dtlsParameters: JSON.parse(options.dtlsParameters ?? ''),
  };
}

function stream(consumer: causeway.IConsumerOptions): OfferedStream {
  const { SOURCE_CAMERA, SOURCE_SCREEN } = causeway.Source;
  const video = consumer.source === SOURCE_CAMERA || consumer.source === SOURCE_SCREEN;
  return offeredStream(
    { id: consumer.id ?? '', producerId: consumer.producerId ?? '', slot: consumer.slot ?? 0 },
    video ? 'video' : 'audio',
    JSON.parse(consumer.rtpParameters ?? ''),
  );
}
