/** What is drawn on the line of time: small pictures of each stretch, and how loud it was. */

export interface Chapter {
  readonly atMs: number;
  readonly title: string;
}

export interface Thumbnail {
  readonly fromMs: number;
  readonly toMs: number;
  readonly name: string;
}

/** Milliseconds since the recording began, and how long. */
export interface Extent {
  readonly beginMs: number;
  readonly durationMs: number;
}

/** Null: it isn't one. */
export function readExtent(given: unknown): Extent | null {
  if (typeof given !== 'object' || given === null || !('beginMs' in given) || !('durationMs' in given)) return null;
  const { beginMs, durationMs } = given;
  if (typeof beginMs !== 'number' || typeof durationMs !== 'number' || !(beginMs >= 0) || !(durationMs > 0)) return null;
  return { beginMs, durationMs };
}

/** The list of small pictures (WebVTT). What isn't a cue of ours is passed by. */
export function readThumbnails(text: string): Thumbnail[] {
  return [...text.matchAll(/^(\d{2}:\d{2}:\d{2}\.\d{3}) --> (\d{2}:\d{2}:\d{2}\.\d{3})\r?\n([\w.-]+\.jpg)/gm)].map(
    ([, from = '', to = '', name = '']) => ({ fromMs: cueMs(from), toMs: cueMs(to), name }),
  );
}

export function thumbnailAt(thumbnails: readonly Thumbnail[], atMs: number): Thumbnail | null {
  return thumbnails.findLast(({ fromMs }) => fromMs <= atMs) ?? thumbnails[0] ?? null;
}

/** The loudest of each of `count` even stretches, 0 to 1 of the loudest of all (audiowaveform, version 2). Null: it isn't one. */
export function readWaveform(given: unknown, count: number): number[] | null {
  if (typeof given !== 'object' || given === null || !('data' in given) || !Array.isArray(given.data)) return null;
  const data = given.data.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  if (data.length === 0 || data.length !== given.data.length) return null;
  const peaks = Array.from({ length: count }, (_, at) => {
    const from = Math.floor((at * data.length) / count);
    const to = Math.max(from + 1, Math.floor(((at + 1) * data.length) / count));
    let peak = 0;
    for (let i = from; i < to; i += 1) peak = Math.max(peak, Math.abs(data[i] ?? 0));
    return peak;
  });
  const loudest = Math.max(...peaks);
  return loudest === 0 ? peaks : peaks.map((peak) => peak / loudest);
}

function cueMs(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return Math.round((hours * 3_600 + minutes * 60 + seconds) * 1_000);
}
