/**
 * Who is heard where more microphones are on than there are slots: the loudest, steadily. Pure: time
 * is handed in, and it says only what should be.
 *
 * While no more microphones are on than slots, each has one for itself and nothing is chosen at all.
 */

export interface AudioStageOptions {
  readonly slots: number;
  /** Microphones that are listened to closely, because they are likely to be next. */
  readonly warm: number;
}

export interface AudioChoice {
  /** Producer ids by slot; null: empty. */
  readonly slots: readonly (string | null)[];
  /** Producer ids that are not in a slot and may be soon. */
  readonly warm: readonly string[];
}

interface Voice {
  /** Last sign of a voice, milliseconds. */
  heardAt: number;
  /** dBov, of the last measurement. */
  level: number;
  /** When it was switched on, or last heard: the order of those kept warm. */
  freshAt: number;
}

/** A pause of breath between two words; who is silent longer may lose his slot to one who speaks. */
const holdMs = 700;
/** Among those who all speak, one must be this much louder than the quietest to take his place. */
const louderBy = 6;
/** A voice that was measured longer ago than this is silence. */
const silentMs = 1_500;
const silence = -127;

export class AudioStage {
  readonly #options: AudioStageOptions;
  readonly #voices = new Map<string, Voice>();
  #slots: (string | null)[];

  constructor(options: AudioStageOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.slots }, () => null);
  }

  /** A microphone is on from now. */
  on(id: string, now: number): void {
    if (!this.#voices.has(id)) this.#voices.set(id, { heardAt: Number.NEGATIVE_INFINITY, level: silence, freshAt: now });
  }

  /** It is muted, or gone. */
  off(id: string): void {
    this.#voices.delete(id);
  }

  /** Something says that a voice begins, or goes on. `level` in dBov where it was measured. */
  heard(id: string, now: number, level?: number): void {
    const voice = this.#voices.get(id);
    if (!voice) return;
    voice.heardAt = now;
    voice.freshAt = now;
    // One who has just begun counts as a usual voice until he is measured.
    voice.level = level ?? Math.max(voice.level, -40);
  }

  /** The page says that its microphone carries a voice; what was measured counts more, so this alone can't push out one who speaks. */
  hinted(id: string, now: number): void {
    const voice = this.#voices.get(id);
    if (!voice) return;
    voice.freshAt = now;
    if (now - voice.heardAt > holdMs) {
      voice.heardAt = now;
      // How loud he was before says nothing of now: with it he could keep a slot without a word.
      voice.level = -50;
    }
  }

  choose(now: number): AudioChoice {
    const slots = this.#slots.map((id) => (id !== null && this.#voices.has(id) ? id : null));
    for (const id of this.#newcomers(slots, now)) {
      const place = this.#placeFor(id, slots, now);
      if (place === undefined) continue;
      slots[place] = id;
    }
    this.#slots = slots;
    const taken = new Set(slots);
    const warm = [...this.#voices]
      .filter(([id]) => !taken.has(id))
      .sort(([, a], [, b]) => b.freshAt - a.freshAt)
      .slice(0, this.#options.warm)
      .map(([id]) => id);
    return { slots, warm };
  }

  /** Who wants a slot: all, while there is one for everybody; else those who speak, the loudest first. */
  #newcomers(slots: readonly (string | null)[], now: number): string[] {
    const outside = [...this.#voices].filter(([id]) => !slots.includes(id));
    const wanting = this.#voices.size <= this.#options.slots ? outside : outside.filter(([, voice]) => now - voice.heardAt < holdMs);
    return wanting.sort(([, a], [, b]) => levelOf(b, now) - levelOf(a, now)).map(([id]) => id);
  }

  #placeFor(id: string, slots: readonly (string | null)[], now: number): number | undefined {
    const free = slots.indexOf(null);
    if (free >= 0) return free;
    // The one who has been silent longest, or else the quietest.
    let place = 0;
    for (let index = 1; index < slots.length; index += 1) {
      if (this.#isLess(slots[index] ?? null, slots[place] ?? null, now)) place = index;
    }
    const holder = this.#voices.get(slots[place] ?? '');
    const voice = this.#voices.get(id);
    if (!holder || !voice) return place;
    if (now - holder.heardAt >= holdMs) return place;
    return levelOf(voice, now) >= levelOf(holder, now) + louderBy ? place : undefined;
  }

  #isLess(one: string | null, other: string | null, now: number): boolean {
    const [a, b] = [this.#voices.get(one ?? ''), this.#voices.get(other ?? '')];
    if (!a || !b) return !a && b !== undefined;
    const [aSilent, bSilent] = [now - a.heardAt >= holdMs, now - b.heardAt >= holdMs];
    if (aSilent || bSilent) return a.heardAt < b.heardAt;
    return levelOf(a, now) < levelOf(b, now);
  }
}

function levelOf(voice: Voice, now: number): number {
  return now - voice.heardAt > silentMs ? silence : voice.level;
}
