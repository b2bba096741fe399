/**
 * One socket: first it must say hello, then it carries the frames of a session.
 *
 * States: `waiting` for the first frame, `authenticating`, `ready`, `closed`.
 */
import type { causeway } from '#proto';
import { CausewayError, type ErrorCode, type Language, pickLanguage, toCausewayError } from '../errors.js';
import type { Principal } from '../principal.js';
import { closeCode } from './close-code.js';
import { type ClientMessage, decodeClientFrame, encodeServerFrame } from './frames.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { Line, LiveSession } from './live-session.js';
import type { Socket, SocketListener } from './socket-server.js';

/** The same for all connections: there may be tens of thousands. */
export interface ConnectionDeps {
  readonly helloMs: number;
  readonly helloBytes: number;
  readonly metrics: GatewayMetrics;
  readonly authenticate: (accessToken: string) => Promise<Principal>;
  /** Finds or makes the session and welcomes the client. */
  readonly attach: (line: Line, hello: causeway.IHello, principal: Principal, language: Language) => LiveSession;
  readonly answer: (connection: Connection, session: LiveSession, request: causeway.IRequest) => void;
  readonly onUnexpected: (error: unknown) => void;
  readonly onClosed: (connection: Connection) => void;
}

/** What is kept of a socket until it is welcomed. */
interface Greeting {
  readonly timer: NodeJS.Timeout;
  readonly early: Uint8Array[];
  /** Sign-outs that happened while the token was looked at. */
  readonly signOuts: { matches: (principal: Principal) => boolean; reason: ErrorCode }[];
  /** No longer one of those that have not been welcomed. */
  readonly leaveWaiting: () => void;
}

/** Frames that may come behind the hello before it is answered. */
const earlyFrames = 8;
/** RFC 6455 section 7.4.1: "the purpose for which the connection was established has been fulfilled". */
const normalClosure = 1000;
const none: readonly number[] = [];

export class Connection implements Line, SocketListener {
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  #greeting: Greeting | null;
  /** Of the requests that are unanswered: a few, mostly none. */
  #requestIds = none;
  #state: 'waiting' | 'authenticating' | 'ready' | 'closed' = 'waiting';
  #session: LiveSession | null = null;
  #language: Language = 'en';

  constructor(socket: Socket, deps: ConnectionDeps, leaveWaiting: () => void) {
    this.#socket = socket;
    this.#deps = deps;
    // It runs until the welcome: when the token can't be looked at in time, that is not the client's fault.
    const late = () => this.goodbye(this.#state === 'waiting' ? 'SOCKET_HELLO_EXPECTED' : 'SERVER_FAULT');
    this.#greeting = { timer: setTimeout(late, deps.helloMs).unref(), early: [], signOuts: [], leaveWaiting };
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  message(bytes: Uint8Array): void {
    this.#deps.metrics.framesIn.inc();
    try {
      this.#take(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  text(): void {
    this.#deps.metrics.framesIn.inc();
    this.goodbye('SOCKET_FRAME_INVALID');
  }

  /** The socket is closed, by whichever side. */
  closed({ code }: { code: number }): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#endGreeting();
    this.#deps.onClosed(this);
    this.#deps.metrics.closed(code);
    const session = this.#session;
    this.#session = null;
    if (code === normalClosure) session?.leave();
    else session?.lost(this);
  }

  send(frame: Uint8Array): boolean {
    this.#deps.metrics.framesOut.inc();
    return this.#socket.send(frame);
  }

  subscribe(topic: string): void {
    this.#socket.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    this.#socket.unsubscribe(topic);
  }

  goodbye(reason: ErrorCode, error: CausewayError = new CausewayError(reason)): void {
    if (this.#state === 'closed') return;
    this.send(encodeServerFrame({ goodbye: toWireError(error, this.#session?.language ?? this.#language) }));
    this.#socket.close(closeCode(reason), reason);
  }

  reply(id: number, result: { readonly payload: Uint8Array } | { readonly error: CausewayError }): void {
    // The socket may be lost by now; the client calls again on its next one.
    if (!this.#requestIds.includes(id)) return;
    this.#requestIds = this.#requestIds.length > 1 ? this.#requestIds.filter((other) => other !== id) : none;
    if (this.#state === 'closed') return;
    if ('payload' in result) {
      this.send(encodeServerFrame({ reply: { id, payload: result.payload } }));
      return;
    }
    this.#deps.metrics.errors.inc({ code: result.error.code });
    this.send(encodeServerFrame({ reply: { id, error: toWireError(result.error, this.#session?.language ?? this.#language) } }));
  }

  /** Somebody was signed out: should the token that is being looked at be theirs, it came too late. */
  signOut(matches: (principal: Principal) => boolean, reason: ErrorCode): void {
    if (this.#state === 'authenticating') this.#greeting?.signOuts.push({ matches, reason });
  }

  #take(bytes: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'ready') {
      this.#takeReady(decodeClientFrame(bytes));
      return;
    }
    if (bytes.length > this.#deps.helloBytes) throw new CausewayError('SOCKET_HELLO_EXPECTED');
    if (this.#state === 'authenticating') {
      const early = this.#greeting?.early ?? [];
      if (early.length >= earlyFrames) throw new CausewayError('SOCKET_HELLO_EXPECTED');
      early.push(bytes);
      return;
    }
    const message = decodeClientFrame(bytes);
    if (message.kind !== 'hello') throw new CausewayError('SOCKET_HELLO_EXPECTED');
    this.#state = 'authenticating';
    this.#language = pickLanguage(message.hello.language);
    void this.#authenticate(message.hello);
  }

  #takeReady(message: ClientMessage): void {
    if (message.kind === 'hello' || !this.#session) throw new CausewayError('SOCKET_FRAME_INVALID', { field: 'body' });
    const { id } = message.request;
    // Two calls with one id could not be told apart in the answers.
    if (this.#requestIds.includes(id)) throw new CausewayError('SOCKET_FRAME_INVALID', { field: 'request.id' });
    this.#requestIds = this.#requestIds.concat(id);
    this.#deps.answer(this, this.#session, message.request);
  }

  async #authenticate(hello: causeway.IHello): Promise<void> {
    try {
      if (!hello.accessToken) throw new CausewayError('AUTH_REQUIRED');
      const principal = await this.#deps.authenticate(hello.accessToken);
      if (this.#state !== 'authenticating' || !this.#greeting) return;
      const { early, signOuts } = this.#greeting;
      const signedOut = signOuts.find(({ matches }) => matches(principal));
      if (signedOut) throw new CausewayError(signedOut.reason);
      this.#endGreeting();
      this.#state = 'ready';
      this.#session = this.#deps.attach(this, hello, principal, this.#language);
      // The welcome itself may have been too much for the line: then `closed` was called without a session.
      if (this.#isClosed()) this.#session.lost(this);
      for (const bytes of early) this.#take(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Says what was thrown, and closes. */
  #fail(thrown: unknown): void {
    const error = toCausewayError(thrown);
    if (error.code === 'SERVER_FAULT') this.#deps.onUnexpected(thrown);
    this.goodbye(error.code, error);
  }

  #endGreeting(): void {
    if (!this.#greeting) return;
    clearTimeout(this.#greeting.timer);
    this.#greeting.leaveWaiting();
    this.#greeting = null;
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }
}

function toWireError(error: CausewayError, language: Language): causeway.IError {
  return { code: error.code, message: error.say(language), retryable: error.entry.retryable ?? false, field: error.field ?? '' };
}
