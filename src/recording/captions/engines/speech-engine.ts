/** What turns the sound of one utterance into text. */

/** Hz of all sound that is recognised; one channel. */
export const sampleRate = 16_000;

export interface Recognized {
  readonly text: string;
  /** What was spoken, where the engine finds it out. */
  readonly language: string | null;
}

export interface SpeechEngine {
  /** For transcripts: engine and model. */
  readonly name: string;
  readonly languages: readonly string[];
  /** So many utterances at once are worth it. */
  readonly parallel: number;
  /** Why it can't be used now, in words; null: it can, or nobody has tried yet. */
  readonly problem: string | null;
  /**
   * @param audio One utterance, 16 kHz, -1 to 1.
   * @throws {EngineError}
   */
  recognize(audio: Float32Array, language: string): Promise<Recognized>;
  /** Somebody is going to speak: what takes long is better done now. */
  warm(): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * unusable: it can't be loaded or reached, trying at once again is no use. hung: no answer in time.
 * crashed: it ended over this utterance. refused: it answered that it can't, or what can't be read.
 */
export type EngineErrorCode = 'unusable' | 'hung' | 'crashed' | 'refused' | 'closed';

export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
