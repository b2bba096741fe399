export type { Bus, Lease, Unsubscribe } from './bus.js';
export { openBus } from './open-bus.js';
export { BusError } from './redis-bus.js';
