/** Looks at what was composed, by decoding it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import ffprobe from '@ffprobe-installer/ffprobe';
import { findFfmpeg } from '../../../../src/recording/compose/ffmpeg.js';

const run = promisify(execFile);

export interface Probed {
  readonly seconds: number;
  readonly streams: readonly {
    readonly codec: string;
    readonly width: number;
    readonly height: number;
    readonly seconds: number;
    readonly frames: number;
  }[];
}

export async function probe(file: string): Promise<Probed> {
  const { stdout } = await run(ffprobe.path, [
    ...['-v', 'error', '-count_packets', '-show_entries'],
    ...['format=duration:stream=codec_name,width,height,duration,nb_read_packets', '-of', 'json', file],
  ]);
  const { format, streams } = JSON.parse(stdout);
  return {
    seconds: Number(format.duration),
    streams: streams.map((stream: Record<string, unknown>) => ({
      codec: String(stream.codec_name),
      width: Number(stream.width ?? 0),
      height: Number(stream.height ?? 0),
      seconds: Number(stream.duration ?? 0),
      frames: Number(stream.nb_read_packets ?? 0),
    })),
  };
}

/** One decoded picture as it would be shown at this time. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Mean color of a rectangle, given in parts of the picture. */
  color(x: number, y: number, width: number, height: number): { red: number; green: number; blue: number };
}

export async function frameAt(file: string, seconds: number): Promise<Frame> {
  const [frame] = await frames(file, { from: seconds, count: 1 });
  if (!frame) throw new Error(`There is no picture at ${seconds} s.`);
  return frame;
}

const [width, height] = [320, 180];

export async function frames(file: string, { from, count }: { from: number; count: number }): Promise<Frame[]> {
  const bytes = await decode([
    '-ss',
    String(from),
    '-i',
    file,
    '-frames:v',
    String(count),
    '-vf',
    `scale=${width}:${height}`,
    '-pix_fmt',
    'rgb24',
    '-f',
    'rawvideo',
  ]);
  const size = width * height * 3;
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => frameOf(bytes.subarray(index * size, (index + 1) * size)));
}

function frameOf(pixels: Buffer): Frame {
  return {
    width,
    height,
    color: (x, y, w, h) => {
      const sum = { red: 0, green: 0, blue: 0 };
      let count = 0;
      for (let row = Math.round(y * height); row < Math.round((y + h) * height); row += 1) {
        for (let column = Math.round(x * width); column < Math.round((x + w) * width); column += 1) {
          const at = (row * width + column) * 3;
          sum.red += pixels[at] ?? 0;
          sum.green += pixels[at + 1] ?? 0;
          sum.blue += pixels[at + 2] ?? 0;
          count += 1;
        }
      }
      return { red: sum.red / count, green: sum.green / count, blue: sum.blue / count };
    },
  };
}

export const samplesPerSecond = 16_000;

/** Decoded sound, mono, -1 to 1. */
export async function samples(file: string): Promise<Float32Array> {
  const bytes = await decode([
    '-i',
    file,
    '-vn',
    '-af',
    'aresample=async=1:first_pts=0',
    '-ac',
    '1',
    '-ar',
    String(samplesPerSecond),
    '-f',
    's16le',
  ]);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(index * 2) / 32_768);
}

/** Root mean square between two times, seconds. */
export function loudness(sound: Float32Array, from: number, to: number): number {
  const part = sound.subarray(Math.round(from * samplesPerSecond), Math.round(to * samplesPerSecond));
  return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, part.length));
}

/** How much of one pitch is in the sound between two times (Goertzel). */
export function pitch(sound: Float32Array, hertz: number, from: number, to: number): number {
  const part = sound.subarray(Math.round(from * samplesPerSecond), Math.round(to * samplesPerSecond));
  const factor = 2 * Math.cos((2 * Math.PI * hertz) / samplesPerSecond);
  let [one, two] = [0, 0];
  for (const sample of part) [one, two] = [sample + factor * one - two, one];
  return Math.sqrt(Math.max(0, one * one + two * two - factor * one * two)) / Math.max(1, part.length / 2);
}

/** When the sound becomes loud after it was quiet, seconds. */
export function onsets(sound: Float32Array, threshold = 0.1, quietSeconds = 0.2): number[] {
  const found: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < sound.length; index += 1) {
    if (Math.abs(sound[index] ?? 0) < threshold) continue;
    const at = index / samplesPerSecond;
    if (at - last > quietSeconds) found.push(at);
    last = at;
  }
  return found;
}

/** When a place in the picture becomes bright after it was dark, seconds; `place` in parts of the picture. */
export async function flashes(file: string, place: { x: number; y: number; width: number; height: number }, rate = 25): Promise<number[]> {
  const crop = `crop=iw*${place.width}:ih*${place.height}:iw*${place.x}:ih*${place.y},scale=2:2:flags=area,format=gray`;
  const bytes = await decode(['-i', file, '-vf', crop, '-f', 'rawvideo']);
  const found: number[] = [];
  let wasDark = true;
  for (let frame = 0; frame * 4 < bytes.length; frame += 1) {
    const isDark = (bytes[frame * 4] ?? 0) < 128;
    if (wasDark && !isDark) found.push(frame / rate);
    wasDark = isDark;
  }
  return found;
}

async function decode(args: readonly string[]): Promise<Buffer> {
  const program = await findFfmpeg();
  const { stdout } = await run(program, ['-v', 'error', '-nostdin', ...args, 'pipe:1'], { encoding: 'buffer', maxBuffer: 2 ** 30 });
  return stdout;
}
