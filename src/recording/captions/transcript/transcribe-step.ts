/**
 * After the meeting: writes what live captions did not, because engines were behind, a process was lost, or
 * captions were off. What is written is noted in the same transaction, so that a run that was killed goes on
 * where it was.
 */
import type { Log } from '../../../platform/log.js';
import type { RecordingRows, Step, StepTools } from '../../ports.js';
import type { Recording, RecordingTrack } from '../../recording.js';
import type { Captioner, HeardLine } from '../captioner.js';
import type { TrackAudio } from '../captions.js';
import { putRight } from '../live-captions.js';
import type { SettingsInUse, SettingsStore } from '../settings-store.js';
import { findHoles, type Hole } from './holes.js';
import type { Choice, TranscriptLines } from './transcript-lines.js';

export interface TranscribeDeps {
  readonly captioner: Captioner;
  readonly rows: RecordingRows;
  readonly audio: TrackAudio;
  readonly lines: TranscriptLines;
  readonly settings: SettingsStore;
  readonly log: Log;
  readonly spoken: (orgId: string, language: string) => Promise<string | null>;
}

interface Task {
  readonly recording: Recording;
  readonly track: RecordingTrack;
  readonly language: string;
  readonly inUse: SettingsInUse;
  readonly tools: StepTools;
}

/** Packets that are handed over at once: 4 s. */
const batch = 200;
/** So much is lost at most when the run is killed. */
const commitMs = 30_000;
/** The captioner may be lost that often over one hole; then the hole stays, and the recording is ready without. */
const triesAtMost = 3;

export class TranscribeStep implements Step {
  readonly name = 'transcribe';
  readonly #deps: TranscribeDeps;

  constructor(deps: TranscribeDeps) {
    this.#deps = deps;
  }

  async run(recording: Recording, tools: StepTools): Promise<void> {
    const { rows, lines, settings } = this.#deps;
    const [tracks, choices, inUse] = await Promise.all([rows.tracks(recording), lines.choices(recording), settings.inUse(recording.orgId)]);
    const spoken = tracks.filter(({ source, state }) => source === 'microphone' && state !== 'removed');
    const choiceOf = new Map(choices.map((choice) => [choice.personId, choice]));
    let done = 0;
    for (const track of spoken) {
      tools.signal.throwIfAborted();
      await this.#track(recording, track, choiceOf.get(track.personId), inUse, {
        ...tools,
        progress: (ratio) => tools.progress((done + ratio) / spoken.length),
      });
      done += 1;
      tools.progress(done / spoken.length);
    }
  }

  async #track(
    recording: Recording,
    track: RecordingTrack,
    choice: Choice | undefined,
    inUse: SettingsInUse,
    tools: StepTools,
  ): Promise<void> {
    if (choice?.optOut) return;
    const { lines, log, spoken } = this.#deps;
    const language = await spoken(recording.orgId, choice?.language ?? '');
    if (language === null) {
      log.warn({ recordingId: recording.id, language: choice?.language }, 'captions: nobody can transcribe this language');
      return;
    }
    const startedAt = recording.startedAt.getTime();
    const { covered, left } = await lines.covered(recording);
    const holes = findHoles({
      fromMs: track.startedAt.getTime() - startedAt,
      untilMs: (track.endedAt ?? recording.stoppedAt ?? new Date()).getTime() - startedAt,
      covered: covered.filter(({ participantId }) => participantId === track.participantId),
      left: left.filter(({ participantId }) => participantId === track.participantId),
    });
    if (holes.length === 0) return;
    const task: Task = { recording, track, language, inUse, tools };
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#fill(task, holes);
      } catch (error) {
        tools.signal.throwIfAborted();
        log.error({ err: error, recordingId: recording.id, trackId: track.id, tries }, 'captions: transcribing was interrupted');
        // Words are missed, sound and picture are not: the recording does not fail over them.
        if (tries >= triesAtMost) return;
      }
    }
  }

  /** Reads the track once, and each hole as it comes. Holes that are done are taken off the list. */
  async #fill(task: Task, holes: Hole[]): Promise<void> {
    const { track, tools } = task;
    const whole = Math.max(1, holes.at(-1)?.untilMs ?? 0);
    let filling: Filling | null = null;
    try {
      for await (const packet of this.#deps.audio.frames(task.recording, track, tools.signal)) {
        tools.signal.throwIfAborted();
        while (holes[0] && packet.atMs >= holes[0].untilMs) {
          filling ??= await this.#begin(task, holes[0]);
          await filling.end();
          filling = null;
          holes.shift();
        }
        const [hole] = holes;
        if (!hole) return;
        if (packet.atMs < hole.fromMs) continue;
        filling ??= await this.#begin(task, hole);
        await filling.give(packet);
        tools.progress(Math.min(1, packet.atMs / whole));
      }
      for (const hole of [...holes]) {
        filling ??= await this.#begin(task, hole);
        await filling.end();
        filling = null;
        holes.shift();
      }
    } finally {
      filling?.drop();
    }
  }

  async #begin(task: Task, hole: Hole): Promise<Filling> {
    const filling = new Filling(this.#deps, task, hole);
    await filling.begin();
    return filling;
  }
}

/** One hole on its way to text. */
class Filling {
  readonly #deps: TranscribeDeps;
  readonly #task: Task;
  readonly #hole: Hole;
  readonly #ended: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #reading: Awaited<ReturnType<Captioner['read']>> | null = null;
  #packets: { readonly atMs: number; readonly opus: Uint8Array }[] = [];
  #found: HeardLine[] = [];
  #heardMs: number;
  #committedMs: number;

  constructor(deps: TranscribeDeps, task: Task, hole: Hole) {
    this.#deps = deps;
    this.#task = task;
    this.#hole = hole;
    this.#heardMs = hole.fromMs;
    this.#committedMs = hole.fromMs;
    this.#ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#ended.catch(() => undefined);
  }

  async begin(): Promise<void> {
    const { captioner, log } = this.#deps;
    const { language, track } = this.#task;
    this.#reading = await captioner.read(language, {
      partial: () => undefined,
      final: (line) => {
        this.#found.push(line);
      },
      left: (line, why) => log.warn({ trackId: track.id, beginMs: line.beginMs, why }, 'captions: an utterance could not be transcribed'),
      heard: (untilMs) => {
        this.#heardMs = Math.max(this.#heardMs, untilMs);
      },
      ended: (lost) => (lost ? this.#reject(new Error('the captioner was lost')) : this.#resolve()),
    });
  }

  async give(packet: { readonly atMs: number; readonly opus: Uint8Array }): Promise<void> {
    this.#packets.push(packet);
    if (this.#packets.length < batch) return;
    await this.#hand();
    if (this.#heardMs - this.#committedMs >= commitMs) await this.#commit(this.#heardMs, false);
  }

  async end(): Promise<void> {
    if (this.#packets.length > 0) await this.#hand();
    this.#reading?.end();
    await this.#ended;
    this.#reading = null;
    await this.#commit(this.#hole.untilMs, true);
  }

  drop(): void {
    this.#reading?.drop();
    this.#reading = null;
  }

  async #hand(): Promise<void> {
    const packets = this.#packets;
    this.#packets = [];
    await this.#reading?.give(packets);
  }

  async #commit(untilMs: number, whole: boolean): Promise<void> {
    const { lines } = this.#deps;
    const { recording, track, inUse } = this.#task;
    const { participantId, personId, personName: speaker } = track;
    const ready = this.#found.filter(({ endMs }) => whole || endMs <= untilMs);
    this.#found = this.#found.filter((line) => !ready.includes(line));
    const written = ready
      .map((line) => ({ ...line, text: putRight(line.text, inUse) }))
      .filter(({ text }) => text !== '')
      .map(({ line, beginMs, endMs, language, text, engine }) => ({
        id: line,
        participantId,
        personId,
        speaker,
        beginMs,
        endMs,
        language,
        text,
        engine,
      }));
    const span = { participantId, fromMs: this.#hole.fromMs, untilMs };
    await lines.write(recording, written, async (tx) => {
      await lines.cover(recording, `after:${track.id}:${Math.round(this.#hole.fromMs)}`, span, tx);
      await lines.settleLeft(recording, span, whole, tx);
    });
    this.#committedMs = untilMs;
  }
}
