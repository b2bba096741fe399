/** What a recording says that it has not, over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordingDetail, recordingDetailSchema } from '../../../src/recording/schema.js';
import type { SignedIn } from '../../support/api.js';
import { keepRecording } from '../../support/kept-recording.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { waitFor } from '../../support/wait-for.js';

let server: TestServer;
let olivia: SignedIn;
let ming: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner('Olivia');
  ming = await server.invite(olivia, 'Ming');
}, 120_000);
afterAll(() => server?.close());

async function look(id: string, by: SignedIn): Promise<RecordingDetail> {
  return recordingDetailSchema.parse((await server.api('GET', `/api/recordings/${id}`, undefined, by.accessToken)).body);
}

async function kept(options: Partial<Parameters<typeof keepRecording>[1]> = {}): Promise<string> {
  const { id } = await keepRecording(server, { by: olivia, others: [ming], seconds: 20, audioOnly: true, ...options });
  await waitFor(async () => (await look(id, olivia)).state === 'ready', 'the recording is ready', { deadlineMs: 60_000 });
  return id;
}

const set = (sql: string, values: unknown[]) => server.database.query(sql, values);

describe('a recording of which nothing is missing', () => {
  it('says so', async () => {
    expect((await look(await kept(), ming)).gaps).toEqual([]);
  });
});

describe('a recording of which something is missing', () => {
  it('names pauses, what was not kept, and what compose could not use', async () => {
    const id = await kept({ gaps: [{ of: 1, what: 'lost', from: 15_000, to: 18_000 }] });
    await set(
      `insert into recording_pauses (org_id, recording_id, paused_at, paused_by, resumed_at, resumed_by)
       select org_id, id, started_at + interval '2 s', started_by, started_at + interval '4 s', started_by from recordings where id = $1`,
      [id],
    );
    const gaps = [{ what: 'disk-full', from: 6_000, to: 9_000, packets: 150 }];
    await set(`update recording_tracks set gaps = $2 where recording_id = $1`, [id, JSON.stringify(gaps)]);
    const { person: host } = olivia;
    const people = [ming, olivia].map(({ person: { id: personId, name } }) => ({ id: personId, name }));
    expect((await look(id, ming)).gaps).toEqual([
      { what: 'paused', fromMs: 2_000, toMs: 4_000, people: null, sources: [], by: { id: host.id, name: 'Olivia' }, partly: false },
      { what: 'disk-full', fromMs: 6_000, toMs: 9_000, people, sources: ['microphone'], by: null, partly: false },
      { what: 'lost', fromMs: 15_000, toMs: 18_000, people: [people[0]], sources: ['microphone'], by: null, partly: false },
    ]);
  });

  it('names a cut, until it is undone', async () => {
    const id = await kept();
    await set(
      `insert into recording_edits (org_id, id, recording_id, what, from_ms, to_ms, reason, made_by, made_by_name, made_at)
       select org_id, gen_random_uuid(), id, 'redact', 5000, 8000, 'A secret', started_by, 'Olivia', now() from recordings where id = $1`,
      [id],
    );
    const { gaps } = await look(id, ming);
    expect(gaps).toEqual([{ what: 'redacted', fromMs: 5_000, toMs: 8_000, people: null, sources: [], by: null, partly: false }]);
    await set(`update recording_edits set undone_at = now(), undone_by = made_by, undone_by_name = 'Olivia' where recording_id = $1`, [id]);
    expect((await look(id, ming)).gaps).toEqual([]);
  });

  it('says to who manages it who took consent back, and to others that somebody did', async () => {
    const other = await server.invite(olivia, 'Wai');
    const id = await kept({ others: [ming, other] });
    const answer = await server.api('POST', `/api/recordings/${id}/consent/withdraw`, { everything: true }, other.accessToken);
    expect(answer.status).toBe(200);
    await waitFor(
      async () => {
        const { state, version } = await look(id, olivia);
        return state === 'ready' && version === 2;
      },
      'the recording is put together without him',
      { deadlineMs: 120_000 },
    );
    const entry = { what: 'withdrawn', fromMs: 0, toMs: 20_000, sources: [], by: null, partly: false };
    expect((await look(id, olivia)).gaps).toEqual([{ ...entry, people: [{ id: other.person.id, name: 'Wai' }] }]);
    expect((await look(id, ming)).gaps).toEqual([{ ...entry, people: [] }]);
  });

  it('is shown without what compose wrote when that is no JSON of ours', async () => {
    const id = await kept({ gaps: [{ of: 0, what: 'lost', from: -1, to: 1e300 }] });
    expect((await look(id, ming)).gaps).toMatchObject([{ what: 'lost', fromMs: 0, toMs: 20_000 }]);
    await set(`update recording_files set blob_key = 'recordings/nowhere' where recording_id = $1 and name = 'composed.json'`, [id]);
    expect((await look(id, ming)).gaps).toEqual([]);
  });
});
