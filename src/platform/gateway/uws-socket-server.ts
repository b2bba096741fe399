/**
 * SocketServer over uWebSockets.js.
 *
 * Its two sharp edges are handled here. A message's buffer is reused when the callback returns,
 * so bytes are copied. And a receiver over `maxBackpressure` is skipped in C++ without a word:
 * therefore that limit is set to twice ours, ours is checked after sends and, shortly after,
 * publishes, and whoever passes even the outer one is cut at once, so that no message ever
 * follows one that was skipped.
 */

import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import uWS from 'uWebSockets.js';
import { createServer } from 'node:net';
import { closeCode } from './close-code.js';
import { peerAddress } from './peer-address.js';
import type { Handshake, Socket, SocketListener, SocketServer, SocketServerOptions } from './socket-server.js';

interface UserData {
  readonly address: string;
  socket: UwsSocket | null;
}

declare module 'uWebSockets.js' {
  interface TemplatedApp {
    // The binary takes options after the port; the package's types forgot this overload.
    listen(host: string, port: number, options: number, cb: (listenSocket: us_listen_socket | false) => void): TemplatedApp;
  }
}

/** Receivers' buffers are looked at this long after a publish, milliseconds, ... */
const slowCheckMs = 250;
/** ... or when this part of what may wait was published since: no buffer can have grown by more. */
const slowCheckPart = 1 / 4;
/** Time for close frames to be answered before the rest is cut, milliseconds. */
const lingerMs = 1_000;
/** `LIBUS_LISTEN_EXCLUSIVE_PORT`: without it two servers would share a port and each get half of the clients. */
const exclusivePort = 1;

export function createUwsSocketServer(options: SocketServerOptions): SocketServer {
  return new UwsSocketServer(options);
}

class UwsSocketServer implements SocketServer {
  readonly library = 'uWebSockets.js';
  readonly #options: SocketServerOptions;
  readonly #app: TemplatedApp;
  readonly #sockets = new Set<UwsSocket>();
  #listening: us_listen_socket | null = null;
  #slowCheck: NodeJS.Timeout | null = null;
  #publishedBytes = 0;
  #closed = false;

  constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#app = uWS.App();
    this.#app.ws<UserData>('/*', {
      compression: uWS.DISABLED,
      // Over its own limit uWS cuts the line without a close frame; up to twice ours we can still say 1009.
      maxPayloadLength: 2 * options.maxMessageBytes,
      maxBackpressure: 2 * options.maxBufferBytes,
      closeOnBackpressureLimit: 1,
      idleTimeout: Math.min(960, Math.max(8, Math.ceil(options.idleMs / 1_000))),
      sendPingsAutomatically: true,
      upgrade: (response, request, context) => this.#upgrade(response, request, context),
      open: (ws) => {
        const data = ws.getUserData();
        const socket = new UwsSocket(ws, data.address, options.maxBufferBytes, this.#sockets);
        data.socket = socket;
        socket.listener = options.open(socket);
      },
      message: (ws, message, isBinary) => {
        const { socket } = ws.getUserData();
        if (!socket || socket.closed) return;
        if (message.byteLength > options.maxMessageBytes) socket.close(1009, 'message too big');
        else if (isBinary) socket.listener?.message(new Uint8Array(message.slice(0)));
        else socket.listener?.text();
      },
      dropped: (ws) => ws.getUserData().socket?.cutSoon(),
      close: (ws, code, reason) => {
        // uWS says in words only what RFC 6455 section 7.4.1 has a code for.
        const tooBig = code === 1006 && Buffer.from(reason).toString() === 'Received too big message';
        ws.getUserData().socket?.gone(tooBig ? 1009 : code);
      },
    });
    this.#app.any('/*', (response) => {
      response.writeStatus('426 Upgrade Required').writeHeader('Upgrade', 'websocket').end('This is a WebSocket.');
    });
  }

  async listen(host: string, port: number): Promise<{ port: number }> {
    const listening = await new Promise<us_listen_socket | false>((resolve) => {
      this.#app.listen(host, port, exclusivePort, resolve);
    });
    if (listening === false) throw await whyNotListening(host, port);
    this.#listening = listening;
    return { port: uWS.us_socket_local_port(listening) };
  }

  publish(topic: string, message: Uint8Array): void {
    if (this.#closed) return;
    this.#app.publish(topic, message, true, false);
    this.#publishedBytes += message.length;
    if (this.#publishedBytes < this.#options.maxBufferBytes * slowCheckPart) {
      this.#slowCheck ??= setTimeout(() => this.#closeSlow(), slowCheckMs).unref();
      return;
    }
    this.#publishedBytes = 0;
    // uWS fills the buffers when this turn of the loop ends.
    setImmediate(() => this.#closeSlow());
  }

  async close(code: number, reason: string): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeSlow();
    if (this.#listening) uWS.us_listen_socket_close(this.#listening);
    for (const socket of this.#sockets) socket.close(code, reason);
    // Peers answer the close frame in a moment; those that don't must not keep the process alive.
    setTimeout(() => this.#app.close(), lingerMs).unref();
  }

  #closeSlow(): void {
    if (this.#slowCheck) clearTimeout(this.#slowCheck);
    this.#slowCheck = null;
    this.#publishedBytes = 0;
    for (const socket of this.#sockets) socket.closeIfSlow();
  }

  #upgrade(response: HttpResponse, request: HttpRequest, context: us_socket_context_t): void {
    const handshake = readHandshake(response, request, this.#options.trustProxy);
    const refusal = this.#closed ? 'closing' : this.#options.accept(handshake);
    if (refusal !== null) {
      response.writeStatus('403 Forbidden').writeHeader('Content-Type', 'text/plain').end(refusal, true);
      return;
    }
    const data: UserData = { address: handshake.address, socket: null };
    // No subprotocol and no extension is spoken, whatever the client offers.
    response.upgrade(data, request.getHeader('sec-websocket-key'), '', '', context);
  }
}

class UwsSocket implements Socket {
  readonly #ws: WebSocket<UserData>;
  readonly #maxBufferBytes: number;
  /** All that are open. */
  readonly #others: Set<UwsSocket>;
  listener: SocketListener | null = null;
  /** Set before this side closes, since uWS calls back from within. */
  #closing: number | null = null;
  #slow = false;
  closed = false;

  constructor(
    ws: WebSocket<UserData>,
    readonly address: string,
    maxBufferBytes: number,
    others: Set<UwsSocket>,
  ) {
    this.#ws = ws;
    this.#maxBufferBytes = maxBufferBytes;
    this.#others = others;
    others.add(this);
  }

  send(message: Uint8Array): boolean {
    if (this.closed || this.#slow) return false;
    this.#ws.send(message, true, false);
    return !this.closeIfSlow();
  }

  subscribe(topic: string): void {
    if (!this.closed) this.#ws.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    if (!this.closed) this.#ws.unsubscribe(topic);
  }

  close(code: number, reason: string): void {
    if (this.closed || this.#closing !== null) return;
    this.#closing = code;
    this.#ws.end(code, reason);
  }

  get bufferedBytes(): number {
    return this.closed ? 0 : this.#ws.getBufferedAmount();
  }

  /** True: the socket is closed. */
  closeIfSlow(): boolean {
    if (this.closed || this.#slow) return true;
    if (this.#ws.getBufferedAmount() <= this.#maxBufferBytes) return false;
    this.#slow = true;
    this.close(closeCode('SOCKET_TOO_SLOW'), 'SOCKET_TOO_SLOW');
    return true;
  }

  /**
   * A message was skipped, from within C++ that walks the topic's receivers and must not be
   * disturbed: the line is cut when it is done. Until then nothing more gets through, since the
   * buffer stays over the limit.
   */
  cutSoon(): void {
    if (this.closed || this.#slow) return;
    this.#slow = true;
    setImmediate(() => {
      if (!this.closed) this.#ws.close();
    });
  }

  gone(code: number): void {
    if (this.closed) return;
    this.closed = true;
    this.#others.delete(this);
    this.listener?.closed({ code: this.#closing ?? code, slow: this.#slow });
  }
}

function readHandshake(response: HttpResponse, request: HttpRequest, trustProxy: boolean): Handshake {
  // A proxy may add a line of its own instead of appending to the client's; all lines count, in order.
  const forwarded: string[] = [];
  request.forEach((name, value) => {
    if (name === 'x-forwarded-for') forwarded.push(value);
  });
  const direct = Buffer.from(response.getRemoteAddressAsText()).toString();
  return {
    path: request.getUrl(),
    origin: request.getHeader('origin') || undefined,
    host: request.getHeader('host') || undefined,
    address: peerAddress(direct, forwarded.join(','), trustProxy),
  };
}

/** uWS says only that it could not listen; Node, asked for the same port, says why. */
async function whyNotListening(host: string, port: number): Promise<Error> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject).listen(port, host, resolve);
    });
    return new Error(`could not listen on ${host}:${port}`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    probe.close();
  }
}
