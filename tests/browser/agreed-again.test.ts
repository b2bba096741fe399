/**
 * Somebody takes everything back during a meeting that is recorded, and agrees again: what she says from then
 * on is in sound and words, also what is transcribed only after a restart, and nothing of before is.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transcriptSchema } from '../../src/recording/captions/schema.js';
import { readSegment } from '../../src/recording/capture/index.js';
import { blobPrefix } from '../../src/recording/recording.js';
import { recordingDetailSchema, recordingsSchema } from '../../src/recording/schema.js';
import { loudness, samples } from '../integration/recording/compose/seen.js';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { waitFor } from '../support/wait-for.js';
import { oneStory } from './one-story.js';
import { Person } from './person.js';
import { stopRecording, untilReady } from './recorded.js';

let server: TestServer;
let browser: TestBrowser;
let owner: SignedIn;
let member: SignedIn;
let olivia: Person;
let ana: Person;
let recordingId: string;
let startedAt: number;
/** When she agreed again, milliseconds since 1970. */
let again: number;
/** When she said what. */
const said = new Map<string, { fromMs: number; toMs: number }>();
const patient = { deadlineMs: 120_000 };

const speech = (name: string) => readFile(path.join(import.meta.dirname, '..', 'fixtures', 'speech', 'meeting', `${name}.wav`));
const says = async (name: string) => said.set(name, await ana.says(await speech(name)));
const tracks = (state: string) =>
  server.database.query<{ id: string; startedAt: Date }>(
    `select id, started_at as "startedAt" from recording_tracks
     where recording_id = $1 and person_name = 'Ana' and source = 'microphone' and state = $2`,
    [recordingId, state],
  );
const wordsSoFar = async () => {
  const rows = await server.database.query<{ text: string }>(
    `select text from transcript_lines where recording_id = $1 and speaker = 'Ana' order by begin_ms`,
    [recordingId],
  );
  return rows.map(({ text }) => text.toLowerCase()).join(' ');
};
const inMore = async (item: string) => {
  await olivia.button('More').click();
  await olivia.page.getByRole('menuitem', { name: item }).click();
};

beforeAll(async () => {
  server = await startTestServer({ CAPTIONS_PATIENCE_MS: 60_000, CAPTIONS_DECODE_MS: 60_000, COMPOSE_HEIGHT: 180 });
  browser = await openBrowser(['--autoplay-policy=no-user-gesture-required']);
  owner = await server.setUpOwner();
  member = await server.invite(owner, 'Ana');
  olivia = await Person.at(browser, 'Olivia');
  ana = await Person.at(browser, 'Ana', { speaks: true });
  await Promise.all([olivia, ana].map((person) => person.signIn(server.url)));
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

describe('who takes everything back during a recording', () => {
  it('has agreed before, and is written down', async () => {
    const link = await olivia.startsMeeting();
    await olivia.clickJoin();
    await olivia.isIn();
    // She is not to be heard in the file.
    await olivia.button('Microphone').click();
    await ana.openMeeting(link);
    await ana.clickJoin();
    await ana.isIn();
    await inMore('Turn captions on for all');
    await inMore('Start recording');
    await ana.button('Record me').first().click();
    await olivia.button(/^Recording: 2 of 2 people/).waitFor();
    const { recordings } = await server.get(recordingsSchema, 'GET', '/api/recordings', undefined, owner.accessToken);
    recordingId = recordings[0]?.id ?? '';
    startedAt = Date.parse(recordings[0]?.startedAt ?? '');
    // The engine is started by the first who wants captions.
    for (let tries = 0; tries < 10 && !(await wordsSoFar()).includes('room'); tries += 1) await says('room');
    expect(await wordsSoFar()).toContain('room');
  }, 300_000);

  it('loses all of it while the recording goes on', async () => {
    await server.api('POST', `/api/recordings/${recordingId}/consent/withdraw`, { everything: true }, member.accessToken);
    await olivia.button(/^Recording: 1 of 2 people/).waitFor();
    await waitFor(async () => (await wordsSoFar()) === '' && (await tracks('capturing')).length === 0, 'that nothing is left', patient);
    await says('later');
  });

  it('is taken again from the moment on in which she agrees again', async () => {
    await ana.button(/^Recording: /).click();
    await ana.button('Allow').click();
    await ana.button('Record me').first().click();
    await olivia.button(/^Recording: 2 of 2 people/).waitFor();
    const [row] = await server.database.query<{ at: Date }>(
      `select max(at) as at from consent_ledger where recording_id = $1 and person_name = 'Ana' and what = 'yes'`,
      [recordingId],
    );
    again = row?.at.getTime() ?? 0;
    await waitFor(async () => (await tracks('capturing')).length === 1, 'another track');
    for (let tries = 0; tries < 5 && !(await wordsSoFar()).includes('report'); tries += 1) {
      await says('report');
      await waitFor(async () => (await wordsSoFar()).includes('report'), 'what she says now', { deadlineMs: 15_000 }).catch(
        () => undefined,
      );
    }
    expect(await wordsSoFar()).toContain('report');
  }, 240_000);

  it('is heard by nobody while captions are off, and transcribed after the server was restarted', async () => {
    await inMore('Turn captions off for all');
    await olivia.button('Captions').waitFor({ state: 'detached' });
    await says('office');
    await says('office');
    await stopRecording(olivia);
    await waitFor(async () => (await tracks('capturing')).length === 0, 'the end of the track');
    await server.restart();
    await untilReady(() => server.get(recordingDetailSchema, 'GET', `/api/recordings/${recordingId}`, undefined, owner.accessToken));
    const { lines } = await server.get(transcriptSchema, 'GET', `/api/recordings/${recordingId}/transcript`, undefined, owner.accessToken);
    const text = lines.map((line) => line.text.toLowerCase()).join(' ');
    expect(text).toContain('report');
    expect(text).toMatch(/building|march|office/);
    expect(text).not.toMatch(/training|large meeting|nothing of what/);
    for (const { beginMs } of lines) expect(startedAt + beginMs).toBeGreaterThanOrEqual(again);
  }, 300_000);

  it('has packets of after it alone, in the store and in the file', async () => {
    const kept = await tracks('sealed');
    expect([kept.length, (await tracks('removed')).length]).toEqual([1, 1]);
    const segments = await server.database.query<{ id: string; key: string }>(
      `select t.id, s.blob_key as key from recording_segments s join recording_tracks t on t.id = s.track_id
       where t.recording_id = $1 and t.person_name = 'Ana' and t.source = 'microphone'`,
      [recordingId],
    );
    expect(new Set(segments.map(({ id }) => id))).toEqual(new Set(kept.map(({ id }) => id)));
    for (const { key } of segments) {
      const bytes = await readFile(path.join(server.config.DATA_DIR, 'blobs', key));
      for (const entry of readSegment(bytes)) if (entry.kind === 'packet') expect(entry.at).toBeGreaterThanOrEqual(again);
    }
    const [row] = await server.database.query<{ orgId: string }>('select org_id as "orgId" from recordings where id = $1', [recordingId]);
    const place = blobPrefix({ orgId: row?.orgId ?? '', id: recordingId });
    const sound = await samples(path.join(server.config.DATA_DIR, 'blobs', place, 'v1', 'meeting.mp4'));
    const during = (name: string) => {
      const { fromMs, toMs } = said.get(name) ?? { fromMs: 0, toMs: 0 };
      return loudness(sound, (fromMs - startedAt + 500) / 1_000, (toMs - startedAt - 300) / 1_000);
    };
    for (const name of ['report', 'office']) expect([name, during(name) > 0.005]).toEqual([name, true]);
    for (const name of ['room', 'later']) expect([name, during(name) < 0.001]).toEqual([name, true]);
  }, 120_000);
});
