import { describe, it } from 'vitest';
import { everythingBreaks } from './everything-breaks.js';

describe('Chat on two nodes', () => {
  it('shows everybody what the database has, each message once, though nodes, Redis and connections are killed', async () => {
    await everythingBreaks({ seed: Math.floor(Math.random() * 2 ** 32), people: 5, acts: 450, actsPerKill: 150 });
  }, 400_000);
});
