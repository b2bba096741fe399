/** Detectors of voice activity. Each is a model in memory, so those that are no longer needed are used again. */
import sherpa from 'sherpa-onnx-node';
import { sampleRate } from '../engines/speech-engine.js';
import { detectorSilence, detectorSpeech, type VoiceActivity, windowSamples } from './segmenter.js';

/** So many are kept for the next who speak. */
const spare = 8;

class SileroActivity implements VoiceActivity {
  readonly #vad: InstanceType<typeof sherpa.Vad>;

  constructor(model: string) {
    const sileroVad = {
      model,
      threshold: 0.5,
      minSpeechDuration: detectorSpeech,
      minSilenceDuration: detectorSilence,
      maxSpeechDuration: 20,
      windowSize: windowSamples,
    };
    this.#vad = new sherpa.Vad({ sileroVad, sampleRate, numThreads: 1, provider: 'cpu' }, 30);
  }

  get detected(): boolean {
    return this.#vad.isDetected();
  }

  accept(window: Float32Array): void {
    this.#vad.acceptWaveform(window);
    // It collects utterances too; ours begin earlier than its own.
    while (!this.#vad.isEmpty()) this.#vad.pop();
  }

  reset(): void {
    this.#vad.reset();
    while (!this.#vad.isEmpty()) this.#vad.pop();
  }
}

export class VoiceActivities {
  readonly #model: string;
  readonly #free: SileroActivity[] = [];

  /** @param model A file that is known to be whole: the library ends the process over one that is not. */
  constructor(model: string) {
    this.#model = model;
  }

  take(): VoiceActivity & { release(): void } {
    const activity = this.#free.pop() ?? new SileroActivity(this.#model);
    let released = false;
    return {
      accept: (window) => activity.accept(window),
      get detected() {
        return activity.detected;
      },
      reset: () => activity.reset(),
      release: () => {
        if (released) return;
        released = true;
        activity.reset();
        if (this.#free.length < spare) this.#free.push(activity);
      },
    };
  }
}
