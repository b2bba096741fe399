/** What one receiver gets: every packet is counted and timed by its header, none is decoded. */
import { nowUs } from './clock.js';
import type { OfferedStream } from './entrance.js';
import type { ReceivedStream, Tally } from './tally.js';
import { readVoice } from './voice.js';
import type { ReportBlock } from './wire/rtcp.js';
import { findStamp, readStamp, rtpHeaderLength } from './wire/rtp.js';
import type { SrtpReceiver } from './wire/srtp.js';

interface Incoming {
  readonly offer: OfferedStream;
  readonly count: ReceivedStream;
  /** Where the stamp stood in the packet before: it seldom moves. */
  stampAt: number;
  reportedLost: number;
}

export interface ReceptionOptions {
  readonly tally: Tally;
  readonly port: number;
  readonly onFirstPicture: () => void;
  /** Given: voices are opened, and it is told who is heard. */
  readonly onVoice?: (voice: { readonly speaker: number; readonly sentAt: number; readonly at: number }) => void;
  readonly keys: () => SrtpReceiver | undefined;
}

/** mediasoup's bandwidth probes: no media. */
const probatorSsrc = 1_234;

export class Reception {
  readonly #options: ReceptionOptions;
  readonly #bySsrc = new Map<number, Incoming>();
  #pictureSeen = false;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  add(offer: OfferedStream): void {
    const { tally, port } = this.#options;
    this.#bySsrc.set(offer.ssrc, { offer, count: tally.stream(offer.kind, port), stampAt: 0, reportedLost: 0 });
  }

  remove(consumerId: string): void {
    for (const [ssrc, { offer, count }] of this.#bySsrc) {
      if (offer.consumerId !== consumerId) continue;
      this.#options.tally.remove(count);
      this.#bySsrc.delete(ssrc);
    }
  }

  close(): void {
    for (const { count } of this.#bySsrc.values()) this.#options.tally.remove(count);
    this.#bySsrc.clear();
  }

  take(packet: Buffer): void {
    const now = nowUs();
    const ssrc = packet.readUInt32BE(8);
    const incoming = this.#bySsrc.get(ssrc);
    if (!incoming) {
      if (ssrc !== probatorSsrc) this.#options.tally.unknownPackets += 1;
      return;
    }
    const { offer, count } = incoming;
    count.take(packet.readUInt16BE(2), packet.length);
    if (offer.stampId > 0) {
      if (incoming.stampAt === 0 || packet[incoming.stampAt - 1]! >> 4 !== offer.stampId)
        incoming.stampAt = findStamp(packet, offer.stampId);
      if (incoming.stampAt > 0) count.delay(now - readStamp(packet, incoming.stampAt).sentAt);
    }
    if (offer.kind === 'video' && !this.#pictureSeen) {
      this.#pictureSeen = true;
      this.#options.onFirstPicture();
    }
    if (offer.kind === 'audio' && this.#options.onVoice) this.#listen(packet, now);
  }

  /** What a receiver report says of each stream (RFC 3550 section 6.4.1). */
  reportBlocks(): ReportBlock[] {
    return [...this.#bySsrc.values()]
      .filter(({ count }) => count.highest >= 0)
      .map((incoming) => {
        const { count, offer } = incoming;
        const lost = count.lost;
        const fractionLost = lost > incoming.reportedLost ? 1 : 0;
        incoming.reportedLost = lost;
        return { ssrc: offer.ssrc, fractionLost, lost, highestSequence: count.highest - 0x1_0000 };
      });
  }

  #listen(packet: Buffer, at: number): void {
    const payload = this.#options.keys()?.openRtp(packet, rtpHeaderLength(packet));
    const voice = payload && readVoice(payload);
    if (voice) this.#options.onVoice?.({ ...voice, at });
  }
}
