/**
 * A client of the gateway that keeps nothing and costs little: ten thousand of these run in one
 * process beside the server. It speaks WebSocket (RFC 6455) over a plain socket and reads of a frame
 * what it has to; what a full client makes of it is the page's business and not measured here.
 */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { causeway } from '#proto';

export interface ChatSocketEvents {
  /** A numbered event of a conversation. `frame`: the encoded ServerFrame. */
  numbered(topic: string, number: number, frame: Buffer): void;
  /** Without having been asked to. */
  lost(reason: string): void;
}

export interface Resume {
  readonly sessionId: string;
  readonly secret: string;
  readonly seen: readonly { readonly topic: string; readonly number: number }[];
}

type Answer = (error: Error | null, payload: Uint8Array) => void;

const deadlineMs = 60_000;
/** Field numbers of ServerFrame, as tags (number << 3 | 2). */
const [welcomeTag, replyTag, eventTag, goodbyeTag] = [0x0a, 0x12, 0x1a, 0x22];

export class ChatSocket {
  readonly chat = causeway.ChatService.create((method, payload, callback) => {
    this.call(`ChatService.${method.name}`, payload).then(
      (reply) => callback(null, reply),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  });
  readonly #socket: net.Socket;
  readonly #events: ChatSocketEvents;
  readonly #calls = new Map<number, Answer>();
  #rest: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  #lastId = 0;
  #closing = false;
  #welcomed: ((error: Error | null, welcome?: causeway.Welcome) => void) | null = null;

  private constructor(socket: net.Socket, events: ChatSocketEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#ended(error.message));
    socket.on('close', () => this.#ended('the socket was closed'));
  }

  /** Connects, says hello, and waits for the welcome. */
  static connect(
    url: string,
    hello: { accessToken: string; resume?: Resume },
    events: ChatSocketEvents,
  ): Promise<{ socket: ChatSocket; welcome: causeway.Welcome }> {
    const { hostname, port, pathname } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = new ChatSocket(net.connect({ host: hostname, port: Number(port) }), events);
      const timer = setTimeout(() => reject(new Error('no welcome')), deadlineMs);
      socket.#welcomed = (error, welcome) => {
        clearTimeout(timer);
        if (error || !welcome) reject(error ?? new Error('no welcome'));
        else resolve({ socket, welcome });
      };
      const key = randomBytes(16).toString('base64');
      socket.#socket.write(
        `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      );
      socket.#hello = { ...hello, language: 'en', client: 'load', resume: hello.resume ? copied(hello.resume) : null };
    });
  }

  #hello: causeway.IHello = {};

  call(method: string, payload: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#calls.set(this.#lastId, (error, reply) => (error ? reject(error) : resolve(reply)));
      this.#send({ request: { id: this.#lastId, method, payload } });
    });
  }

  /** As a cut cable does: the session stays. */
  drop(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #send(frame: causeway.IClientFrame): void {
    const payload = causeway.ClientFrame.encode(frame).finish();
    const long = payload.length > 125;
    const head = Buffer.alloc(long ? 8 : 6);
    head[0] = 0x82;
    if (long) {
      head[1] = 0x80 | 126;
      head.writeUInt16BE(payload.length, 2);
    } else head[1] = 0x80 | payload.length;
    // The mask is zero: it hides nothing here, and the payload goes as it is (RFC 6455 section 5.3 wants one, any one).
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #read(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#isUpgraded) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const status = this.#rest.subarray(0, 12).toString('latin1');
      if (!status.endsWith('101')) {
        this.#ended(`the handshake was answered ${status}`);
        return;
      }
      this.#isUpgraded = true;
      this.#rest = this.#rest.subarray(end + 4);
      this.#send({ hello: this.#hello });
    }
    for (;;) {
      const frame = this.#next();
      if (!frame) return;
      this.#take(frame.opcode, frame.payload);
    }
  }

  #next(): { opcode: number; payload: Buffer } | null {
    const { length } = this.#rest;
    if (length < 2) return null;
    const [first = 0, second = 0] = this.#rest;
    let size = second & 0x7f;
    let at = 2;
    if (size === 126) {
      if (length < 4) return null;
      size = this.#rest.readUInt16BE(2);
      at = 4;
    } else if (size === 127) {
      if (length < 10) return null;
      size = Number(this.#rest.readBigUInt64BE(2));
      at = 10;
    }
    if (length < at + size) return null;
    const payload = this.#rest.subarray(at, at + size);
    this.#rest = this.#rest.subarray(at + size);
    return { opcode: first & 0x0f, payload };
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === 9) this.#pong(payload);
    if (opcode !== 2) return;
    const tag = payload[0];
    if (tag === eventTag) {
      const event = readEvent(payload);
      if (event.number > 0 && event.topic.startsWith('conversation/')) this.#events.numbered(event.topic, event.number, payload);
      return;
    }
    const frame = causeway.ServerFrame.decode(payload);
    if (tag === replyTag && frame.reply) {
      const { id, error, payload: reply } = frame.reply;
      const answer = this.#calls.get(id ?? 0);
      this.#calls.delete(id ?? 0);
      answer?.(error ? new Error(`${error.code}: ${error.message}`) : null, reply ?? new Uint8Array());
    } else if (tag === welcomeTag && frame.welcome) {
      this.#welcomed?.(null, causeway.Welcome.create(frame.welcome));
      this.#welcomed = null;
    } else if (tag === goodbyeTag) this.#ended(`${frame.goodbye?.code}`);
  }

  #pong(payload: Buffer): void {
    const head = Buffer.from([0x8a, 0x80 | payload.length, 0, 0, 0, 0]);
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #ended(reason: string): void {
    const unexpected = !this.#closing;
    this.#closing = true;
    this.#welcomed?.(new Error(reason));
    this.#welcomed = null;
    for (const answer of this.#calls.values()) answer(new Error(reason), new Uint8Array());
    this.#calls.clear();
    if (unexpected) this.#events.lost(reason);
  }
}

function copied({ sessionId, secret, seen }: Resume): causeway.IResume {
  return { sessionId, secret, seen: seen.map(({ topic, number }) => ({ topic, number })) };
}

/** Topic and number of an Event; the rest of it is not looked at (Protocol Buffers, "Encoding"). */
function readEvent(frame: Buffer): { topic: string; number: number } {
  let at = 1;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = frame[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  varint();
  let topic = '';
  if (frame[at] === 0x0a) {
    at += 1;
    const size = varint();
    topic = frame.toString('latin1', at, at + size);
    at += size;
  }
  if (frame[at] !== 0x10) return { topic, number: 0 };
  at += 1;
  return { topic, number: varint() };
}
