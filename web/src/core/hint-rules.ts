/** When to tell the server that one's own microphone begins to carry a voice. Pure. */

export interface HintSituation {
  /** Of the own microphone, 0 to 1 as the ear takes it; 0 while it is off. */
  readonly level: number;
  /** Only the loudest are heard, through slots. */
  readonly slots: boolean;
  /** One's own voice is in one of them. */
  readonly heard: boolean;
}

const threshold = 0.35;
/** A click is shorter than this. */
const voiceMs = 15;
/** Between words nobody stops speaking. */
const holdMs = 300;
const repeatMs = 400;
/** No more than five a second. */
const apartMs = 200;

export class HintRules {
  #loudSince: number | null = null;
  #speaksUntil = Number.NEGATIVE_INFINITY;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** True: tell the server now. To be asked a few times within `voiceMs` to 40 ms. */
  decide({ level, slots, heard }: HintSituation, now: number): boolean {
    const spoke = now < this.#speaksUntil;
    if (level < threshold) this.#loudSince = null;
    else this.#loudSince ??= now;
    const speaks = this.#loudSince !== null && (spoke || now - this.#loudSince >= voiceMs);
    if (speaks) this.#speaksUntil = now + holdMs;
    const began = speaks && !spoke;
    // Told and not heard: it may have got lost, or others were louder then.
    const waits = (speaks || spoke) && slots && !heard && now - this.#toldAt >= repeatMs;
    if ((!began && !waits) || now - this.#toldAt < apartMs) return false;
    this.#toldAt = now;
    return true;
  }
}
