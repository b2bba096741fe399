import { LevelMeter } from './level-meter';
import type { LocalMedia } from './local-media';

/** How loud one's own microphone is now, 0 to 1 as the ear takes it; 0 while it is off. Follows the device that is chosen. */
export class MicrophoneLevel {
  readonly #local: LocalMedia;
  #metered: { readonly track: MediaStreamTrack; readonly meter: LevelMeter } | null = null;

  constructor(local: LocalMedia) {
    this.#local = local;
  }

  read(): number {
    const { track, on } = this.#local.get().microphone;
    if (this.#metered && this.#metered.track !== track) this.close();
    if (!track || !on) return 0;
    this.#metered ??= { track, meter: new LevelMeter(track) };
    return this.#metered.meter.read();
  }

  /** Stops metering until the next `read`. Idempotent. */
  close(): void {
    this.#metered?.meter.close();
    this.#metered = null;
  }
}
