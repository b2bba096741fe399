/** The voices that are tapped now, by the SSRC of their packets (RFC 3550 section 5.1). */
import type { RtpPacket } from 'werift-rtp';
import type { FromCaptioner } from '../captioner-messages.js';
import type { Engines } from '../engines/engine-choice.js';
import { OpusSound } from './opus-sound.js';
import { ReorderBuffer } from './reorder-buffer.js';
import { RtpClock } from './rtp-clock.js';
import { Voice } from './voice.js';
import type { VoiceActivities } from './voice-activities.js';

export interface LiveVoicesDeps {
  readonly engines: Engines;
  readonly activities: VoiceActivities;
  readonly now: () => number;
  say(message: FromCaptioner): void;
}

interface Arrived {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly at: number;
  readonly opus: Uint8Array;
}

interface Live {
  readonly id: string;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly voice: Voice;
  readonly order: ReorderBuffer<Arrived>;
  readonly clock: RtpClock;
  lastAt: number;
  toldUntil: number;
}

/** No packets for this long: whoever spoke has been muted. DTX sends one each 400 ms (RFC 6716 section 2.1.9). */
const silenceMs = 600;
/** Engines are behind while a final line waits longer, and for a while after one was left. */
const behindMs = 3_000;
const behindAfterLeftMs = 15_000;
/** How often is told what was heard. */
const heardEveryMs = 2_000;

export class LiveVoices {
  readonly #deps: LiveVoicesDeps;
  readonly #byId = new Map<string, Live>();
  readonly #bySsrc = new Map<number, Live>();
  #leftAt = Number.NEGATIVE_INFINITY;

  constructor(deps: LiveVoicesDeps) {
    this.#deps = deps;
  }

  get behind(): boolean {
    return this.#deps.now() - this.#leftAt < behindAfterLeftMs || this.#deps.engines.queues.some(({ waitedMs }) => waitedMs > behindMs);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  async begin(tap: { id: string; ssrc: number; payloadType: number; clockRate: number; language: string }): Promise<void> {
    const { engines, activities, now, say } = this.#deps;
    const { id } = tap;
    const queue = engines.queueOf(tap.language);
    if (!queue) return say({ what: 'refused', id, why: `no engine takes ${tap.language}` });
    // Two taps with one number can't be told apart; the second gets another one when it is tried again.
    if (this.#bySsrc.has(tap.ssrc)) return say({ what: 'refused', id, why: 'its SSRC is taken' });
    queue.engine.warm();
    const clock = new RtpClock(tap.clockRate);
    const sound = await OpusSound.open();
    const voice = new Voice({
      language: tap.language,
      queue,
      activities,
      sound,
      live: true,
      wall: (ms) => clock.wall(ms),
      now,
      partial: (line) => say({ what: 'partial', id, ...line }),
      final: (line) => say({ what: 'final', id, ...line }),
      left: (line, why) => {
        this.#leftAt = now();
        say({ what: 'left', id, ...line, why });
      },
    });
    const live: Live = { ...tap, voice, clock, order: new ReorderBuffer(), lastAt: now(), toldUntil: now() };
    this.#byId.set(id, live);
    this.#bySsrc.set(tap.ssrc, live);
    say({ what: 'begun', id });
  }

  packet({ header, payload }: RtpPacket, at: number): void {
    const live = this.#bySsrc.get(header.ssrc);
    // Probes of bandwidth have another type.
    if (!live || header.payloadType !== live.payloadType) return;
    live.lastAt = at;
    const { sequenceNumber, timestamp } = header;
    this.#hear(live, live.order.push({ sequenceNumber, timestamp, at, opus: payload }, at));
  }

  paused(id: string, paused: boolean): void {
    const live = this.#byId.get(id);
    if (live && paused) this.#interrupt(live);
  }

  tick(): void {
    const now = this.#deps.now();
    for (const live of this.#byId.values()) {
      this.#hear(live, live.order.due(now));
      if (now - live.lastAt > silenceMs) this.#interrupt(live);
      live.voice.tick();
      if (now - live.toldUntil < heardEveryMs) continue;
      live.toldUntil = now;
      this.#deps.say({ what: 'heard', id: live.id, untilMs: live.voice.heardUntil });
    }
  }

  async end(id: string): Promise<void> {
    const live = this.#byId.get(id);
    if (!live) return;
    this.#byId.delete(id);
    this.#bySsrc.delete(live.ssrc);
    this.#hear(live, live.order.drain());
    const until = live.voice.soundUntil;
    await live.voice.end();
    this.#deps.say({ what: 'heard', id, untilMs: until });
    this.#deps.say({ what: 'ended', id });
  }

  #hear(live: Live, packets: readonly Arrived[]): void {
    for (const { timestamp, at, opus } of packets) live.voice.hear(live.clock.streamMs(timestamp, at), opus);
  }

  #interrupt(live: Live): void {
    this.#hear(live, live.order.drain());
    live.voice.interrupted();
    live.clock.interrupted();
    // Until it speaks again.
    live.lastAt = Number.POSITIVE_INFINITY;
  }
}
