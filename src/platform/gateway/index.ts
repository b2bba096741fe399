export { createGateway, type Gateway, type GatewayDeps } from './gateway.js';
export { type Method, MethodTable, type Route } from './method-table.js';
export type { Handlers, ServiceName, Services } from './rpc.js';
export type { Session, SessionWatcher } from './session.js';
export type { SocketServer } from './socket-server.js';
export type { EventBody, Topics } from './topics.js';
export { WatchedSession } from './watched-session.js';
