/** Who speaks right now, read from the sound that arrives here, a few times a second. */
import { toLevel } from './level-meter';
import type { LocalMedia } from './local-media';
import type { MediaClient } from './media-client';
import { MicrophoneLevel } from './microphone-level';
import { Store } from './store';

export interface SpeakingState {
  /** Participants who speak. */
  readonly ids: ReadonlySet<string>;
  readonly myself: boolean;
}

const lookEveryMs = 150;
/** Between words nobody stops speaking. */
const holdMs = 500;
const threshold = 0.35;

export class Speaking extends Store<SpeakingState> {
  readonly #media: MediaClient;
  readonly #microphone: MicrophoneLevel;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #until = new Map<string, number>();
  #myUntil = 0;

  constructor(media: MediaClient, local: LocalMedia) {
    super({ ids: new Set(), myself: false });
    this.#media = media;
    this.#microphone = new MicrophoneLevel(local);
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#microphone.close();
  }

  #look(): void {
    if (document.visibilityState === 'hidden') return;
    const now = performance.now();
    for (const [id, amplitude] of this.#media.levels()) if (toLevel(amplitude) > threshold) this.#until.set(id, now + holdMs);
    for (const [id, until] of this.#until) if (until < now) this.#until.delete(id);
    if (this.#microphone.read() > threshold) this.#myUntil = now + holdMs;
    const { ids } = this.get();
    const isSame = ids.size === this.#until.size && [...ids].every((id) => this.#until.has(id));
    this.update({ ids: isSame ? ids : new Set(this.#until.keys()), myself: this.#myUntil > now });
  }
}
