/** Who speaks right now, read from the sound that arrives here, a few times a second. */
import { LevelMeter, toLevel } from './level-meter';
import type { LocalMedia } from './local-media';
import type { MediaClient } from './media-client';
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
  readonly #local: LocalMedia;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #until = new Map<string, number>();
  #meter: { readonly track: MediaStreamTrack; readonly meter: LevelMeter } | null = null;
  #myUntil = 0;

  constructor(media: MediaClient, local: LocalMedia) {
    super({ ids: new Set(), myself: false });
    this.#media = media;
    this.#local = local;
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#meter?.meter.close();
    this.#meter = null;
  }

  #look(): void {
    if (document.visibilityState === 'hidden') return;
    const now = performance.now();
    for (const [id, amplitude] of this.#media.levels()) if (toLevel(amplitude) > threshold) this.#until.set(id, now + holdMs);
    for (const [id, until] of this.#until) if (until < now) this.#until.delete(id);
    if (this.#myLevel() > threshold) this.#myUntil = now + holdMs;
    const { ids } = this.get();
    const isSame = ids.size === this.#until.size && [...ids].every((id) => this.#until.has(id));
    this.update({ ids: isSame ? ids : new Set(this.#until.keys()), myself: this.#myUntil > now });
  }

  #myLevel(): number {
    const { track, on } = this.#local.get().microphone;
    if (this.#meter && this.#meter.track !== track) {
      this.#meter.meter.close();
      this.#meter = null;
    }
    if (!track || !on) return 0;
    this.#meter ??= { track, meter: new LevelMeter(track) };
    return this.#meter.meter.read();
  }
}
