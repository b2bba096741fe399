/**
 * A client of the socket gateway for tests: real WebSocket, real frames, typed calls.
 *
 *     const client = await SocketClient.connect(port, accessToken);
 *     const { joined } = await client.meeting.join({ meetingId, rtpCapabilities });
 *     const event = await client.waitForEvent(({ meeting }) => meeting?.participantJoined);
 *     client.drop();
 *     const again = await client.resume();
 */
import { once } from 'node:events';
import type { RPCImpl } from 'protobufjs';
import { WebSocket } from 'ws';
import { causeway } from '#proto';
import { decodeServerFrame, encodeClientFrame } from '../../src/platform/gateway/frames.js';

const deadlineMs = 20_000;

/** An error of the catalogue that the server answered with. */
export class SocketCallError extends Error {
  override readonly name = 'SocketCallError';
  readonly code: string;
  readonly retryable: boolean;
  readonly field: string;

  constructor(error: causeway.IError) {
    super(`${error.code}: ${error.message}`);
    this.code = error.code ?? '';
    this.retryable = error.retryable ?? false;
    this.field = error.field ?? '';
  }
}

export interface SocketClose {
  readonly code: number;
  readonly reason: string;
  /** The code of the server's goodbye frame, if one came before. */
  readonly goodbye: string | null;
}

interface Opening {
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

interface Hello {
  readonly accessToken: string;
  readonly language?: string;
  readonly resume?: causeway.IResume;
}

export class SocketClient {
  /** Everything that came, in order. */
  readonly frames: causeway.ServerFrame[] = [];
  readonly events: causeway.Event[] = [];
  readonly closed: Promise<SocketClose>;
  readonly session = causeway.SessionService.create(this.#rpc());
  readonly meeting = causeway.MeetingService.create(this.#rpc());
  readonly media = causeway.MediaService.create(this.#rpc());
  readonly chat = causeway.ChatService.create(this.#rpc());
  readonly recording = causeway.RecordingService.create(this.#rpc());
  readonly #socket: WebSocket;
  readonly #url: string;
  readonly #opening: Opening;
  readonly #calls = new Map<number, (reply: causeway.IReply | null) => void>();
  /** The newest number of each topic, those of the socket before included. */
  readonly #seen = new Map<string, number>();
  /** Look again whenever something came. */
  readonly #waiting = new Set<() => void>();
  #lastId = 0;
  #hello: Hello = { accessToken: '' };
  #welcome: causeway.Welcome | null = null;
  #goodbye: causeway.IError | null = null;
  #close: SocketClose | null = null;

  private constructor(socket: WebSocket, url: string, opening: Opening) {
    this.#socket = socket;
    this.#url = url;
    this.#opening = opening;
    socket.on('message', (data: Buffer) => this.#take(new Uint8Array(data)));
    // What goes wrong ends in a close event as well.
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.#close = { code, reason: String(reason), goodbye: this.#goodbye?.code ?? null };
        for (const answer of this.#calls.values()) answer(null);
        this.#calls.clear();
        resolve(this.#close);
        this.#wake();
      });
    });
  }

  /** Opens a socket without saying hello. @throws Error with the status when the handshake is refused. */
  static async open(where: number | string, opening: Opening = {}): Promise<SocketClient> {
    const url = typeof where === 'string' ? where : `ws://127.0.0.1:${where}${opening.path ?? '/socket'}`;
    const socket = new WebSocket(url, { headers: opening.headers ?? {}, perMessageDeflate: false });
    const client = new SocketClient(socket, url, opening);
    await once(socket, 'open');
    return client;
  }

  /** Opens a socket, says hello and waits for the welcome. @throws SocketCallError from the goodbye. */
  static async connect(
    where: number | string,
    accessToken: string,
    more: Omit<Hello, 'accessToken'> & Opening = {},
  ): Promise<SocketClient> {
    const { path, headers, ...hello } = more;
    const client = await SocketClient.open(where, {
      ...(path === undefined ? {} : { path }),
      ...(headers === undefined ? {} : { headers }),
    });
    await client.hello({ accessToken, ...hello });
    return client;
  }

  get welcome(): causeway.Welcome {
    if (!this.#welcome) throw new Error('not welcomed');
    return this.#welcome;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** The last number of every topic, as Hello.resume wants it. */
  get seen(): causeway.ISeen[] {
    return [...this.#seen].map(([topic, number]) => ({ topic, number }));
  }

  async hello(hello: Hello): Promise<causeway.Welcome> {
    this.#hello = hello;
    this.send({
      hello: {
        accessToken: hello.accessToken,
        language: hello.language ?? 'en',
        client: 'test',
        ...(hello.resume ? { resume: hello.resume } : {}),
      },
    });
    return this.#until(() => {
      if (this.#welcome) return this.#welcome;
      if (this.#goodbye) throw new SocketCallError(this.#goodbye);
      if (this.#close) throw new Error(`closed with ${this.#close.code} instead of a welcome`);
      return null;
    }, 'the welcome');
  }

  /** Comes back to the session with a new socket, from the last numbers seen. */
  async resume(more: Partial<Hello> & { seen?: causeway.ISeen[] } = {}): Promise<SocketClient> {
    const { seen = this.seen, ...hello } = more;
    const client = await SocketClient.open(this.#url, this.#opening);
    for (const { topic, number } of seen) client.#seen.set(topic ?? '', number ?? 0);
    await client.hello({
      ...this.#hello,
      resume: { sessionId: this.welcome.sessionId, secret: this.welcome.resumeSecret, seen },
      ...hello,
    });
    return client;
  }

  /** Calls "Service.Method" with raw bytes. */
  async call(method: string, payload: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = await new Promise<causeway.IReply | null>((resolve) => {
      if (this.#close) resolve(null);
      this.#calls.set(id, resolve);
      this.send({ request: { id, method, payload } });
    });
    if (!reply) throw new Error(`the socket closed before ${method} was answered`);
    if (reply.error) throw new SocketCallError(reply.error);
    return reply.payload ?? new Uint8Array();
  }

  send(frame: causeway.IClientFrame): void {
    this.sendBytes(encodeClientFrame(frame));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  eventsOf(topic: string): causeway.Event[] {
    return this.events.filter((event) => event.topic === topic);
  }

  /** The first event that fits, come already or still to come. */
  async waitForEvent(fits: (event: causeway.Event) => unknown, what = 'an event'): Promise<causeway.Event> {
    return this.#until(() => {
      const event = this.events.find(fits);
      if (event) return event;
      if (this.#close)
        throw new Error(`closed with ${this.#close.code} (${this.#close.goodbye ?? 'no goodbye'}) while waiting for ${what}`);
      return null;
    }, what);
  }

  /** Stops reading: the server's buffers fill. */
  pause(): void {
    this.#socket.pause();
  }

  unpause(): void {
    this.#socket.resume();
  }

  /** Loses the socket, as a network does. */
  drop(): void {
    this.#socket.terminate();
  }

  /** Closes in good order; 1000 ends the session. */
  async close(code = 1000): Promise<SocketClose> {
    this.#socket.close(code);
    return this.closed;
  }

  #take(bytes: Uint8Array): void {
    const frame = decodeServerFrame(bytes);
    this.frames.push(frame);
    if (frame.welcome) this.#welcome = causeway.Welcome.create(frame.welcome);
    if (frame.goodbye) this.#goodbye = frame.goodbye;
    if (frame.reply) {
      const id = frame.reply.id ?? 0;
      this.#calls.get(id)?.(frame.reply);
      this.#calls.delete(id);
    }
    if (frame.event) {
      const event = causeway.Event.create(frame.event);
      this.events.push(event);
      if (event.number > (this.#seen.get(event.topic) ?? 0)) this.#seen.set(event.topic, event.number);
    }
    this.#wake();
  }

  /** Looks now and after each frame. The deadline only ends a test that would hang. */
  #until<Result>(look: () => Result | null, what: string): Promise<Result> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(deadline);
        this.#waiting.delete(again);
      };
      const again = () => {
        try {
          const result = look();
          if (result === null) return;
          stop();
          resolve(result);
        } catch (error) {
          stop();
          reject(error);
        }
      };
      const deadline = setTimeout(() => {
        stop();
        const came = this.events.map(({ topic, number }) => `${topic} ${number}`).join(', ');
        reject(new Error(`Waited in vain: ${what}. Events that came: ${came || 'none'}.`));
      }, deadlineMs);
      this.#waiting.add(again);
      again();
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  #rpc(): RPCImpl {
    return (method, request, callback) => {
      const name =
        'path' in method && typeof method.path === 'string' ? method.path.replace('/causeway.', '').replace('/', '.') : method.name;
      this.call(name, request).then(
        (payload) => callback(null, payload),
        (error: Error) => callback(error),
      );
    };
  }
}
