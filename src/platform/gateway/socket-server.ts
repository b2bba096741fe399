/**
 * What the gateway needs of a socket library, and no more: binary messages, topics, back-pressure.
 * Implemented over uWebSockets.js and over `ws`; `tests/integration/gateway/socket-server.test.ts`
 * holds both to the same contract.
 */
export interface SocketServer {
  readonly library: 'uWebSockets.js' | 'ws';
  /** Begins to listen. @throws Error with `code: 'EADDRINUSE'` when the port is taken. */
  listen(host: string, port: number): Promise<{ port: number }>;
  /** Sends one message to every socket that subscribed to the topic, encoded once. */
  publish(topic: string, message: Uint8Array): void;
  /** Stops listening and closes every socket with the code. Idempotent. */
  close(code: number, reason: string): Promise<void>;
}

export interface SocketServerOptions {
  /** Messages over this many bytes close the socket (1009). */
  readonly maxMessageBytes: number;
  /**
   * A receiver with more bytes waiting than this is closed (4008, see `close`'s `slow`), never
   * skipped. What waits goes out before the close frame; a receiver that reaches twice as much
   * is cut without one.
   */
  readonly maxBufferBytes: number;
  /** A socket from which nothing came this long, not even the pong to a ping, is closed, milliseconds. */
  readonly idleMs: number;
  /** Believe X-Forwarded-For. */
  readonly trustProxy: boolean;
  /** Decides on the handshake, before a socket exists. A string is the refusal's reason (403). */
  readonly accept: (handshake: Handshake) => string | null;
  /** A socket opened. What is given back hears from it; it may close the socket only from then on. */
  readonly open: (socket: Socket) => SocketListener;
}

export interface Handshake {
  readonly path: string;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  /** The peer's address; with TRUST_PROXY the last entry of X-Forwarded-For. */
  readonly address: string;
}

export interface SocketListener {
  /** The bytes are the listener's own; they may be kept. */
  message(message: Uint8Array): void;
  /** A text message is a protocol error. */
  text(): void;
  /** Called once; within `Socket.close` when this side closes. */
  closed(close: { code: number; slow: boolean }): void;
}

export interface Socket {
  readonly address: string;
  /** Sends a message. False: the socket is closed, or was just closed because it is too slow. */
  send(message: Uint8Array): boolean;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  /** Closes; what was sent before goes out first. Idempotent. */
  close(code: number, reason: string): void;
  /** Bytes that wait to be sent. */
  readonly bufferedBytes: number;
}
