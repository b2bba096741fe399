/** The bus of a server that runs alone: nothing leaves the process. */
import type { Log } from '../log.js';
import type { Bus, Lease, Unsubscribe } from './bus.js';
import { Listeners } from './listeners.js';

export class MemoryBus implements Bus {
  readonly shared = false;
  readonly #listeners: Listeners;
  readonly #leases = new Map<string, { holder: string; until: number }>();
  #closed = false;

  constructor({ log }: { log: Log }) {
    this.#listeners = new Listeners(log);
  }

  async publish(channel: string, payload: Uint8Array): Promise<number> {
    if (this.#closed) throw new Error('The bus is closed.');
    // The publisher may use its buffer again, as it may with Redis. (`slice` of a Buffer would share it.)
    const own = Uint8Array.from(payload);
    // Never within the publisher's own call, as with Redis: it may hold things half-done.
    await Promise.resolve();
    this.#listeners.deliver(channel, own);
    return this.#listeners.has(channel) ? 1 : 0;
  }

  async subscribe(channel: string, listener: (payload: Uint8Array) => void): Promise<Unsubscribe> {
    if (this.#closed) throw new Error('The bus is closed.');
    const { remove } = this.#listeners.add(channel, listener);
    return async () => {
      remove();
    };
  }

  async acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | null> {
    if (this.#closed) throw new Error('The bus is closed.');
    const current = this.#holderOf(name);
    if (current !== null && current !== holder) return null;
    const take = () => this.#leases.set(name, { holder, until: performance.now() + ttlMs });
    take();
    return {
      name,
      holder,
      renew: async () => {
        if (this.#closed || this.#holderOf(name) !== holder) return false;
        take();
        return true;
      },
      release: async () => {
        if (this.#holderOf(name) === holder) this.#leases.delete(name);
      },
    };
  }

  async leaseHolder(name: string): Promise<string | null> {
    if (this.#closed) throw new Error('The bus is closed.');
    return this.#holderOf(name);
  }

  /** In one process nothing is lost. */
  onRestored(): () => void {
    return () => undefined;
  }

  async healthy(): Promise<boolean> {
    return !this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    this.#leases.clear();
  }

  #holderOf(name: string): string | null {
    const lease = this.#leases.get(name);
    return lease && lease.until > performance.now() ? lease.holder : null;
  }
}
