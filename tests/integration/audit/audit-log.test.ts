import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../src/platform/audit.js';
import type { Database } from '../../../src/platform/database/index.js';
import { newId } from '../../../src/platform/ids.js';
import { AuditLog } from '../../../src/services/audit/index.js';
import { openTestDatabase } from '../../support/index.js';

let database: Database;
let audit: AuditLog;
let orgId: string;
let now = Date.parse('2026-03-01T09:00:00Z');
const ana = { id: newId(), name: 'Ana' };
const ben = { id: newId(), name: 'Ben' };

beforeAll(async () => {
  database = await openTestDatabase();
  audit = new AuditLog({ database, clock: { now: () => now } });
});
afterAll(() => database?.close());
beforeEach(async () => {
  orgId = await newOrganisation();
});

async function newOrganisation(): Promise<string> {
  const id = newId();
  await database.query('insert into organisations (id, name, created_at) values ($1, $2, now())', [id, 'Harbour Ltd']);
  return id;
}

const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
  orgId,
  actor: ana,
  action: 'chat.dlp-blocked',
  subject: { conversation: 'c' },
  detail: { rule: 'HKID', count: 1 },
  ...over,
});
async function write(count: number): Promise<void> {
  for (let i = 1; i <= count; i += 1) await audit.recordAlone(entry({ subject: { conversation: `c${i}` } }));
}
const change = (set: string, number: number) =>
  database.query(`update audit_log set ${set} where org_id = $1 and number = $2`, [orgId, number]);
const remove = (numbers: readonly number[]) =>
  database.query('delete from audit_log where org_id = $1 and number = any($2)', [orgId, numbers]);
const numbers = async () => (await audit.list(orgId, { limit: 500 })).rows.map((row) => row.number);

describe('Writing the audit log', () => {
  it('numbers rows from 1 and finds an untouched log whole', async () => {
    await write(3);
    const { rows } = await audit.list(orgId, { limit: 10 });
    expect(rows.map((row) => row.number)).toEqual([3, 2, 1]);
    expect(rows[0]).toEqual({
      number: 3,
      at: '2026-03-01T09:00:00.000Z',
      actor: ana,
      action: 'chat.dlp-blocked',
      subject: { conversation: 'c3' },
      detail: { rule: 'HKID', count: 1 },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await audit.verify(orgId)).toEqual({ intact: true, number: 3, hash: rows[0]?.hash, broken: null });
  });

  it('finds an empty log whole', async () => {
    expect(await audit.verify(orgId)).toEqual({ intact: true, number: 0, hash: '0'.repeat(64), broken: null });
  });

  it('has no row of an act that was rolled back, and no hole for it', async () => {
    await write(1);
    const act = database.transaction(async (tx) => {
      await audit.record(tx, entry());
      throw new Error('the act failed');
    });
    await expect(act).rejects.toThrow('the act failed');
    await write(1);
    expect(await numbers()).toEqual([2, 1]);
    expect((await audit.verify(orgId)).intact).toBe(true);
  });

  it('keeps a dense chain under concurrent writers of two nodes', async () => {
    const other = new AuditLog({ database, clock: { now: () => now } });
    const failing = Array.from({ length: 10 }, () =>
      database
        .transaction(async (tx) => {
          await audit.record(tx, entry());
          throw new Error('no');
        })
        .catch(() => undefined),
    );
    await Promise.all([...failing, ...Array.from({ length: 60 }, (_, i) => (i % 2 ? audit : other).recordAlone(entry({ detail: { i } })))]);
    expect(await numbers()).toEqual(Array.from({ length: 60 }, (_, i) => 60 - i));
    expect(await audit.verify(orgId)).toMatchObject({ intact: true, number: 60 });
  });

  it('lets organisations write beside each other, each with numbers of its own', async () => {
    const elsewhere = await newOrganisation();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let locked = () => {};
    const isLocked = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const slow = database.transaction(async (tx) => {
      await audit.record(tx, entry());
      locked();
      await held;
    });
    await isLocked;
    await audit.recordAlone(entry({ orgId: elsewhere }));
    release();
    await slow;
    expect(await audit.verify(elsewhere)).toMatchObject({ intact: true, number: 1 });
    expect(await audit.verify(orgId)).toMatchObject({ intact: true, number: 1 });
  });

  it('verifies whatever JSON was recorded, as the database gives it back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.string({ unit: 'binary' }),
        async (detail, name) => {
          await audit.recordAlone(entry({ detail, actor: { id: ana.id, name }, subject: { 'lone \ud800': 'NUL \0' } }));
          expect((await audit.verify(orgId)).broken).toBe(null);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('verifies numbers at the ends of what JSON can say', async () => {
    const detail = { list: [5e-324, Number.MAX_VALUE, -0, 0.1 + 0.2, 1e21, 123456789012345680000, Number.MIN_SAFE_INTEGER] };
    await audit.recordAlone(entry({ detail }));
    expect(await audit.verify(orgId)).toMatchObject({ intact: true, number: 1 });
  });
});

describe('Verifying the audit log', () => {
  it.each([
    ['the time, by a microsecond', `at = at + interval '1 microsecond'`],
    ['the actor', `actor_id = '${ben.id}'`],
    ['the actor’s name', `actor = 'Ben'`],
    ['the action', `action = 'chat.dlp-warned'`],
    ['the subject', `subject = '{"conversation": "other"}'`],
    ['one figure of the detail', `detail = jsonb_set(detail, '{count}', '2')`],
    ['the hash', `hash = sha256(hash)`],
  ])('names the row in which somebody changed %s', async (_, set) => {
    await write(5);
    await change(set, 3);
    expect(await audit.verify(orgId)).toMatchObject({ intact: false, number: 2, broken: { number: 3, what: 'altered' } });
  });

  it('names the place of a row that was deleted in the middle', async () => {
    await write(5);
    await remove([3]);
    expect(await audit.verify(orgId)).toMatchObject({ intact: false, broken: { number: 3, what: 'missing' } });
  });

  it('notices a deleted row though those after it were numbered anew', async () => {
    await write(5);
    await remove([3]);
    await change('number = 3', 4);
    await change('number = 4', 5);
    expect(await audit.verify(orgId)).toMatchObject({ intact: false, broken: { number: 3, what: 'altered' } });
  });

  it('notices that the first row is gone', async () => {
    await write(2);
    await remove([1]);
    expect(await audit.verify(orgId)).toMatchObject({ intact: false, number: 0, broken: { number: 1, what: 'missing' } });
  });

  it('notices rows that changed places', async () => {
    await write(3);
    await change('number = 99', 1);
    await change('number = 1', 2);
    await change('number = 2', 99);
    expect(await audit.verify(orgId)).toMatchObject({ broken: { number: 1, what: 'altered' } });
  });

  it('notices a row that was moved to another organisation', async () => {
    const elsewhere = await newOrganisation();
    await write(1);
    await database.query('update audit_log set org_id = $2 where org_id = $1', [orgId, elsewhere]);
    expect(await audit.verify(elsewhere)).toMatchObject({ broken: { number: 1, what: 'altered' } });
  });

  it('notices an end that was cut off, where a later row is known', async () => {
    await write(5);
    const { number, hash } = await audit.verify(orgId);
    await remove([4, 5]);
    expect((await audit.verify(orgId)).intact).toBe(true);
    expect(await audit.verify(orgId, { number, hash })).toMatchObject({ intact: false, number: 3, broken: { number: 4, what: 'missing' } });
  });

  it('notices a log that was written anew, where a row is known', async () => {
    await write(3);
    const { number, hash } = await audit.verify(orgId);
    await remove([1, 2, 3]);
    await audit.recordAlone(entry({ action: 'chat.harmless' }));
    await write(4);
    expect((await audit.verify(orgId)).intact).toBe(true);
    expect(await audit.verify(orgId, { number, hash })).toMatchObject({ intact: false, broken: { number: 3, what: 'rewritten' } });
  });

  it('accepts a known row in capitals, and one that is not the last', async () => {
    await write(2);
    const { number, hash } = await audit.verify(orgId);
    await write(2);
    expect((await audit.verify(orgId, { number, hash: hash.toUpperCase() })).intact).toBe(true);
  });

  it('walks a log of more rows than it reads at a time', async () => {
    await database.transaction(async (tx) => {
      for (let i = 0; i < 620; i += 1) await audit.record(tx, entry({ detail: { i } }));
    });
    expect(await audit.verify(orgId)).toMatchObject({ intact: true, number: 620 });
    await change(`detail = '{}'`, 500);
    expect(await audit.verify(orgId)).toMatchObject({ intact: false, number: 499, broken: { number: 500 } });
  });
});

describe('Reading the audit log', () => {
  beforeEach(async () => {
    now = Date.parse('2026-03-01T09:00:00Z');
    for (const [actor, action] of [
      [ana, 'chat.dlp-blocked'],
      [ben, 'chat.dlp-warned'],
      [ana, 'chat.domain-refused'],
      [null, 'chat.retention-ran'],
    ] as const) {
      await audit.recordAlone(entry({ actor, action }));
      now += 60_000;
    }
  });
  const found = async (filter: object) => (await audit.list(orgId, { limit: 10, ...filter })).rows.map((row) => row.number);

  it('filters by action, by the beginning of an action, by actor and by time', async () => {
    expect(await found({ action: 'chat.dlp-blocked' })).toEqual([1]);
    expect(await found({ action: 'chat.dlp-*' })).toEqual([2, 1]);
    expect(await found({ actor: ana.id })).toEqual([3, 1]);
    expect(await found({ from: new Date('2026-03-01T09:01:00Z'), to: new Date('2026-03-01T09:03:00Z') })).toEqual([3, 2]);
    expect(await found({ actor: ana.id, action: 'chat.dlp-*' })).toEqual([1]);
  });

  it('gives pages that continue where the one before ended, whatever is written meanwhile', async () => {
    const first = await audit.list(orgId, { limit: 2 });
    expect([first.rows.map((row) => row.number), first.next]).toEqual([[4, 3], 3]);
    await write(1);
    const second = await audit.list(orgId, { limit: 2, before: first.next ?? 0 });
    expect([second.rows.map((row) => row.number), second.next]).toEqual([[2, 1], null]);
  });

  it('says nothing of other organisations', async () => {
    expect((await audit.list(await newOrganisation(), { limit: 10 })).rows).toEqual([]);
  });

  it('calls the server by no name', async () => {
    expect((await audit.list(orgId, { limit: 1 })).rows[0]?.actor).toBe(null);
  });
});
