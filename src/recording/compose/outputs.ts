/** What people get of a recording, made of the pieces of its picture and its sound. */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NewFile } from '../ports.js';
import { type Ffmpeg, halfOf } from './ffmpeg.js';

export interface OutputDeps {
  readonly ffmpeg: Ffmpeg;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const segmentSeconds = 6;
const thumbnailsAtMost = 100;
const thumbnailSecondsAtLeast = 10;
const thumbnailHeight = 180;

/** Puts the pieces one after the other, and the sound beside them. Nothing is encoded again. */
export async function joinMeeting(
  chunks: readonly { readonly file: string; readonly ms: number }[],
  sound: string,
  { ffmpeg, folder, signal }: OutputDeps,
): Promise<NewFile> {
  const list = chunks.map(({ file, ms }) => `file ${path.basename(file)}\nduration ${(ms / 1_000).toFixed(3)}`);
  await writeFile(path.join(folder, 'chunks.txt'), `ffconcat version 1.0\n${list.join('\n')}\n`);
  const inputs = ['-f', 'concat', '-safe', '0', '-i', 'chunks.txt', '-i', path.basename(sound)];
  const half = halfOf('meeting', '.mp4');
  await ffmpeg.run([...inputs, '-map', '0:v', '-map', '1:a', '-c', 'copy', '-movflags', '+faststart', half], { signal, cwd: folder });
  const file = path.join(folder, 'meeting.mp4');
  await rename(path.join(folder, half), file);
  return { name: 'meeting.mp4', kind: 'video', mediaType: 'video/mp4', path: file };
}

/** Segments of six seconds for players of HLS (RFC 8216), in fragments of MP4. */
export async function cutForHls(meeting: string, { ffmpeg, folder, signal }: OutputDeps): Promise<NewFile[]> {
  const place = halfOf(path.join(folder, 'hls'), '');
  await mkdir(place);
  const segments = ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', '%05d.m4s'];
  const playlist = ['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_playlist_type', 'vod', ...segments, 'index.m3u8'];
  await ffmpeg.run(['-i', path.resolve(meeting), '-c', 'copy', ...playlist], { signal, cwd: place });
  const types: Readonly<Record<string, string>> = {
    '.m3u8': 'application/vnd.apple.mpegurl',
    '.mp4': 'video/mp4',
    '.m4s': 'video/iso.segment',
  };
  const names = (await readdir(place)).sort();
  // The list comes last: where it is, all that it names is.
  const ordered = [...names.filter((name) => name !== 'index.m3u8'), 'index.m3u8'];
  return ordered.map((name) => ({
    name: `hls/${name}`,
    kind: 'hls',
    mediaType: types[path.extname(name)] ?? 'application/octet-stream',
    path: path.join(place, name),
  }));
}

/** Small pictures at even times, and a list of them that players read (WebVTT). */
export async function drawThumbnails(meeting: string, durationMs: number, { ffmpeg, folder, signal }: OutputDeps): Promise<NewFile[]> {
  const place = halfOf(path.join(folder, 'thumbnails'), '');
  await mkdir(place);
  // Key frames alone are decoded; there is one every two seconds.
  const seconds = Math.max(thumbnailSecondsAtLeast, 2 * Math.ceil(durationMs / 2_000 / thumbnailsAtMost));
  // The first is of some seconds later, as it stands for the whole recording: at its very beginning nobody's picture is there yet.
  const first = Math.max(0, Math.min(thumbnailSecondsAtLeast, durationMs / 1_000) / 2 - 1);
  const pick = `select='gte(t,if(selected_n,selected_n*${seconds}-1,${first}))',scale=-2:${thumbnailHeight},setpts=N/(25*TB)`;
  const args = ['-skip_frame', 'nokey', '-i', path.resolve(meeting), '-vf', pick, '-r', '25', '-q:v', '4', '-start_number', '0'];
  await ffmpeg.run([...args, 'thumb-%04d.jpg'], { signal, cwd: place });
  const names = (await readdir(place)).sort();
  const cues = names.map((name, index) => {
    const [from, to] = [index * seconds, Math.min((index + 1) * seconds, durationMs / 1_000)];
    return `${cueTime(from)} --> ${cueTime(to)}\n${name}\n`;
  });
  await writeFile(path.join(place, 'thumbnails.vtt'), `WEBVTT\n\n${cues.join('\n')}`);
  const pictures = names.map((name): NewFile => ({ name, kind: 'thumbnail', mediaType: 'image/jpeg', path: path.join(place, name) }));
  return [...pictures, { name: 'thumbnails.vtt', kind: 'thumbnail', mediaType: 'text/vtt', path: path.join(place, 'thumbnails.vtt') }];
}

function cueTime(seconds: number): string {
  return new Date(Math.round(seconds * 1_000)).toISOString().slice(11, 23);
}
