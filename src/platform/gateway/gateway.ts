/**
 * The socket gateway: one WebSocket per client, sessions that survive it, calls and topics.
 * Services register their handlers before `listen`; everything else happens by the frames of
 * proto/causeway/frame.proto.
 */
import type { causeway } from '#proto';
import type { Config } from '../../config.js';
import type { Bus } from '../bus/index.js';
import type { Clock } from '../clock.js';
import { CausewayError, type ErrorCode, type Language, toCausewayError } from '../errors.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { Principal } from '../principal.js';
import { Admission, refusalText } from './admission.js';
import { closeCode } from './close-code.js';
import { Connection, type ConnectionDeps } from './connection.js';
import { encodeServerFrame } from './frames.js';
import { createGatewayMetrics, type GatewayMetrics } from './gateway-metrics.js';
import type { Line, LiveSession } from './live-session.js';
import { type Method, MethodTable, type Route } from './method-table.js';
import { openSocketServer } from './open-socket-server.js';
import type { Handlers, ServiceName } from './rpc.js';
import { sessionService } from './session-service.js';
import { SessionStore } from './session-store.js';
import type { Handshake, Socket, SocketServer, SocketServerOptions } from './socket-server.js';
import { NodeTopics, type Topics } from './topics.js';

export interface GatewayDeps {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly bus: Bus;
  readonly clock: Clock;
  /** Who an access token stands for. @throws CausewayError AUTH_REQUIRED, AUTH_EXPIRED, AUTH_SIGNED_OUT. */
  readonly authenticate: (accessToken: string) => Promise<Principal>;
}

export interface Gateway {
  readonly library: SocketServer['library'];
  readonly topics: Topics;
  /** Sessions now, those whose socket is lost included. */
  readonly sessionCount: number;
  /** Sockets now, those without hello included. */
  readonly socketCount: number;
  /** Takes the handlers of a service, and who decides where its requests are handled; default: here. @throws Error when the service has handlers already. */
  register<Name extends ServiceName>(service: Name, handlers: Handlers<Name>, route?: Route): void;
  /** Every registered "Service.Method". */
  methods(): string[];
  /** @throws Error that names every rpc of the proto without a handler. */
  assertComplete(): void;
  /** Listens on GATEWAY_HOST and GATEWAY_PORT. @throws Error with `code: 'EADDRINUSE'`. */
  listen(): Promise<{ port: number }>;
  /** Ends every session on this node whose principal matches; gives how many. */
  endSessions(matches: (principal: Principal) => boolean, reason: ErrorCode): number;
  /** Refuses new requests, lets running ones end within DRAIN_MS, then ends every session (SERVER_DRAINING). Idempotent. */
  close(): Promise<void>;
}

/** How often ended tokens and old events are looked for, milliseconds. */
const sweepMs = 1_000;

export async function createGateway(deps: GatewayDeps): Promise<Gateway> {
  const gateway = new SocketGateway(deps);
  await gateway.open();
  return gateway;
}

class SocketGateway implements Gateway {
  readonly topics: NodeTopics;
  readonly #deps: GatewayDeps;
  readonly #metrics: GatewayMetrics;
  readonly #admission: Admission;
  readonly #sessions: SessionStore;
  readonly #methods = new MethodTable();
  readonly #connections = new Set<Connection>();
  readonly #ofConnections: ConnectionDeps;
  readonly #running = new Set<Promise<void>>();
  #server: SocketServer | null = null;
  #sweep: NodeJS.Timeout | null = null;
  #closing: Promise<void> | null = null;

  constructor(deps: GatewayDeps) {
    this.#deps = deps;
    const { config, bus, log, clock } = deps;
    this.#admission = new Admission(config);
    this.topics = new NodeTopics({ config, bus, log, server: () => this.#socketServer, onPublished: () => this.#metrics.published.inc() });
    this.#sessions = new SessionStore({ config, clock, log, topics: this.topics });
    this.#metrics = createGatewayMetrics(deps.metrics, {
      sockets: () => this.#connections.size,
      waiting: () => this.#admission.waiting,
      sessions: () => this.#sessions.size,
      connected: () => this.#sessions.connected,
      topics: () => this.topics.size,
    });
    this.#ofConnections = {
      helloMs: config.SOCKET_HELLO_MS,
      helloBytes: config.SOCKET_HELLO_BYTES,
      metrics: this.#metrics,
      authenticate: deps.authenticate,
      attach: (line, hello, principal, language) => this.#attach(line, hello, principal, language),
      answer: (connection, session, request) => this.#answer(connection, session, request),
      onUnexpected: (error) => log.error({ err: error }, 'SocketGateway | a frame failed unexpectedly'),
      onClosed: (connection) => this.#connections.delete(connection),
    };
    this.#methods.register('SessionService', sessionService({ clock, authenticate: deps.authenticate, metrics: this.#metrics }));
  }

  /** What the constructor can't do, since it takes time. */
  async open(): Promise<void> {
    const { config, log } = this.#deps;
    this.#server = await openSocketServer(config.GATEWAY_LIBRARY, this.#socketOptions(), log);
    await this.topics.listen();
    this.#sweep = setInterval(() => this.#sessions.sweep(), sweepMs).unref();
  }

  get library(): SocketServer['library'] {
    return this.#socketServer.library;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  get socketCount(): number {
    return this.#connections.size;
  }

  register<Name extends ServiceName>(service: Name, handlers: Handlers<Name>, route?: Route): void {
    this.#methods.register(service, handlers, route);
  }

  methods(): string[] {
    return this.#methods.names();
  }

  assertComplete(): void {
    this.#methods.assertComplete();
  }

  listen(): Promise<{ port: number }> {
    const { GATEWAY_HOST, GATEWAY_PORT } = this.#deps.config;
    return this.#socketServer.listen(GATEWAY_HOST, GATEWAY_PORT);
  }

  endSessions(matches: (principal: Principal) => boolean, reason: ErrorCode): number {
    for (const connection of this.#connections) connection.signOut(matches, reason);
    return this.#sessions.end(matches, reason);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #socketServer(): SocketServer {
    if (!this.#server) throw new Error('the gateway is not open');
    return this.#server;
  }

  async #close(): Promise<void> {
    await this.#drained();
    if (this.#sweep) clearInterval(this.#sweep);
    this.#sessions.end(() => true, 'SERVER_DRAINING');
    for (const connection of [...this.#connections]) connection.goodbye('SERVER_DRAINING');
    await this.#server?.close(closeCode('SERVER_DRAINING'), 'SERVER_DRAINING');
    await this.topics.close();
  }

  /** Waits until every request is answered, but not longer than DRAIN_MS. */
  async #drained(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#deps.config.DRAIN_MS);
    });
    await Promise.race([Promise.allSettled(this.#running), enough]);
    clearTimeout(timer);
  }

  #socketOptions(): SocketServerOptions {
    const { config } = this.#deps;
    return {
      maxMessageBytes: config.SOCKET_FRAME_BYTES,
      maxBufferBytes: config.SOCKET_BUFFER_BYTES,
      idleMs: config.SOCKET_IDLE_MS,
      trustProxy: config.TRUST_PROXY,
      accept: (handshake) => this.#accept(handshake),
      open: (socket) => this.#connect(socket),
    };
  }

  #accept(handshake: Handshake): string | null {
    const refusal = this.#closing ? 'SERVER_DRAINING' : this.#admission.refusal(handshake);
    if (refusal === null) return null;
    this.#metrics.refused.inc({ code: refusal });
    return refusalText(refusal);
  }

  #connect(socket: Socket): Connection {
    const connection = new Connection(socket, this.#ofConnections, this.#admission.enter(socket.address));
    this.#connections.add(connection);
    return connection;
  }

  #attach(line: Line, hello: causeway.IHello, principal: Principal, language: Language): LiveSession {
    if (this.#closing) throw new CausewayError('SERVER_DRAINING');
    const resumed = hello.resume ? this.#resume(line, hello.resume, principal, language) : null;
    if (resumed) return resumed;
    const { session, secret } = this.#sessions.create(principal, language);
    session.start(line);
    line.send(this.#welcome(session.id, secret, false));
    this.#deps.log.debug({ session: session.id, person: principal.personId, client: hello.client }, 'SocketGateway | session began');
    return session;
  }

  #resume(line: Line, resume: causeway.IResume, principal: Principal, language: Language): LiveSession | null {
    const session = this.#sessions.find(resume, principal);
    if (!session) {
      this.#metrics.resumes.inc({ result: 'refused' });
      return null;
    }
    const seen = new Map((resume.seen ?? []).map(({ topic, number }) => [topic ?? '', number ?? 0]));
    // The same secret goes on: a new one could be lost with this very frame, and the session with it.
    const welcome = this.#welcome(session.id, resume.secret ?? '', true);
    const resumed = session.resume(line, welcome, seen, principal, language);
    if (!resumed) {
      this.#metrics.resumes.inc({ result: 'refused' });
      session.end('TOPIC_RESET');
      return null;
    }
    this.#metrics.resumes.inc({ result: resumed.resets > 0 ? 'reset' : 'complete' });
    this.#metrics.replayed.inc(resumed.events);
    return session;
  }

  #welcome(sessionId: string, resumeSecret: string, resumed: boolean): Uint8Array {
    const { config, clock } = this.#deps;
    return encodeServerFrame({
      welcome: { sessionId, resumeSecret, resumed, resumeWindowMs: config.SESSION_RESUME_MS, serverTimeMs: clock.now() },
    });
  }

  #answer(connection: Connection, session: LiveSession, request: causeway.IRequest): void {
    const id = request.id ?? 0;
    const permit = session.requests.start(request.payload?.length);
    if (permit === 'hammering') {
      connection.goodbye('REQUEST_RATE');
      return;
    }
    if (permit === 'refused') {
      connection.reply(id, { error: new CausewayError('REQUEST_RATE') });
      return;
    }
    const running: Promise<void> = this.#run(session, request)
      .then((result) => connection.reply(id, result))
      .finally(() => {
        session.requests.done();
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  /** Never rejects. */
  async #run(session: LiveSession, request: causeway.IRequest): Promise<{ payload: Uint8Array } | { error: CausewayError }> {
    const method = this.#methods.find(request.method ?? '');
    if (!method) return { error: new CausewayError('METHOD_UNKNOWN', { field: 'method' }) };
    if (this.#closing) return { error: new CausewayError('SERVER_DRAINING') };
    const stop = this.#metrics.requests.startTimer({ method: method.name });
    try {
      const reply = await method.handle(session, decodeRequest(method, request.payload ?? new Uint8Array()));
      return { payload: method.reply.encode(reply).finish() };
    } catch (thrown) {
      const error = toCausewayError(thrown);
      if (error.code === 'SERVER_FAULT')
        this.#deps.log.error({ err: thrown, method: method.name, session: session.id }, 'SocketGateway | a request failed unexpectedly');
      return { error };
    } finally {
      stop();
    }
  }
}

function decodeRequest(method: Method, payload: Uint8Array): object {
  try {
    return method.request.decode(payload);
  } catch (cause) {
    throw new CausewayError('REQUEST_INVALID', { field: 'payload', fill: { detail: `payload of ${method.name}` }, cause });
  }
}
