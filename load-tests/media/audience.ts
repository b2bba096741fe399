/** One who sends, and as many as wanted who receive. */
import { setTimeout as delay } from 'node:timers/promises';
import type { AttendeeSettings, Joined } from './attendee.js';
import type { Crowd } from './crowd.js';
import type { Side } from './side.js';

export interface Stream {
  readonly camera: NonNullable<AttendeeSettings['camera']>;
  readonly microphone: NonNullable<AttendeeSettings['microphone']>;
}

export interface Arrivals {
  readonly joined: readonly Joined[];
  readonly errors: readonly Error[];
}

/** 600 kbit/s of picture in 25 frames of three packets, 32 kbit/s of sound in packets of 20 ms. */
export const livestream: Stream = {
  camera: { framesPerSecond: 25, layers: [{ width: 640, height: 360, bitsPerSecond: 600_000 }] },
  microphone: { frameMs: 20, bitsPerSecond: 32_000, speaking: true },
};

/** When there is no hurry: what one server under test takes while it also sends. */
const gentlePerSecond = 40;

export class Audience {
  readonly #crowd: Crowd;
  readonly #side: Side;
  readonly #hostNumber = 1;
  readonly #viewers = new Map<number, Joined>();
  #host: Joined | undefined;

  constructor(crowd: Crowd, side: Side) {
    this.#crowd = crowd;
    this.#side = side;
  }

  get size(): number {
    return this.#viewers.size;
  }

  /** Port of the worker that the host sends to. */
  get hostPort(): number {
    return this.#host?.port ?? 0;
  }

  get ports(): number[] {
    return [...new Set([this.hostPort, ...[...this.#viewers.values()].map(({ port }) => port)])];
  }

  get viewers(): ReadonlyMap<number, Joined> {
    return this.#viewers;
  }

  async open({ camera, microphone }: Stream): Promise<void> {
    this.#host = await this.#crowd.open({ number: this.#hostNumber, camera, microphone }, this.#side.host);
  }

  /** Exactly so many viewers from now on. */
  async resize(count: number): Promise<void> {
    if (count < this.size) await this.leave([...this.#viewers.keys()].slice(count));
    const { errors } = await this.join(count - this.size, gentlePerSecond);
    if (errors[0]) throw errors[0];
  }

  /** So many more, evenly over time, whether those before are in or not. */
  async join(count: number, perSecond: number): Promise<Arrivals> {
    if (count <= 0) return { joined: [], errors: [] };
    const free = Array.from({ length: this.size + count }, (_, at) => this.#hostNumber + 1 + at).filter(
      (number) => !this.#viewers.has(number),
    );
    const ways = await this.#side.ways(this.size + count);
    const errors: Error[] = [];
    const joined: Joined[] = [];
    const begin = performance.now();
    const arriving = free.slice(0, count).map(async (number, at) => {
      await delay((at / perSecond) * 1_000 - (performance.now() - begin));
      try {
        // Number 2 is the first of the viewers.
        const arrived = await this.#crowd.open({ number }, ways[number - this.#hostNumber - 1]!);
        this.#viewers.set(number, arrived);
        joined.push(arrived);
      } catch (error) {
        errors.push(error instanceof Error ? error : new Error(String(error)));
      }
    });
    await Promise.all(arriving);
    return { joined, errors };
  }

  async leave(numbers: readonly number[]): Promise<void> {
    await this.#crowd.leave(numbers);
    for (const number of numbers) this.#viewers.delete(number);
  }

  /** Everybody is out. */
  async close(): Promise<void> {
    await this.leave([...this.#viewers.keys()]);
    if (this.#host) await this.#crowd.leave([this.#hostNumber]);
    this.#host = undefined;
  }
}
