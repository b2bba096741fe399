/**
 * A bad network between a page and a media worker: a UDP relay that delays, drops, limits and
 * blocks, and that gives a client another source address, as a translating router does.
 *
 * The page is given the relay's port instead of the worker's (`throughRelay` in
 * tests/browser/network/relayed-page.ts), and the kernel needs no traffic shaping.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface Conditions {
  /** Added to the way of every packet, milliseconds. */
  readonly delayMs: number;
  /** Share of packets that are lost, 0 to 1. */
  readonly dropRatio: number;
  /** What the link carries, kbit/s; null: everything. */
  readonly kbps: number | null;
  /** Packets that would wait longer than this before a limited link are lost, milliseconds. */
  readonly queueMs: number;
  /** Nothing passes. */
  readonly blocked: boolean;
}

export interface Direction {
  packets: number;
  bytes: number;
  /** Lost by ratio, queue or block. */
  dropped: number;
}

export interface UdpRelayOptions {
  /** Where the worker listens. */
  readonly port: number;
  readonly address?: string;
  /** The same seed loses the same packets of the same sequence. */
  readonly seed?: number;
  /** Address that the relay itself listens on. */
  readonly listenAddress?: string;
}

const perfect: Conditions = { delayMs: 0, dropRatio: 0, kbps: null, queueMs: 200, blocked: false };
/** Headers of IP and UDP: a link carries them too. */
const headerBytes = 28;
const bufferBytes = 4 * 1024 * 1024;

export class UdpRelay {
  readonly up: Link;
  readonly down: Link;
  readonly #front: Socket;
  readonly #target: { readonly port: number; readonly address: string };
  /** Sockets towards the worker, by the client they stand for. */
  readonly #backs = new Map<string, Back>();
  #sourceAddress = '127.0.0.1';
  #closed = false;

  private constructor(front: Socket, { port, address = '127.0.0.1', seed = 1 }: UdpRelayOptions) {
    this.#front = front;
    this.#target = { port, address };
    const random = randomNumbers(seed);
    this.up = new Link(random);
    this.down = new Link(random);
    front.on('message', (packet, from) => this.#fromClient(packet, from));
  }

  static async open(options: UdpRelayOptions): Promise<UdpRelay> {
    const front = createSocket({ type: 'udp4', recvBufferSize: bufferBytes, sendBufferSize: bufferBytes });
    front.bind(0, options.listenAddress ?? '127.0.0.1');
    await once(front, 'listening');
    return new UdpRelay(front, options);
  }

  /** What the page sends its packets to. */
  get port(): number {
    return this.#front.address().port;
  }

  /** Both directions from now on; what is not said stays. */
  set(conditions: Partial<Conditions>): void {
    this.up.set(conditions);
    this.down.set(conditions);
  }

  /** From now on all clients come from another address (any of 127.0.0.0/8) and other ports; what comes to the ones before is lost. */
  moveSource(address: string): void {
    this.#sourceAddress = address;
    for (const back of this.#backs.values()) {
      back.socket.close();
      back.socket = this.#backSocket(back);
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.up.close();
    this.down.close();
    this.#front.close();
    for (const { socket } of this.#backs.values()) socket.close();
  }

  #fromClient(packet: Buffer, { address, port }: RemoteInfo): void {
    const key = `${address}:${port}`;
    let back = this.#backs.get(key);
    if (!back) {
      const client = { address, port };
      back = { client, socket: this.#backSocket({ client }) };
      this.#backs.set(key, back);
    }
    const { socket } = back;
    this.up.pass(packet, () => {
      const sender = this.#backs.get(key)?.socket ?? socket;
      sender.send(packet, this.#target.port, this.#target.address);
    });
  }

  #backSocket({ client }: Pick<Back, 'client'>): Socket {
    const socket = createSocket({ type: 'udp4', recvBufferSize: bufferBytes, sendBufferSize: bufferBytes });
    // A port that has just been given back answers with ICMP; that is a lost packet.
    socket.on('error', () => undefined);
    socket.on('message', (packet) => this.down.pass(packet, () => this.#front.send(packet, client.port, client.address)));
    socket.bind(0, this.#sourceAddress);
    return socket;
  }
}

interface Back {
  readonly client: { readonly address: string; readonly port: number };
  socket: Socket;
}

interface Queued {
  readonly at: number;
  readonly send: () => void;
}

/** One direction: a serial line with a queue before it and a delay behind it. */
export class Link {
  readonly passed: Direction = { packets: 0, bytes: 0, dropped: 0 };
  readonly #random: () => number;
  #conditions: Conditions = perfect;
  #queue: Queued[] = [];
  #freeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  set(conditions: Partial<Conditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
    // A line that carries more is rid of what it had still to send.
    this.#freeAt = Math.min(this.#freeAt, performance.now() + this.#conditions.queueMs);
  }

  pass(packet: Buffer, send: () => void): void {
    const { delayMs, dropRatio, kbps, queueMs, blocked } = this.#conditions;
    const now = performance.now();
    const begins = Math.max(now, this.#freeAt);
    if (this.#closed || blocked || (dropRatio > 0 && this.#random() < dropRatio) || (kbps !== null && begins - now > queueMs)) {
      this.passed.dropped += 1;
      return;
    }
    this.passed.packets += 1;
    this.passed.bytes += packet.length + headerBytes;
    // kbit/s are bits per millisecond.
    if (kbps !== null) this.#freeAt = begins + ((packet.length + headerBytes) * 8) / kbps;
    const at = (kbps === null ? now : this.#freeAt) + delayMs;
    if (at <= now && this.#queue.length === 0) send();
    else this.#enqueue({ at, send });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#queue = [];
  }

  /** Packets never overtake each other. */
  #enqueue(item: Queued): void {
    this.#queue.push(item);
    if (this.#timer === undefined) this.#wait();
  }

  #wait(): void {
    const [head] = this.#queue;
    this.#timer = head && setTimeout(() => this.#flush(), Math.max(0, head.at - performance.now()));
  }

  #flush(): void {
    const now = performance.now();
    const due = this.#queue.findIndex(({ at }) => at > now);
    const ready = this.#queue.splice(0, due === -1 ? this.#queue.length : due);
    for (const { send } of ready) send();
    this.#wait();
  }
}

/** mulberry32: small, and the same on every machine. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
