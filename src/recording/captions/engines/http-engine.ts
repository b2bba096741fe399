/** An engine behind `/v1/audio/transcriptions`, as OpenAI's API has it: whisper.cpp's whisper-server, a server with a GPU. */
import { z } from 'zod';
import { boundedFetch } from '../bounded-fetch.js';
import { EngineError, type Recognized, type SpeechEngine, sampleRate } from './speech-engine.js';
import { wavOf } from './wav.js';

export interface HttpEngineOptions {
  readonly url: string;
  readonly model: string;
  readonly key?: string | undefined;
  readonly languages: readonly string[];
  readonly tell: Readonly<Record<string, string>>;
  readonly parallel: number;
  readonly decodeMs: number;
}

/** What we read of the answer; servers add more. */
const answerSchema = z.object({ text: z.string().max(20_000), language: z.string().max(40).optional() });

/** What whisper writes where nobody speaks: `[BLANK_AUDIO]`, `(music)`. */
const noSpeech = /^(\[[^\]]*\]|\([^)]*\)|\s)*$/;

export class HttpEngine implements SpeechEngine {
  readonly name: string;
  readonly languages: readonly string[];
  readonly parallel: number;
  problem: string | null = null;
  readonly #options: HttpEngineOptions;
  readonly #stop = new AbortController();

  constructor(options: HttpEngineOptions) {
    this.#options = options;
    this.name = `http:${new URL(options.url).host}/${options.model}`;
    this.languages = options.languages;
    this.parallel = options.parallel;
  }

  async recognize(audio: Float32Array, language: string): Promise<Recognized> {
    const { url, model, key, tell, decodeMs } = this.#options;
    const form = new FormData();
    form.set('file', new Blob([wavOf(audio, sampleRate)], { type: 'audio/wav' }), 'utterance.wav');
    form.set('model', model);
    form.set('response_format', 'json');
    const told = tell[language] ?? language;
    // No language: the server finds it out.
    if (told !== 'auto') form.set('language', told);
    try {
      const answer = await boundedFetch(url, {
        method: 'POST',
        body: form,
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
        timeoutMs: decodeMs,
        maxBytes: 262_144,
        signal: this.#stop.signal,
      });
      if (answer.status !== 200) throw new EngineError('refused', `${this.name} answered ${answer.status}`);
      const { text, language: found } = answerSchema.parse(JSON.parse(answer.text));
      this.problem = null;
      return { text: noSpeech.test(text) ? '' : text.replace(/\s+/gu, ' ').trim(), language: language === 'auto' ? (found ?? null) : null };
    } catch (error) {
      const failure = this.#failure(error);
      if (failure.code !== 'closed') this.problem = failure.message;
      throw failure;
    }
  }

  warm(): void {
    // The server that is asked has its model already.
  }

  async close(): Promise<void> {
    this.#stop.abort();
  }

  #failure(error: unknown): EngineError {
    if (error instanceof EngineError) return error;
    if (this.#stop.signal.aborted) return new EngineError('closed', 'the engine was closed');
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      return new EngineError('refused', `${this.name} answered what is no transcription`);
    if (error instanceof Error && error.name === 'TimeoutError') return new EngineError('hung', `${this.name} did not answer in time`);
    return new EngineError('unusable', `${this.name} can't be reached`, { cause: error });
  }
}
