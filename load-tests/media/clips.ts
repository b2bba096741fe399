/**
 * Pictures that real pages can decode: a few seconds of VP8 for each size, made by Chromium's own
 * encoder, sent over and over. Without them cameras send filling, which only a server can route.
 */
import type { TestBrowser } from '../../tests/support/browser.js';
import type { Clip, LayerSettings } from './video-source.js';

const frames = 24;

/** One list for each person shown, with one clip for each layer. `url`: a page of the server, since the encoder is there in secure contexts alone. */
export async function makeClips(browser: TestBrowser, url: string, people: number, layers: readonly LayerSettings[]): Promise<Clip[][]> {
  const visitor = await browser.visit('Encoder');
  try {
    await visitor.page.goto(url);
    const all: Clip[][] = [];
    for (let person = 0; person < people; person += 1) {
      const clips: Clip[] = [];
      for (const { width, height, bitsPerSecond } of layers) {
        const encoded = await visitor.page.evaluate(encode, { width, height, bitsPerSecond, frames, hue: (person * 360) / people });
        clips.push(encoded.map((frame) => Buffer.from(frame, 'base64')));
      }
      all.push(clips);
    }
    return all;
  } finally {
    await visitor.close();
  }
}

interface Wanted {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSecond: number;
  readonly frames: number;
  readonly hue: number;
}

/** Runs in the page: somebody in front of a wall, who nods. */
async function encode({ width, height, bitsPerSecond, frames: count, hue }: Wanted): Promise<string[]> {
  const encoded: string[] = [];
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      encoded.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
    },
    error: (error) => {
      throw error;
    },
  });
  encoder.configure({ codec: 'vp8', width, height, bitrate: bitsPerSecond, framerate: 24, latencyMode: 'realtime' });
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('There is no canvas.');
  for (let frame = 0; frame < count; frame += 1) {
    const nod = Math.sin((frame / count) * 2 * Math.PI) * height * 0.03;
    pen.fillStyle = `hsl(${hue} 30% 82%)`;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = `hsl(${hue} 45% 35%)`;
    pen.beginPath();
    pen.ellipse(width / 2, height * 1.05, width * 0.28, height * 0.42, 0, 0, 2 * Math.PI);
    pen.fill();
    pen.fillStyle = 'hsl(28 45% 68%)';
    pen.beginPath();
    pen.ellipse(width / 2, height * 0.42 + nod, height * 0.17, height * 0.22, 0, 0, 2 * Math.PI);
    pen.fill();
    const picture = new VideoFrame(canvas, { timestamp: (frame * 1_000_000) / 24 });
    encoder.encode(picture, { keyFrame: frame === 0 });
    picture.close();
  }
  await encoder.flush();
  encoder.close();
  return encoded;
}
