/**
 * The page's one connection to the gateway.
 *
 * It says hello, routes replies to calls, puts numbered events in order, keeps itself alive, and
 * comes back after a loss: with the same session when that is still there (missed events follow),
 * else with a new one, and then says `reset`, because whoever was in a meeting has to join again.
 */
import { causeway } from '#proto';
import { backOff } from './back-off';
import { Emitter } from './emitter';
import { RpcError, toRpcError } from './rpc-error';
import { TopicLog } from './topic-log';

export interface SocketDeps {
  /** Address of the gateway. */
  readonly url: string;
  /** BCP 47 tag for the server's sentences. */
  readonly language: string;
  /** The version of the page, for the server's logs. */
  readonly client: string;
  /** A token that is good for now; null: nobody is signed in any more. */
  readonly accessToken: () => Promise<string | null>;
  /** Opens a WebSocket; tests under Node bring their own. */
  readonly connect?: (url: string, handlers: WireHandlers) => Wire;
}

/** What this class needs of a WebSocket. */
export interface Wire {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Without a code the session waits for this page to come back. */
  close(code?: number): void;
}

export interface WireHandlers {
  readonly open: () => void;
  readonly message: (bytes: Uint8Array) => void;
  readonly close: (code: number) => void;
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

interface Call {
  readonly method: string;
  readonly payload: Uint8Array;
  readonly resolve: (payload: Uint8Array) => void;
  readonly reject: (error: RpcError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
  sent: boolean;
}

const callMs = 15_000;
const openMs = 10_000;
const pingEveryMs = 15_000;
const pingMs = 5_000;
/** After `online` or on waking up nobody wants to wait for the usual time. */
const hurriedPingMs = 2_500;
/** A connection that lasted this long was a good one: the next loss starts with short waits again. */
const settledMs = 10_000;
const sessionTopic = 'session';

/** Close codes after which coming back is pointless: nobody signed in, signed out, taken up by another page. */
const finalCloseCodes: ReadonlyMap<number, string> = new Map([
  [4003, 'AUTH_REQUIRED'],
  [4005, 'AUTH_SIGNED_OUT'],
  [4010, 'SOCKET_REPLACED'],
]);
const tokenExpired = 4004;
/** RFC 6455 section 7.4.1, normal closure: the server ends the session at once. */
const forGood = 1000;

export class Socket extends Emitter<SocketEvents> {
  readonly meeting: causeway.MeetingService;
  readonly media: causeway.MediaService;
  readonly chat: causeway.ChatService;
  readonly #session: causeway.SessionService;
  readonly #deps: SocketDeps;
  readonly #calls = new Map<number, Call>();
  readonly #topics = new Map<string, TopicLog<causeway.Event>>();
  readonly #replaying = new Set<string>();
  #state: SocketState = 'idle';
  #wire: Wire | null = null;
  #resume: { readonly sessionId: string; readonly secret: string } | null = null;
  #hadSession = false;
  #goodbye: RpcError | null = null;
  #nextId = 1;
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
    this.#forgetTopics();
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
    this.#session = new causeway.SessionService(call);
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
    if (this.#state !== 'idle') return;
    globalThis.addEventListener?.('online', this.#hurry);
    globalThis.document?.addEventListener('visibilitychange', this.#woken);
    void this.#connect();
  }

  /** For good. Idempotent. */
  close(): void {
    this.#wire?.close(forGood);
    this.#end(RpcError.local('SOCKET_CLOSED'));
  }

  /** The topic's events after this number are wanted from now on: call it with the number of a snapshot. */
  startTopic(topic: string, number: number): void {
    const log = this.#topics.get(topic) ?? new TopicLog<causeway.Event>(null);
    this.#topics.set(topic, log);
    this.#deliver(topic, log.start(number));
  }

  // Connection

  async #connect(): Promise<void> {
    this.#setState('connecting');
    let token: string | null;
    try {
      token = await this.#deps.accessToken();
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
    const hello = this.#hello(token);
    let wire: Wire;
    try {
      wire = (this.#deps.connect ?? openWebSocket)(this.#deps.url, {
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
    this.#openTimer = setTimeout(() => this.#lost(wire, 0), openMs);
  }

  #hello(accessToken: string): causeway.Hello.$Properties {
    const { language, client } = this.#deps;
    if (!this.#resume) return { accessToken, language, client };
    const seen: causeway.Seen.$Properties[] = [];
    for (const [topic, { last }] of this.#topics) if (last !== null) seen.push({ topic, number: last });
    return { accessToken, language, client, resume: { ...this.#resume, seen } };
  }

  #welcomed(welcome: causeway.Welcome.$Properties): void {
    clearTimeout(this.#openTimer);
    const isReset = this.#hadSession && !welcome.resumed;
    this.#hadSession = true;
    this.#resume = { sessionId: welcome.sessionId ?? '', secret: welcome.resumeSecret ?? '' };
    if (welcome.serverTimeMs) this.#serverClockAheadMs = welcome.serverTimeMs - Date.now();
    this.#replaying.clear();
    if (isReset) {
      this.#forgetTopics();
      // Calls that waited belong to what the old session had.
      this.#rejectCalls(RpcError.local('SOCKET_LOST'));
    }
    this.#settledTimer = setTimeout(() => {
      this.#attempt = 0;
    }, settledMs);
    this.#schedulePing();
    this.#scheduleRenewal();
    if (isReset) this.emit('reset');
    this.#setState('open');
    for (const [id, call] of this.#calls) this.#send(id, call);
  }

  #lost(wire: Wire, closeCode: number): void {
    if (this.#wire !== wire) return;
    this.#dropWire();
    for (const [id, call] of this.#calls) {
      if (!call.sent) continue;
      this.#calls.delete(id);
      clearTimeout(call.timer);
      call.reject(RpcError.local('SOCKET_LOST'));
    }
    const final = finalCloseCodes.get(closeCode);
    if (final !== undefined) this.#end(this.#goodbye ?? new RpcError(final, '', false));
    else if (closeCode === tokenExpired) void this.#tryAnotherToken();
    else this.#retry();
  }

  /** A computer that slept past the end of its token: a newer one may be had from the API. */
  async #tryAnotherToken(): Promise<void> {
    this.#setState('waiting');
    const token = await this.#deps.accessToken().catch(() => this.#usedToken);
    if (token === null || token === this.#usedToken) this.#end(this.#goodbye ?? new RpcError('AUTH_EXPIRED', '', false));
    else if (this.#state === 'waiting') void this.#connect();
  }

  #retry(): void {
    this.#dropWire();
    this.#setState('waiting');
    const wait = backOff(this.#attempt, { firstMs: 250, maxMs: 10_000 });
    this.#attempt += 1;
    this.#retryTimer = setTimeout(() => void this.#connect(), wait);
  }

  #end(reason: RpcError): void {
    if (this.#state === 'closed') return;
    this.#dropWire();
    globalThis.removeEventListener?.('online', this.#hurry);
    globalThis.document?.removeEventListener('visibilitychange', this.#woken);
    this.#rejectCalls(RpcError.local('SOCKET_CLOSED'));
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
    if (frame.welcome) this.#welcomed(frame.welcome);
    else if (frame.reply) this.#replied(frame.reply);
    else if (frame.event) this.#happened(new causeway.Event(frame.event));
    else if (frame.goodbye) this.#goodbye = RpcError.from(frame.goodbye);
  }

  #replied(reply: causeway.Reply.$Properties): void {
    const id = reply.id ?? 0;
    const call = this.#calls.get(id);
    if (!call) return;
    this.#calls.delete(id);
    clearTimeout(call.timer);
    if (reply.error) call.reject(RpcError.from(reply.error));
    else call.resolve(reply.payload ?? new Uint8Array());
  }

  #happened(event: causeway.Event): void {
    const reset = event.session?.topicReset;
    if (reset) {
      // It still counts in the order of its own topic; what it says is for this class.
      this.#lostTopic(reset.topic ?? '');
    }
    let log = this.#topics.get(event.topic);
    if (!log) {
      log = new TopicLog<causeway.Event>(null);
      this.#topics.set(event.topic, log);
    }
    this.#deliver(event.topic, log.push(event));
  }

  #deliver(topic: string, delivery: { readonly events: readonly causeway.Event[]; readonly missingAfter: number | null }): void {
    for (const event of delivery.events) this.emit('event', event);
    if (delivery.missingAfter !== null) void this.#replay(topic, delivery.missingAfter);
  }

  /** The missed events come as events, before the reply. */
  async #replay(topic: string, after: number): Promise<void> {
    if (this.#replaying.has(topic)) return;
    this.#replaying.add(topic);
    try {
      await this.#session.replay({ topic, after });
    } catch (thrown) {
      // Of any other error a new connection is the cure, and Resume brings what is missing.
      if (toRpcError(thrown).code === 'TOPIC_RESET') this.#lostTopic(topic);
    } finally {
      this.#replaying.delete(topic);
    }
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

  #forgetTopics(): void {
    this.#topics.clear();
    this.#topics.set(sessionTopic, new TopicLog<causeway.Event>(0));
  }

  // Calls

  #call(method: string, payload: Uint8Array, timeoutMs = callMs): Promise<Uint8Array> {
    if (this.#state === 'closed') return Promise.reject(RpcError.local('SOCKET_CLOSED'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId = (this.#nextId % 0xffff_ffff) + 1;
      const timer = setTimeout(() => {
        this.#calls.delete(id);
        reject(RpcError.local('CALL_TIMEOUT'));
      }, timeoutMs);
      const call: Call = { method, payload, resolve, reject, timer, sent: false };
      this.#calls.set(id, call);
      if (this.#state === 'open') this.#send(id, call);
    });
  }

  #send(id: number, call: Call): void {
    if (call.sent || !this.#wire) return;
    call.sent = true;
    this.#wire.send(encode({ request: { id, method: call.method, payload: call.payload } }));
  }

  #rejectCalls(error: RpcError): void {
    for (const call of this.#calls.values()) {
      clearTimeout(call.timer);
      call.reject(error);
    }
    this.#calls.clear();
  }

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

  readonly #hurry = (): void => {
    if (this.#state === 'open') void this.#ping(hurriedPingMs);
    if (this.#state !== 'waiting') return;
    clearTimeout(this.#retryTimer);
    void this.#connect();
  };

  readonly #woken = (): void => {
    if (document.visibilityState === 'visible') this.#hurry();
  };

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

function openWebSocket(url: string, handlers: WireHandlers): Wire {
  const webSocket = new WebSocket(url);
  webSocket.binaryType = 'arraybuffer';
  webSocket.onopen = handlers.open;
  webSocket.onmessage = (message: MessageEvent<unknown>) => {
    if (message.data instanceof ArrayBuffer) handlers.message(new Uint8Array(message.data));
  };
  webSocket.onclose = (event) => handlers.close(event.code);
  return webSocket;
}

function encode(frame: causeway.ClientFrame.$Properties): Uint8Array<ArrayBuffer> {
  return new Uint8Array(causeway.ClientFrame.encode(frame).finish());
}

/** '/causeway.MeetingService/Join' -> 'MeetingService.Join'. */
function wireName(path: string): string {
  return path.replace(/^\/causeway\./, '').replace('/', '.');
}

/** Milliseconds until a JWT ends (RFC 7519 section 4.1.4), or null when it doesn't say. */
export function tokenLifeLeft(token: string, now: number): number | null {
  try {
    const body = token.split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null || !('exp' in claims) || typeof claims.exp !== 'number') return null;
    return claims.exp * 1_000 - now;
  } catch {
    return null;
  }
}
