/**
 * The socket gateway: one WebSocket per client, sessions that survive it, calls and topics.
 * Services register their handlers before `listen`; everything else happens by the frames of
 * proto/causeway/frame.proto.
 */
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../../config.js';
import type { Bus } from '../bus/bus.js';
import type { Clock } from '../clock.js';
import type { ErrorCode } from '../errors.js';
import type { Principal } from '../principal.js';
import type { Handlers, ServiceName } from './rpc.js';
import type { SocketServer } from './socket-server.js';
import type { Topics } from './topics.js';

export interface GatewayDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Registry;
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
  /** Takes the handlers of a service. @throws Error when the service has handlers already. */
  register<Name extends ServiceName>(service: Name, handlers: Handlers<Name>): void;
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
