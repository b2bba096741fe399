/**
 * One speaker's sound on its way to text: packets become utterances, utterances lines. Live, a line is also
 * said while it is being spoken, when an engine has nothing better to do.
 */
import { randomUUID } from 'node:crypto';
import { type DecodeQueue, TooLate } from '../engines/decode-queue.js';
import { EngineError, sampleRate } from '../engines/speech-engine.js';
import { plausible } from '../text/plausible.js';
import type { OpusSound } from './opus-sound.js';
import { Segmenter, type Utterance } from './segmenter.js';
import type { VoiceActivities } from './voice-activities.js';

export interface VoiceLine {
  readonly line: string;
  readonly text: string;
  readonly language: string;
  readonly beginMs: number;
  readonly endMs: number;
  readonly engine: string;
}

export interface VoiceDeps {
  readonly language: string;
  readonly queue: DecodeQueue;
  readonly activities: VoiceActivities;
  readonly sound: OpusSound;
  readonly live: boolean;
  /** Of the stream's own milliseconds. */
  readonly wall: (streamMs: number) => number;
  readonly now: () => number;
  partial(line: VoiceLine): void;
  /** Empty text: nothing was said after all, the partial lines were wrong. */
  final(line: VoiceLine): void;
  /** No engine has written it; `text` is what partial lines said. */
  left(line: VoiceLine, why: string): void;
}

/** A partial line needs something to go by, and each decodes all that was said so far. */
const firstPartialSamples = 0.5 * sampleRate;
const partialEveryMs = 800;
/** Until there is something to read. */
const firstEveryMs = 400;
/** Whoever has been this quiet for a moment may have ended: the engine is kept free for the final line. */
const quietSamples = 0.2 * sampleRate;
const quietRatio = 0.1;
/** Of a slow engine no more than a third of the time, so that it is free when the final line is wanted. */
const partialShare = 3;
/** Packets lie this exactly, ms; more is a gap, which is silence. */
const tolerance = 15;
/** A longer gap is an interruption. */
const interruption = 2_000;
/** Engines make odd things of shorter sound. */
const shortestSamples = sampleRate;

interface Open {
  readonly line: string;
  text: string;
  language: string;
  asked: boolean;
  askedAt: number;
  /** How long the last partial line took. */
  tookMs: number;
  over: boolean;
}

export class Voice {
  readonly #deps: VoiceDeps;
  readonly #segmenter: Segmenter;
  readonly #activity: ReturnType<VoiceActivities['take']>;
  readonly #pending = new Map<string, { readonly beginMs: number; readonly work: Promise<void> }>();
  /** Samples so far, and which of them lies at which of the stream's milliseconds. */
  #position = 0;
  #anchor: { readonly position: number; readonly ms: number } | null = null;
  #open: Open | null = null;
  #ended = false;

  constructor(deps: VoiceDeps) {
    this.#deps = deps;
    this.#activity = deps.activities.take();
    this.#segmenter = new Segmenter(this.#activity, (utterance) => this.#finish(utterance));
  }

  /** The next packet, which lies at this of the stream's milliseconds. */
  hear(streamMs: number, packet: Uint8Array): void {
    const samples = this.#deps.sound.decode(packet);
    if (samples === null || this.#ended) return;
    const gap = this.#anchor === null ? interruption + 1 : streamMs - this.#streamMs(this.#position);
    if (Math.abs(gap) > interruption) {
      this.interrupted();
      this.#anchor = { position: this.#position, ms: streamMs };
    } else if (gap > tolerance) this.#push(new Float32Array(Math.round((gap * sampleRate) / 1_000)));
    // What came twice.
    else if (gap < -2 * tolerance) return;
    this.#push(samples);
  }

  /** Nothing comes for now: who spoke has ended. */
  interrupted(): void {
    this.#segmenter.flush();
    this.#anchor = null;
  }

  /** Regularly: asks for what is being said. */
  tick(): void {
    const begin = this.#segmenter.begin;
    if (begin === null || !this.#deps.live || this.#anchor === null) return;
    this.#open ??= { line: randomUUID(), text: '', language: this.#deps.language, asked: false, askedAt: 0, tookMs: 0, over: false };
    const open = this.#open;
    const every = Math.max(open.text === '' ? firstEveryMs : partialEveryMs, open.tookMs * partialShare);
    const due = this.#deps.now() - open.askedAt >= every && this.#position - begin >= firstPartialSamples;
    if (open.asked || !due || !this.#deps.queue.idle) return;
    const utterance = this.#segmenter.current();
    if (utterance && !endsQuietly(utterance)) void this.#partial(open, utterance);
  }

  /** Of the wall clock: all that was said before is written, or was left. */
  get heardUntil(): number {
    const { begin } = this.#segmenter;
    const open = begin === null || this.#anchor === null ? Number.POSITIVE_INFINITY : this.#wall(begin);
    return Math.min(open, this.soundUntil, ...[...this.#pending.values()].map(({ beginMs }) => beginMs));
  }

  /** How far the sound goes. */
  get soundUntil(): number {
    return this.#anchor === null ? this.#deps.now() : this.#wall(this.#position);
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** When all that was said is written. */
  async end(): Promise<void> {
    if (!this.#ended) {
      this.#segmenter.flush();
      this.#ended = true;
      this.#activity.release();
      this.#deps.sound.close();
    }
    await this.settled();
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#pending.values()].map(({ work }) => work));
  }

  #push(samples: Float32Array): void {
    this.#position += samples.length;
    this.#segmenter.push(samples);
  }

  #streamMs(position: number): number {
    const anchor = this.#anchor ?? { position, ms: 0 };
    return anchor.ms + ((position - anchor.position) * 1_000) / sampleRate;
  }

  #wall(position: number): number {
    return Math.round(this.#deps.wall(this.#streamMs(position)));
  }

  async #partial(open: Open, utterance: Utterance): Promise<void> {
    const { queue, language, now } = this.#deps;
    open.asked = true;
    open.askedAt = now();
    const at = { beginMs: this.#wall(utterance.begin), endMs: this.#wall(utterance.end) };
    try {
      const recognized = await queue.decode(padded(utterance.audio), language, 'partial');
      // The final line was asked for meanwhile, or is even there.
      if (open.over || !plausible(recognized.text, seconds(utterance))) return;
      open.text = recognized.text;
      open.language = recognized.language ?? language;
      if (open.text !== '')
        this.#deps.partial({ line: open.line, text: open.text, language: open.language, engine: queue.engine.name, ...at });
    } catch (error) {
      // The final line is another try.
      if (!(error instanceof EngineError)) throw error;
    } finally {
      open.asked = false;
      open.tookMs = now() - open.askedAt;
    }
  }

  #finish(utterance: Utterance): void {
    const open = this.#open;
    this.#open = null;
    if (open) open.over = true;
    const line = open?.line ?? randomUUID();
    const at = { beginMs: this.#wall(utterance.begin), endMs: this.#wall(utterance.end) };
    const work = this.#final({ line, said: open?.text ?? '', ...at }, utterance).finally(() => this.#pending.delete(line));
    this.#pending.set(line, { beginMs: at.beginMs, work });
  }

  async #final(of: { line: string; said: string; beginMs: number; endMs: number }, utterance: Utterance): Promise<void> {
    const { queue, language, live } = this.#deps;
    const { said, ...line } = of;
    const engine = queue.engine.name;
    try {
      const recognized = await queue.decode(padded(utterance.audio), language, live ? 'final' : 'backlog');
      const text = plausible(recognized.text, seconds(utterance)) ? recognized.text : '';
      if (text !== '' || said !== '') this.#deps.final({ ...line, text, language: recognized.language ?? language, engine });
    } catch (error) {
      if (!(error instanceof EngineError || error instanceof TooLate)) throw error;
      this.#deps.left({ ...line, text: said, language, engine }, error.message);
    }
  }
}

function endsQuietly({ audio }: Utterance): boolean {
  return loudness(audio.subarray(-quietSamples)) < loudness(audio) * quietRatio;
}

/** Root mean square. */
function loudness(audio: Float32Array): number {
  let sum = 0;
  for (const sample of audio) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, audio.length));
}

function seconds({ audio }: Utterance): number {
  return audio.length / sampleRate;
}

function padded(audio: Float32Array): Float32Array {
  if (audio.length >= shortestSamples) return audio;
  const longer = new Float32Array(shortestSamples);
  longer.set(audio);
  return longer;
}
