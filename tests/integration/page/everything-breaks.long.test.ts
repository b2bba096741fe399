import { describe, it } from 'vitest';
import { everythingBreaks } from './everything-breaks.js';

describe('Chat on two nodes, for minutes', () => {
  it('shows everybody what the database has, each message once, though nodes, Redis and connections are killed', async () => {
    await everythingBreaks({ seed: Math.floor(Math.random() * 2 ** 32), people: 8, acts: 12_000, actsPerKill: 400 });
  }, 1_800_000);
});
