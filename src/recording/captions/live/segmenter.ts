/**
 * Cuts the sound of one voice into utterances. The detector of voice activity says late that somebody
 * speaks, and cuts first words: what was heard a moment before belongs to the utterance too.
 */
import { sampleRate } from '../engines/speech-engine.js';
import { PcmTail } from './pcm-tail.js';

/** Silero's, as sherpa-onnx runs it. It wants windows of this size. */
export interface VoiceActivity {
  accept(window: Float32Array): void;
  readonly detected: boolean;
  reset(): void;
}
export const windowSamples = 512;
/** What the detector is set to, seconds. */
export const detectorSpeech = 0.15;
export const detectorSilence = 0.4;

export interface Utterance {
  /** Positions in the voice: samples since its beginning. */
  readonly begin: number;
  readonly end: number;
  readonly audio: Float32Array;
}

const seconds = (count: number) => Math.round(count * sampleRate);

/** Before the detector's word: its own delay, and 300 ms. */
const lead = seconds(detectorSpeech + 0.3) + 2 * windowSamples;
/** Of the silence that ended it 100 ms belong to the utterance. */
const trail = seconds(detectorSilence - 0.1);
/** Longer utterances are cut where they are quietest. */
const longest = seconds(15);
/** Where the cut is looked for: in the last 3 s. */
const cutRange = seconds(3);
const cutWindow = seconds(0.1);
/** After a cut the detector starts anew and needs a moment to hear that somebody speaks. */
const cutGrace = seconds(0.6);

export class Segmenter {
  readonly #activity: VoiceActivity;
  readonly #ended: (utterance: Utterance) => void;
  readonly #tail = new PcmTail(longest + lead + seconds(1));
  /** Less than a window, waiting for the rest of it. */
  readonly #rest = new Float32Array(windowSamples);
  #restLength = 0;
  /** Where the utterance began that is being spoken. */
  #begin: number | null = null;
  /** No utterance begins before the end of the one before. */
  #notBefore = 0;
  #graceUntil = 0;

  constructor(activity: VoiceActivity, ended: (utterance: Utterance) => void) {
    this.#activity = activity;
    this.#ended = ended;
  }

  /** What is being spoken now, up to now. */
  current(): Utterance | null {
    return this.#begin === null ? null : this.#cut(this.#begin, this.#tail.end);
  }

  get begin(): number | null {
    return this.#begin;
  }

  push(samples: Float32Array): void {
    for (let at = 0; at < samples.length; ) {
      const taken = Math.min(windowSamples - this.#restLength, samples.length - at);
      this.#rest.set(samples.subarray(at, at + taken), this.#restLength);
      this.#restLength += taken;
      at += taken;
      if (this.#restLength === windowSamples) {
        this.#restLength = 0;
        this.#window();
      }
    }
  }

  /** The voice is interrupted: what is being spoken ends here. */
  flush(): void {
    if (this.#restLength > 0) {
      this.#rest.fill(0, this.#restLength);
      this.#tail.append(this.#rest.subarray(0, this.#restLength));
      this.#restLength = 0;
    }
    this.#end(this.#tail.end);
    this.#notBefore = this.#tail.end;
    this.#activity.reset();
  }

  #window(): void {
    this.#tail.append(this.#rest);
    this.#activity.accept(this.#rest);
    const { end } = this.#tail;
    const { detected } = this.#activity;
    if (this.#begin === null) {
      if (detected) this.#begin = Math.max(this.#notBefore, end - lead);
      else this.#tail.forgetBefore(end - lead);
      return;
    }
    if (!detected && end >= this.#graceUntil) this.#end(Math.max(this.#begin, end - trail));
    else if (end - this.#begin >= longest) {
      const cut = this.#quietest(end);
      this.#end(cut);
      this.#begin = cut;
      this.#activity.reset();
      this.#graceUntil = end + cutGrace;
    }
  }

  #end(at: number): void {
    if (this.#begin === null) return;
    const utterance = this.#cut(this.#begin, at);
    this.#begin = null;
    this.#notBefore = at;
    this.#tail.forgetBefore(at);
    if (utterance.audio.length > 0) this.#ended(utterance);
  }

  #cut(begin: number, end: number): Utterance {
    return { begin, end, audio: this.#tail.slice(begin, end) };
  }

  #quietest(end: number): number {
    const range = this.#tail.slice(end - cutRange, end);
    let quietest = Number.POSITIVE_INFINITY;
    let at = 0;
    for (let from = 0; from + cutWindow <= range.length; from += windowSamples) {
      let energy = 0;
      for (let index = from; index < from + cutWindow; index += 1) energy += (range[index] ?? 0) ** 2;
      if (energy < quietest) {
        quietest = energy;
        at = from + cutWindow / 2;
      }
    }
    return end - range.length + at;
  }
}
