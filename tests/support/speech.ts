/** Speech of people (tests/fixtures/speech), and how much of it was understood. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../../src/platform/package-root.js';

export const fixtures = path.join(packageRoot, 'tests/fixtures/speech');
/** A model that hears nothing (tests/fixtures/speech/README.md). */
export const standIn = path.join(fixtures, 'sense-voice-stand-in');

export function wavPath(name: string): string {
  return path.join(fixtures, `${name}.wav`);
}

export async function wordsOf(name: string): Promise<string> {
  return (await readFile(path.join(fixtures, `${name}.txt`), 'utf8')).trim();
}

/** Its sound as engines take it: the fixtures have a head of 44 bytes, 16 kHz, one channel. */
export async function speechOf(name: string): Promise<Float32Array> {
  const bytes = await readFile(wavPath(name));
  const samples = new Float32Array(Math.floor((bytes.length - 44) / 2));
  for (let at = 0; at < samples.length; at += 1) samples[at] = bytes.readInt16LE(44 + at * 2) / 32_768;
  return samples;
}

/** Which part of the words is in the text, 0 to 1. */
export function understood(text: string, words: string): number {
  const heard = new Set(wordsIn(text));
  const wanted = wordsIn(words);
  return wanted.filter((word) => heard.has(word)).length / Math.max(1, wanted.length);
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
