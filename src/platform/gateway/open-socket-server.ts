/** Chooses the socket library: uWebSockets.js where its binary loads, since it costs the server less, else `ws`. */
import type { Config } from '../../config.js';
import type { Log } from '../log.js';
import type { SocketServer, SocketServerOptions } from './socket-server.js';
import { createWsSocketServer } from './ws-socket-server.js';

export async function openSocketServer(library: Config['GATEWAY_LIBRARY'], options: SocketServerOptions, log: Log): Promise<SocketServer> {
  if (library === 'ws') return createWsSocketServer(options);
  try {
    // Loaded here and not above: where there is no binary, the import itself throws.
    const { createUwsSocketServer } = await import('./uws-socket-server.js');
    return createUwsSocketServer(options);
  } catch (error) {
    if (library === 'uws') throw error;
    const reason = error instanceof Error ? error.message.split('\n').at(-1) : String(error);
    log.warn({ reason }, 'openSocketServer() | uWebSockets.js does not load here; using ws, which costs more CPU per message');
    return createWsSocketServer(options);
  }
}
