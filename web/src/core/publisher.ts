/**
 * Sends what `LocalMedia` has. It compares what should be sent with what is sent and makes the
 * difference, one source after the other, so that a new transport (after a lost worker, after a
 * dead connection) needs nothing special: nothing is sent yet, therefore all is sent again,
 * sound first.
 */

import type { types } from 'mediasoup-client';
import { causeway } from '#proto';
import type { LocalMedia } from './local-media';
import {
  cameraEncodings,
  canScale,
  chooseCodec,
  codecOptions,
  findCodec,
  mimeTypeOf,
  screenEncodings,
  type VideoCodec,
} from './media-encodings';
import { type RpcError, toRpcError } from './rpc-error';
import { SenderLayers } from './sender-layers';

export type SentSource = 'microphone' | 'camera' | 'screen' | 'screenSound';

export interface PublisherDeps {
  readonly meetingId: string;
  readonly local: LocalMedia;
  readonly rpc: causeway.MediaService;
  /** The server would not take it. */
  readonly onProblem: (source: SentSource, error: RpcError) => void;
}

interface Wanted {
  readonly track: MediaStreamTrack | null;
  readonly paused: boolean;
}

interface Slot {
  producer: types.Producer | null;
  /** Of a picture: sends the layers that are wanted. */
  layers: SenderLayers | null;
  /** What the server was told last. */
  toldPaused: boolean;
  /** The encodings that the producer was made with, as text to compare by. */
  shape: string;
  /** Refused: not tried again until the person asks for it again. */
  refusedTrack: MediaStreamTrack | null;
  /** A producer that the server has to close before it takes another one of this source. */
  closing: string | null;
  working: boolean;
  again: boolean;
}

const retryMs = 1_000;
const order: readonly SentSource[] = ['microphone', 'camera', 'screen', 'screenSound'];
const protoSource: Readonly<Record<SentSource, causeway.Source>> = {
  microphone: causeway.Source.SOURCE_MICROPHONE,
  camera: causeway.Source.SOURCE_CAMERA,
  screen: causeway.Source.SOURCE_SCREEN,
  screenSound: causeway.Source.SOURCE_SCREEN_AUDIO,
};

export class Publisher {
  readonly #deps: PublisherDeps;
  readonly #slots: Record<SentSource, Slot> = {
    microphone: emptySlot(),
    camera: emptySlot(),
    screen: emptySlot(),
    screenSound: emptySlot(),
  };
  #transport: types.Transport | null = null;
  #capabilities: types.RtpCapabilities = {};
  #canSendH264Layers = false;
  /** What the server said of how much is wanted, by producer; it may say so before its answer to Produce is here. */
  readonly #demands = new Map<string, number>();
  #mustBeDecodable = false;
  readonly #unsubscribe: () => void;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.local.subscribe(() => this.refresh());
  }

  /** Sends through this transport from now on; whatever another one sent is over. */
  attach(
    transport: types.Transport,
    { sendRtpCapabilities, handlerName }: Pick<types.Device, 'sendRtpCapabilities' | 'handlerName'>,
  ): void {
    this.detach();
    this.#transport = transport;
    this.#capabilities = sendRtpCapabilities;
    this.#canSendH264Layers = !handlerName.startsWith('Firefox');
    transport.on('produce', ({ rtpParameters, appData }, done, failed) => {
      const source = order.find((name) => name === appData.source);
      if (!source) return;
      this.#deps.rpc
        .produce({
          meetingId: this.#deps.meetingId,
          transportId: transport.id,
          source: protoSource[source],
          rtpParameters: JSON.stringify(rtpParameters),
          paused: appData.paused === true,
        })
        .then((reply) => done({ id: reply.producerId }))
        .catch((thrown: unknown) => failed(toRpcError(thrown)));
    });
    this.refresh();
  }

  /** Looks again whether something is to be done: after a change, after the socket came back. */
  refresh(): void {
    clearTimeout(this.#retryTimer);
    for (const source of order) void this.#reconcile(source);
  }

  /** The transport is gone, and the producers with it. The tracks live on. */
  detach(): void {
    this.#transport = null;
    this.#demands.clear();
    for (const slot of Object.values(this.#slots)) Object.assign(slot, { producer: null, layers: null, refusedTrack: null, closing: null });
  }

  /** The highest layer of a producer that anybody receives; -1: nobody does. A producer of which nothing was said is wanted whole. */
  demand(producerId: string, maxSpatialLayer: number): void {
    this.#demands.set(producerId, maxSpatialLayer);
    const slot = Object.values(this.#slots).find(({ producer }) => producer?.id === producerId);
    void slot?.layers?.want(maxSpatialLayer);
  }

  /** Somebody in this meeting can't decode the camera's codec: the preference must wait for another meeting. */
  undecodable(producerId: string): void {
    if (this.#slots.camera.producer?.id !== producerId) return;
    this.#mustBeDecodable = true;
    this.refresh();
  }

  /** A host muted it, or the server closed it. */
  stopped(producerId: string, closed: boolean): SentSource | null {
    const source = order.find((name) => this.#slots[name].producer?.id === producerId);
    if (!source) return null;
    const slot = this.#slots[source];
    if (closed) {
      slot.producer?.close();
      this.#forget(slot);
      slot.refusedTrack = this.#wanted(source).track;
    } else {
      slot.toldPaused = true;
    }
    return source;
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#retryTimer);
    this.detach();
  }

  async #reconcile(source: SentSource): Promise<void> {
    const slot = this.#slots[source];
    slot.again = true;
    if (slot.working) return;
    slot.working = true;
    while (slot.again) {
      slot.again = false;
      const transport = this.#transport;
      if (!transport || transport.closed) break;
      try {
        if (await this.#step(source, slot, transport)) slot.again = true;
      } catch (thrown) {
        // What failed because its transport is gone is done again on the next one.
        if (this.#transport !== transport || transport.closed) continue;
        const error = toRpcError(thrown);
        if (error.retryable) {
          this.#retryTimer = setTimeout(() => this.refresh(), retryMs);
          break;
        }
        if (!slot.producer) slot.refusedTrack = this.#wanted(source).track;
        this.#deps.onProblem(source, error);
      }
    }
    slot.working = false;
  }

  /** One difference is made good. True: look again, there may be another. */
  async #step(source: SentSource, slot: Slot, transport: types.Transport): Promise<boolean> {
    const { track, paused } = this.#wanted(source);
    const { producer, closing } = slot;
    if (closing !== null) {
      await this.#deps.rpc.closeProducer({ meetingId: this.#deps.meetingId, producerId: closing });
      slot.closing = null;
      return true;
    }
    if (!producer) {
      if (!track || track.readyState === 'ended' || track === slot.refusedTrack) return false;
      await this.#produce(source, slot, transport, track, paused);
      return true;
    }
    // The encodings are fixed when a producer is made; another camera may be too small or large for them.
    const isOther = track && source === 'camera' && JSON.stringify(encodingsOf(track, await this.#cameraCodec())) !== slot.shape;
    if (isOther || (!track && source !== 'camera' && source !== 'microphone')) {
      this.#forget(slot);
      slot.closing = producer.id;
      producer.close();
      return true;
    }
    if (producer.paused !== paused) {
      if (paused) producer.pause();
      else producer.resume();
    }
    if (producer.track !== track && track?.readyState !== 'ended') {
      await producer.replaceTrack({ track });
      return true;
    }
    if (slot.toldPaused !== paused) {
      await this.#deps.rpc.setProducerPaused({ meetingId: this.#deps.meetingId, producerId: producer.id, paused });
      slot.toldPaused = paused;
      return true;
    }
    return false;
  }

  async #produce(source: SentSource, slot: Slot, transport: types.Transport, track: MediaStreamTrack, paused: boolean): Promise<void> {
    const isVideo = track.kind === 'video';
    // Screens stay with VP8, which every browser draws sharp and sends at once.
    const videoCodec = source === 'camera' ? await this.#cameraCodec() : 'vp8';
    const encodings = source === 'camera' ? encodingsOf(track, videoCodec) : source === 'screen' ? screenEncodings : undefined;
    const codec = findCodec(this.#capabilities, isVideo ? mimeTypeOf(videoCodec) : 'audio/opus');
    const producer = await transport.produce({
      track,
      stopTracks: false,
      appData: { source, paused },
      ...(encodings ? { encodings: structuredClone(encodings) } : {}),
      ...(codec ? { codec } : {}),
      codecOptions: codecOptions[source],
      // What is sent before the server has the producer is lost, and with it the first key frame: pictures wait for it.
      ...(isVideo ? { onRtpSender: (sender) => void sender.replaceTrack(null) } : {}),
    });
    if (this.#transport !== transport) {
      producer.close();
      return;
    }
    const { rtpSender } = producer;
    slot.producer = producer;
    slot.toldPaused = paused;
    slot.shape = JSON.stringify(encodings);
    slot.layers = rtpSender && encodings ? new SenderLayers(rtpSender, encodings) : null;
    const demanded = this.#demands.get(producer.id);
    if (demanded !== undefined) void slot.layers?.want(demanded);
    if (isVideo) await rtpSender?.replaceTrack(track);
  }

  #cameraCodec(): Promise<VideoCodec> {
    const { codec } = this.#deps.local.get().choices;
    return chooseCodec(this.#mustBeDecodable ? 'vp8' : codec, {
      capabilities: this.#capabilities,
      canScale,
      canSendH264Layers: this.#canSendH264Layers,
    });
  }

  #forget(slot: Slot): void {
    if (slot.producer) this.#demands.delete(slot.producer.id);
    slot.producer = null;
    slot.layers = null;
  }

  #wanted(source: SentSource): Wanted {
    const state = this.#deps.local.get();
    if (source === 'screenSound') return { track: state.screenSound, paused: false };
    const { track, on } = state[source];
    return { track, paused: !on || track === null };
  }
}

function emptySlot(): Slot {
  return {
    producer: null,
    layers: null,
    toldPaused: false,
    shape: '',
    refusedTrack: null,
    closing: null,
    working: false,
    again: false,
  };
}

function encodingsOf(track: MediaStreamTrack, codec: VideoCodec): types.RtpEncodingParameters[] {
  const { width = 1280, height = 720 } = track.getSettings();
  return cameraEncodings(width, height, codec);
}
