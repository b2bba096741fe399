/** How samples are gathered and written, with a clock that the test sets, on a real database. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../../src/platform/database/index.js';
import { newId } from '../../../src/platform/ids.js';
import { CallQuality, QualityRecords } from '../../../src/signaling/quality/index.js';
import type { Sample } from '../../../src/signaling/quality/sample.js';
import { openTestDatabase, testLog } from '../../support/index.js';

const sample: Sample = {
  durationMs: 10_004,
  packetsReceived: 4_812,
  packetsLost: 13,
  packetsSent: 1_904,
  sentPacketsLost: 4,
  roundTripMs: 38,
  jitterMs: 7,
  freezes: 1,
  freezesMs: 310,
  concealedPermille: 4,
  width: 1_280,
  height: 720,
  framesPerSecond: 30,
  bitsPerSecondIn: 3_214_112,
  bitsPerSecondOut: 1_512_040,
  limit: 0,
  starved: 0,
  relayed: false,
};
const orgId = newId();
const hostId = newId();
const meetingId = newId();
const started = Date.parse('2026-03-02T09:00:00Z');

let database: Database;
let now: number;
let counted: number;
let quality: CallQuality;

beforeAll(async () => {
  database = await openTestDatabase();
  const conversationId = newId();
  await database.query('insert into organisations (id, name, created_at) values ($1, $2, now())', [orgId, 'Harbour']);
  await database.query(
    `insert into people (org_id, id, name, role, email, password_hash, created_at) values ($1, $2, 'Olivia', 'owner', 'o@harbour.example', '', now())`,
    [orgId, hostId],
  );
  await database.query(`insert into conversations (org_id, id, kind, created_at) values ($1, $2, 'meeting', now())`, [
    orgId,
    conversationId,
  ]);
  await database.query(
    `insert into meetings (org_id, id, code, title, status, host_id, conversation_id, lobby, guests, chat_history, created_at)
     values ($1, $2, 'abc-defg-hjk', 'All hands', 'live', $3, $4, 'off', true, true, now())`,
    [orgId, meetingId, hostId, conversationId],
  );
});
afterAll(() => database?.close());

beforeEach(async () => {
  await database.query('delete from meeting_stays');
  now = started;
  counted = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  quality = new CallQuality({
    clock: { now: () => now },
    log: testLog(),
    records: new QualityRecords(database),
    count: () => {
      counted += 1;
    },
  });
});
afterEach(async () => {
  await quality.close();
  vi.useRealTimers();
});

/** Somebody who has come in. */
async function stay(): Promise<{ orgId: string; meetingId: string; stayId: string }> {
  const stayId = newId();
  await database.query('insert into meeting_stays (org_id, id, meeting_id, person_id, joined_at) values ($1, $2, $3, $4, $5)', [
    orgId,
    stayId,
    meetingId,
    hostId,
    new Date(started),
  ]);
  return { orgId, meetingId, stayId };
}
const rows = () => database.query<{ since: Date }>('select since from meeting_quality order by since');
/** Lets time pass, with what happens by itself meanwhile. */
const pass = (ms: number) => {
  now += ms;
  vi.advanceTimersByTime(ms);
};

/** What is under way is written; a flush waits for that, also one of a meeting that is not there. */
const written = () => quality.flush('none');

describe('Samples of a call', () => {
  it('that follow each other within two seconds are kept once', async () => {
    const ana = await stay();
    for (const after of [0, 500, 1_499, 1, 1_000, 1_000]) {
      pass(after);
      quality.add(ana, sample);
    }
    expect(counted).toBe(3);
  });

  it('are written a minute at a time, by no more than one statement for all', async () => {
    const people = [await stay(), await stay()];
    const query = vi.spyOn(database, 'query');
    for (let seconds = 0; seconds < 180; seconds += 10) {
      for (const person of people) quality.add(person, sample);
      pass(10_000);
      await written();
    }
    expect(query.mock.calls.filter(([sql]) => sql.includes('insert into meeting_quality'))).toHaveLength(3);
    query.mockRestore();
    expect(await rows()).toHaveLength(6);
  });

  it('wait while the database does not take them, and are all there when it does', async () => {
    const ana = await stay();
    const query = vi.spyOn(database, 'query').mockRejectedValueOnce(new Error('the database is away'));
    quality.add(ana, sample);
    await quality.flush(meetingId);
    query.mockRestore();
    expect(await rows()).toEqual([]);
    pass(10_000);
    quality.add(ana, sample);
    await quality.flush(meetingId);
    expect(await rows()).toEqual([{ since: new Date(started) }, { since: new Date(started + 10_000) }]);
  });

  it('of a stay that is gone are passed over, and hold nobody else’s up', async () => {
    const [ana, ben] = [await stay(), await stay()];
    quality.add(ana, sample);
    quality.add(ben, sample);
    await database.query('delete from meeting_stays where id = $1', [ana.stayId]);
    await quality.close();
    expect(await rows()).toHaveLength(1);
  });

  it('of 300 people take less than 100 bytes each, with all that the database needs for them', async () => {
    const minutes = 10;
    const people = await Promise.all(Array.from({ length: 300 }, stay));
    for (let i = 0; i < minutes * 6; i += 1) {
      for (const person of people) quality.add(person, sample);
      pass(10_000);
      await written();
    }
    await quality.close();
    const [size] = await database.query<{ rows: number; bytes: number }>(
      `select (select count(*) from meeting_quality)::int as rows, pg_total_relation_size('meeting_quality')::int as bytes`,
    );
    expect(counted).toBe(300 * minutes * 6);
    expect(size?.rows).toBeLessThanOrEqual(300 * (minutes + 1));
    expect((size?.bytes ?? 0) / counted).toBeLessThan(100);
  });
});
