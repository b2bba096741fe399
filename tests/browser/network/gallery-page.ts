/** Runs in Chromium: sends pictures, or shows many, through mediasoup-client and nothing of the product but its encodings. */
import { Device, type types } from 'mediasoup-client';
import { cameraEncodings } from '../../../web/src/core/media-encodings.js';

/** JSON: mediasoup writes it and mediasoup-client reads it, and their types of it differ. */
export type OfferJson = string;

interface Offer {
  readonly rtpCapabilities: types.RtpCapabilities;
  readonly transport: types.TransportOptions;
}

interface PageConsumer {
  readonly id: string;
  readonly producerId: string;
  readonly kind: types.MediaKind;
  readonly rtpParameters: types.RtpParameters;
}

export interface Tile {
  readonly producerId: string;
  /** Milliseconds since the page was asked to show it; null: nothing yet. */
  readonly firstFrameMs: number | null;
  readonly frames: number;
  readonly height: number;
}

export interface PublishOptions {
  readonly offer: OfferJson;
  readonly pictures: number;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly sound: boolean;
}

export interface GalleryPage {
  publish(options: PublishOptions): Promise<void>;
  prepare(offer: OfferJson): Promise<types.RtpCapabilities>;
  /** JSON, as the offers are. */
  show(consumers: string): Promise<void>;
  tiles(): Tile[];
  sound(): Promise<{ packets: number; samples: number; concealed: number }>;
}

declare global {
  interface Window {
    gallery: GalleryPage;
    /** The test answers. */
    causewayTestCall(method: string, json: string): Promise<string>;
  }
}

interface Shown {
  readonly producerId: string;
  readonly video: HTMLVideoElement;
  firstFrameAt: number | null;
  frames: number;
}

let device: Device | undefined;
let receive: types.Transport | undefined;
let askedAt = 0;
const shown: Shown[] = [];

window.gallery = { publish, prepare, show, tiles, sound };

async function publish({ offer, pictures, width, height, frameRate, sound: withSound }: PublishOptions): Promise<void> {
  const { rtpCapabilities, transport }: Offer = JSON.parse(offer);
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate }, audio: withSound });
  const sending = new Device();
  await sending.load({ routerRtpCapabilities: rtpCapabilities });
  const send = sending.createSendTransport(transport);
  connect(send);
  send.on('produce', ({ kind, rtpParameters }, done, failed) => {
    window
      .causewayTestCall('produce', JSON.stringify({ kind, rtpParameters, transportId: send.id }))
      .then((id) => done({ id }))
      .catch(failed);
  });
  const [camera] = stream.getVideoTracks();
  const [microphone] = stream.getAudioTracks();
  if (!camera) throw new Error('no camera');
  if (microphone) await send.produce({ track: microphone });
  const codec = sending.sendRtpCapabilities.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === 'video/vp8');
  for (let picture = 0; picture < pictures; picture += 1) {
    await send.produce({
      track: camera.clone(),
      encodings: cameraEncodings(width, height),
      codecOptions: { videoGoogleStartBitrate: 1_000 },
      ...(codec && { codec }),
    });
  }
}

async function prepare(offer: OfferJson): Promise<types.RtpCapabilities> {
  const { rtpCapabilities, transport }: Offer = JSON.parse(offer);
  device = new Device();
  await device.load({ routerRtpCapabilities: rtpCapabilities });
  receive = device.createRecvTransport(transport);
  connect(receive);
  return device.recvRtpCapabilities;
}

async function show(json: string): Promise<void> {
  const consumers: PageConsumer[] = JSON.parse(json);
  const transport = receive;
  if (!transport) throw new Error('prepare first');
  askedAt = performance.now();
  const made = await Promise.all(consumers.map((options) => transport.consume(options)));
  for (const consumer of made) {
    if (consumer.kind === 'audio') {
      const audio = new Audio();
      audio.srcObject = new MediaStream([consumer.track]);
      void audio.play();
      continue;
    }
    const video = document.createElement('video');
    video.muted = true;
    video.autoplay = true;
    video.style.cssText = 'width: 13.5%; height: 13%; object-fit: cover';
    video.srcObject = new MediaStream([consumer.track]);
    document.body.append(video);
    const one: Shown = { producerId: consumer.producerId, video, firstFrameAt: null, frames: 0 };
    shown.push(one);
    const count = (): void => {
      one.firstFrameAt ??= performance.now();
      one.frames += 1;
      video.requestVideoFrameCallback(count);
    };
    video.requestVideoFrameCallback(count);
  }
}

function tiles(): Tile[] {
  return shown.map(({ producerId, video, firstFrameAt, frames }) => ({
    producerId,
    firstFrameMs: firstFrameAt === null ? null : firstFrameAt - askedAt,
    frames,
    height: video.videoHeight,
  }));
}

async function sound(): Promise<{ packets: number; samples: number; concealed: number }> {
  const sum = { packets: 0, samples: 0, concealed: 0 };
  for (const stats of (await receive?.getStats())?.values() ?? []) {
    if (stats.type !== 'inbound-rtp' || stats.kind !== 'audio') continue;
    sum.packets += stats.packetsReceived ?? 0;
    sum.samples += stats.totalSamplesReceived ?? 0;
    sum.concealed += (stats.concealedSamples ?? 0) - (stats.silentConcealedSamples ?? 0);
  }
  return sum;
}

function connect(transport: types.Transport): void {
  transport.on('connect', ({ dtlsParameters }, done, failed) => {
    window
      .causewayTestCall('connect', JSON.stringify({ transportId: transport.id, dtlsParameters }))
      .then(() => done())
      .catch(failed);
  });
}
