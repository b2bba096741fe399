/**
 * A piece of the picture, made by one run of FFmpeg: stills behind, the videos in their places, stills
 * before. Scripts and lists lie in files, with nothing in them but numbers and names of our own.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Ffmpeg, FfmpegError, halfOf, trackInput } from './ffmpeg.js';
import { framesPerSecond, type Rectangle, type Scene, type Tile } from './layout.js';
import type { Stills } from './stills.js';
import type { TrackFile } from './track-file.js';
import type { Span } from './track-scan.js';

export interface Caption extends Span {
  readonly text: string;
}

/** Times are of the recording; the piece begins at `from`, on the border of a frame. */
export interface ChunkPlan extends Span {
  readonly height: number;
  readonly scenes: readonly Scene[];
  readonly captions: readonly Caption[];
}

export interface ChunkDeps {
  readonly ffmpeg: Ffmpeg;
  readonly stills: Stills;
  /** By the track's id. */
  readonly tracks: ReadonlyMap<string, TrackFile>;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onTime: (ms: number) => void;
}

interface Cue extends Span {
  readonly place: Rectangle;
}

/** A video that is shown in this piece, and where. */
interface Shown {
  readonly file: string;
  /** Its last picture is older than the piece, and still stands. */
  readonly standsStill: boolean;
  readonly cues: readonly Cue[];
}

/** Left of the picture, where nobody looks. */
const away = 10_000;
/** Pictures before the piece are kept this long: one of them may still stand when it begins, seconds. */
const runUp = 5;

/**
 * One publisher must not be able to keep a recording from being composed, by pictures that FFmpeg breaks
 * over: when it fails, those that it can't decode by themselves are left out, and cards stand for them.
 */
export async function makeChunkOfWhatWorks(
  plan: ChunkPlan,
  file: string,
  deps: ChunkDeps,
  leftOut: (trackId: string) => void,
): Promise<void> {
  try {
    await makeChunk(plan, file, deps);
  } catch (error) {
    if (!(error instanceof FfmpegError)) throw error;
    const broken = await brokenTracks(plan, deps);
    if (broken.size === 0) throw error;
    for (const trackId of broken) leftOut(trackId);
    const card = (tile: Tile): Tile => (tile.trackId !== null && broken.has(tile.trackId) ? { ...tile, trackId: null } : tile);
    const scenes = plan.scenes.map((scene) => ({ ...scene, tiles: scene.tiles.map(card) }));
    await makeChunk({ ...plan, scenes }, file, { ...deps, tracks: new Map([...deps.tracks].filter(([id]) => !broken.has(id))) });
  }
}

async function brokenTracks({ scenes }: ChunkPlan, { ffmpeg, tracks, signal }: ChunkDeps): Promise<Set<string>> {
  const ids = new Set(scenes.flatMap(({ tiles }) => tiles.flatMap(({ trackId }) => trackId ?? [])));
  const broken = new Set<string>();
  for (const id of ids) {
    const file = tracks.get(id)?.file;
    if (!file) continue;
    await ffmpeg.run([...trackInput, '-i', file, '-f', 'null', '-'], { signal }).catch((error: unknown) => {
      if (!(error instanceof FfmpegError)) throw error;
      broken.add(id);
    });
  }
  return broken;
}

async function makeChunk(plan: ChunkPlan, file: string, deps: ChunkDeps): Promise<void> {
  const { ffmpeg, folder, signal, onTime } = deps;
  const base = path.basename(file, path.extname(file));
  const shown = shownIn(plan, deps.tracks);
  const names = { behind: `${base}.behind.txt`, before: `${base}.before.txt` };
  const commands = shown.map((_, index) => `${base}.${index}.commands.txt`);
  await writeFile(path.join(folder, names.behind), await behindList(plan, deps.stills));
  await writeFile(path.join(folder, names.before), await beforeList(plan, deps.stills));
  for (const [index, { cues }] of shown.entries()) await writeFile(path.join(folder, commands[index] ?? ''), sizeCommands(index, cues));
  const half = halfOf(base, '.mp4');
  const list = (name: string) => ['-f', 'concat', '-safe', '0', '-i', name];
  const seek = ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', String(plan.from / 1_000)];
  const inputs = shown.flatMap((video) => ['-reinit_filter', '0', ...seek, '-threads', '1', ...trackInput, '-i', video.file]);
  await ffmpeg.run(
    [
      ...['-copyts', ...list(names.behind), ...list(names.before), ...inputs],
      ...['-filter_complex', graph(plan, shown, commands), '-map', '[out]', '-frames:v', String(frameOf(plan.to - plan.from))],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-threads', '2', '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
      // A key frame every 2 s, so that pieces of a stream can begin there.
      ...['-g', String(2 * framesPerSecond), '-keyint_min', String(2 * framesPerSecond), '-sc_threshold', '0'],
      // Browsers encode cameras by BT.601; unsaid, players would guess BT.709 from the size.
      ...['-colorspace', 'smpte170m', '-color_primaries', 'smpte170m', '-color_trc', 'smpte170m', '-video_track_timescale', '12800', half],
    ],
    { signal, cwd: folder, onTime },
  );
  await rename(path.join(folder, half), file);
  for (const name of [...Object.values(names), ...commands]) await rm(path.join(folder, name), { force: true });
}

function frameOf(ms: number): number {
  return Math.round((ms * framesPerSecond) / 1_000);
}

function shownIn({ from, to, scenes }: ChunkPlan, tracks: ReadonlyMap<string, TrackFile>): Shown[] {
  const cues = new Map<string, Cue[]>();
  for (const scene of scenes) {
    for (const { trackId, place } of scene.tiles) {
      if (trackId === null) continue;
      const cue = { from: Math.max(scene.from, from) - from, to: Math.min(scene.to, to) - from, place };
      const known = cues.get(trackId);
      const last = known?.at(-1);
      if (last && last.to === cue.from && samePlace(last.place, place)) known?.splice(-1, 1, { ...last, to: cue.to });
      else if (known) known.push(cue);
      else cues.set(trackId, [cue]);
    }
  }
  return [...cues].flatMap(([trackId, found]) => {
    const track = tracks.get(trackId);
    return track?.file ? [{ file: track.file, standsStill: (track.spans.at(-1)?.to ?? 0) < from, cues: found }] : [];
  });
}

function samePlace(a: Rectangle, b: Rectangle): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

function graph({ from }: ChunkPlan, shown: readonly Shown[], commands: readonly string[]): string {
  // Converted before its frames are repeated: each still once.
  const lines = [`[0:v]format=yuv420p,fps=${framesPerSecond}[base0]`, '[1:v]format=yuva420p[front]'];
  for (const [index, { cues, standsStill }] of shown.entries()) {
    const size = cues[0]?.place ?? { width: 2, height: 2 };
    const cut = standsStill ? '' : `trim=start=-${runUp},`;
    lines.push(
      `[${index + 2}:v]setpts=PTS-${from / 1_000}/TB,fps=${framesPerSecond},${cut}sendcmd=f=${commands[index]},` +
        `scale@tile${index}=w=${size.width}:h=${size.height}:force_original_aspect_ratio=decrease:flags=bilinear:eval=frame,` +
        // Nothing that fixes a format may follow: it would bring a scaler of its own, which keeps the first size.
        `setsar=1[tile${index}]`,
      `[base${index}][tile${index}]overlay=x='${placeOverTime(cues, 'x', 'width', 'w')}':y='${placeOverTime(cues, 'y', 'height', 'h')}':` +
        `eval=frame:eof_action=repeat[base${index + 1}]`,
    );
  }
  lines.push(`[base${shown.length}][front]overlay=x=0:y=0:eof_action=repeat,format=yuv420p[out]`);
  return lines.join(';\n');
}

/** In the middle of its place while it is shown, else away. A sum, because FFmpeg nests conditions only so deep. */
function placeOverTime(cues: readonly Cue[], corner: 'x' | 'y', size: 'width' | 'height', own: 'w' | 'h'): string {
  const terms = cues.map(
    ({ from, to, place }) =>
      `gte(t,${onBorder(from)})*lt(t,${onBorder(to)})*(${away}+${place[corner]}+2*floor((${place[size]}-overlay_${own})/4))`,
  );
  return [`-${away}`, ...terms].join('+');
}

/** Just before the frame, so that no rounding decides which side of the border it is on. */
function onBorder(ms: number): string {
  return ((frameOf(ms) - 0.5) / framesPerSecond).toFixed(3);
}

/** The scaler is told anew at each border where the size changes. */
function sizeCommands(index: number, cues: readonly Cue[]): string {
  const scaler = `scale@tile${index}`;
  const lines: string[] = [];
  for (const [at, { from, place }] of cues.entries()) {
    const before = cues[at - 1]?.place;
    if (!before || (before.width === place.width && before.height === place.height)) continue;
    lines.push(`${onBorder(from)} ${scaler} w ${place.width}, ${scaler} h ${place.height};`);
  }
  // A list without a line is an error.
  return `${lines.join('\n') || `0 ${scaler} w ${cues[0]?.place.width ?? 2};`}\n`;
}

/** Each still with how long it stands; the last one once more, because the length of the last entry is not read. */
function concatList(entries: readonly { readonly name: string; readonly ms: number }[]): string {
  const last = entries.at(-1);
  const all = last ? [...entries, { ...last, ms: 10_000 }, last] : [];
  return `ffconcat version 1.0\n${all.map(({ name, ms }) => `file ${name}\nduration ${(ms / 1_000).toFixed(3)}`).join('\n')}\n`;
}

async function behindList(plan: ChunkPlan, stills: Stills): Promise<string> {
  const entries: { name: string; ms: number }[] = [];
  for (const scene of plan.scenes) {
    const ms = Math.min(scene.to, plan.to) - Math.max(scene.from, plan.from);
    const name = await stills.behind(scene);
    const last = entries.at(-1);
    if (last?.name === name) last.ms += ms;
    else entries.push({ name, ms });
  }
  return concatList(entries);
}

async function beforeList(plan: ChunkPlan, stills: Stills): Promise<string> {
  const entries: { name: string; ms: number }[] = [];
  for (const scene of plan.scenes) {
    const [from, to] = [Math.max(scene.from, plan.from), Math.min(scene.to, plan.to)];
    const times = new Set([from, to]);
    for (const caption of plan.captions) {
      for (const time of [caption.from, caption.to]) {
        const onFrame = (frameOf(time) * 1_000) / framesPerSecond;
        if (onFrame > from && onFrame < to) times.add(onFrame);
      }
    }
    const borders = [...times].sort((a, b) => a - b);
    for (const [index, begin] of borders.entries()) {
      const end = borders[index + 1];
      if (end === undefined) break;
      const caption = plan.captions.findLast((line) => line.from <= (begin + end) / 2 && (begin + end) / 2 < line.to);
      entries.push({ name: await stills.before(scene, caption?.text ?? null), ms: end - begin });
    }
  }
  return concatList(entries);
}
