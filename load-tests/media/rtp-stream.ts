/** One stream that a publisher sends: numbers, times and sender reports. */
import { randomInt } from 'node:crypto';
import type { ClientTransport } from './client-transport.js';
import { nowUs } from './clock.js';
import { senderReport } from './wire/rtcp.js';
import { rtpHeader } from './wire/rtp.js';

export interface RtpStreamOptions {
  readonly transport: ClientTransport;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly clockRate: number;
}

export interface OutgoingPacket {
  readonly payload: Buffer;
  /** Microseconds; becomes the RTP timestamp. */
  readonly mediaTime: number;
  readonly marker: boolean;
  readonly audioLevel?: { readonly level: number; readonly voice: boolean };
}

const reportEveryUs = 1_000_000;

export class RtpStream {
  readonly #options: RtpStreamOptions;
  readonly #timestampBase = randomInt(2 ** 32);
  /** Not 0: the worker misreads what is lost of a stream that begins there. */
  #sequence = randomInt(1, 0x8000);
  #bytes = 0;
  #reportDue = 0;
  packets = 0;

  constructor(options: RtpStreamOptions) {
    this.#options = options;
  }

  get ssrc(): number {
    return this.#options.ssrc;
  }

  send({ payload, mediaTime, marker, audioLevel }: OutgoingPacket): void {
    const { transport, ssrc, payloadType } = this.#options;
    const sentAt = nowUs();
    if (sentAt >= this.#reportDue) this.#report(sentAt);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const header = rtpHeader({
      payloadType,
      marker,
      sequence: this.#sequence,
      timestamp: this.#timestampOf(mediaTime),
      ssrc,
      sentAt,
      ...(audioLevel && { audioLevel }),
    });
    transport.sendRtp(header, payload);
    this.packets += 1;
    this.#bytes += payload.length;
  }

  #report(now: number): void {
    this.#reportDue = now + reportEveryUs;
    const { transport, ssrc } = this.#options;
    const timestamp = this.#timestampOf(now);
    transport.sendRtcp(senderReport({ ssrc, timestamp, packets: this.packets, bytes: this.#bytes, wallMs: Date.now() }));
  }

  #timestampOf(us: number): number {
    return (this.#timestampBase + Math.floor((us / 1_000_000) * this.#options.clockRate)) % 2 ** 32;
  }
}
