/** Burns words into a picture, all over it: what is cut off or blurred in one place stands in another. */
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FilePathSource, Input, MP4 } from 'mediabunny';
import sharp, { type OverlayOptions } from 'sharp';
import type { FfmpegRunner } from './ports.js';

export interface BurnIn {
  readonly content: () => Promise<Readable | null>;
  readonly lines: readonly string[];
  /** Families, in the order of preference. */
  readonly font: string;
  /** Of its own; everything in it may be written over. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly ffmpeg: FfmpegRunner;
  readonly onProgress: (ratio: number) => void;
}

/** Readable over light and dark, and the picture behind it still seen. */
const strength = '42%';
const angle = -18;

/** Gives the path of the file that was made. */
export async function burnIn({ content, lines, font, folder, signal, ffmpeg, onProgress }: BurnIn): Promise<string> {
  const source = await content();
  if (!source) throw new Error('The store has lost the recording.');
  await pipeline(source, createWriteStream(path.join(folder, 'original.mp4')), { signal });
  const { width, height, durationMs } = await measure(path.join(folder, 'original.mp4'));
  await sharp(await drawMark(lines, font, width, height)).toFile(path.join(folder, 'mark.png'));
  const burn = '[0:v][1:v]overlay=0:0:format=auto[v]';
  const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '24', '-pix_fmt', 'yuv420p', '-c:a', 'copy', '-movflags', '+faststart'];
  const inputs = ['-i', 'original.mp4', '-i', 'mark.png'];
  await ffmpeg.run([...inputs, '-filter_complex', burn, '-map', '[v]', '-map', '0:a?', ...encode, 'marked.mp4'], {
    signal,
    cwd: folder,
    onTime: (ms) => onProgress(Math.min(1, ms / Math.max(1, durationMs))),
  });
  return path.join(folder, 'marked.mp4');
}

async function measure(file: string): Promise<{ width: number; height: number; durationMs: number }> {
  const input = new Input({ source: new FilePathSource(file), formats: [MP4] });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw new Error('The recording has no picture.');
    return { width: track.codedWidth, height: track.codedHeight, durationMs: (await input.computeDuration()) * 1_000 };
  } finally {
    input.dispose();
  }
}

/** A picture of the given size, transparent but for the words. */
export async function drawMark(lines: readonly string[], font: string, width: number, height: number): Promise<Buffer> {
  const block = await drawBlock(
    lines.filter((line) => line.trim() !== ''),
    font,
    Math.max(10, Math.round(height / 26)),
    Math.round(width * 0.6),
  );
  const { width: w = 0, height: h = 0 } = await sharp(block).metadata();
  const places: OverlayOptions[] = [];
  const [across, down] = [Math.max(1, Math.floor(width / (w + 20))), Math.max(1, Math.floor(height / (h + 10)))];
  for (let row = 0; row < down; row += 1) {
    for (let column = 0; column < across; column += 1) {
      const left = Math.round(((column + 0.5) * width) / across - w / 2);
      const top = Math.round(((row + 0.5) * height) / down - h / 2);
      places.push({ input: block, left: Math.max(0, left), top: Math.max(0, top) });
    }
  }
  return sharp({ create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite(
      w > width || h > height
        ? [{ input: await sharp(block).resize(width, height, { fit: 'inside' }).toBuffer(), left: 0, top: 0 }]
        : places,
    )
    .png()
    .toBuffer();
}

async function drawBlock(lines: readonly string[], font: string, pixels: number, maxWidth: number): Promise<Buffer> {
  const text = (color: string) => `<span foreground="${color}" alpha="${strength}">${lines.map(escapeMarkup).join('\n')}</span>`;
  const draw = (color: string) =>
    // At 72 dots per inch a point is a pixel.
    sharp({
      text: { text: text(color), font: `${font} Bold ${pixels}`, rgba: true, dpi: 72, width: maxWidth, wrap: 'word-char', align: 'centre' },
    })
      .png()
      .toBuffer();
  const [white, black] = await Promise.all([draw('white'), draw('black')]);
  const { width = 1, height = 1 } = await sharp(white).metadata();
  const both = await sharp({ create: { width: width + 2, height: height + 2, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite([
      { input: black, left: 2, top: 2 },
      { input: white, left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
  return sharp(both)
    .rotate(angle, { background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .png()
    .toBuffer();
}

/** In one line each, without signs that turn around all that follows; Pango reads markup. */
function escapeMarkup(line: string): string {
  return line
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069\p{Cs}]/gu, '')
    .slice(0, 200)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
