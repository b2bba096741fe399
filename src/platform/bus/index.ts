export type { Bus, Lease, Unsubscribe } from './bus.js';
