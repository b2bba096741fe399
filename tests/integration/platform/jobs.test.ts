import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../../src/platform/database/index.js';
import { type JobKind, type Jobs, openJobs } from '../../../src/platform/jobs/index.js';
import { openTestDatabase, testLog, waitFor } from '../../support/index.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openDatabase(): Promise<Database & { url: string }> {
  const database = await openTestDatabase();
  closers.push(() => database.close());
  return database;
}

async function open(database: Database): Promise<Jobs> {
  const jobs = await openJobs({ database, log: testLog(), pollMs: 50, supervisionSeconds: 1, retryDelaySeconds: 1 });
  closers.push(() => jobs.close());
  return jobs;
}

const greet: JobKind<{ name: string }> = { name: 'tests.greet', schema: z.object({ name: z.string() }) };

const stateOf = async (database: Database, id: string | null) => {
  const [row] = await database.query<{ state: string }>('select state from pgboss.job where id = $1', [id]);
  return row?.state;
};

describe('a job', () => {
  it('runs once, with its data, and is marked as done', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const seen: unknown[] = [];
    await jobs.work(greet, async (data, job) => {
      seen.push([data, job.id]);
    });
    const id = await jobs.enqueue(greet, { name: 'Ada' });
    await waitFor(async () => (await stateOf(database, id)) === 'completed', 'the job to be done');
    expect(seen).toEqual([[{ name: 'Ada' }, id]]);
  });

  it('that was added before anybody works on its kind waits', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const id = await jobs.enqueue(greet, { name: 'Ada' });
    expect(await stateOf(database, id)).toBe('created');
    await jobs.work(greet, async () => undefined);
    await waitFor(async () => (await stateOf(database, id)) === 'completed', 'the job to be done');
  });

  it('that throws is tried again, and its data is the same', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const tries: string[] = [];
    await jobs.work(greet, async ({ name }) => {
      tries.push(name);
      if (tries.length < 2) throw new Error('not yet');
    });
    const id = await jobs.enqueue(greet, { name: 'Ada' });
    await waitFor(async () => (await stateOf(database, id)) === 'completed', 'the second try');
    expect(tries).toEqual(['Ada', 'Ada']);
  });

  it('that throws for the last time has failed, with the reason', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const kind = { ...greet, retries: 0 };
    await jobs.work(kind, async () => {
      throw new Error('no greeting');
    });
    const id = await jobs.enqueue(kind, { name: 'Ada' });
    await waitFor(async () => (await stateOf(database, id)) === 'failed', 'the job to fail');
    expect(await database.query('select output from pgboss.job where id = $1', [id])).toEqual([{ output: { message: 'no greeting' } }]);
  });

  it('that takes too long is told to stop and counts as failed', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const kind = { ...greet, retries: 0, expireSeconds: 1 };
    let told = false;
    await jobs.work(kind, async (_, { signal }) => {
      await once(signal, 'abort');
      told = true;
    });
    const id = await jobs.enqueue(kind, { name: 'Ada' });
    await waitFor(async () => (await stateOf(database, id)) === 'failed', 'the job to fail');
    expect(told).toBe(true);
  });

  it('whose process was killed is taken by another', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const held = { name: 'tests.held', schema: z.object({ number: z.number() }), expireSeconds: 2 };
    const id = await jobs.enqueue(held, { number: 7 });
    const program = path.join(import.meta.dirname, '..', '..', 'support', 'job-holder.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, database.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      expect(await stateOf(database, id)).toBe('active');
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
    const seen: number[] = [];
    await jobs.work(held, async ({ number }) => {
      seen.push(number);
    });
    await waitFor(() => seen.length > 0, 'another worker to take the job', { deadlineMs: 40_000 });
    await waitFor(async () => (await stateOf(database, id)) === 'completed', 'the job to be done');
    expect(seen).toEqual([7]);
  });

  it('runs on one of several nodes', async () => {
    const database = await openDatabase();
    const [one, other] = [await open(database), await open(database)];
    const seen: string[] = [];
    for (const jobs of [one, other]) {
      await jobs.work(greet, async ({ name }) => {
        seen.push(name);
      });
    }
    const names = Array.from({ length: 20 }, (_, number) => `n${number}`);
    await Promise.all(names.map((name) => one.enqueue(greet, { name })));
    await waitFor(
      async () => (await database.query(`select 1 from pgboss.job where name = $1 and state = 'completed'`, [greet.name])).length === 20,
      'all jobs',
    );
    expect(seen.sort()).toEqual(names.sort());
  });

  it('does not start before its time', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const seen: string[] = [];
    await jobs.work(greet, async ({ name }) => {
      seen.push(name);
    });
    const later = await jobs.enqueue(greet, { name: 'later' }, { startAfter: new Date(Date.now() + 3_600_000) });
    await jobs.enqueue(greet, { name: 'now' });
    await waitFor(() => seen.length === 1, 'the job of now');
    expect(seen).toEqual(['now']);
    expect(await stateOf(database, later)).toBe('created');
  });

  it('is added if and only if its transaction commits', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const undone = database.transaction(async (tx) => {
      await jobs.enqueue(greet, { name: 'undone' }, { tx });
      throw new Error('undo');
    });
    await expect(undone).rejects.toThrow('undo');
    await database.transaction((tx) => jobs.enqueue(greet, { name: 'done' }, { tx }));
    expect(await database.query('select data from pgboss.job where name = $1', [greet.name])).toEqual([
      { data: { value: { name: 'done' } } },
    ]);
  });
});

describe('the data of a job', () => {
  it('is refused when it does not fit', async () => {
    const jobs = await open(await openDatabase());
    const loose: JobKind<unknown> = greet;
    await expect(jobs.enqueue(loose, { name: 7 })).rejects.toThrow('A job of tests.greet has data that does not fit: name:');
    await expect(jobs.enqueue(loose, undefined)).rejects.toThrow('does not fit');
    await expect(jobs.schedule(loose, '0 3 * * *', {})).rejects.toThrow('does not fit');
  });

  it('is refused when it would not be the same after it was stored', async () => {
    const jobs = await open(await openDatabase());
    const kind = { name: 'tests.date', schema: z.object({ at: z.date() }) };
    await expect(jobs.enqueue(kind, { at: new Date() })).rejects.toThrow('at:');
  });

  it('that fits no more after an update fails the job, not the worker', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const old = { name: greet.name, schema: z.object({ called: z.string() }), retries: 0 };
    const id = await jobs.enqueue(old, { called: 'Ada' });
    const seen: string[] = [];
    await jobs.work(greet, async ({ name }) => {
      seen.push(name);
    });
    await jobs.enqueue(greet, { name: 'Bob' });
    await waitFor(() => seen.length === 1, 'the job that fits');
    expect(await stateOf(database, id)).toBe('failed');
  });
});

describe('a singleton key', () => {
  it('lets one job wait, and another once that one runs', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    const first = await jobs.enqueue(greet, { name: 'one' }, { singletonKey: 'k' });
    expect(first).not.toBeNull();
    expect(await jobs.enqueue(greet, { name: 'two' }, { singletonKey: 'k' })).toBeNull();
    expect(await jobs.enqueue(greet, { name: 'other' }, { singletonKey: 'l' })).not.toBeNull();
    expect(await jobs.enqueue(greet, { name: 'free' })).not.toBeNull();
    expect(await jobs.enqueue(greet, { name: 'free too' })).not.toBeNull();
    await jobs.work(greet, async () => undefined);
    await waitFor(async () => (await stateOf(database, first)) === 'completed', 'the first to be done');
    expect(await jobs.enqueue(greet, { name: 'three' }, { singletonKey: 'k' })).not.toBeNull();
  });
});

describe('a schedule', () => {
  it('adds a job at its time', async () => {
    const jobs = await open(await openDatabase());
    const seen: string[] = [];
    await jobs.work(greet, async ({ name }) => {
      seen.push(name);
    });
    await jobs.schedule(greet, '* * * * *', { name: 'every minute' });
    await waitFor(() => seen.includes('every minute'), 'the scheduled job');
  });

  it('is one over all nodes, and the last word on it holds', async () => {
    const database = await openDatabase();
    const [one, other] = [await open(database), await open(database)];
    await one.schedule(greet, '0 3 * * *', { name: 'night' });
    await other.schedule(greet, '0 4 * * *', { name: 'later' });
    expect(await database.query('select cron, timezone, data from pgboss.schedule where name = $1', [greet.name])).toEqual([
      { cron: '0 4 * * *', timezone: 'UTC', data: { value: { name: 'later' } } },
    ]);
  });

  it('with a wrong cron line is refused', async () => {
    const jobs = await open(await openDatabase());
    await expect(jobs.schedule(greet, 'every night', { name: 'x' })).rejects.toThrow();
  });
});

describe('closing', () => {
  it('waits for the running job', async () => {
    const database = await openDatabase();
    const jobs = await open(database);
    let finish: () => void = () => undefined;
    let started = false;
    await jobs.work(greet, async () => {
      started = true;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const id = await jobs.enqueue(greet, { name: 'Ada' });
    await waitFor(() => started, 'the job to start');
    const closing = jobs.close();
    finish();
    await closing;
    expect(await stateOf(database, id)).toBe('completed');
  });

  it('twice is harmless, and no job is taken after it', async () => {
    const database = await openDatabase();
    const [jobs, other] = [await open(database), await open(database)];
    const seen: string[] = [];
    await jobs.work(greet, async ({ name }) => {
      seen.push(name);
    });
    await Promise.all([jobs.close(), jobs.close()]);
    const id = await other.enqueue(greet, { name: 'late' });
    expect(await stateOf(database, id)).toBe('created');
    expect(seen).toEqual([]);
    await expect(jobs.work(greet, async () => undefined)).rejects.toThrow('closed');
  });
});

it('several nodes may start, and make their queues, at the same moment', async () => {
  const database = await openDatabase();
  const nodes = await Promise.all(Array.from({ length: 4 }, () => open(database)));
  const kinds = Array.from({ length: 6 }, (_, number) => ({ ...greet, name: `tests.many-${number}` }));
  const seen: string[] = [];
  await Promise.all(
    nodes.flatMap((jobs, node) =>
      // Each in another order, which would be a deadlock if queues were made at once.
      (node % 2 === 0 ? kinds : [...kinds].reverse()).map((kind) =>
        jobs.work(kind, async ({ name }) => {
          seen.push(name);
        }),
      ),
    ),
  );
  await Promise.all(kinds.map((kind) => nodes[0]?.enqueue(kind, { name: kind.name })));
  await waitFor(() => seen.length === kinds.length, 'one job of each kind');
});
