/**
 * The sound of a recording: voices are laid into lanes that run without a gap from beginning to end, and
 * the lanes are mixed. Silence is written as packets of silence: FFmpeg would hold hours of it in memory.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Ffmpeg, halfOf } from './ffmpeg.js';
import type { Stretch } from './lanes.js';
import { audioFile, readAudioFile } from './matroska.js';
import { opusSilence, opusSilenceMs } from './opus.js';
import { contains } from './spans.js';
import { levelMs } from './speakers.js';
import type { Span } from './track-scan.js';

export interface LanePlan {
  /** The part of the recording that is made. The lane begins at 0. */
  readonly window: Span;
  readonly stretches: readonly (Stretch & { readonly file: string })[];
  /** What is not to be heard. */
  readonly silenced: readonly Span[];
}

export interface SoundDeps {
  readonly ffmpeg: Ffmpeg;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const samplesPerSecond = 8_000;
const samplesPerLevel = (samplesPerSecond * levelMs) / 1_000;
/** As FFmpeg's resampler is told: put in or leave out samples when time and samples differ by 10 ms. */
const keepTime = 'aresample=48000:async=1:min_hard_comp=0.01:first_pts=0';
/** Lanes of one run of FFmpeg; of more, mixes are mixed. */
const lanesAtOnce = 24;
const levelsSchema = z.array(z.number());

export async function writeLane({ window, stretches, silenced }: LanePlan, file: string, signal: AbortSignal): Promise<void> {
  const out = audioFile(file);
  const end = window.to - window.from;
  let until = 0;
  const silence = async (to: number): Promise<void> => {
    for (; to - until >= opusSilenceMs; until += opusSilenceMs) {
      await out.add({ atMs: until, durationMs: opusSilenceMs, opus: opusSilence });
    }
  };
  try {
    for (const stretch of stretches) {
      for await (const frame of readAudioFile(stretch.file, Math.max(stretch.from, window.from), Math.min(stretch.to, window.to))) {
        signal.throwIfAborted();
        if (contains(silenced, frame.atMs + frame.durationMs / 2)) continue;
        const atMs = frame.atMs - window.from;
        await silence(atMs);
        await out.add({ ...frame, atMs });
        until = atMs + frame.durationMs;
      }
    }
    // A little over the end, so that no mix ends before it.
    await silence(end + 1_000);
    await out.finish();
  } finally {
    await out.discard();
  }
}

/** How loud a file is, dB of full scale over each 100 ms. */
export async function levelsOf(file: string, deps: SoundDeps): Promise<number[]> {
  const kept = `${file}.levels.json`;
  const known = await readFile(kept, 'utf8').catch(() => null);
  if (known !== null) return levelsSchema.parse(JSON.parse(known));
  const levels: number[] = [];
  let sum = 0;
  let count = 0;
  for await (const samples of samplesOf(file, deps)) {
    for (const sample of samples) {
      sum += sample * sample;
      count += 1;
      if (count < samplesPerLevel) continue;
      levels.push(Math.round(10 * Math.log10(sum / count / 32_768 ** 2 + 1e-12)));
      sum = 0;
      count = 0;
    }
  }
  await writeFile(`${kept}.half`, JSON.stringify(levels));
  await rename(`${kept}.half`, kept);
  return levels;
}

/** The mix as AAC in `file`, exactly as long as was wished. */
export async function mixLanes(
  lanes: readonly string[],
  durationMs: number,
  file: string,
  deps: SoundDeps & { readonly onTime: (ms: number) => void },
): Promise<void> {
  const mixed: string[] = [];
  let parts = [...lanes];
  try {
    while (parts.length > lanesAtOnce) {
      const next: string[] = [];
      for (let at = 0; at < parts.length; at += lanesAtOnce) {
        const part = halfOf(file, '.mkv');
        mixed.push(part);
        next.push(part);
        await mix(parts.slice(at, at + lanesAtOnce), durationMs, part, ['-c:a', 'pcm_f32le'], deps);
      }
      parts = next;
    }
    const half = halfOf(file, '.m4a');
    await mix(parts, durationMs, half, ['-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart'], deps);
    await rename(half, file);
  } finally {
    for (const part of mixed) await rm(part, { force: true });
  }
}

function mix(
  files: readonly string[],
  durationMs: number,
  file: string,
  codec: readonly string[],
  { ffmpeg, signal, onTime }: SoundDeps & { readonly onTime: (ms: number) => void },
): Promise<void> {
  const kept = files.map((_, index) => `[${index}:a]${keepTime},aformat=sample_fmts=fltp:channel_layouts=stereo[lane${index}]`);
  const inputs = files.map((_, index) => `[lane${index}]`).join('');
  // amix divides by the number of lanes, and only newer ones can be told not to. All lanes are as long, so it always divides by the same.
  const graph = [...kept, `${inputs}amix=inputs=${files.length}:duration=longest,volume=${files.length}[out]`].join(';');
  const seconds = String(durationMs / 1_000);
  const args = [
    ...files.flatMap((name) => ['-f', 'matroska', '-i', name]),
    '-filter_complex',
    graph,
    '-map',
    '[out]',
    '-t',
    seconds,
    ...codec,
    file,
  ];
  return ffmpeg.run(['-copyts', ...args], { signal, onTime });
}

/** Peaks for drawing, in the form that players of waveforms read (audiowaveform, version 2). */
export async function waveformOf(file: string, durationMs: number, deps: SoundDeps): Promise<string> {
  const pixels = 2_000;
  const samples = Math.max(1, Math.ceil((durationMs / 1_000) * samplesPerSecond));
  const perPixel = Math.max(1, Math.ceil(samples / pixels));
  const data: number[] = [];
  let [low, high, count] = [0, 0, 0];
  const take = (): void => {
    data.push(Math.round(low / 256), Math.min(127, Math.round(high / 256)));
    [low, high, count] = [0, 0, 0];
  };
  for await (const samples of samplesOf(file, deps)) {
    for (const sample of samples) {
      low = Math.min(low, sample);
      high = Math.max(high, sample);
      count += 1;
      if (count === perPixel) take();
    }
  }
  if (count > 0) take();
  const head = { version: 2, channels: 1, sample_rate: samplesPerSecond, samples_per_pixel: perPixel, bits: 8, length: data.length / 2 };
  return JSON.stringify({ ...head, data });
}

async function* samplesOf(file: string, { ffmpeg, signal }: SoundDeps): AsyncGenerator<Int16Array> {
  const format = ['-ac', '1', '-ar', String(samplesPerSecond), '-f', 's16le', 'pipe:1'];
  let rest: Uint8Array = new Uint8Array();
  for await (const part of ffmpeg.read(['-copyts', '-i', path.resolve(file), '-af', keepTime, ...format], { signal })) {
    const bytes = Buffer.concat([rest, part]);
    const samples = new Int16Array(bytes.length >> 1);
    for (let at = 0; at < samples.length; at += 1) samples[at] = bytes.readInt16LE(at * 2);
    rest = bytes.subarray(samples.length * 2);
    yield samples;
  }
}
