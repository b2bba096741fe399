/**
 * What one page's network takes: says which pictures starve, and finds out when there is room again.
 *
 * The worker's estimate of a path that was narrow grows by a few kbit/s a second, unless something
 * is sent that shows that more passes. It sends such a probe only when less is sent than the
 * estimate allows, or when the highest bitrate allowed is raised. Who gets a small picture because
 * the next layer is just too large does neither, and would keep the small picture for minutes. So
 * while a picture is smaller than it should be, the highest bitrate is raised again and again to a
 * multiple of the estimate: 15 ms of padding, which even a narrow path carries without delaying
 * sound, and which makes the estimate jump when the path has become wide.
 */
import type { types as mediasoup } from 'mediasoup';
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

export type DownlinkTransport = Pick<mediasoup.WebRtcTransport, 'closed' | 'getStats' | 'setMaxOutgoingBitrate'>;

const lookEveryMs = 500;
/** A picture takes a key frame to begin; only then is it missed. */
const starvedAfterMs = 1_000;
/** The worker probes by itself when a page begins to receive. */
const patienceMs = 1_500;
/** Between two probes: the first after one that has shown something, the last while nothing changes. */
const waitMs = { shortest: 1_000, longest: 4_000 };
/**
 * A probe that asks for more would wait in line on a narrow path, and sound behind it. One of
 * 600 kbit/s is about eight small packets: 60 ms of a path that carries 150 kbit/s.
 */
const probeFactor = 3;
const probeAtLeast = Number(process.env.PROBE ?? 1000) * 1000;
/** What the estimate is told to stay below for a moment, so that the highest bitrate is raised after it. */
const stepFactor = 1.2;
/** mediasoup takes nothing below this. */
const lowestBitrate = 30_000;

export class Downlink {
  readonly #transport: DownlinkTransport;
  readonly #deps: DownlinkDeps;
  /** By consumer: since when it starves. */
  #starvedSince: ReadonlyMap<string, number> = new Map();
  #told: readonly string[] = [];
  #limitedSince: number | undefined;
  #probeAt = 0;
  #wait = waitMs.shortest;
  #estimate = 0;
  #isCapped = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(transport: DownlinkTransport, deps: DownlinkDeps) {
    this.#transport = transport;
    this.#deps = deps;
  }

  /** Something has changed in what is received. Costs nothing where all is well. */
  look(): void {
    if (this.#closed || this.#timer) return;
    const received = [...this.#deps.received()];
    const isQuiet = !this.#isCapped && this.#told.length === 0 && this.#limitedSince === undefined;
    if (isQuiet && !received.some(({ starved, limited }) => starved || limited)) return;
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
      if (now - this.#limitedSince >= patienceMs && now >= this.#probeAt) await this.#probe(now);
      return;
    }
    this.#limitedSince = undefined;
    this.#wait = waitMs.shortest;
    if (!this.#isCapped) return;
    this.#isCapped = false;
    await this.#transport.setMaxOutgoingBitrate(0);
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

  async #probe(now: number): Promise<void> {
    const [stats] = await this.#transport.getStats();
    const estimate = stats?.availableOutgoingBitrate ?? 0;
    if (estimate < 1 || this.#closed) return;
    const hasRisen = estimate > this.#estimate * stepFactor;
    this.#wait = hasRisen ? waitMs.shortest : Math.min(waitMs.longest, this.#wait * 2);
    this.#probeAt = now + this.#wait;
    this.#estimate = estimate;
    this.#isCapped = true;
    await this.#transport.setMaxOutgoingBitrate(Math.max(lowestBitrate, Math.round(estimate * stepFactor)));
    await this.#transport.setMaxOutgoingBitrate(Math.max(probeAtLeast, Math.round(estimate * probeFactor)));
  }
}
