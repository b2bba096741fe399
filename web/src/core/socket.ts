/**
 * The page's one connection to a gateway.
 *
 * It says hello, routes replies to calls, keeps itself alive, and comes back after a loss: with the
 * same session when that is still there (missed events follow), else with a new one, and then says
 * `reset`, because whoever was in a meeting has to join again. A gateway that can't be reached is
 * left for the next one at once.
 */
import { causeway } from '#proto';
import { backOff } from './back-off';
import { Calls } from './calls';
import { Emitter } from './emitter';
import { GatewayAddresses } from './gateway-addresses';
import { RpcError, toRpcError } from './rpc-error';
import { within } from './time-limit';
import { tokenLifeLeft } from './token-life';
import { sessionTopic, Topics } from './topics';
import { draining, encode, finalCloseCodes, forGood, openWebSocket, tokenExpired, type Wire, type WireHandlers } from './wire';

export interface SocketDeps {
  /** Addresses of the gateways, the one to begin with first. */
  readonly urls: readonly string[];
  /** BCP 47 tag for the server's sentences. */
  readonly language: string;
  /** The version of the page, for the server's logs. */
  readonly client: string;
  /** A token that is good for now; null: nobody is signed in any more. */
  readonly accessToken: () => Promise<string | null>;
  /** Opens a WebSocket; tests under Node bring their own. */
  readonly connect?: (url: string, handlers: WireHandlers) => Wire;
}

export type SocketState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export interface SocketEvents {
  state: [state: SocketState];
  /** An event of a topic, in order, without gaps and doubles. */
  event: [event: causeway.Event];
  /** The server has a new session for this page: nothing of the old one is left there. */
  reset: [];
  /** Events of the topic are lost for good: take its snapshot, then call `startTopic`. */
  stale: [topic: string];
  /** For good; the reason has a code of the catalogue. */
  closed: [reason: RpcError];
}

const openMs = 10_000;
/** Where there is another gateway to go to, nobody waits long for this one. */
const openElsewhereMs = 2_000;
const pingEveryMs = 15_000;
const pingMs = 5_000;
/** When something tells that the network may be another one, nobody wants to wait for the usual time. */
const hurriedPingMs = 2_000;
/** A connection that lasted this long was a good one: the next loss starts with short waits again. */
const settledMs = 10_000;
/** A token that is good for as long as this can be said hello with. */
const tokenSpareMs = 5_000;
const newTokenMs = 2_000;

export class Socket extends Emitter<SocketEvents> {
  readonly meeting: causeway.MeetingService;
  readonly media: causeway.MediaService;
  readonly chat: causeway.ChatService;
  readonly recording: causeway.RecordingService;
  readonly #session: causeway.SessionService;
  readonly #deps: SocketDeps;
  readonly #addresses: GatewayAddresses;
  readonly #calls = new Calls();
  readonly #topics: Topics;
  #state: SocketState = 'idle';
  #wire: Wire | null = null;
  /** The wire was said welcome on. */
  #isWelcome = false;
  #resume: { readonly sessionId: string; readonly secret: string } | null = null;
  #hadSession = false;
  #goodbye: RpcError | null = null;
  #attempt = 0;
  #usedToken: string | null = null;
  #serverClockAheadMs = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #openTimer: ReturnType<typeof setTimeout> | undefined;
  #settledTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: SocketDeps) {
    super();
    this.#deps = deps;
    this.#addresses = new GatewayAddresses(deps.urls);
    const call = (
      method: { readonly name: string },
      payload: Uint8Array,
      done: (error: Error | null, reply?: Uint8Array) => void,
    ): void => {
      const path = 'path' in method && typeof method.path === 'string' ? method.path : method.name;
      this.#call(wireName(path), payload).then(
        (reply) => done(null, reply),
        (error: unknown) => done(toRpcError(error)),
      );
    };
    this.meeting = new causeway.MeetingService(call);
    this.media = new causeway.MediaService(call);
    this.chat = new causeway.ChatService(call);
    this.recording = new causeway.RecordingService(call);
    this.#session = new causeway.SessionService(call);
    this.#topics = new Topics({
      deliver: (event) => this.emit('event', event),
      replay: (topic, after) => this.#session.replay({ topic, after }),
      lost: (topic) => this.#lostTopic(topic),
    });
  }

  get state(): SocketState {
    return this.#state;
  }

  /** The server's clock, milliseconds since 1970. */
  get serverNow(): number {
    return Date.now() + this.#serverClockAheadMs;
  }

  /** Connects, and stays connected until `close`. */
  open(): void {
    if (this.#state === 'idle') void this.#connect();
  }

  /** For good. Idempotent. */
  close(): void {
    this.#wire?.close(forGood);
    this.#end(RpcError.local('SOCKET_CLOSED'));
  }

  /** The network may be another one now, or the computer slept: finds out at once whether the connection is still good. */
  check(): void {
    if (this.#state === 'open') void this.#ping(hurriedPingMs);
    if (this.#state !== 'waiting') return;
    clearTimeout(this.#retryTimer);
    void this.#connect();
  }

  /** The topic's events after this number are wanted from now on: call it with the number of a snapshot. */
  startTopic(topic: string, number: number): void {
    this.#topics.start(topic, number);
  }

  // Connection

  async #connect(): Promise<void> {
    this.#setState('connecting');
    let token: string | null;
    try {
      token = await this.#token();
    } catch {
      // The API did not answer; the network is gone, which is nothing final.
      if (this.#state === 'connecting') this.#retry();
      return;
    }
    if (this.#state !== 'connecting') return;
    if (token === null) {
      this.#end(new RpcError('AUTH_REQUIRED', '', false));
      return;
    }
    this.#goodbye = null;
    this.#usedToken = token;
    this.#isWelcome = false;
    const hello = this.#hello(token);
    let wire: Wire;
    try {
      wire = (this.#deps.connect ?? openWebSocket)(this.#addresses.current, {
        open: () => wire.send(encode({ hello })),
        message: (bytes) => {
          if (this.#wire === wire) this.#received(bytes);
        },
        close: (code) => this.#lost(wire, code),
      });
    } catch (thrown) {
      // The address can't be opened from this page at all, such as ws: from https:.
      this.#end(toRpcError(thrown));
      return;
    }
    this.#wire = wire;
    this.#openTimer = setTimeout(() => this.#lost(wire, 0), this.#addresses.hasFresh ? openElsewhereMs : openMs);
  }

  /** The server that gives out tokens may be the one that was lost: then the one in hand must do, while it is good. */
  async #token(): Promise<string | null> {
    const used = this.#usedToken;
    if (used === null || (tokenLifeLeft(used, this.serverNow) ?? 0) < tokenSpareMs) return this.#deps.accessToken();
    return within(newTokenMs, this.#deps.accessToken()).catch(() => used);
  }

  #hello(accessToken: string): causeway.Hello.$Properties {
    const { language, client } = this.#deps;
    if (!this.#resume) return { accessToken, language, client };
    return { accessToken, language, client, resume: { ...this.#resume, seen: this.#topics.seen() } };
  }

  #welcomed(welcome: causeway.Welcome.$Properties): void {
    clearTimeout(this.#openTimer);
    this.#isWelcome = true;
    this.#addresses.succeeded();
    const isReset = this.#hadSession && !welcome.resumed;
    this.#hadSession = true;
    this.#resume = { sessionId: welcome.sessionId ?? '', secret: welcome.resumeSecret ?? '' };
    if (welcome.serverTimeMs) this.#serverClockAheadMs = welcome.serverTimeMs - Date.now();
    this.#topics.reconnected();
    if (isReset) {
      this.#topics.forget();
      // Calls that waited belong to what the old session had.
      this.#calls.rejectAll(RpcError.local('SOCKET_LOST'));
    }
    this.#settledTimer = setTimeout(() => {
      this.#attempt = 0;
    }, settledMs);
    this.#schedulePing();
    this.#scheduleRenewal();
    if (isReset) this.emit('reset');
    this.#setState('open');
    this.#calls.sendAll(this.#send);
  }

  #lost(wire: Wire, closeCode: number): void {
    if (this.#wire !== wire) return;
    this.#dropWire();
    this.#calls.lost();
    const final = finalCloseCodes.get(closeCode);
    if (final !== undefined) this.#end(this.#goodbye ?? new RpcError(final, '', false));
    else if (closeCode === tokenExpired) void this.#tryAnotherToken();
    // One that had said welcome may be back in a moment, with the session; one that is on its way out won't.
    else this.#retry(!this.#isWelcome || closeCode === draining);
  }

  /** A computer that slept past the end of its token: a newer one may be had from the API. */
  async #tryAnotherToken(): Promise<void> {
    this.#setState('waiting');
    const token = await this.#deps.accessToken().catch(() => this.#usedToken);
    if (token === null || token === this.#usedToken) this.#end(this.#goodbye ?? new RpcError('AUTH_EXPIRED', '', false));
    else if (this.#state === 'waiting') void this.#connect();
  }

  #retry(elsewhere = false): void {
    this.#dropWire();
    this.#setState('waiting');
    let wait = 0;
    if (!elsewhere || !this.#addresses.failed()) {
      wait = backOff(this.#attempt, { firstMs: 250, maxMs: 10_000 });
      this.#attempt += 1;
    }
    this.#retryTimer = setTimeout(() => void this.#connect(), wait);
  }

  #end(reason: RpcError): void {
    if (this.#state === 'closed') return;
    this.#dropWire();
    this.#calls.rejectAll(RpcError.local('SOCKET_CLOSED'));
    this.#setState('closed');
    this.emit('closed', reason);
  }

  #dropWire(): void {
    for (const timer of [this.#openTimer, this.#settledTimer, this.#pingTimer, this.#renewTimer, this.#retryTimer]) clearTimeout(timer);
    const wire = this.#wire;
    this.#wire = null;
    wire?.close();
  }

  #setState(state: SocketState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit('state', state);
  }

  // Frames

  #received(bytes: Uint8Array): void {
    let frame: causeway.ServerFrame.$Properties;
    try {
      frame = causeway.ServerFrame.decode(bytes);
    } catch {
      // A proxy's garbage, or a server that is newer than this page. Another connection may do better.
      if (this.#wire) this.#lost(this.#wire, 0);
      return;
    }
    const { welcome, reply, event, goodbye } = frame;
    if (welcome) this.#welcomed(welcome);
    else if (reply) this.#calls.answered(reply.id ?? 0, reply.error ? RpcError.from(reply.error) : (reply.payload ?? new Uint8Array()));
    else if (event) this.#topics.push(new causeway.Event(event));
    else if (goodbye) this.#goodbye = RpcError.from(goodbye);
  }

  #lostTopic(topic: string): void {
    if (topic !== sessionTopic) {
      this.emit('stale', topic);
      return;
    }
    // The session's own events have no snapshot: begin a new session.
    this.#resume = null;
    if (this.#wire) this.#lost(this.#wire, 0);
  }

  #call(method: string, payload: Uint8Array): Promise<Uint8Array> {
    if (this.#state === 'closed') return Promise.reject(RpcError.local('SOCKET_CLOSED'));
    return this.#calls.make(method, payload, this.#state === 'open' ? this.#send : null);
  }

  readonly #send = (id: number, method: string, payload: Uint8Array): void => {
    this.#wire?.send(encode({ request: { id, method, payload } }));
  };

  // Staying alive

  #schedulePing(): void {
    clearTimeout(this.#pingTimer);
    this.#pingTimer = setTimeout(() => void this.#ping(pingMs), pingEveryMs);
  }

  async #ping(timeoutMs: number): Promise<void> {
    const wire = this.#wire;
    if (!wire || this.#state !== 'open') return;
    clearTimeout(this.#pingTimer);
    // A dead network gives no close event for minutes; a missing answer is the only sign.
    const dead = setTimeout(() => this.#lost(wire, 0), timeoutMs);
    try {
      await this.#session.ping({});
    } catch {
      // An error is an answer too.
    } finally {
      clearTimeout(dead);
    }
    if (this.#wire === wire) this.#schedulePing();
  }

  #scheduleRenewal(): void {
    clearTimeout(this.#renewTimer);
    const leftMs = this.#usedToken === null ? null : tokenLifeLeft(this.#usedToken, this.serverNow);
    if (leftMs === null) return;
    const wait = Math.max(1_000, Math.min(leftMs - 20_000, leftMs * 0.7));
    this.#renewTimer = setTimeout(() => void this.#renew(), wait);
  }

  async #renew(): Promise<void> {
    try {
      const token = await this.#deps.accessToken();
      if (token !== null && token !== this.#usedToken) {
        await this.#session.renew({ accessToken: token });
        this.#usedToken = token;
      }
    } catch {
      // The server closes with AUTH_EXPIRED when the old token ends; until then try again.
    }
    if (this.#state === 'open') this.#scheduleRenewal();
  }
}

/** '/causeway.MeetingService/Join' -> 'MeetingService.Join'. */
function wireName(path: string): string {
  return path.replace(/^\/causeway\./, '').replace('/', '.');
}
