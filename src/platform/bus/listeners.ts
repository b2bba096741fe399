/** Who listens to which channel in this process. */
import type { Log } from '../log.js';

type Listener = (payload: Uint8Array) => void;

export class Listeners {
  readonly #log: Log;
  readonly #channels = new Map<string, Set<{ listener: Listener }>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** `first`: nobody listened to the channel before. `remove` says whether nobody does now, once. */
  add(channel: string, listener: Listener): { first: boolean; remove: () => boolean } {
    const entry = { listener };
    const present = this.#channels.get(channel);
    const entries = present ?? new Set();
    entries.add(entry);
    this.#channels.set(channel, entries);
    return {
      first: !present,
      remove: () => {
        if (!entries.delete(entry) || entries.size > 0) return false;
        this.#channels.delete(channel);
        return true;
      },
    };
  }

  has(channel: string): boolean {
    return this.#channels.has(channel);
  }

  deliver(channel: string, payload: Uint8Array): void {
    // A listener may remove itself or others while it is called.
    for (const { listener } of [...(this.#channels.get(channel) ?? [])]) {
      try {
        listener(payload);
      } catch (error) {
        this.#log.error({ err: error, channel }, 'bus: a listener threw');
      }
    }
  }

  clear(): void {
    for (const entries of this.#channels.values()) entries.clear();
    this.#channels.clear();
  }
}
