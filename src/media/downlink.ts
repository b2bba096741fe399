/**
 * What one page's network takes: says which pictures starve, and finds out when there is room again.
 *
 * The worker's estimate of a path that was narrow grows by a few kbit/s a second, unless something
 * is sent that shows that more passes. It sends such a probe only when less is sent than the
 * estimate allows, or when the highest bitrate allowed is raised. Who gets a small picture because
 * the next layer is just too large does neither, and would keep the small picture for minutes. So
 * while a picture is smaller than it should be, the highest bitrate is raised again and again to a
 * multiple of the estimate: 15 ms of padding, which even a narrow path carries without much delay
 * of sound. What it shows is held for a moment as the lowest estimate: the worker takes the next
 * jitter for congestion, and falls back to what was sent before.
 */
import type { Clock } from '../platform/clock.js';

/** Something that the page receives. */
export interface Received {
  readonly consumer: { readonly id: string };
  /** Shown, and nothing is sent. */
  readonly starved: boolean;
  /** Less is sent than should be, and the publisher sends more. */
  readonly limited: boolean;
}

export interface DownlinkDeps {
  readonly received: () => Iterable<Received>;
  /** The whole list, whenever it changes. */
  readonly onStarved: (consumerIds: readonly string[]) => void;
  readonly clock: Clock;
}

/** What it needs of the transport through which the page receives. */
export interface DownlinkTransport {
  readonly closed: boolean;
  getStats(): Promise<readonly { readonly availableOutgoingBitrate?: number; readonly rtpPacketLossSent?: number }[]>;
  setMaxOutgoingBitrate(bitrate: number): Promise<void>;
  setMinOutgoingBitrate(bitrate: number): Promise<void>;
  enableTraceEvent(types?: 'bwe'[]): Promise<void>;
  on(event: 'trace', listener: (trace: { readonly type: string; readonly info: unknown }) => void): unknown;
}

const lookEveryMs = 500;
/** A picture takes a key frame to begin; only then is it missed. */
const starvedAfterMs = 1_000;
/** The worker probes by itself when a page begins to receive. */
const patienceMs = 1_500;
/** Between two probes: the first after one that has shown something, the last while nothing changes. */
const waitMs = { shortest: 1_000, longest: 4_000 };
/** A probe that asks for more would wait in line on a narrow path, and sound behind it. */
const probe = { factor: 3, atLeast: 1_000_000 };
/** What the estimate is told to stay below for a moment, so that the highest bitrate is raised after it. */
const stepFactor = 1.2;
/** A probe has shown something when the estimate was this much higher; and this part of it is believed. */
const shown = { factor: 1.5, believed: 0.8 };
const holdMs = 2_500;
/** Sound and the lowest layer of one picture. Without loss nothing is gained by sending less. */
const floorBitrate = 100_000;
/** So much loss is congestion, whatever else it may be: sound first. */
const congestedRatio = 0.1;

export class Downlink {
  readonly #transport: DownlinkTransport;
  readonly #deps: DownlinkDeps;
  /** By consumer: since when it starves. */
  #starvedSince: ReadonlyMap<string, number> = new Map();
  #told: readonly string[] = [];
  #limitedSince: number | undefined;
  #probeAt = 0;
  #wait = waitMs.shortest;
  #holdUntil = 0;
  /** The worker's estimate: when a probe was asked for, and the highest since. */
  #estimate = 0;
  #highest = 0;
  /** What the worker was told last; 0: nothing. */
  #lowestTold = 0;
  #highestTold = 0;
  #traces = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(transport: DownlinkTransport, deps: DownlinkDeps) {
    this.#transport = transport;
    this.#deps = deps;
    transport.on('trace', (trace) => {
      if (trace.type === 'bwe') this.#highest = Math.max(this.#highest, estimateOf(trace.info));
    });
  }

  /** Something has changed in what is received. Costs nothing where all is well. */
  look(): void {
    if (this.#closed || this.#timer) return;
    const isQuiet = this.#limitedSince === undefined && this.#told.length === 0;
    if (isQuiet && ![...this.#deps.received()].some(({ starved, limited }) => starved || limited)) return;
    this.#timer = setTimeout(() => {
      this.#tick()
        // The transport has gone in the same moment.
        .catch(() => undefined)
        .finally(() => {
          this.#timer = undefined;
          this.look();
        });
    }, lookEveryMs).unref();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #tick(): Promise<void> {
    if (this.#closed || this.#transport.closed) return;
    const now = this.#deps.clock.now();
    const received = [...this.#deps.received()];
    this.#tellStarved(received, now);
    if (received.some(({ limited }) => limited)) {
      this.#limitedSince ??= now;
      await this.#search(now, this.#limitedSince);
      return;
    }
    this.#limitedSince = undefined;
    this.#wait = waitMs.shortest;
    this.#holdUntil = 0;
    await this.#trace(false);
    await this.#between(0, 0);
  }

  #tellStarved(received: readonly Received[], now: number): void {
    const starved = received.filter((media) => media.starved).map(({ consumer }) => consumer.id);
    const before = this.#starvedSince;
    const since = new Map(starved.map((id) => [id, before.get(id) ?? now]));
    this.#starvedSince = since;
    const lasting = starved.filter((id) => now - (since.get(id) ?? now) >= starvedAfterMs).sort();
    if (lasting.length === this.#told.length && lasting.every((id, at) => id === this.#told[at])) return;
    this.#told = lasting;
    this.#deps.onStarved(lasting);
  }

  async #search(now: number, since: number): Promise<void> {
    if (now - since < patienceMs) return;
    await this.#trace(true);
    const [stats] = await this.#transport.getStats();
    const estimate = stats?.availableOutgoingBitrate ?? 0;
    if (estimate < 1 || this.#closed) return;
    if ((stats?.rtpPacketLossSent ?? 0) > congestedRatio) {
      this.#holdUntil = 0;
      this.#probeAt = now + this.#wait;
      await this.#between(0, this.#highestTold);
      return;
    }
    if (this.#highest > this.#estimate * shown.factor && this.#estimate > 0) {
      const believed = this.#highest * shown.believed;
      this.#wait = waitMs.shortest;
      this.#probeAt = now + this.#wait;
      this.#holdUntil = now + holdMs;
      this.#estimate = believed;
      this.#highest = 0;
      await this.#between(Math.max(floorBitrate, Math.min(believed, this.#highestTold || believed)), this.#highestTold);
      return;
    }
    if (now >= this.#holdUntil) await this.#between(floorBitrate, this.#highestTold);
    if (now < this.#probeAt) return;
    this.#estimate = Math.max(estimate, this.#lowestTold);
    this.#highest = 0;
    this.#probeAt = now + this.#wait;
    this.#wait = Math.min(waitMs.longest, this.#wait * 2);
    await this.#between(this.#lowestTold, this.#estimate * stepFactor);
    await this.#between(this.#lowestTold, Math.max(probe.atLeast, this.#estimate * probe.factor));
  }

  /** The lowest and the highest bitrate that the worker may estimate; 0: as it likes. */
  async #between(lowest: number, highest: number): Promise<void> {
    const [from, to] = [Math.round(lowest), Math.round(highest)];
    // The worker takes no lowest above the highest, so the one that widens goes first.
    if (from < this.#lowestTold) await this.#setLowest(from);
    if (to !== this.#highestTold) {
      this.#highestTold = to;
      await this.#transport.setMaxOutgoingBitrate(to);
    }
    if (from > this.#lowestTold) await this.#setLowest(from);
  }

  async #setLowest(bitrate: number): Promise<void> {
    this.#lowestTold = bitrate;
    await this.#transport.setMinOutgoingBitrate(bitrate);
  }

  async #trace(on: boolean): Promise<void> {
    if (on === this.#traces) return;
    this.#traces = on;
    await this.#transport.enableTraceEvent(on ? ['bwe'] : []);
  }
}

/** mediasoup leaves the type of what it traces open. */
function estimateOf(info: unknown): number {
  if (typeof info !== 'object' || info === null || !('availableBitrate' in info)) return 0;
  return Number(info.availableBitrate) || 0;
}
