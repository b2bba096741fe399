/**
 * The generator's own part of every delay: stamped packets from the sending process straight to a
 * receiving one, without a server between.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Histogram } from '../lib/histogram.js';
import { nowUs } from './clock.js';
import type { PacedSource } from './pacer.js';
import { extensions, findStamp, readStamp, rtpHeader } from './wire/rtp.js';

const everyUs = 10_000;
const payload = Buffer.alloc(1_000);

export class OwnDelay {
  readonly delays = new Histogram('us');
  readonly #socket = createSocket('udp4');

  /** Gives the port on which it listens. */
  async listen(): Promise<number> {
    this.#socket.on('message', (packet) => {
      const at = nowUs();
      this.delays.add(at - readStamp(packet, findStamp(packet, extensions.sentAt.id)).sentAt);
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }
}

export class OwnDelaySource implements PacedSource {
  readonly #socket: Socket;
  #sequence = 0;
  due = nowUs();

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<OwnDelaySource> {
    const socket = createSocket('udp4');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new OwnDelaySource(socket);
  }

  run(now: number): void {
    this.due = now + everyUs;
    this.#sequence += 1;
    const header = rtpHeader({ payloadType: 0, marker: false, sequence: this.#sequence & 0xffff, timestamp: 0, ssrc: 1, sentAt: nowUs() });
    this.#socket.send(Buffer.concat([header, payload]));
  }
}
