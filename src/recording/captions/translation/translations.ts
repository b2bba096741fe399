/** Final lines in other languages. Translating is extra: a server that is slow, wrong or away costs the translation alone. */
import type { Log } from '../../../platform/log.js';
import type { ReaderLanguage } from '../schema.js';
import { inScript } from '../text/han-script.js';

export interface Translator {
  /** @throws Error for whatever reason */
  translate(text: string, from: string, to: ReaderLanguage): Promise<string>;
}

/** Requests at once, and lines that wait: what would come much later is not worth it. */
const atOnce = 4;
const mostWaiting = 24;
/** After so many failures in a row the server is left alone for a while. */
const failuresAtMost = 3;
const pauseMs = 30_000;

export class Translations {
  readonly #translator: Translator | null;
  readonly #log: Log;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #failures = 0;
  #notBefore = 0;

  constructor(translator: Translator | null, log: Log) {
    this.#translator = translator;
    this.#log = log;
  }

  get available(): boolean {
    return this.#translator !== null;
  }

  /** By language; what could not be translated is not there. Never rejects. */
  async of(text: string, from: string, wanted: readonly ReaderLanguage[]): Promise<Record<string, string>> {
    const translator = this.#translator;
    if (!translator || wanted.length === 0) return {};
    const found: Record<string, string> = {};
    await Promise.all(
      wanted
        .filter((to) => family(to) !== family(from))
        .map(async (to) => {
          const translated = await this.#translate(translator, text, from, to);
          if (translated !== null) found[to] = to === 'en' ? translated : inScript(translated, to === 'zh-Hant' ? 'hant' : 'hans', 'zh');
        }),
    );
    return found;
  }

  async #translate(translator: Translator, text: string, from: string, to: ReaderLanguage): Promise<string | null> {
    if (Date.now() < this.#notBefore || this.#waiting.length >= mostWaiting) return null;
    while (this.#busy >= atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy += 1;
    try {
      const translated = await translator.translate(text, from, to);
      this.#failures = 0;
      return translated;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures >= failuresAtMost) this.#notBefore = Date.now() + pauseMs;
      this.#log.warn({ err: error, failures: this.#failures }, 'captions: a line was not translated');
      return null;
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }
}

/** Cantonese, Mandarin and both scripts are Chinese: who reads one reads the line, in his script. */
function family(language: string): string {
  return /^(zh|yue|cmn)\b/.test(language) ? 'zh' : (language.split('-')[0] ?? language);
}
