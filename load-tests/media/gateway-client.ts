/**
 * A socket of the product that keeps nothing: thousands of these run in one process, and a large
 * meeting tells each of them of all the others.
 */
import { once } from 'node:events';
import type { RPCImpl } from 'protobufjs';
import { WebSocket } from 'ws';
import { causeway } from '#proto';

export interface GatewayEvents {
  event(event: causeway.IEvent): void;
  /** Without having been asked to. */
  lost(reason: Error): void;
}

type Answer = (error: Error | null, payload?: Uint8Array) => void;

export class GatewayClient {
  readonly meeting = causeway.MeetingService.create(this.#rpc());
  readonly media = causeway.MediaService.create(this.#rpc());
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, Answer>();
  readonly #events: GatewayEvents;
  #welcomed: ((error: Error | null) => void) | null = null;
  #lastId = 0;
  #closing = false;

  private constructor(socket: WebSocket, events: GatewayEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('message', (data: Buffer) => this.#take(data));
    // What goes wrong ends in a close event as well.
    socket.on('error', () => {});
    socket.once('close', (code, reason) => this.#closed(new Error(`The socket was closed (${code} ${String(reason)}).`)));
  }

  /** Opens a socket, says hello and waits for the welcome. */
  static async connect(url: string, accessToken: string, events: GatewayEvents): Promise<GatewayClient> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const client = new GatewayClient(socket, events);
    await once(socket, 'open');
    await new Promise<void>((resolve, reject) => {
      client.#welcomed = (error) => (error ? reject(error) : resolve());
      client.#send({ hello: { accessToken, language: 'en', client: 'load' } });
    });
    return client;
  }

  /** The session ends with it. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close(1000);
    await closed;
  }

  #take(data: Buffer): void {
    const frame = causeway.ServerFrame.decode(data);
    if (frame.event) this.#events.event(frame.event);
    else if (frame.reply) {
      const { id, error, payload } = frame.reply;
      const answer = this.#calls.get(id ?? 0);
      this.#calls.delete(id ?? 0);
      if (error) answer?.(new Error(`${error.code}: ${error.message}`));
      else answer?.(null, payload ?? new Uint8Array());
    } else if (frame.welcome) {
      this.#welcomed?.(null);
      this.#welcomed = null;
    } else if (frame.goodbye) this.#closed(new Error(`${frame.goodbye.code}: ${frame.goodbye.message}`));
  }

  #closed(reason: Error): void {
    const unexpected = !this.#closing;
    this.#closing = true;
    this.#welcomed?.(reason);
    this.#welcomed = null;
    for (const answer of this.#calls.values()) answer(reason);
    this.#calls.clear();
    if (unexpected) this.#events.lost(reason);
  }

  #send(frame: causeway.IClientFrame): void {
    this.#socket.send(causeway.ClientFrame.encode(frame).finish());
  }

  #rpc(): RPCImpl {
    return (method, payload, callback) => {
      const name =
        'path' in method && typeof method.path === 'string' ? method.path.replace('/causeway.', '').replace('/', '.') : method.name;
      if (this.#socket.readyState !== WebSocket.OPEN) {
        callback(new Error(`${name}: the socket is closed.`));
        return;
      }
      this.#lastId += 1;
      const id = this.#lastId;
      this.#calls.set(id, (error, answer) => callback(error, answer));
      this.#send({ request: { id, method: name, payload } });
    };
  }
}
