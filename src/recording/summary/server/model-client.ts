/**
 * A server that speaks OpenAI's protocol (`POST /v1/chat/completions`): Ollama, vLLM, llama.cpp and many
 * others. The operator names it in the settings, so it may be on this machine; it is called at this
 * address alone, follows no redirect, and time and size of the answer are bounded.
 */
import { z } from 'zod';
import type { Log } from '../../../platform/log.js';
import { createOutbound, OutboundError, type OutboundHttp } from '../../../platform/outbound/index.js';
import { ModelError } from './model-error.js';

export interface ModelSettings {
  /** Such as http://127.0.0.1:11434/v1. */
  readonly url: string;
  readonly model: string;
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
}

export interface ChatTurn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

const mostAnswerBytes = 4_194_304;

const answerSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).min(1),
});

export class ModelClient {
  readonly model: string;
  readonly #settings: ModelSettings;
  readonly #address: string;
  readonly #http: OutboundHttp;
  /** Old servers don't know it. */
  #jsonMode = true;

  constructor(settings: ModelSettings, log: Log) {
    this.#settings = settings;
    this.model = settings.model;
    const url = new URL(settings.url);
    if (!/\/chat\/completions\/?$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
    this.#address = url.href;
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    this.#http = createOutbound({ config: { OUTBOUND_ALLOW: `${url.hostname}:${port}`, OUTBOUND_PORTS: port }, log });
  }

  /** The text of the answer. @throws {ModelError}, and what `signal` was aborted with */
  async ask(turns: readonly ChatTurn[], answerTokens: number, signal: AbortSignal): Promise<string> {
    const answer = await this.#post(turns, answerTokens, signal);
    if (answer.status === 400 && this.#jsonMode) {
      this.#jsonMode = false;
      return this.ask(turns, answerTokens, signal);
    }
    if (answer.status < 200 || answer.status >= 300) throw new ModelError('refused', `The summary server answered ${answer.status}.`);
    const read = answerSchema.safeParse(parseJson(Buffer.from(answer.body).toString('utf8')));
    if (!read.success) throw new ModelError('rubbish', 'The summary server does not speak the protocol of /v1/chat/completions.');
    const text = read.data.choices[0]?.message.content ?? '';
    if (text.trim() === '') throw new ModelError('nothing', 'The summary server answered nothing.');
    return text;
  }

  async #post(turns: readonly ChatTurn[], answerTokens: number, signal: AbortSignal) {
    const { model, apiKey, timeoutMs } = this.#settings;
    try {
      return await this.#http.fetch(this.#address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) },
        body: JSON.stringify({
          model,
          messages: turns,
          temperature: 0.1,
          max_tokens: answerTokens,
          stream: false,
          ...(this.#jsonMode ? { response_format: { type: 'json_object' } } : {}),
        }),
        maxBytes: mostAnswerBytes,
        timeoutMs,
        redirects: 0,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      const reason =
        error instanceof OutboundError && error.code === 'TIMEOUT'
          ? 'timeout'
          : error instanceof OutboundError && error.code === 'TOO_LARGE'
            ? 'rubbish'
            : 'unreachable';
      throw new ModelError(reason, 'The summary server gave no answer.', { cause: error });
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
