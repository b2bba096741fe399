/** Asks a STUN or TURN server, or an ICE endpoint, over UDP, TCP or TLS. */
import dgram from 'node:dgram';
import net from 'node:net';
import tls from 'node:tls';
import { decode, encode, headerBytes, type StunAnswer, type StunRequest, sizeOf } from './stun-message.js';

export interface StunPlace {
  readonly protocol: 'udp' | 'tcp' | 'tls';
  /** Address or name. */
  readonly host: string;
  readonly port: number;
  /** ICE over TCP writes the length before each message (RFC 4571); STUN over TCP does not. */
  readonly framed?: boolean;
}

/** RFC 8489 section 6.2.1 begins with 500 ms and doubles; three times is enough for one who asks once. */
const againMs = [500, 1_000, 1_500];
const patienceMs = 5_000;

/** One path to one place. What is asked over it comes from one port, as an allocation wants it. */
export class StunClient {
  readonly #wire: Wire;
  readonly #asked = new Map<string, (answer: StunAnswer) => void>();
  #failed: ((error: Error) => void) | undefined;

  private constructor(wire: Wire) {
    this.#wire = wire;
    wire.onMessage((message) => {
      const answer = decode(message);
      if (answer) this.#asked.get(answer.transaction.toString('hex'))?.(answer);
    });
    wire.onError((error) => this.#failed?.(error));
  }

  /** @throws Error when there is no way there. */
  static async open(place: StunPlace): Promise<StunClient> {
    return new StunClient(place.protocol === 'udp' ? await openDatagrams(place) : await openStream(place));
  }

  /** @throws Error when nobody answers. */
  async ask(request: StunRequest): Promise<StunAnswer> {
    const message = encode(request);
    const id = request.transaction.toString('hex');
    const timers: NodeJS.Timeout[] = [];
    try {
      return await new Promise<StunAnswer>((resolve, reject) => {
        this.#asked.set(id, resolve);
        this.#failed = reject;
        timers.push(setTimeout(() => reject(new Error('no answer')), patienceMs));
        if (!this.#wire.reliable) {
          let later = 0;
          for (const ms of againMs) {
            later += ms;
            timers.push(setTimeout(() => this.#wire.send(message), later));
          }
        }
        this.#wire.send(message);
      });
    } finally {
      for (const timer of timers) clearTimeout(timer);
      this.#asked.delete(id);
      this.#failed = undefined;
    }
  }

  close(): void {
    this.#wire.close();
  }
}

interface Wire {
  readonly reliable: boolean;
  send(message: Buffer): void;
  onMessage(listener: (message: Buffer) => void): void;
  onError(listener: (error: Error) => void): void;
  close(): void;
}

async function openDatagrams({ host, port }: StunPlace): Promise<Wire> {
  const socket = dgram.createSocket({ type: net.isIPv6(host) ? 'udp6' : 'udp4' });
  // Connected, so that the system tells when nobody listens there.
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  return {
    reliable: false,
    send: (message) => socket.send(message, () => undefined),
    onMessage: (listener) => socket.on('message', listener),
    onError: (listener) => socket.on('error', listener),
    close: () => socket.close(),
  };
}

async function openStream({ protocol, host, port, framed = false }: StunPlace): Promise<Wire> {
  const socket =
    protocol === 'tls' ? tls.connect({ host, port, ...(!net.isIP(host) && { servername: host }) }) : net.connect({ host, port });
  socket.setTimeout(patienceMs, () => socket.destroy(new Error('no connection')));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once(protocol === 'tls' ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      socket.setTimeout(0);
      resolve();
    });
  });
  return {
    reliable: true,
    send: (message) => socket.write(framed ? Buffer.concat([lengthOf(message), message]) : message),
    onMessage: (listener) => {
      let got = Buffer.alloc(0);
      socket.on('data', (data: Buffer) => {
        got = Buffer.concat([got, data]);
        for (let next = firstOf(got, framed); next; next = firstOf(got, framed)) {
          got = got.subarray(next.bytes);
          listener(next.message);
        }
      });
    },
    onError: (listener) => {
      socket.on('error', listener);
      socket.on('close', () => listener(new Error('the connection was closed')));
    },
    close: () => socket.destroy(),
  };
}

/** The message at the beginning of what came, and how much it took, once all of it is there. */
function firstOf(got: Buffer, framed: boolean): { readonly message: Buffer; readonly bytes: number } | null {
  const start = framed ? 2 : 0;
  if (got.length < start + (framed ? 0 : headerBytes)) return null;
  const end = start + (framed ? got.readUInt16BE(0) : sizeOf(got));
  return got.length < end ? null : { message: got.subarray(start, end), bytes: end };
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return length;
}
