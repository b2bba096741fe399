/** Options of `npm run bench:chat`. */
import type { Run } from '../lib/benchmark.js';

export const scenarios = ['steady', 'hot', 'fanout', 'idle', 'storm'] as const;

export const chatOptions = {
  scenario: { default: 'steady', help: `one of ${scenarios.join(', ')}`, among: scenarios },
  seconds: { default: 20, help: 'how long messages are counted' },
  rate: { default: 2_000, help: 'steady: messages per second; hot: the same to one conversation' },
  conversations: { default: 200, help: 'steady, storm: conversations' },
  members: { default: 5, help: 'steady, storm, idle: members of each conversation, all there; fanout: see --online' },
  online: { default: 1_000, help: 'fanout: members of the one conversation, all there' },
  'fanout-rate': { default: 10, help: 'fanout: messages per second' },
  connections: { default: 10_000, help: 'storm: connections' },
  idle: { default: 19_000, help: 'idle: connections; more than the limit of open files allows are refused by the system' },
  'storm-seconds': { default: 10, help: 'storm: half of the connections are lost and come back within this time' },
  'storm-rate': { default: 100, help: 'storm: messages per second meanwhile' },
} as const;

export type ChatRun = Run<typeof chatOptions>;
