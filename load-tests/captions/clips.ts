/** Files of speech with what is said in them. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { sampleRate } from '../../src/recording/captions/engines/speech-engine.js';

export interface SpokenClip {
  readonly file: string;
  readonly samples: Float32Array;
  /** Null: nobody wrote down what is said. */
  readonly words: string | null;
  /** When the last sound is heard that is no silence. */
  readonly lastSoundMs: number;
}

/** 40 dB below the loudest sound of the file is silence. */
const silence = 0.01;

/** Null: there is no sound in it. */
export async function readClip(file: string): Promise<SpokenClip | null> {
  const bytes = await decoded(file);
  const samples = new Float32Array(Math.floor(bytes.length / 2));
  for (let at = 0; at < samples.length; at += 1) samples[at] = bytes.readInt16LE(at * 2) / 32_768;
  let loudest = 0;
  for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  if (loudest === 0) return null;
  let last = samples.length - 1;
  while (Math.abs(samples[last] ?? 0) < loudest * silence) last -= 1;
  const words = await readFile(file.replace(/\.wav$/i, '.txt'), 'utf8').catch(() => null);
  return { file, samples, words: words?.trim() ?? null, lastSoundMs: (last / sampleRate) * 1_000 };
}

async function decoded(file: string): Promise<Buffer> {
  const child = spawn(ffmpeg.path, ['-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-ar', String(sampleRate), '-'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  await new Promise<void>((resolve, reject) => child.on('error', reject).on('close', () => resolve()));
  return Buffer.concat(parts);
}
