/** The WebSocket below the page's socket: frames out, frames in, and the way it ends. */
import { causeway } from '#proto';

/** What `Socket` needs of a WebSocket. */
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

/** RFC 6455 section 7.4.1, normal closure: the server ends the session at once. */
export const forGood = 1000;
/** The token that the page said hello with has ended. */
export const tokenExpired = 4004;
/** The server is being shut down. */
export const draining = 4012;
/** Close codes after which coming back is pointless: nobody signed in, signed out, taken up by another page. */
export const finalCloseCodes: ReadonlyMap<number, string> = new Map([
  [4003, 'AUTH_REQUIRED'],
  [4005, 'AUTH_SIGNED_OUT'],
  [4010, 'SOCKET_REPLACED'],
]);

export function openWebSocket(url: string, handlers: WireHandlers): Wire {
  const webSocket = new WebSocket(url);
  webSocket.binaryType = 'arraybuffer';
  webSocket.onopen = handlers.open;
  webSocket.onmessage = (message: MessageEvent<unknown>) => {
    if (message.data instanceof ArrayBuffer) handlers.message(new Uint8Array(message.data));
  };
  webSocket.onclose = (event) => handlers.close(event.code);
  return webSocket;
}

export function encode(frame: causeway.ClientFrame.$Properties): Uint8Array<ArrayBuffer> {
  return new Uint8Array(causeway.ClientFrame.encode(frame).finish());
}
