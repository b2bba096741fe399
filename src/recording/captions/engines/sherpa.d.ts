/** The little of sherpa-onnx-node that is used: the package has no types, and is CommonJS. */
declare module 'sherpa-onnx-node' {
  export interface OfflineStream {
    acceptWaveform(wave: { samples: Float32Array; sampleRate: number }): void;
  }
  export class OfflineRecognizer {
    static createAsync(config: object): Promise<OfflineRecognizer>;
    setConfig(config: object): void;
    createStream(): OfflineStream;
    decodeAsync(stream: OfflineStream): Promise<{ text: string; lang: string }>;
  }
  export class Vad {
    constructor(config: object, bufferSeconds: number);
    acceptWaveform(samples: Float32Array): void;
    isDetected(): boolean;
    isEmpty(): boolean;
    pop(): void;
    reset(): void;
  }
  const sherpa: { readonly OfflineRecognizer: typeof OfflineRecognizer; readonly Vad: typeof Vad };
  export default sherpa;
}
