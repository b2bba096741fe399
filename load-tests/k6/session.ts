/** A client of the gateway inside k6: WebSocket with binary frames, calls, events, and the memory to come back. */
import { type BinaryType, type MessageEvent, WebSocket } from 'k6/websockets';
import type { RPCImpl } from 'protobufjs';
import { causeway } from '#proto';
import { now } from './clock.js';
import { callErrors } from './metrics.js';

export interface SessionEvents {
  event(event: causeway.IEvent): void;
  /** Without having been asked to. */
  lost(reason: string): void;
}

export interface Hello {
  readonly accessToken: string;
  readonly resume?: causeway.IResume | undefined;
}

type Answer = (error: Error | null, payload?: Uint8Array) => void;

const deadlineMs = 60_000;
/** Any but 1000 (done) keeps the session for who comes back; 4000 to 4999 are for private use (RFC 6455 section 7.4.2). */
const cutOff = 4_900;
const done = 1_000;

export class Session {
  readonly chat = causeway.ChatService.create(this.#rpc('ChatService'));
  readonly meeting = causeway.MeetingService.create(this.#rpc('MeetingService'));
  readonly own = causeway.SessionService.create(this.#rpc('SessionService'));
  readonly #socket: WebSocket;
  readonly #events: SessionEvents;
  readonly #calls = new Map<number, Answer>();
  #welcomed: ((error: Error | null, welcome?: causeway.IWelcome) => void) | null = null;
  #lastId = 0;
  #closing = false;
  #isCut = false;
  /** Milliseconds by which the server's clock is before ours, as far as the welcome tells. */
  clockAhead = 0;

  private constructor(url: string, events: SessionEvents) {
    this.#events = events;
    this.#socket = new WebSocket(url);
    // Its types have an enumeration for this that k6 itself does not export.
    this.#socket.binaryType = 'arraybuffer' as BinaryType;
    this.#socket.onmessage = (message) => this.#take(message?.data);
    this.#socket.onerror = (event) => this.#ended(event?.error ?? 'the socket failed');
    this.#socket.onclose = () => this.#ended('the socket was closed');
  }

  /** Connects, says hello, and waits for the welcome. */
  static connect(url: string, hello: Hello, events: SessionEvents): Promise<{ session: Session; welcome: causeway.IWelcome }> {
    return new Promise((resolve, reject) => {
      const session = new Session(url, events);
      const timer = setTimeout(() => session.#ended('no welcome'), deadlineMs);
      let said = 0;
      session.#welcomed = (error, welcome) => {
        clearTimeout(timer);
        if (error || !welcome) {
          session.#closing = true;
          session.#socket.close();
          reject(error ?? new Error('no welcome'));
          return;
        }
        session.clockAhead = (welcome.serverTimeMs ?? 0) - (said + Date.now()) / 2;
        resolve({ session, welcome });
      };
      session.#socket.onopen = () => {
        said = Date.now();
        session.#send({ hello: { accessToken: hello.accessToken, language: 'en', client: 'k6', resume: hello.resume ?? null } });
      };
    });
  }

  /** As a lost network does: the session waits for who comes back. */
  drop(): void {
    this.#isCut = true;
    this.#close(cutOff);
  }

  leave(): void {
    this.#close(done);
  }

  #close(code: number): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#socket.close(code);
    this.#fail('the client has left');
  }

  #take(data: MessageEvent['data'] | undefined): void {
    if (!(data instanceof ArrayBuffer)) return;
    const frame = causeway.ServerFrame.decode(new Uint8Array(data));
    if (frame.event) this.#events.event(frame.event);
    else if (frame.reply) {
      const { id, error, payload } = frame.reply;
      const answer = this.#calls.get(id ?? 0);
      if (error) answer?.(new Error(`${error.code}: ${error.message}`));
      else answer?.(null, payload ?? new Uint8Array());
    } else if (frame.welcome) {
      this.#welcomed?.(null, frame.welcome);
      this.#welcomed = null;
    } else if (frame.goodbye) this.#ended(`${frame.goodbye.code}: ${frame.goodbye.message}`);
  }

  #ended(reason: string): void {
    const unexpected = !this.#closing;
    this.#closing = true;
    const welcomed = this.#welcomed;
    this.#welcomed = null;
    if (welcomed) welcomed(new Error(reason));
    this.#fail(reason);
    if (unexpected && !welcomed) this.#events.lost(reason);
  }

  #fail(reason: string): void {
    for (const answer of [...this.#calls.values()]) answer(new Error(reason));
  }

  #send(frame: causeway.IClientFrame): void {
    const bytes = causeway.ClientFrame.encode(frame).finish();
    // k6 sends the whole buffer that a view looks at, and the writer's is larger than what it wrote.
    this.#socket.send(bytes.slice().buffer);
  }

  #rpc(service: string): RPCImpl {
    return (method, payload, callback) => {
      if (this.#closing) {
        callback(new Error('the socket is closed'));
        return;
      }
      this.#lastId += 1;
      const id = this.#lastId;
      const answer: Answer = (error, reply) => {
        clearTimeout(late);
        this.#calls.delete(id);
        // Who cuts the connection on purpose asks again on the next one.
        if (!this.#isCut) callErrors.add(error !== null);
        callback(error && new Error(`${method.name}: ${error.message}`), reply);
      };
      const late = setTimeout(() => answer(new Error('no answer')), deadlineMs);
      this.#calls.set(id, answer);
      this.#send({ request: { id, method: `${service}.${method.name}`, payload } });
    };
  }
}

/** How long something takes, and what it gives. */
export async function timed<T>(work: Promise<T>): Promise<{ ms: number; value: T }> {
  const begin = now();
  const value = await work;
  return { ms: now() - begin, value };
}
