/**
 * A camera: frames at a steady rate, one stream for each simulcast layer, packets of a frame spread
 * out as a browser's pacer does, a key frame when one is asked for, and nothing that nobody wants.
 */
import { nowUs } from './clock.js';
import type { PacedSource } from './pacer.js';
import type { RtpStream } from './rtp-stream.js';
import { vp8FrameHead, vp8Payloads } from './wire/vp8.js';

/** Frames in order; the first is a key frame. */
export type Clip = readonly Buffer[];

export interface LayerSettings {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSecond: number;
}

export interface VideoSettings {
  readonly framesPerSecond: number;
  /** One: a simple stream. More: simulcast, the smallest first. */
  readonly layers: readonly LayerSettings[];
  /** Number of the clips that it shows (clips.ts), if the process was given any; filling otherwise. */
  readonly clips?: number;
}

interface Layer {
  readonly stream: RtpStream;
  readonly settings: LayerSettings;
  readonly clip: Clip | undefined;
  /** Of the clip, the next. */
  frame: number;
  pictureId: number;
  keyWanted: boolean;
  keyAt: number;
}

interface WaitingPacket {
  readonly due: number;
  readonly stream: RtpStream;
  readonly payload: Buffer;
  readonly marker: boolean;
  readonly mediaTime: number;
}

/** What libwebrtc leaves of an MTU of 1,200 after its headers, about. */
const packetBytes = 1_100;
/** A key frame has so many times the bytes of another. */
const keyFrameFactor = 4;
/** Chromium makes no second key frame within this time. */
const keyFrameEveryUs = 300_000;
/** libwebrtc's pacer sends at so many times the rate of the encoder. */
const paceFactor = 2.5;

export class VideoSource implements PacedSource {
  readonly #layers: readonly Layer[];
  readonly #frameUs: number;
  #waiting: WaitingPacket[] = [];
  #nextFrame: number;
  /** The highest layer that is sent; -1: none. */
  #highest: number;

  /** `clips`: one for each layer. */
  constructor(streams: readonly RtpStream[], { layers, framesPerSecond }: VideoSettings, clips: readonly Clip[] = []) {
    this.#layers = layers.map((settings, index) => ({
      stream: streams[index]!,
      settings,
      clip: clips[index],
      frame: 0,
      pictureId: 0,
      keyWanted: true,
      keyAt: 0,
    }));
    this.#frameUs = 1_000_000 / framesPerSecond;
    this.#nextFrame = nowUs() + Math.random() * this.#frameUs;
    this.#highest = layers.length - 1;
  }

  get due(): number {
    return Math.min(this.#nextFrame, this.#waiting[0]?.due ?? Number.POSITIVE_INFINITY);
  }

  get packets(): number {
    return this.#layers.reduce((sum, { stream }) => sum + stream.packets, 0);
  }

  wantKeyFrame(ssrc: number): void {
    for (const layer of this.#layers) if (layer.stream.ssrc === ssrc) layer.keyWanted = true;
  }

  /** What somebody receives. A layer that begins again begins with a key frame. */
  setHighest(highest: number): void {
    for (const layer of this.#layers.slice(this.#highest + 1, highest + 1)) layer.keyWanted = true;
    this.#highest = Math.min(highest, this.#layers.length - 1);
  }

  run(now: number): void {
    if (now >= this.#nextFrame) {
      this.#nextFrame += Math.max(1, Math.ceil((now - this.#nextFrame) / this.#frameUs)) * this.#frameUs;
      for (const layer of this.#layers.slice(0, this.#highest + 1)) this.#frame(layer, now);
      if (this.#layers.length > 1) this.#waiting.sort((a, b) => a.due - b.due);
    }
    let sent = 0;
    for (const { due, stream, payload, marker, mediaTime } of this.#waiting) {
      if (due > now) break;
      stream.send({ payload, marker, mediaTime });
      sent += 1;
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
  }

  #frame(layer: Layer, now: number): void {
    const { stream, settings } = layer;
    const restart = layer.keyWanted && now - layer.keyAt >= keyFrameEveryUs;
    if (restart) {
      layer.keyWanted = false;
      layer.keyAt = now;
    }
    const usual = (settings.bitsPerSecond * this.#frameUs) / 8_000_000;
    const frame = layer.clip ? nextOf(layer, layer.clip, restart) : filling(restart, usual, settings);
    layer.pictureId = (layer.pictureId + 1) & 0x7fff;
    const payloads = vp8Payloads(frame, layer.pictureId, packetBytes);
    const apart = this.#frameUs / paceFactor / Math.ceil(usual / packetBytes);
    payloads.forEach((payload, index) => {
      const marker = index === payloads.length - 1;
      this.#waiting.push({ due: now + index * apart, stream, payload, marker, mediaTime: now });
    });
  }
}

/** Over and over; from the key frame on where one is wanted. */
function nextOf(layer: Layer, clip: Clip, restart: boolean): Buffer {
  if (restart) layer.frame = 0;
  const frame = clip[layer.frame] ?? Buffer.alloc(0);
  layer.frame = (layer.frame + 1) % clip.length;
  return frame;
}

function filling(key: boolean, usual: number, { width, height }: LayerSettings): Buffer {
  const frame = Buffer.alloc(Math.max(16, Math.round(key ? usual * keyFrameFactor : usual)), 0x55);
  vp8FrameHead(key, width, height).copy(frame);
  return frame;
}
