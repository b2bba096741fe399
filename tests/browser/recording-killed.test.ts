/** A recording of a real page while the recorder, the media worker and the server are killed: it goes on, and loses next to nothing. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PoolDatabase } from '../../src/platform/database/pool-database.js';
import { readSegment } from '../../src/recording/capture/index.js';
import { recordingDetailSchema, recordingsSchema } from '../../src/recording/schema.js';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { freePort, freshDatabaseUrl, type TemporaryFolder, temporaryFolder, testLog, waitFor } from '../support/index.js';
import { childrenOf, ServerProcess } from '../support/server-process.js';
import { oneStory } from './one-story.js';
import { Person } from './person.js';
import { stopRecording, untilReady } from './recorded.js';

let folder: TemporaryFolder;
let database: PoolDatabase;
let server: ServerProcess;
let browser: TestBrowser;
let owner: SignedIn;
let olivia: Person;
let recordingId: string;
/** When what was killed. */
const killed: { what: string; at: number }[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  const url = await freshDatabaseUrl();
  database = new PoolDatabase({ url, connections: 2, applicationName: 'causeway test', log: testLog() });
  server = new ServerProcess(folder.path, {
    DATABASE_URL: url,
    CAUSEWAY_DATA_DIR: path.join(folder.path, 'data'),
    CAUSEWAY_HTTP_PORT: String(await freePort()),
    CAUSEWAY_GATEWAY_PORT: String(await freePort()),
  });
  await server.start();
  owner = await server.setUpOwner('Olivia');
  browser = await openBrowser();
  olivia = await Person.at(browser, 'Olivia');
  await olivia.signIn(server.url);
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  await database?.close();
  await folder?.remove();
});

oneStory(() => browser);

const detail = () => server.get(recordingDetailSchema, 'GET', `/api/recordings/${recordingId}`, undefined, owner.accessToken);
/** Sound and picture are captured that were not before. */
const captured = (since: number) =>
  waitFor(
    async () => {
      const rows = await database.query<{ source: string }>(
        `select source from recording_tracks where recording_id = $1 and state = 'capturing' and started_at > $2`,
        [recordingId, new Date(since)],
      );
      return new Set(rows.map(({ source }) => source)).size === 2;
    },
    'tracks of sound and picture',
    { deadlineMs: 60_000 },
  );

async function kill(what: string, pid: number): Promise<number> {
  const at = Date.now();
  killed.push({ what, at });
  process.kill(pid, 'SIGKILL');
  return at;
}

async function childOf(pid: number, is: (name: string, command: string) => boolean): Promise<number> {
  for (const child of await childrenOf(pid)) {
    const command = await readFile(`/proc/${child.pid}/cmdline`, 'utf8').catch(() => '');
    if (is(child.name, command)) return child.pid;
  }
  throw new Error('There is no such process.');
}

/** It takes this long to have something to lose. */
const recordsForAWhile = () => olivia.page.waitForTimeout(4_000);

describe('a recording', () => {
  it('begins', async () => {
    await olivia.startsMeeting();
    await olivia.clickJoin();
    await olivia.isIn();
    await olivia.button('More').click();
    await olivia.page.getByRole('menuitem', { name: 'Start recording' }).click();
    await olivia.button(/^Recording: 1 of 1 person/).waitFor();
    const { recordings } = await server.get(recordingsSchema, 'GET', '/api/recordings', undefined, owner.accessToken);
    recordingId = recordings[0]?.id ?? '';
    await captured(0);
    await recordsForAWhile();
  });

  it('goes on when the recorder is killed', async () => {
    const at = await kill('recorder', await childOf(server.pid, (_, command) => command.includes('recorder-main')));
    await captured(at);
    await recordsForAWhile();
  });

  it('goes on when the media worker is killed', async () => {
    const at = await kill('worker', await childOf(server.pid, (name) => name.startsWith('mediasoup-worke')));
    await captured(at);
    await recordsForAWhile();
  });

  it('goes on when the server is killed and started again', async () => {
    killed.push({ what: 'server', at: Date.now() });
    await server.end('SIGKILL');
    const at = Date.now();
    await server.start();
    await captured(at);
    await olivia.button(/^Recording: 1 of 1 person/).waitFor();
    await recordsForAWhile();
  });

  it('is put together', async () => {
    await stopRecording(olivia);
    await untilReady(detail);
    expect((await detail()).files.map(({ name }) => name)).toContain('meeting.mp4');
  }, 300_000);

  it('has lost at most two seconds of what came before each kill', async () => {
    const rows = await database.query<{ source: string; track: string; key: string }>(
      `select t.source, t.id as track, s.blob_key as key from recording_tracks t join recording_segments s on s.track_id = t.id
       where t.recording_id = $1 and t.source = 'microphone' order by t.started_at, s.number`,
      [recordingId],
    );
    const came: number[] = [];
    for (const { key } of rows) {
      const segment = await readFile(path.join(folder.path, 'data', 'blobs', key));
      for (const entry of readSegment(segment)) if (entry.kind === 'packet') came.push(entry.at);
    }
    came.sort((a, b) => a - b);
    for (const { what, at } of killed) {
      const last = came.filter((time) => time <= at).at(-1) ?? 0;
      expect([what, at - last < 2_000]).toEqual([what, true]);
    }
  });
});
