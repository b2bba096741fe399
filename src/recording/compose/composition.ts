/**
 * Puts a recording together: tracks with times, lanes of sound, scenes of the picture in pieces, then the
 * files that people get. Each intermediate file is named by all that it is made of and stands under its
 * name only when it is whole, so that after a crash what is there is used, and nothing stale is.
 */
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { agendaOf } from '../agenda.js';
import type { NewFile, StepTools } from '../ports.js';
import type { Recording } from '../recording.js';
import { agendaChapters, screenChapters, writeChapters } from './chapters.js';
import { Ffmpeg } from './ffmpeg.js';
import { writeGaps } from './gap-rows.js';
import { type Stretch, shareOut } from './lanes.js';
import { layOut } from './layout.js';
import { cutForHls, drawThumbnails, joinMeeting } from './outputs.js';
import { cut, hasVideo, windowOf } from './pieces.js';
import type { ComposeDeps } from './ports.js';
import { type LanePlan, levelsOf, mixLanes, waveformOf, writeLane } from './sound.js';
import { clip, union } from './spans.js';
import { levelMs, speechSpans, turnsOf } from './speakers.js';
import { stagePeople } from './stage-people.js';
import { Stills } from './stills.js';
import { fingerprint, isVideo, makeTrackFiles, type TrackFile } from './track-file.js';
import type { Span } from './track-scan.js';
import { type Caption, type ChunkPlan, makeChunkOfWhatWorks } from './video-chunk.js';
import { workFolder } from './work-folder.js';

/** Raised when the same plan gives another picture. */
const form = 1;

/** How much of the time each part takes, about. */
const shares = { tracks: 0.1, lanes: 0.05, levels: 0.05, mix: 0.05, picture: 0.65, outputs: 0.1 } as const;
type Part = keyof typeof shares;

interface Lane {
  readonly file: string;
  readonly stretches: LanePlan['stretches'];
}

export class Composition {
  readonly #deps: ComposeDeps;
  readonly #recording: Recording;
  readonly #tools: StepTools;
  readonly #folder: string;
  readonly #done: Record<Part, number> = { tracks: 0, lanes: 0, levels: 0, mix: 0, picture: 0, outputs: 0 };

  constructor(deps: ComposeDeps, recording: Recording, tools: StepTools) {
    this.#deps = deps;
    this.#recording = recording;
    this.#tools = tools;
    this.#folder = path.join(workFolder(deps.config.DATA_DIR, recording.id), `v${tools.version}`);
  }

  async run(): Promise<void> {
    const { rows } = this.#deps;
    if (this.#recording.kind === 'transcript') return;
    const tracks = (await rows.tracks(this.#recording)).filter(({ state }) => state !== 'removed');
    if (tracks.length === 0) return this.#nothing();
    await this.#prepareFolder();
    const ffmpeg = await Ffmpeg.find(this.#deps.config);
    const files = await this.#trackFiles(ffmpeg, tracks);
    const edits = (await this.#deps.editsOf?.(this.#recording)) ?? [];
    const pauses = await this.#pauses();
    const durationMs = this.#durationOf(files);
    const window = windowOf(edits, durationMs);
    const redactions = edits.filter(({ what }) => what === 'redact').map(({ fromMs, toMs }) => ({ from: fromMs, to: toMs }));
    const lanes = await this.#lanes(files, window, [...pauses, ...redactions]);
    const speaking = await this.#speaking(ffmpeg, lanes, files, window);
    const sound = await this.#mix(ffmpeg, lanes, window);
    const people = stagePeople(this.#recording, files, durationMs, speaking);
    const turns = turnsOf([...speaking].map(([id, spans]) => ({ id, spans })));
    const { COMPOSE_HEIGHT: height } = this.#deps.config;
    const scenes = layOut({ durationMs, height, people, turns, pauses, redactions });
    const plan = { ...window, height, scenes, captions: await this.#captions() };
    const chunks = await this.#picture(ffmpeg, plan, files);
    await this.#outputs(ffmpeg, chunks, sound, files, window);
    const { turns: agenda } = await agendaOf(this.#deps.database, this.#recording);
    await writeChapters(this.#deps.database, this.#recording, [
      ...screenChapters(people),
      ...agendaChapters(agenda, window, [...pauses, ...redactions]),
    ]);
    await rm(workFolder(this.#deps.config.DATA_DIR, this.#recording.id), { recursive: true, force: true });
  }

  /** Nobody is in it any more: what was begun when somebody was, and chapters with his name, go. */
  async #nothing(): Promise<void> {
    await writeChapters(this.#deps.database, this.#recording, []);
    await rm(workFolder(this.#deps.config.DATA_DIR, this.#recording.id), { recursive: true, force: true });
  }

  /** What was begun of other versions is of no use, and may show somebody who has withdrawn since; nor is what a kill left half. */
  async #prepareFolder(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const parent = path.dirname(this.#folder);
    for (const name of await readdir(parent)) {
      if (name !== path.basename(this.#folder)) await rm(path.join(parent, name), { recursive: true, force: true });
    }
    for (const name of await readdir(this.#folder)) {
      if (name.includes('.half')) await rm(path.join(this.#folder, name), { recursive: true, force: true });
    }
  }

  async #trackFiles(ffmpeg: Ffmpeg, tracks: Awaited<ReturnType<ComposeDeps['rows']['tracks']>>): Promise<TrackFile[]> {
    const { rows, blobs, log } = this.#deps;
    const { signal } = this.#tools;
    const canShow = (file: string): Promise<boolean> => ffmpeg.canShow(file, signal);
    const files: TrackFile[] = [];
    const participants = [...new Set(tracks.map(({ participantId }) => participantId))];
    for (const [index, participantId] of participants.entries()) {
      const own = [];
      for (const track of tracks) if (track.participantId === participantId) own.push({ track, segments: await rows.segments(track) });
      files.push(...(await makeTrackFiles(this.#recording, own, { blobs, folder: this.#folder, signal, canShow })));
      this.#progress('tracks', (index + 1) / participants.length);
    }
    for (const { track, gaps } of files) {
      for (const gap of gaps) log.warn({ recording: this.#recording.id, track: track.id, gap }, 'compose: something of a track is missing');
    }
    return files;
  }

  async #pauses(): Promise<Span[]> {
    const start = this.#recording.startedAt.getTime();
    const end = (this.#recording.stoppedAt?.getTime() ?? Number.MAX_SAFE_INTEGER) - start;
    const pauses = await this.#deps.rows.pauses(this.#recording);
    return union(
      pauses.map(({ pausedAt, resumedAt }) => ({ from: pausedAt.getTime() - start, to: resumedAt ? resumedAt.getTime() - start : end })),
    );
  }

  #durationOf(files: readonly TrackFile[]): number {
    const { startedAt, stoppedAt } = this.#recording;
    if (stoppedAt) return Math.max(0, stoppedAt.getTime() - startedAt.getTime());
    return Math.max(0, ...files.map(({ spans }) => spans.at(-1)?.to ?? 0));
  }

  async #lanes(files: readonly TrackFile[], window: Span, silenced: readonly Span[]): Promise<Lane[]> {
    const sounds = files.filter(({ track, file }) => file !== null && !isVideo(track));
    const stretches = sounds.flatMap(({ track, file, spans }) =>
      clip(spans, window.from, window.to).map((span) => ({ ...span, trackId: track.id, file: file ?? '' })),
    );
    const shared = shareOut(stretches);
    const plans: LanePlan[] = (shared.length > 0 ? shared : [[]]).map((lane) => ({ window, silenced, stretches: withFiles(lane, sounds) }));
    const lanes: Lane[] = [];
    for (const [index, plan] of plans.entries()) {
      const file = this.#file(
        'lane',
        [plan.window, plan.silenced, plan.stretches.map((stretch) => ({ ...stretch, file: path.basename(stretch.file) }))],
        'mkv',
      );
      if (!(await exists(file))) await writeLane(plan, file, this.#tools.signal);
      lanes.push({ file, stretches: plan.stretches });
      this.#progress('lanes', (index + 1) / plans.length);
    }
    return lanes;
  }

  /** By the participant's id. A shared screen's sound is nobody's voice. */
  async #speaking(ffmpeg: Ffmpeg, lanes: readonly Lane[], files: readonly TrackFile[], window: Span): Promise<Map<string, Span[]>> {
    const speakers = new Map(
      files.filter(({ track }) => track.source === 'microphone').map(({ track }) => [track.id, track.participantId]),
    );
    const speaking = new Map<string, Span[]>();
    for (const [index, { file, stretches }] of lanes.entries()) {
      const levels = await levelsOf(file, { ffmpeg, folder: this.#folder, signal: this.#tools.signal });
      for (const { trackId, from, to } of stretches) {
        const id = speakers.get(trackId);
        if (id === undefined) continue;
        const first = Math.max(0, Math.floor((from - window.from) / levelMs));
        const own = levels.slice(first, Math.ceil((to - window.from) / levelMs));
        speaking.set(id, [...(speaking.get(id) ?? []), ...speechSpans(own, window.from + first * levelMs)]);
      }
      this.#progress('levels', (index + 1) / lanes.length);
    }
    return new Map([...speaking].map(([id, spans]) => [id, union(spans)]));
  }

  async #mix(ffmpeg: Ffmpeg, lanes: readonly Lane[], window: Span): Promise<string> {
    const names = lanes.map(({ file }) => path.basename(file));
    const durationMs = window.to - window.from;
    const file = this.#file('sound', [names, durationMs], 'm4a');
    const onTime = (ms: number) => this.#progress('mix', ms / durationMs);
    if (!(await exists(file))) {
      const deps = { ffmpeg, folder: this.#folder, signal: this.#tools.signal, onTime };
      await mixLanes(
        lanes.map((lane) => lane.file),
        durationMs,
        file,
        deps,
      );
    }
    this.#progress('mix', 1);
    return file;
  }

  async #captions(): Promise<Caption[]> {
    if (!this.#deps.config.COMPOSE_CAPTIONS) return [];
    const lines = await this.#deps.rows.transcript(this.#recording);
    return lines.map(({ beginMs, endMs, speaker, text }) => ({ from: beginMs, to: endMs, text: `${speaker}: ${text}` }));
  }

  /** Pieces are made side by side; each finished one stays. */
  async #picture(ffmpeg: Ffmpeg, whole: ChunkPlan, files: readonly TrackFile[]): Promise<{ file: string; ms: number }[]> {
    const { COMPOSE_HEIGHT: height, COMPOSE_FONT: font, COMPOSE_PROCESSES: processes } = this.#deps.config;
    const { log } = this.#deps;
    const stills = new Stills({ folder: this.#folder, height, font });
    const tracks = new Map(files.map((file) => [file.track.id, file]));
    const origins = files.map(({ file, track }) => [track.id, file === null ? null : path.basename(file)]);
    const plans = cut(whole);
    const made = plans.map((plan) => ({ file: this.#file('picture', [form, font, plan, hasVideo(plan) ? origins : []], 'mp4'), plan }));
    // Hours of cards are the same piece again and again, made once.
    const waiting = [...new Map(made.map(({ file, plan }) => [file, plan])).entries()];
    const times = new Map<string, number>();
    const total = waiting.reduce((sum, [, plan]) => sum + plan.to - plan.from, 0);
    const giveUp = new AbortController();
    const signal = AbortSignal.any([giveUp.signal, this.#tools.signal]);
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [file, plan] = next;
        const ms = plan.to - plan.from;
        const onTime = (time: number): void => {
          times.set(file, Math.min(time, ms));
          this.#progress('picture', [...times.values()].reduce((sum, one) => sum + one, 0) / total);
        };
        if (!(await exists(file))) {
          await makeChunkOfWhatWorks(plan, file, { ffmpeg, stills, tracks, folder: this.#folder, signal, onTime }, (trackId) => {
            log.warn(
              { recording: this.#recording.id, track: trackId },
              'compose: FFmpeg fails over the picture of a track; a card stands for it',
            );
          });
        }
        onTime(ms);
      }
    };
    const workers = Array.from({ length: processes }, work);
    try {
      await Promise.all(workers);
    } finally {
      // One has failed: the others are stopped before anybody begins again in the same folder.
      giveUp.abort();
      await Promise.allSettled(workers);
    }
    return made.map(({ file, plan }) => ({ file, ms: plan.to - plan.from }));
  }

  async #outputs(
    ffmpeg: Ffmpeg,
    chunks: readonly { readonly file: string; readonly ms: number }[],
    sound: string,
    files: readonly TrackFile[],
    window: Span,
  ): Promise<void> {
    const deps = { ffmpeg, folder: this.#folder, signal: this.#tools.signal };
    const durationMs = window.to - window.from;
    await writeGaps(this.#deps.database, files);
    const meeting = await joinMeeting(chunks, sound, deps);
    this.#progress('outputs', 0.2);
    const hls = await cutForHls(meeting.path, deps);
    const thumbnails = await drawThumbnails(meeting.path, durationMs, deps);
    this.#progress('outputs', 0.5);
    const waveform = await this.#written('waveform.json', 'waveform', await waveformOf(sound, durationMs, deps));
    const gaps = files.flatMap(({ track, gaps }) =>
      gaps.map((gap) => ({ track: track.id, person: track.personId, source: track.source, ...gap })),
    );
    const report = await this.#written('composed.json', 'report', JSON.stringify({ beginMs: window.from, durationMs, gaps }));
    const audio: NewFile = { name: 'audio.m4a', kind: 'audio', mediaType: 'audio/mp4', path: sound };
    const all = [...thumbnails, waveform, report, ...hls, audio, meeting];
    for (const [index, file] of all.entries()) {
      this.#tools.signal.throwIfAborted();
      await this.#deps.files.add(this.#recording, this.#tools.version, file);
      this.#progress('outputs', 0.5 + (0.5 * (index + 1)) / all.length);
    }
  }

  async #written(name: string, kind: NewFile['kind'], text: string): Promise<NewFile> {
    const file = path.join(this.#folder, name);
    await writeFile(file, text);
    return { name, kind, mediaType: 'application/json', path: file };
  }

  #file(what: string, of: unknown, extension: string): string {
    return path.join(this.#folder, `${what}-${fingerprint(of)}.${extension}`);
  }

  #progress(part: Part, ratio: number): void {
    this.#done[part] = Math.min(1, ratio);
    const parts = Object.keys(shares) as Part[];
    this.#tools.progress(parts.reduce((sum, name) => sum + shares[name] * this.#done[name], 0));
  }
}

function withFiles(lane: readonly Stretch[], sounds: readonly TrackFile[]): LanePlan['stretches'] {
  const files = new Map(sounds.map(({ track, file }) => [track.id, file]));
  return lane.map((stretch) => ({ ...stretch, file: files.get(stretch.trackId) ?? '' }));
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
