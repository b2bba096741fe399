/** A microphone: so many frames a second while its person speaks, next to nothing while not (DTX). */
import { nowUs } from './clock.js';
import type { PacedSource } from './pacer.js';
import type { RtpStream } from './rtp-stream.js';
import { writeSilence, writeVoice } from './voice.js';

export interface AudioSettings {
  /** Milliseconds of sound in one packet. */
  readonly frameMs: number;
  readonly bitsPerSecond: number;
}

/** Opus sends a frame in this time while it is silent (RFC 7587 section 3.1.3). */
const silenceEveryUs = 400_000;
/** dBov. */
const voiceLevel = 25;
const silenceLevel = 127;

export class AudioSource implements PacedSource {
  readonly #stream: RtpStream;
  readonly #settings: AudioSettings;
  /** Number that its voice carries. */
  readonly #speaker: number;
  #speaking: boolean;
  #begins = true;
  due: number;

  constructor(stream: RtpStream, speaker: number, settings: AudioSettings, speaking: boolean) {
    this.#stream = stream;
    this.#settings = settings;
    this.#speaker = speaker;
    this.#speaking = speaking;
    // Not all of a process in the same moment.
    this.due = nowUs() + Math.random() * 1_000 * settings.frameMs;
  }

  get packets(): number {
    return this.#stream.packets;
  }

  speak(on: boolean): void {
    if (on === this.#speaking) return;
    this.#speaking = on;
    this.#begins = on;
    if (on) this.due = nowUs();
  }

  run(now: number): void {
    const { frameMs, bitsPerSecond } = this.#settings;
    // Always whole frames after the one before, as a sound card gives them; not those that were missed.
    this.due += Math.max(1, Math.ceil((now - this.due) / (frameMs * 1_000))) * (this.#speaking ? frameMs * 1_000 : silenceEveryUs);
    const payload = this.#speaking
      ? writeVoice({ speaker: this.#speaker, sentAt: nowUs() }, Math.round((bitsPerSecond * frameMs) / 8_000))
      : writeSilence();
    // RFC 7587 section 4.1: the marker is the beginning of a talkspurt.
    this.#stream.send({
      payload,
      mediaTime: now,
      marker: this.#begins && this.#speaking,
      audioLevel: { level: this.#speaking ? voiceLevel : silenceLevel, voice: this.#speaking },
    });
    this.#begins = false;
  }
}
