/** Reading long texts beside the other work of the process, with the real thread. */
import { setImmediate as otherWork } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { PatternReader } from '../../../../src/chat/dlp/pattern-reader.js';
import { PatternSet } from '../../../../src/chat/dlp/pattern-set.js';
import { testLog } from '../../../support/config.js';

const setOf = (...patterns: string[]) =>
  new PatternSet(
    patterns.map((pattern) => ({ name: pattern, pattern, caseSensitive: false })),
    5,
  );
/** No engine that knows only where it is gets through this text quickly. */
const slow = () => setOf('[ab]*a[ab]{300}[cd]');
const hostile = Array.from({ length: 8_000 }, (_, index) => ((index * index * 7919) % 13 < 6 ? 'a' : 'b')).join('');
const long = (end = '') => `${'The minutes of the meeting. '.repeat(400)}${end}`;
const quiet = () => setOf('confidential', 'PROJ-\\d{3}', 'x{300}y', 'not [a-z]{200} this');

const readers: PatternReader[] = [];
const open = (limitMs?: number) => {
  const reader = new PatternReader({ log: testLog(), ...(limitMs === undefined ? {} : { limitMs }) });
  readers.push(reader);
  return reader;
};
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
});

describe('Reading a text with patterns', () => {
  it('finds in a long text what it finds in a short one', async () => {
    const reader = open();
    const [short, inThread] = await Promise.all([
      reader.read([quiet(), setOf('agenda')], ['PROJ-123'], 'ana'),
      reader.read([quiet(), setOf('agenda')], [long(), long('PROJ-123')], 'ana'),
    ]);
    expect(short.found).toEqual([[{ detector: 'pattern', what: 'PROJ-\\d{3}', count: 1, excerpt: 'PRO•-•••' }], []]);
    expect(inThread).toEqual(short);
  });

  it('asks about the same rules again and again', async () => {
    const reader = open();
    const sets = [quiet()];
    for (const [end, count] of [
      ['', 0],
      [' PROJ-1', 0],
      [' PROJ-111 PROJ-222', 2],
    ] as const) {
      const { found } = await reader.read(sets, [long(end)], 'ana');
      expect(found?.[0]?.[0]?.count ?? 0).toBe(count);
    }
  });

  it('leaves the process to its other work meanwhile', async () => {
    let done = false;
    const reading = open(60_000)
      .read(Array.from({ length: 5 }, slow), [hostile], 'ana')
      .finally(() => {
        done = true;
      });
    let turns = 0;
    for (; !done; turns += 1) await otherWork();
    expect((await reading).found).toHaveLength(5);
    // In one go there would be none.
    expect(turns).toBeGreaterThan(50);
  });

  it('gives up a text that takes too long, says at which rule, and reads the next one', async () => {
    const reader = open(0);
    expect(await reader.read([slow()], [hostile], 'ana')).toEqual({ found: null, overdue: 0 });
    expect((await reader.read([setOf('secret')], ['the secret'], 'ana')).found?.[0]).toHaveLength(1);
  });

  it('gives everybody a turn, however much somebody has to be read', async () => {
    const reader = open();
    const order: string[] = [];
    const one = (name: string) => reader.read([quiet()], [long()], name).then(() => order.push(name));
    await Promise.all([one('ana'), one('ana'), one('ana'), one('ana'), one('ben')]);
    // The first of Ana is being read when Ben comes, and her second stands before him.
    expect(order).toEqual(['ana', 'ana', 'ben', 'ana', 'ana']);
  });

  it('refuses somebody of whom too much waits, and nobody else', async () => {
    const reader = open();
    const all = Array.from({ length: 102 }, () => reader.read([quiet()], [long()], 'ana'));
    const ben = reader.read([quiet()], [long()], 'ben');
    const ends = await Promise.allSettled([...all, ben]);
    expect(ends.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'REQUEST_RATE' } }]);
    await expect(ben).resolves.toBeDefined();
  });

  it('refuses what waits when it is closed', async () => {
    const reader = open(60_000);
    const all = Promise.allSettled([reader.read([slow()], [hostile], 'ana'), reader.read([slow()], [hostile], 'ana')]);
    await reader.close();
    await reader.close();
    expect(await all).toMatchObject([{ reason: { code: 'SERVER_DRAINING' } }, { reason: { code: 'SERVER_DRAINING' } }]);
    await expect(reader.read([slow()], [hostile], 'ana')).rejects.toMatchObject({ code: 'SERVER_DRAINING' });
  });
});
