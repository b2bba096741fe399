/** Sound that was captured, written after the meeting: whoever speaks now goes first. */
import type { FromCaptioner } from '../captioner-messages.js';
import type { Engines } from '../engines/engine-choice.js';
import { OpusSound } from './opus-sound.js';
import { Voice } from './voice.js';
import type { VoiceActivities } from './voice-activities.js';

export interface BacklogDeps {
  readonly engines: Engines;
  readonly activities: VoiceActivities;
  readonly now: () => number;
  say(message: FromCaptioner): void;
}

/** No more packets are wanted while so many utterances wait. */
const mostPending = 3;

export class Backlog {
  readonly #deps: BacklogDeps;
  readonly #voices = new Map<string, { readonly voice: Voice; untilMs: number }>();

  constructor(deps: BacklogDeps) {
    this.#deps = deps;
  }

  async begin(id: string, language: string): Promise<void> {
    const { engines, activities, now, say } = this.#deps;
    const queue = engines.queueOf(language);
    if (!queue) return say({ what: 'refused', id, why: `no engine takes ${language}` });
    const voice = new Voice({
      language,
      queue,
      activities,
      sound: await OpusSound.open(),
      live: false,
      wall: (ms) => ms,
      now,
      partial: () => undefined,
      final: (line) => say({ what: 'final', id, ...line }),
      left: (line, why) => say({ what: 'left', id, ...line, why }),
    });
    this.#voices.set(id, { voice, untilMs: 0 });
    say({ what: 'begun', id });
  }

  async packets(id: string, packets: readonly { readonly atMs: number; readonly opus: Uint8Array }[]): Promise<void> {
    const reading = this.#voices.get(id);
    if (!reading) return;
    for (const { atMs, opus } of packets) {
      reading.voice.hear(atMs, opus);
      reading.untilMs = atMs;
    }
    if (reading.voice.pending >= mostPending) await reading.voice.settled();
    if (!this.#voices.has(id)) return;
    this.#deps.say({ what: 'heard', id, untilMs: Math.min(reading.untilMs, reading.voice.heardUntil) });
    this.#deps.say({ what: 'more', id });
  }

  async end(id: string): Promise<void> {
    const reading = this.#voices.get(id);
    if (!reading) return;
    await reading.voice.end();
    this.#voices.delete(id);
    this.#deps.say({ what: 'heard', id, untilMs: reading.untilMs });
    this.#deps.say({ what: 'ended', id });
  }

  async drop(id: string): Promise<void> {
    const reading = this.#voices.get(id);
    this.#voices.delete(id);
    await reading?.voice.end();
  }
}
