/** SocketServer over `ws` and Node's HTTP server: for platforms on which uWebSockets.js has no binary. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { closeCode } from './close-code.js';
import { peerAddress } from './peer-address.js';
import type { Handshake, Socket, SocketListener, SocketServer, SocketServerOptions } from './socket-server.js';

/** Time for the peer to take what waits and to answer the close frame, milliseconds. */
const lingerMs = 10_000;
/** The same when the server closes. */
const lastLingerMs = 1_000;

export function createWsSocketServer(options: SocketServerOptions): SocketServer {
  return new WsSocketServer(options);
}

class WsSocketServer implements SocketServer {
  readonly library = 'ws';
  readonly #options: SocketServerOptions;
  readonly #http: Server;
  readonly #upgrader: WebSocketServer;
  readonly #sockets = new Set<WsSocket>();
  /** Those included whose close waits for the peer. */
  readonly #connections = new Set<WebSocket>();
  readonly #topics = new Topics();
  readonly #idleSweep: NodeJS.Timeout;
  #closing: Promise<void> | null = null;

  constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#upgrader = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxMessageBytes,
      // No subprotocol is spoken, whatever the client offers.
      handleProtocols: () => false,
    });
    this.#http = createServer({ headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 5_000 }, (_, response) => {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end('This is a WebSocket.');
    });
    this.#http.on('upgrade', (request, stream, head) => this.#upgrade(request, stream, head));
    this.#idleSweep = setInterval(() => this.#sweep(), Math.max(10, options.idleMs / 4)).unref();
  }

  listen(host: string, port: number): Promise<{ port: number }> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, () => {
        this.#http.off('error', reject);
        const address = this.#http.address();
        resolve({ port: typeof address === 'object' && address ? address.port : port });
      });
    });
  }

  publish(topic: string, message: Uint8Array): void {
    // A copy of the list: a receiver that turns out slow leaves all topics while we walk.
    for (const socket of [...this.#topics.of(topic)]) socket.send(message);
  }

  close(code: number, reason: string): Promise<void> {
    this.#closing ??= this.#close(code, reason);
    return this.#closing;
  }

  async #close(code: number, reason: string): Promise<void> {
    clearInterval(this.#idleSweep);
    const stopped = new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.close(code, reason);
    this.#http.closeIdleConnections();
    // Peers answer the close frame in a moment; those that don't, and handshakes that hang, are cut.
    const cut = setTimeout(() => {
      for (const connection of this.#connections) connection.terminate();
      this.#http.closeAllConnections();
    }, lastLingerMs);
    await stopped;
    clearTimeout(cut);
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // Until ws takes over, a reset by the peer would be an unhandled error.
    const ignore = () => stream.destroy();
    stream.on('error', ignore);
    const handshake = readHandshake(request, this.#options.trustProxy);
    const refusal = this.#closing ? 'closing' : this.#options.accept(handshake);
    if (refusal !== null) {
      stream.end(
        `HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(refusal)}\r\n\r\n${refusal}`,
      );
      return;
    }
    this.#upgrader.handleUpgrade(request, stream, head, (ws) => {
      stream.off('error', ignore);
      this.#connections.add(ws);
      ws.once('close', () => this.#connections.delete(ws));
      const socket = new WsSocket(ws, handshake.address, this.#options, this.#topics, () => this.#sockets.delete(socket));
      this.#sockets.add(socket);
      socket.listener = this.#options.open(socket);
    });
  }

  #sweep(): void {
    const now = performance.now();
    for (const socket of this.#sockets) socket.closeIfIdle(now);
  }
}

class WsSocket implements Socket {
  readonly #ws: WebSocket;
  readonly #options: SocketServerOptions;
  readonly #topics: Topics;
  readonly #mine = new Set<string>();
  readonly #forget: () => void;
  listener: SocketListener | null = null;
  #heardAt = performance.now();
  #pingedAt: number | null = null;
  #closed = false;

  constructor(
    ws: WebSocket,
    readonly address: string,
    options: SocketServerOptions,
    topics: Topics,
    forget: () => void,
  ) {
    this.#ws = ws;
    this.#options = options;
    this.#topics = topics;
    this.#forget = forget;
    ws.on('message', (data, isBinary) => {
      this.#heard();
      if (this.#closed) return;
      if (isBinary) this.listener?.message(toBytes(data));
      else this.listener?.text();
    });
    ws.on('ping', () => this.#heard()).on('pong', () => this.#heard());
    ws.on('error', (error) => {
      // ws has sent the close frame that fits; its own close event would say 1006.
      if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#gone(1009, false);
    });
    ws.on('close', (code) => this.#gone(code, false));
  }

  send(message: Uint8Array): boolean {
    if (this.#closed) return false;
    this.#ws.send(message, { binary: true });
    if (this.#ws.bufferedAmount <= this.#options.maxBufferBytes) return true;
    this.#end(closeCode('SOCKET_TOO_SLOW'), 'SOCKET_TOO_SLOW', true);
    return false;
  }

  subscribe(topic: string): void {
    if (this.#closed) return;
    this.#mine.add(topic);
    this.#topics.add(topic, this);
  }

  unsubscribe(topic: string): void {
    if (this.#mine.delete(topic)) this.#topics.remove(topic, this);
  }

  close(code: number, reason: string): void {
    this.#end(code, reason, false);
  }

  get bufferedBytes(): number {
    return this.#closed ? 0 : this.#ws.bufferedAmount;
  }

  closeIfIdle(now: number): void {
    const { idleMs } = this.#options;
    if (now - this.#heardAt < idleMs / 2) return;
    if (this.#pingedAt === null) {
      this.#pingedAt = now;
      this.#ws.ping();
      return;
    }
    // The peer had time to answer: should this process have stood still, that was not the peer's silence.
    if (now - this.#heardAt < idleMs || now - this.#pingedAt < idleMs / 4) return;
    this.#ws.terminate();
    this.#gone(1006, false);
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#pingedAt = null;
  }

  #end(code: number, reason: string, slow: boolean): void {
    if (this.#closed) return;
    this.#ws.close(code, reason);
    const cut = setTimeout(() => this.#ws.terminate(), lingerMs).unref();
    this.#ws.once('close', () => clearTimeout(cut));
    this.#gone(code, slow);
  }

  #gone(code: number, slow: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const topic of this.#mine) this.#topics.remove(topic, this);
    this.#mine.clear();
    this.#forget();
    this.listener?.closed({ code, slow });
  }
}

/** Who subscribed to what. */
class Topics {
  readonly #subscribers = new Map<string, Set<WsSocket>>();

  of(topic: string): Iterable<WsSocket> {
    return this.#subscribers.get(topic) ?? [];
  }

  add(topic: string, socket: WsSocket): void {
    const all = this.#subscribers.get(topic);
    if (all) all.add(socket);
    else this.#subscribers.set(topic, new Set([socket]));
  }

  remove(topic: string, socket: WsSocket): void {
    const all = this.#subscribers.get(topic);
    if (all?.delete(socket) && all.size === 0) this.#subscribers.delete(topic);
  }
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function readHandshake(request: IncomingMessage, trustProxy: boolean): Handshake {
  const forwarded = request.headers['x-forwarded-for'];
  return {
    path: (request.url ?? '/').split('?')[0] ?? '/',
    origin: request.headers.origin,
    host: request.headers.host,
    address: peerAddress(request.socket.remoteAddress ?? '', Array.isArray(forwarded) ? forwarded.join(',') : forwarded, trustProxy),
  };
}
