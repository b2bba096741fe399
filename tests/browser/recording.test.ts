/**
 * A meeting of three is recorded: one agrees because she starts it, one says no, one comes late, agrees,
 * and withdraws. What comes out has exactly what each agreed to.
 */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transcriptSchema } from '../../src/recording/captions/schema.js';
import { readSegment } from '../../src/recording/capture/index.js';
import { recordingDetailSchema, recordingsSchema } from '../../src/recording/schema.js';
import { summarySchema } from '../../src/recording/summary/schema.js';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { type TemporaryFolder, temporaryFolder } from '../support/index.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { waitFor } from '../support/wait-for.js';
import { oneStory } from './one-story.js';
import { Person } from './person.js';
import { stopRecording, untilReady } from './recorded.js';

let server: TestServer;
let browser: TestBrowser;
let folder: TemporaryFolder;
let owner: SignedIn;
let olivia: Person;
let ming: Person;
let ana: Person;
let link: string;
let recordingId: string;
let startedAt: number;
/** When who said what, milliseconds since 1970. */
const said = new Map<string, { fromMs: number; toMs: number }>();

const speech = (name: string) => readFile(path.join(import.meta.dirname, '..', 'fixtures', 'speech', 'meeting', `${name}.wav`));
const says = async (person: Person, name: string) => said.set(name, await person.says(await speech(name)));
const detail = () => server.get(recordingDetailSchema, 'GET', `/api/recordings/${recordingId}`, undefined, owner.accessToken);

beforeAll(async () => {
  // A busy machine is late, and not too late.
  server = await startTestServer({ CAPTIONS_PATIENCE_MS: 60_000, CAPTIONS_DECODE_MS: 60_000, COMPOSE_HEIGHT: 180 });
  folder = await temporaryFolder();
  browser = await openBrowser(['--autoplay-policy=no-user-gesture-required']);
  owner = await server.setUpOwner();
  for (const name of ['Ming', 'Ana']) await server.invite(owner, name);
  [olivia, ming, ana] = (await Promise.all(['Olivia', 'Ming', 'Ana'].map((name) => Person.at(browser, name, { speaks: true })))) as [
    Person,
    Person,
    Person,
  ];
  await Promise.all([olivia, ming, ana].map((person) => person.signIn(server.url)));
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await folder?.remove();
});

oneStory(() => browser);

describe('a recorded meeting', () => {
  it('begins with two', async () => {
    link = await olivia.startsMeeting();
    await olivia.clickJoin();
    await olivia.isIn();
    await ming.openMeeting(link);
    await ming.clickJoin();
    await ming.isIn();
    await Promise.all([olivia.sees('Ming'), ming.sees('Olivia')]);
  });

  it('asks everybody when it is started', async () => {
    await olivia.button('More').click();
    await olivia.page.getByRole('menuitem', { name: 'Start recording' }).click();
    await ming.button("Don't record me").first().click();
    await olivia.button(/^Recording: 1 of 2 people/).waitFor();
    const { recordings } = await server.get(recordingsSchema, 'GET', '/api/recordings', undefined, owner.accessToken);
    recordingId = recordings[0]?.id ?? '';
    startedAt = Date.parse(recordings[0]?.startedAt ?? '');
    expect(recordings.map(({ state }) => state)).toEqual(['on']);
  });

  it('asks at the door who comes late', async () => {
    await ana.openMeeting(link);
    await ana.clickJoin();
    await ana.button('Record me').click();
    await ana.isIn();
    await olivia.button(/^Recording: 2 of 3 people/).waitFor();
    await waitFor(async () => (await tracksOf('Ana')).includes('microphone'), 'a track of her voice');
  });

  it('shows captions of all to all', async () => {
    await olivia.button('More').click();
    await olivia.page.getByRole('menuitem', { name: 'Turn captions on for all' }).click();
    const caption = (words: RegExp) => ming.page.getByTestId('captions').getByText(words).first();
    // The engine is started by the first who wants captions: who speaks before it is there is transcribed afterwards.
    for (let tries = 0; tries < 10 && !(await caption(/building/i).isVisible()); tries += 1) await says(olivia, 'office');
    await says(olivia, 'report');
    await caption(/report to the client/i).waitFor();
  });

  it('captions nobody who is not recorded, unless he wants it himself', async () => {
    const { page } = ming;
    const log = page.getByRole('log', { name: 'What was said' });
    const his = log.getByText('Ming', { exact: true });
    const reports = log.getByText(/report to the client/i);
    /** Says it until it stands in the list: a busy machine may miss a word. */
    const untilRead = async (person: Person, name: string, line: Locator): Promise<void> => {
      for (let tries = 0; tries < 6 && !(await line.isVisible()); tries += 1) {
        await says(person, name);
        await line.waitFor({ timeout: 20_000 }).catch(() => undefined);
      }
      await line.waitFor();
    };
    await ming.button('More').click();
    await page.getByRole('menuitem', { name: 'Captions and what was said' }).click();
    await says(ming, 'private');
    // A line of his would stand there before one of what is said after it.
    await untilRead(olivia, 'report', reports.nth(await reports.count()));
    expect(await his.count()).toBe(0);
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByText('You are not recorded, so nothing you say is captioned.').waitFor();
    const wanted = page.getByRole('switch', { name: 'Caption what I say all the same' });
    await wanted.click();
    await expect.poll(() => wanted.getAttribute('aria-checked'), { timeout: 60_000 }).toBe('true');
    await page.getByRole('tab', { name: 'What was said' }).click();
    await untilRead(ming, 'private', his.first());
    await ming.button('Close the captions').click();
  });

  it('hears what is said', async () => {
    // Twice: a machine that is busy stumbles, and an engine hears what it says.
    await says(ana, 'room');
    await says(ana, 'room');
    await says(olivia, 'report');
  });

  it('takes nothing more of who withdraws', async () => {
    await ana.button(/^Recording: /).click();
    await ana.button('Withdraw').click();
    await olivia.button(/^Recording: 1 of 3 people/).waitFor();
    await says(ana, 'later');
  });

  it('is put together after it was stopped', async () => {
    await stopRecording(olivia);
    await untilReady(detail);
  }, 300_000);

  it('holds packets of those alone who agreed, and of each only while he did', async () => {
    const people = (await detail()).people.map(({ name }) => name).sort();
    expect(people).toEqual(['Ana', 'Olivia']);
    const rows = await server.database.query<{ name: string; key: string }>(
      `select t.person_name as name, s.blob_key as key from recording_tracks t join recording_segments s on s.track_id = t.id where t.recording_id = $1`,
      [recordingId],
    );
    expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(['Ana', 'Olivia']));
    const withdrawn = said.get('later')?.fromMs ?? 0;
    for (const { name, key } of rows) {
      if (name !== 'Ana') continue;
      const late = [...readSegment(await blob(key))].filter((entry) => entry.kind === 'packet' && entry.at > withdrawn);
      expect(late).toEqual([]);
    }
  });

  it('sounds when those spoke who agreed, and is silent when others did', async () => {
    const { files } = await detail();
    expect(files.map(({ name }) => name)).toContain('meeting.mp4');
    const movie = path.join(folder.path, 'meeting.mp4');
    const [row] = await server.database.query<{ key: string }>(
      `select blob_key as key from recording_files where recording_id = $1 and name = 'meeting.mp4'`,
      [recordingId],
    );
    await writeFile(movie, await blob(row?.key ?? ''));
    const loudness = await loudnessOf(movie);
    const during = (name: string) => {
      const { fromMs, toMs } = said.get(name) ?? { fromMs: 0, toMs: 0 };
      // Half a second of the net and of buffers is neither.
      return Math.max(...loudness.slice(Math.ceil((fromMs - startedAt + 500) / 100), Math.floor((toMs - startedAt - 300) / 100)));
    };
    for (const name of ['report', 'office', 'room']) expect([name, during(name) > 0.02]).toEqual([name, true]);
    for (const name of ['private', 'later']) expect([name, during(name) < 0.005]).toEqual([name, true]);
  });

  it('knows who said what', async () => {
    const { lines } = await server.get(transcriptSchema, 'GET', `/api/recordings/${recordingId}/transcript`, undefined, owner.accessToken);
    const words = (speaker: string) =>
      lines
        .filter((line) => line.speaker === speaker)
        .map(({ text }) => text.toLowerCase())
        .join(' ');
    const heard = (speaker: string, spoken: readonly string[]) => spoken.filter((word) => words(speaker).includes(word)).length;
    expect(heard('Olivia', ['report', 'client', 'friday', 'office', 'building', 'march'])).toBeGreaterThanOrEqual(5);
    expect(heard('Ana', ['meeting', 'room', 'training', 'monday'])).toBeGreaterThanOrEqual(3);
    expect(words('Ming')).toBe('');
    expect(lines.map(({ text }) => text).join(' ')).not.toMatch(/private|nothing of what/i);
  });

  it('finds what is to be done by whom', async () => {
    const { actionItems, content } = await server.get(
      summarySchema,
      'GET',
      `/api/recordings/${recordingId}/summary`,
      undefined,
      owner.accessToken,
    );
    const found = actionItems.map(({ what, assignee, dueOn }) => ({ what, who: assignee?.name, due: dueOn !== null }));
    expect(found).toContainEqual({ what: expect.stringMatching(/report/i), who: 'Olivia', due: true });
    expect(found).toContainEqual({ what: expect.stringMatching(/room/i), who: 'Ana', due: true });
    expect(content.decisions.map(({ text }) => text).join(' ')).toMatch(/office/i);
  });

  it('is evidence that holds, until a byte of it is another', async () => {
    const answer = await fetch(`${server.url}/api/recordings/${recordingId}/evidence.zip`, {
      headers: { authorization: `Bearer ${owner.accessToken}` },
    });
    expect(answer.status).toBe(200);
    const zip = path.join(folder.path, 'evidence.zip');
    const bytes = Buffer.from(await answer.arrayBuffer());
    await writeFile(zip, bytes);
    expect(await verify(zip)).toMatchObject({ code: 0 });
    const at = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(zip, bytes);
    expect(await verify(zip)).toMatchObject({ code: 1 });
  }, 120_000);
});

async function tracksOf(name: string): Promise<string[]> {
  const rows = await server.database.query<{ source: string }>(
    'select source from recording_tracks where recording_id = $1 and person_name = $2',
    [recordingId, name],
  );
  return rows.map(({ source }) => source);
}

function blob(key: string): Promise<Buffer> {
  return readFile(path.join(server.config.DATA_DIR, 'blobs', key));
}

/** The greatest level of each tenth of a second, 0 to 1. */
async function loudnessOf(movie: string): Promise<number[]> {
  const { default: installer } = await import('@ffmpeg-installer/ffmpeg');
  const pcm = await output(installer.path, ['-v', 'error', '-i', movie, '-vn', '-ac', '1', '-ar', '8000', '-f', 's16le', '-']);
  const levels: number[] = [];
  for (let at = 0; at + 1600 <= pcm.length; at += 1600) {
    let most = 0;
    for (let sample = at; sample < at + 1600; sample += 2) most = Math.max(most, Math.abs(pcm.readInt16LE(sample)) / 32_768);
    levels.push(most);
  }
  return levels;
}

function output(program: string, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(Buffer.concat(chunks)) : reject(new Error(`${program} ended with ${code}`))));
  });
}

function verify(zip: string): Promise<{ code: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['scripts/verify.mjs', zip], { stdio: 'ignore' });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code }));
  });
}
