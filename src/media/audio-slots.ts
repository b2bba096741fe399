/**
 * The slots of the audio stage on one node: a few producers into which the loudest microphones are
 * switched. Everybody consumes the slots and nothing else, so a change of speaker costs no
 * negotiation, and the consumers of a large meeting are people times slots.
 *
 * A microphone is tapped when it is in a slot or kept warm; a warm one has its last packets ready,
 * so that who begins to speak is heard from his first syllable. Only tapped packets pass through this
 * process: slots times 50 a second, whatever the number of people.
 */
import type { types as mediasoup } from 'mediasoup';
import type { Log } from '../platform/log.js';
import { routerCapabilities } from './codecs.js';
import type { Feed } from './feed.js';
import type { Floor } from './floor.js';
import type { Hold } from './inflows.js';
import { audioLevel, RtpSwitch } from './rtp-switch.js';

export interface AudioSlotsOptions {
  readonly count: number;
  readonly floor: Floor;
  readonly log: Log;
  /** Brings a microphone to the slots' floor. */
  readonly hold: (feed: Feed) => Promise<Hold>;
  /** A tapped microphone of this node carries a voice. */
  readonly onVoice: (producerId: string, level: number) => void;
}

interface OutSlot {
  readonly producer: mediasoup.Producer;
  readonly out: RtpSwitch;
  feedId: string | null;
}

interface Tap {
  readonly feed: Feed;
  readonly recent: Buffer[];
  consumer: mediasoup.Consumer | null;
  hold: Hold | null;
  loudInARow: number;
  closed: boolean;
}

const levelUri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const speech = speechParameters();
/** Packets kept of a warm microphone: what was said while it was noticed that something was said. */
const recentPackets = 6;
/** dBov; several packets above it in a row are a voice, and no click. */
const voiceLevel = -50;
const voicePackets = 2;
/** A voice that goes on is told again after so many packets: half a second. */
const tellEvery = 25;
/** What could not be tapped is tried again after this time, milliseconds. */
const tryAgainMs = 1_000;

export class AudioSlots {
  readonly #options: AudioSlotsOptions;
  readonly #slots: readonly OutSlot[];
  readonly #taps = new Map<string, Tap>();
  readonly #transport: mediasoup.DirectTransport;
  /** Those in a slot, and those kept warm. */
  #wanted: ReadonlyMap<string, Feed> = new Map();
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(options: AudioSlotsOptions, transport: mediasoup.DirectTransport, slots: readonly OutSlot[]) {
    this.#options = options;
    this.#transport = transport;
    this.#slots = slots;
  }

  /** Rejects, with nothing left open, when the worker is gone. */
  static async open(options: AudioSlotsOptions): Promise<AudioSlots> {
    const transport = await options.floor.router.createDirectTransport();
    try {
      const slots = await Promise.all(Array.from({ length: options.count }, (_, index) => openSlot(transport, index)));
      return new AudioSlots(options, transport, slots);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  get floor(): Floor {
    return this.#options.floor;
  }

  /** In order, from slot 1. */
  get producers(): readonly mediasoup.Producer[] {
    return this.#slots.map(({ producer }) => producer);
  }

  /** Who is in which slot from now on, and who is kept warm. */
  set(slots: readonly (Feed | null)[], warm: readonly Feed[]): void {
    if (this.#closed) return;
    this.#wanted = new Map([...slots.flatMap((feed) => feed ?? []), ...warm].map((feed) => [feed.id, feed]));
    for (const [id, tap] of this.#taps) if (!this.#wanted.has(id)) this.#close(id, tap);
    this.#tapMissing();
    this.#slots.forEach((slot, index) => {
      const feed = slots[index] ?? null;
      if (slot.feedId === (feed?.id ?? null)) return;
      slot.feedId = feed?.id ?? null;
      const tap = feed && this.#taps.get(feed.id);
      if (tap) for (const packet of tap.recent.splice(0)) this.#send(slot, packet, tap);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const [id, tap] of this.#taps) this.#close(id, tap);
    this.#transport.close();
  }

  #tapMissing(): void {
    for (const feed of this.#wanted.values()) if (!this.#taps.has(feed.id)) this.#tap(feed);
  }

  #tap(feed: Feed): void {
    const tap: Tap = { feed, recent: [], consumer: null, hold: null, loudInARow: 0, closed: false };
    this.#taps.set(feed.id, tap);
    this.#listen(tap).catch((error: unknown) => {
      this.#options.log.debug({ err: error, producer: feed.id }, 'microphone is not tapped');
      this.#lost(tap);
    });
  }

  /** Its pipe could not be made, or has broken. A microphone that has itself ended is no longer wanted a moment later. */
  #lost(tap: Tap): void {
    if (this.#taps.get(tap.feed.id) !== tap) return;
    this.#close(tap.feed.id, tap);
    // Nobody tells when it could be tapped, and he whose microphone it is may be the only one who speaks.
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#tapMissing();
    }, tryAgainMs).unref();
  }

  async #listen(tap: Tap): Promise<void> {
    const hold = await this.#options.hold(tap.feed);
    if (tap.closed) return hold.release();
    tap.hold = hold;
    const consumer = await this.#transport.consume({ producerId: hold.producer.id, rtpCapabilities: speech.capabilities });
    if (tap.closed) {
      consumer.close();
      return;
    }
    tap.consumer = consumer;
    consumer.observer.once('close', () => this.#lost(tap));
    consumer.on('rtp', (packet) => this.#received(tap, packet));
  }

  #received(tap: Tap, packet: Buffer): void {
    this.#notice(tap, packet);
    const slot = this.#slots.find(({ feedId }) => feedId === tap.feed.id);
    if (slot) {
      this.#send(slot, packet, tap);
      return;
    }
    tap.recent.push(packet);
    if (tap.recent.length > recentPackets) tap.recent.shift();
  }

  #send(slot: OutSlot, packet: Buffer, { consumer }: Tap): void {
    if (!consumer || slot.producer.closed || !slot.out.rewrite(packet, consumer.id, performance.now())) return;
    slot.producer.send(packet);
  }

  #notice(tap: Tap, packet: Buffer): void {
    // Each microphone is watched by the node that it arrives at.
    if (tap.feed.distant) return;
    const level = audioLevel(packet, speech.levelId);
    if (level === undefined || level < voiceLevel) {
      tap.loudInARow = 0;
      return;
    }
    tap.loudInARow += 1;
    if (tap.loudInARow === voicePackets || tap.loudInARow % tellEvery === 0) this.#options.onVoice(tap.feed.id, level);
  }

  #close(id: string, tap: Tap): void {
    this.#taps.delete(id);
    tap.closed = true;
    // With its producer the worker has closed it already, and would complain.
    if (tap.consumer && !tap.hold?.producer.closed) tap.consumer.close();
    tap.hold?.release();
  }
}

async function openSlot(transport: mediasoup.DirectTransport, index: number): Promise<OutSlot> {
  const ssrc = 1_000_001 + index;
  const producer = await transport.produce({
    kind: 'audio',
    rtpParameters: {
      codecs: [
        {
          mimeType: 'audio/opus',
          clockRate: 48_000,
          channels: 2,
          payloadType: speech.payloadType,
          parameters: { useinbandfec: 1, usedtx: 1 },
        },
      ],
      headerExtensions: [{ uri: levelUri, id: speech.levelId }],
      encodings: [{ ssrc }],
      rtcp: { cname: `slot-${index + 1}` },
    },
  });
  return { producer, out: new RtpSwitch({ ssrc, clockRate: 48_000 }), feedId: null };
}

/** Opus as every router numbers it, so that a tapped packet fits a slot as it is. */
function speechParameters(): { payloadType: number; levelId: number; capabilities: mediasoup.RtpCapabilities } {
  const { codecs = [], headerExtensions = [] } = routerCapabilities();
  const opus = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus');
  const level = headerExtensions.filter(({ kind, uri }) => kind === 'audio' && uri === levelUri);
  return {
    payloadType: opus[0]?.preferredPayloadType ?? 0,
    levelId: level[0]?.preferredId ?? 0,
    capabilities: { codecs: opus, headerExtensions: level },
  };
}
