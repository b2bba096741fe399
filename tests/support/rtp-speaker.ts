/** Somebody who speaks: Opus packets as RTP to a port on loopback, as a tap sends them. */
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { packetMs } from './opus-packets.js';

export interface SpeakerOptions {
  readonly port: number;
  readonly ssrc: number;
  readonly payloadType?: number;
  /** Changes which packets go out, and in which order; default as they are. */
  readonly mangle?: (packets: readonly Buffer[]) => readonly Buffer[];
  /** Times real time. */
  readonly speed?: number;
}

export class RtpSpeaker {
  readonly #socket: Socket = createSocket('udp4');
  readonly #options: SpeakerOptions;
  #sequence = 65_500;
  #timestamp = 4_294_900_000;

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  /** Says it all, at its pace. Resolves with when the last packet went out. */
  async say(opus: readonly Uint8Array[]): Promise<number> {
    const packets = opus.map((payload) => this.#packet(payload));
    const { mangle = (all) => all, speed = 1 } = this.#options;
    const begin = performance.now();
    for (const [index, packet] of mangle(packets).entries()) {
      this.send(packet);
      const early = begin + ((index + 1) * packetMs) / speed - performance.now();
      if (early > 4) await delay(early);
    }
    return Date.now();
  }

  send(bytes: Buffer): void {
    this.#socket.send(bytes, this.#options.port, '127.0.0.1');
  }

  close(): void {
    this.#socket.close();
  }

  /** RFC 3550 section 5.1. */
  #packet(payload: Uint8Array): Buffer {
    const header = Buffer.alloc(12);
    header.writeUInt8(0x80, 0);
    header.writeUInt8(this.#options.payloadType ?? 100, 1);
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(this.#timestamp, 4);
    header.writeUInt32BE(this.#options.ssrc, 8);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + packetMs * 48) >>> 0;
    return Buffer.concat([header, payload]);
  }
}
