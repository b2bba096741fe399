/**
 * Tracks on the disk of the node that captures them, until they are sealed. Each has a folder
 * `<recording>/<track>`: `track.json` says whose it is, `00000.log` and so on are its segments
 * (track-log.ts), and `index.jsonl` has a line for each that is closed and one for the end.
 */
import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile, rm, rmdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Gap, gapSchema, withGap } from './gaps.js';
import { parseJson, unlessMissing } from './spool-files.js';
import { readableBytes, readSegment } from './track-log.js';

export const trackHeaderSchema = z.object({
  id: z.uuid(),
  orgId: z.uuid(),
  recordingId: z.uuid(),
  meetingId: z.uuid(),
  personId: z.uuid(),
  personName: z.string(),
  participantId: z.uuid(),
  source: z.enum(['microphone', 'camera', 'screen', 'screen-audio']),
  mimeType: z.string(),
  clockRate: z.number(),
  channels: z.number(),
  ssrc: z.number(),
  payloadType: z.number(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
});
export type TrackHeader = z.output<typeof trackHeaderSchema>;

const segmentSchema = z.object({
  number: z.number().int().min(0),
  bytes: z.number(),
  sha256: z.string(),
  firstAt: z.number(),
  lastAt: z.number(),
  packets: z.number(),
  gaps: z.array(gapSchema),
});
const endSchema = z.object({ endedAt: z.number(), inOrder: z.boolean() });
const lineSchema = z.union([segmentSchema, endSchema]);

export type SpoolSegment = z.output<typeof segmentSchema>;
export type SpoolEnd = z.output<typeof endSchema>;

export interface SpoolTrack {
  readonly folder: string;
  readonly header: TrackHeader;
  /** Closed ones, in order. */
  readonly segments: readonly SpoolSegment[];
  /** Null: nobody has closed it. */
  readonly end: SpoolEnd | null;
}

export const headerName = 'track.json';
export const indexName = 'index.jsonl';

export function segmentName(number: number): string {
  return `${String(number).padStart(5, '0')}.log`;
}

export function trackFolder(root: string, { recordingId, id }: Pick<TrackHeader, 'recordingId' | 'id'>): string {
  return path.join(root, recordingId, id);
}

export function indexLine(line: SpoolSegment | SpoolEnd): Buffer {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

/** Folders of tracks, of one recording or of all. */
export async function trackFolders(root: string, recordingId?: string): Promise<string[]> {
  const recordings = recordingId === undefined ? await foldersIn(root) : [recordingId];
  const tracks = await Promise.all(
    recordings.map(async (name) => (await foldersIn(path.join(root, name))).map((id) => path.join(root, name, id))),
  );
  return tracks.flat();
}

/** Null: it has no header, so nothing was ever captured to it. */
export async function readTrack(folder: string): Promise<SpoolTrack | null> {
  const header = trackHeaderSchema.safeParse(parseJson((await readText(path.join(folder, headerName))) ?? ''));
  if (!header.success) return null;
  const segments = new Map<number, SpoolSegment>();
  let end: SpoolEnd | null = null;
  for (const text of ((await readText(path.join(folder, indexName))) ?? '').split('\n')) {
    // The last one may have been cut off.
    const line = lineSchema.safeParse(parseJson(text));
    if (!line.success) continue;
    if ('number' in line.data) segments.set(line.data.number, line.data);
    else end ??= line.data;
  }
  return { folder, header: header.data, segments: [...segments.values()].sort((a, b) => a.number - b.number), end };
}

/** Closes what a crash left open: cuts off what is not whole, and writes down hash and end. Nobody must be writing to it. */
export async function closeTorn(track: SpoolTrack): Promise<SpoolTrack> {
  const { folder } = track;
  const known = new Set(track.segments.map(({ number }) => segmentName(number)));
  const torn = (await readdir(folder)).filter((name) => /^\d{5}\.log$/.test(name) && !known.has(name)).sort();
  const closed: SpoolSegment[] = [];
  for (const name of torn) {
    const segment = await closeSegment(path.join(folder, name), Number.parseInt(name, 10));
    if (segment) closed.push(segment);
  }
  const segments = [...track.segments, ...closed].sort((a, b) => a.number - b.number);
  const lastAt = segments.at(-1)?.lastAt ?? track.header.startedAt;
  const end = track.end ?? { endedAt: lastAt, inOrder: false };
  if (closed.length === 0 && track.end) return track;
  const lines = [...closed.map(indexLine), ...(track.end ? [] : [indexLine(end)])];
  // The line before may have been cut off.
  await appendFile(path.join(folder, indexName), Buffer.concat([Buffer.from('\n'), ...lines]), { mode: 0o600, flush: true });
  return { ...track, segments, end };
}

/** Of all segments, with how it ended. */
export function gapsOf({ segments, end }: SpoolTrack): Gap[] {
  let gaps: Gap[] = [];
  for (const gap of segments.flatMap((segment) => segment.gaps)) gaps = withGap(gaps, gap);
  if (end && !end.inOrder) gaps = withGap(gaps, { what: 'interrupted', from: end.endedAt, to: null, packets: 0 });
  return gaps;
}

export async function deleteTrack(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  // The folder of the recording, when this was its last track.
  await rmdir(path.dirname(folder)).catch(() => undefined);
}

/** Null: nothing of it is readable; it is deleted. */
async function closeSegment(file: string, number: number): Promise<SpoolSegment | null> {
  const whole = await readFile(file);
  const bytes = readableBytes(whole);
  const content = whole.subarray(0, bytes);
  const times: number[] = [];
  let packets = 0;
  let gaps: Gap[] = [];
  if (bytes > 0) {
    for (const entry of readSegment(content)) {
      times.push(entry.at);
      if (entry.kind === 'packet') packets += 1;
      const gap = entry.kind === 'mark' ? gapOfMark(entry) : null;
      if (gap) gaps = withGap(gaps, gap);
    }
  }
  const [firstAt] = times;
  const lastAt = times.at(-1);
  if (firstAt === undefined || lastAt === undefined) {
    await rm(file);
    return null;
  }
  if (bytes < whole.length) await truncate(file, bytes);
  return { number, bytes, sha256: createHash('sha256').update(content).digest('hex'), firstAt, lastAt, packets, gaps };
}

type MarkEntry = Extract<ReturnType<typeof readSegment> extends Generator<infer Entry> ? Entry : never, { kind: 'mark' }>;

function gapOfMark({ at, mark }: MarkEntry): Gap | null {
  if (mark.what === 'lost') return { what: 'lost', from: at, to: at, packets: ((mark.to - mark.from + 0x1_0000) % 0x1_0000) + 1 };
  if (mark.what === 'dropped') return { what: mark.because, from: at, to: at, packets: mark.packets };
  return null;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await unlessMissing(readdir(folder, { withFileTypes: true }), []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function readText(file: string): Promise<string | null> {
  return unlessMissing(readFile(file, 'utf8'), null);
}
