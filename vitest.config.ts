import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { findWorker } from './scripts/lib/worker.mjs';

// Tests that are run by hand find the media worker that the set-up left in the per-user cache.
const worker = process.env.MEDIASOUP_WORKER_BIN ?? findWorker();
const env = { NODE_ENV: 'test', ...(worker === null ? {} : { MEDIASOUP_WORKER_BIN: worker }) };

const second = 1_000;

/**
 * Real engines on a machine that others use too: one that was starved for seconds gets a second try.
 * The report says `retry x1` beside it; a test that needs it more than once in a while has a fault.
 */
const secondTry = 1;

/** Minutes each, most of them waiting: `npm run test:long`. */
const long = 'tests/**/*.long.test.ts';

const at = (folder: string) => path.join(import.meta.dirname, folder);

export default defineConfig({
  // As the page writes them (web/tsconfig.json).
  resolve: { alias: { '@/': `${at('web/src')}/`, '@server/': `${at('src')}/` } },
  test: {
    // The page is never fetched by vitest itself; all tests run in Node.
    environment: 'node',
    env,
    watch: false,
    teardownTimeout: 20 * second,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // One kind after the other: they want different numbers of workers.
          sequence: { groupOrder: 0 },
          include: ['tests/unit/**/*.test.{ts,tsx}'],
          testTimeout: 30 * second,
          hookTimeout: 60 * second,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          include: ['tests/integration/**/*.test.ts'],
          exclude: [long],
          globalSetup: ['tests/support/global-setup.ts'],
          testTimeout: 60 * second,
          hookTimeout: 120 * second,
          // Each file may start a Redis, a PostgreSQL and media workers of its own.
          maxWorkers: 2,
          retry: secondTry,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          exclude: [long],
          globalSetup: ['tests/support/global-setup.ts'],
          testTimeout: 180 * second,
          hookTimeout: 180 * second,
          // Pages decode video: two files at once on a small machine would starve each other.
          fileParallelism: false,
          retry: secondTry,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: [long],
          globalSetup: ['tests/support/global-setup.ts'],
          testTimeout: 300 * second,
          hookTimeout: 180 * second,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
