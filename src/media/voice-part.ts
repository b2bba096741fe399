/** How voices are heard in one part of a room: each directly, or the loudest through the slots of the audio stage. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../platform/log.js';
import { AudioSlots } from './audio-slots.js';
import type { Feed } from './feed.js';
import type { Floor, Volume } from './floor.js';
import type { Hold } from './inflows.js';
import type { Voices } from './room-part.js';
import type { Scene, Slot } from './stage.js';

export interface VoicePartOptions {
  readonly slots: number;
  readonly log: Log;
  /** The rest of the scene. */
  readonly scene: Pick<Scene<Feed>, 'pictures' | 'microphones' | 'programSounds'>;
  readonly feed: (producerId: string) => Feed | undefined;
  /** Where the slots should be; undefined while there is none. */
  readonly floor: () => Floor | undefined;
  readonly hold: (feed: Feed, floor: Floor) => Promise<Hold>;
  readonly onVoice: (producerId: string, level: number) => void;
  /** Another way of hearing, or other slots: everybody's sounds change. */
  readonly onSounds: () => void;
  /** Who is in or out of a slot now. Resolves when they no longer receive themselves. */
  readonly onOccupants: (peerIds: ReadonlySet<string>) => Promise<void>;
  /** The slots are switched after this time even if it has not resolved, milliseconds. */
  readonly patienceMs?: number;
}

/** After voices became direct again, the slots stay until every page has its direct ones. */
const retireMs = 5_000;
/** What a floor measured longer ago is no longer so. */
const freshMs = 800;
const tryAgainMs = 200;
const patienceMs = 150;

export class VoicePart {
  /** Of the whole part; it is always up to date. */
  readonly scene: Scene<Feed>;
  readonly #options: VoicePartOptions;
  readonly #measured = new Map<Floor, { at: number; volumes: readonly Volume[] }>();
  #voices: Voices = { mode: 'direct', slots: [], warm: [] };
  #open: AudioSlots | null = null;
  #opening = false;
  #slots: Slot<Feed>[] = [];
  /** Done when nobody who is about to come into a slot receives it any more. */
  #silencing: Promise<unknown> = Promise.resolve();
  #retire: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: VoicePartOptions) {
    this.#options = options;
    const { pictures, microphones, programSounds } = options.scene;
    const voices = () => this.#voices.mode;
    const slots = () => this.#slots;
    this.scene = {
      pictures,
      microphones,
      programSounds,
      get voices() {
        return voices();
      },
      get slots() {
        return slots();
      },
    };
  }

  set(voices: Voices): void {
    const changed = voices.mode !== this.#voices.mode;
    this.#voices = voices;
    clearTimeout(this.#retire);
    if (voices.mode === 'slots') {
      if (this.#open) this.#fill(this.#open);
      else void this.#openSlots();
    } else if (this.#open) {
      this.#retire = setTimeout(() => this.#closeSlots(), retireMs).unref();
    }
    if (changed && this.#open) this.#options.onSounds();
  }

  /** What the observers of one floor have measured. Gives what all of them say now, the loudest first. */
  volumes(floor: Floor, volumes: readonly Volume[]): Volume[] {
    const now = performance.now();
    this.#measured.set(floor, { at: now, volumes });
    return [...this.#measured.values()]
      .filter(({ at }) => now - at < freshMs)
      .flatMap((measured) => measured.volumes)
      .sort((a, b) => b.level - a.level);
  }

  floorDied(floor: Floor): void {
    this.#measured.delete(floor);
    if (this.#open?.floor !== floor) return;
    this.#closeSlots();
    if (this.#voices.mode === 'slots') void this.#openSlots();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retire);
    clearTimeout(this.#retry);
    this.#open?.close();
    this.#open = null;
    this.#slots = [];
  }

  async #openSlots(): Promise<void> {
    clearTimeout(this.#retry);
    if (this.#opening || this.#closed) return;
    this.#opening = true;
    const floor = this.#options.floor();
    try {
      if (!floor) throw new Error('there is no floor');
      const { slots: count, log, hold, onVoice } = this.#options;
      const slots = await AudioSlots.open({ count, log, floor, hold: (feed) => hold(feed, floor), onVoice });
      if (this.#closed || floor.router.closed) slots.close();
      else this.#take(slots);
    } catch (error) {
      this.#options.log.debug({ err: error }, 'audio slots are not open; trying again');
    } finally {
      this.#opening = false;
    }
    if (!this.#open && !this.#closed && this.#voices.mode === 'slots')
      this.#retry = setTimeout(() => void this.#openSlots(), tryAgainMs).unref();
  }

  #take(slots: AudioSlots): void {
    this.#open = slots;
    this.#slots = slots.producers.map((producer, index) => ({
      occupants: [],
      producer: {
        id: producer.id,
        peerId: '',
        source: 'microphone',
        kind: 'audio',
        layered: { type: 'simple', encodings: [] },
        slot: index + 1,
        origin: { floor: slots.floor, producer },
        distant: null,
        landing: null,
        paused: false,
      },
    }));
    this.#fill(slots);
    this.#options.onSounds();
  }

  #closeSlots(): void {
    this.#open?.close();
    this.#open = null;
    this.#slots = [];
    this.#options.onSounds();
  }

  /** First those who come into a slot receive it no longer, then it is switched, then those who left it receive it again. */
  #fill(slots: AudioSlots): void {
    const voices = this.#voices;
    const feeds = this.#slots.map((_, index) => this.#options.feed(voices.slots[index] ?? '') ?? null);
    const coming = new Set<string>();
    this.#slots = this.#slots.map((slot, index) => {
      const peerId = feeds[index]?.peerId;
      if (peerId === undefined || slot.occupants.includes(peerId)) return slot;
      coming.add(peerId);
      return { ...slot, occupants: [...slot.occupants, peerId] };
    });
    const warm = voices.warm.flatMap((id) => this.#options.feed(id) ?? []);
    // Whoever was to come before may still hear the slot.
    this.#silencing = Promise.all([this.#silencing, this.#silence(coming)]);
    void this.#silencing.then(() => {
      if (this.#open !== slots || this.#voices !== voices) return;
      slots.set(feeds, warm);
      this.#letGo(feeds);
    });
  }

  #letGo(feeds: readonly (Feed | null)[]): void {
    const left = new Set<string>();
    this.#slots = this.#slots.map((slot, index) => {
      const peerId = feeds[index]?.peerId;
      const gone = slot.occupants.filter((occupant) => occupant !== peerId);
      for (const occupant of gone) left.add(occupant);
      return gone.length === 0 ? slot : { ...slot, occupants: peerId === undefined ? [] : [peerId] };
    });
    if (left.size > 0) void this.#options.onOccupants(left);
  }

  /** A peer whose other media are slow to come must not keep everybody from hearing him. */
  async #silence(peerIds: ReadonlySet<string>): Promise<void> {
    if (peerIds.size === 0) return;
    const enough = new AbortController();
    const late = delay(this.#options.patienceMs ?? patienceMs, undefined, { signal: enough.signal, ref: false }).catch(() => undefined);
    await Promise.race([this.#options.onOccupants(peerIds), late]);
    enough.abort();
  }
}
