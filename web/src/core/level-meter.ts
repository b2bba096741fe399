/** How loud a microphone is, for the meter at the device check and the ring around one's own tile. */

/** What one hears as silence and as loud, in decibels below full scale. */
const floorDb = -55;
const ceilingDb = -10;

let shared: AudioContext | null = null;

export class LevelMeter {
  readonly #analyser: AnalyserNode;
  readonly #source: MediaStreamAudioSourceNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    const context = audioContext();
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source = context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
  }

  /** 0 (silence) to 1 (loud), as the ear takes it. */
  read(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return toLevel(Math.sqrt(sum / this.#samples.length));
  }

  close(): void {
    this.#source.disconnect();
  }
}

/** Amplitude (1 = full scale) to the meter's 0 to 1. */
export function toLevel(amplitude: number): number {
  if (amplitude <= 0) return 0;
  const decibels = 20 * Math.log10(amplitude);
  return Math.min(1, Math.max(0, (decibels - floorDb) / (ceilingDb - floorDb)));
}

/**
 * One for the page: browsers allow only a few. They start it silent until the person has touched
 * the page, therefore the first touch wakes it.
 */
function audioContext(): AudioContext {
  if (shared) return shared;
  const context = new AudioContext();
  shared = context;
  const wake = (): void => {
    void context.resume().then(() => {
      for (const name of ['pointerdown', 'keydown']) removeEventListener(name, wake);
    });
  };
  if (context.state !== 'running') for (const name of ['pointerdown', 'keydown']) addEventListener(name, wake);
  return context;
}
