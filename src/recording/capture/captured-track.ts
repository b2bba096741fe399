/**
 * One track that is being captured: a UDP socket, and a log of what comes by it.
 *
 * Each track has a socket of its own. The kernel then tells tracks apart, by a table that it has
 * anyway, and a burst of one (the key frame of a large screen) cannot push another's voice out of a buffer that
 * they share.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Budget } from './budget.js';
import { fits } from './clock-fit.js';
import type { Disk } from './disk.js';
import { GapWatch } from './gap-watch.js';
import type { Gap } from './gaps.js';
import { nack, type RtpHead, readHead } from './rtp.js';
import { type TrackHeader, trackFolder } from './spool.js';
import { markEntry, packetEntry, reportEntry } from './track-log.js';
import { TrackWriter } from './track-writer.js';

export type DropReason = 'disk-full' | 'disk-slow';

export interface CapturedTrackOptions {
  readonly header: TrackHeader;
  /** Of the spool. */
  readonly root: string;
  readonly segmentMs: number;
}

export interface CapturedTrackDeps {
  readonly disk: Disk;
  readonly budget: Budget;
  /** Why a packet may not be kept now; null: it may. */
  readonly refuses: (isPicture: boolean) => DropReason | null;
  readonly onKeyFrameWanted: () => void;
}

export interface Report {
  readonly ssrc: number;
  readonly ntp: bigint;
  readonly rtp: number;
  readonly at: number;
}

interface Dropped {
  readonly because: DropReason;
  readonly from: number;
  to: number;
  packets: number;
}

const loopback = '127.0.0.1';
/** The kernel cuts it to net.core.rmem_max. */
const receiveBufferBytes = 4 * 1024 * 1024;
/** Longer than the way of an end from the server takes, milliseconds. */
const holdMs = 150;
/** What the worker gets again from the publisher is there within a round trip or two, milliseconds. */
const pictureGraceMs = 200;
/** No key frame would help sound, so it may come later. */
const soundGraceMs = 1_000;
/** A publisher gives no second key frame sooner, milliseconds. */
const keyFrameEveryMs = 500;

export class CapturedTrack {
  readonly #header: TrackHeader;
  readonly #deps: CapturedTrackDeps;
  readonly #socket: Socket;
  readonly #writer: TrackWriter;
  readonly #watch: GapWatch;
  readonly #isPicture: boolean;
  /** Last report of each layer, while no packet has come yet. */
  readonly #early = new Map<number, Report>();
  #last: { rtp: number; at: number } | null = null;
  #sender: { address: string; port: number } | null = null;
  #dropped: Dropped | null = null;
  #keyFrameAt = Number.NEGATIVE_INFINITY;
  #ended: Promise<Gap[]> | undefined;

  private constructor(header: TrackHeader, deps: CapturedTrackDeps, socket: Socket, writer: TrackWriter) {
    this.#header = header;
    this.#deps = deps;
    this.#socket = socket;
    this.#writer = writer;
    this.#isPicture = header.source === 'camera' || header.source === 'screen';
    this.#watch = new GapWatch({ graceMs: this.#isPicture ? pictureGraceMs : soundGraceMs });
    // A port of the worker that is closed answers with an ICMP message (ECONNREFUSED).
    socket.on('error', () => undefined);
    socket.on('message', (packet, { address, port }) => {
      this.#received(packet, Date.now());
      this.#sender ??= { address, port };
    });
  }

  /** Rejects when the disk takes nothing or there is no port; nothing is left open. */
  static async begin({ header, root, segmentMs }: CapturedTrackOptions, deps: CapturedTrackDeps): Promise<CapturedTrack> {
    const folder = trackFolder(root, header);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const socket = createSocket('udp4');
    try {
      socket.bind(0, loopback);
      await once(socket, 'listening');
      socket.setRecvBufferSize(receiveBufferBytes);
      const writer = await TrackWriter.open({ folder, header, segmentMs, holdMs }, deps);
      return new CapturedTrack(header, deps, socket, writer);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get diskFailed(): boolean {
    return this.#writer.failed;
  }

  get diskBusyMs(): number {
    return this.#writer.busyMs;
  }

  reported(report: Report): void {
    if (this.#last === null) this.#early.set(report.ssrc, report);
    else this.#keepReport(report);
  }

  paused(paused: boolean, at: number): void {
    this.#writer.append(at, markEntry(at, { what: paused ? 'muted' : 'unmuted' }));
  }

  /** Looks for what is missing. */
  tick(): void {
    if (this.#ended) return;
    const clock = performance.now();
    const { ask, lost } = this.#watch.due(clock);
    if (ask.length > 0 && this.#sender) this.#socket.send(nack(this.#header.ssrc, ask), this.#sender.port, this.#sender.address);
    const now = Date.now();
    for (const { from, to, since } of lost) {
      const packets = ((to - from + 0x1_0000) % 0x1_0000) + 1;
      this.#writer.append(now, markEntry(now, { what: 'lost', from, to }), {
        gap: { what: 'lost', from: now - (clock - since), to: now, packets },
      });
    }
    // What depends on it can't be decoded until the next key frame.
    if (lost.length > 0 && this.#isPicture) this.#wantKeyFrame();
  }

  flush(): void {
    if (!this.#ended) this.#writer.flush();
  }

  /** Takes nothing more from now on; resolves when the files are closed. @returns what could not be written down. */
  end(at: number, inOrder: boolean, patienceMs: number): Promise<Gap[]> {
    if (this.#ended) return this.#ended;
    this.#socket.close();
    if (this.#dropped) this.#markDropped(this.#dropped, at);
    this.#ended = this.#writer.end(at, inOrder, patienceMs);
    return this.#ended;
  }

  #received(packet: Buffer, now: number): void {
    if (this.#ended) return;
    const head = readHead(packet);
    // Probes of bandwidth, and whatever else found the port.
    if (head?.ssrc !== this.#header.ssrc) return;
    this.#watch.packet(head.sequence, performance.now());
    const refused = this.#deps.refuses(this.#isPicture);
    if (refused) {
      this.#drop(refused, now);
      return;
    }
    if (this.#dropped) {
      this.#markDropped(this.#dropped, now);
      if (this.#isPicture) this.#wantKeyFrame();
    }
    this.#writer.append(now, packetEntry(now, packet), { isPacket: true });
    this.#noteClock(head, now);
  }

  #noteClock({ timestamp }: RtpHead, at: number): void {
    const isFirst = this.#last === null;
    this.#last = { rtp: timestamp, at };
    if (!isFirst) return;
    for (const report of this.#early.values()) this.#keepReport(report);
    this.#early.clear();
  }

  #keepReport(report: Report): void {
    if (!this.#last || !fits(report, this.#last, this.#header.clockRate)) return;
    this.#writer.append(report.at, reportEntry(report.at, report));
  }

  #drop(because: DropReason, now: number): void {
    if (this.#dropped && this.#dropped.because !== because) this.#markDropped(this.#dropped, now);
    this.#dropped ??= { because, from: now, to: now, packets: 0 };
    this.#dropped.to = now;
    this.#dropped.packets += 1;
  }

  #markDropped({ because, from, to, packets }: Dropped, now: number): void {
    this.#dropped = null;
    this.#writer.append(now, markEntry(now, { what: 'dropped', packets, because }), { gap: { what: because, from, to, packets } });
  }

  #wantKeyFrame(): void {
    const now = performance.now();
    if (now - this.#keyFrameAt < keyFrameEveryMs) return;
    this.#keyFrameAt = now;
    this.#deps.onKeyFrameWanted();
  }
}
