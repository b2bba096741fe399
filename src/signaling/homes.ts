/**
 * Which node is home to which meeting: a lease for each meeting that this node is home to, renewed
 * as long as it is. A node that can't ask the bus stays home, because nobody else can take a lease
 * there either; what it did meanwhile is settled when the bus is back.
 */
import { EventEmitter } from 'node:events';
import type { Bus, Lease } from '../platform/bus/index.js';
import type { Log } from '../platform/log.js';

export interface HomesDeps {
  readonly bus: Bus;
  readonly nodeId: string;
  readonly leaseMs: number;
  readonly log: Log;
}

export interface HomesEvents {
  /** Another node is its home now, or may have been meanwhile. */
  lost: [meetingId: string];
}

interface Held {
  lease: Lease;
  /** By a clock that never jumps: nobody else was home up to then. */
  until: number;
  renewing: boolean;
}

export class Homes extends EventEmitter<HomesEvents> {
  readonly #deps: HomesDeps;
  readonly #held = new Map<string, Held>();
  readonly #timer: NodeJS.Timeout | null;

  constructor(deps: HomesDeps) {
    super();
    this.#deps = deps;
    this.#timer = deps.bus.shared ? setInterval(() => this.#renewAll(), deps.leaseMs / 4).unref() : null;
  }

  /** True: this node is its home from now on, or was. Else who is; null: that can't be said now. */
  async take(meetingId: string): Promise<true | string | null> {
    const { bus, nodeId, leaseMs } = this.#deps;
    if (!bus.shared || this.#held.has(meetingId)) return true;
    try {
      const asked = performance.now();
      const lease = await bus.acquireLease(nameOf(meetingId), nodeId, leaseMs);
      if (!lease) return await bus.leaseHolder(nameOf(meetingId));
      this.#held.set(meetingId, { lease, until: asked + leaseMs, renewing: false });
      return true;
    } catch (error) {
      this.#deps.log.warn({ err: error, meeting: meetingId }, 'homes: the bus does not answer');
      return null;
    }
  }

  /** Who is home; null: nobody, or that can't be said now. */
  async holder(meetingId: string): Promise<string | null> {
    if (this.#held.has(meetingId)) return this.#deps.nodeId;
    return this.#deps.bus.leaseHolder(nameOf(meetingId)).catch(() => null);
  }

  /** Others may be its home from now on. Harmless when it is not held. */
  async release(meetingId: string): Promise<void> {
    const held = this.#held.get(meetingId);
    this.#held.delete(meetingId);
    await held?.lease
      .release()
      .catch((error: unknown) => this.#deps.log.debug({ err: error, meeting: meetingId }, 'homes: a lease ends by itself'));
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  #renewAll(): void {
    for (const [meetingId, held] of this.#held) void this.#renew(meetingId, held);
  }

  async #renew(meetingId: string, held: Held): Promise<void> {
    // Redis that is away answers late; one question at a time.
    if (held.renewing) return;
    held.renewing = true;
    const { bus, nodeId, leaseMs } = this.#deps;
    const asked = performance.now();
    try {
      if (await held.lease.renew()) {
        // Where the bus did not answer nothing was prolonged, but nothing is lost either.
        if (performance.now() - asked < leaseMs / 2) held.until = asked + leaseMs;
        return;
      }
      const lease = await bus.acquireLease(nameOf(meetingId), nodeId, leaseMs);
      if (this.#held.get(meetingId) !== held) return void (await lease?.release());
      if (lease && asked < held.until) {
        this.#deps.log.warn({ meeting: meetingId }, 'homes: the bus had forgotten a lease');
        Object.assign(held, { lease, until: asked + leaseMs });
        return;
      }
      this.#held.delete(meetingId);
      await lease?.release();
      this.#deps.log.warn({ meeting: meetingId, known: lease !== null }, 'homes: a lease was lost');
      this.emit('lost', meetingId);
    } catch (error) {
      this.#deps.log.debug({ err: error, meeting: meetingId }, 'homes: the bus does not answer');
    } finally {
      held.renewing = false;
    }
  }
}

function nameOf(meetingId: string): string {
  return `meeting/${meetingId}`;
}
