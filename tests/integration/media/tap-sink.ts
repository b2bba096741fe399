/** Takes what is tapped, and keeps it. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SenderReport, TapReceiver, TapSink, TapStream } from '../../../src/media/index.js';

export interface Heard {
  readonly stream: TapStream;
  readonly packets: Buffer[];
  readonly reports: SenderReport[];
  readonly paused: boolean[];
  endedAt: number | null;
  /** Packets that came after the end. */
  late: number;
}

export class Sink implements TapSink {
  readonly heard: Heard[] = [];
  refuses = 0;
  readonly #sockets: Socket[] = [];
  readonly #restarted: (() => void)[] = [];

  async begin(stream: TapStream): Promise<TapReceiver> {
    if (this.refuses > 0) {
      this.refuses -= 1;
      throw new Error('not now');
    }
    const socket = createSocket('udp4');
    this.#sockets.push(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const heard: Heard = { stream, packets: [], reports: [], paused: [], endedAt: null, late: 0 };
    this.heard.push(heard);
    socket.on('message', (packet) => {
      if (packet.readUInt32BE(8) !== stream.ssrc || packet.readUInt8(1) === 200) return;
      heard.packets.push(packet);
      // A moment for what was on its way in the kernel when the worker was told.
      if (heard.endedAt !== null && performance.now() - heard.endedAt > 500) heard.late += 1;
    });
    return {
      port: socket.address().port,
      reported: (report) => heard.reports.push(report),
      paused: (paused) => heard.paused.push(paused),
      end: () => {
        heard.endedAt ??= performance.now();
      },
    };
  }

  onRestarted(listener: () => void): void {
    this.#restarted.push(listener);
  }

  restart(): void {
    for (const listener of this.#restarted) listener();
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}
