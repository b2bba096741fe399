/** What becomes of a recording that was stopped when nodes fail, overtake each other, or die over it: a real database and store, steps that do what the test says. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../src/platform/ids.js';
import type { Principal } from '../../../src/platform/principal.js';
import type { Consent } from '../../../src/recording/consent/index.js';
import type { StepTools } from '../../../src/recording/ports.js';
import { Processing } from '../../../src/recording/processing.js';
import { blobPrefix, type Recording } from '../../../src/recording/recording.js';
import { tidyWork } from '../../../src/recording/tidy-work.js';
import { testLog, waitFor } from '../../support/index.js';
import { RecordingWorld } from './consent/world.js';

type Make = (recording: Recording, tools: StepTools) => Promise<void>;

let world: RecordingWorld;
let consent: Consent;
let ana: Principal;
const running: Processing[] = [];

beforeAll(async () => {
  world = await RecordingWorld.open();
  consent = await world.openConsent();
  ana = await world.person('Ana');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((processing) => processing.close()));
});
afterAll(() => world?.close());

function node(nodeId: string, make: Make): Processing {
  const { database, clock } = world.office;
  const steps = [{ name: 'compose' as const, run: make }];
  const processing = new Processing({ database, clock, log: testLog(), nodeId, recordings: world.recordings, steps, everyMs: 50 });
  running.push(processing);
  return processing;
}

async function stopped(): Promise<Recording> {
  const recording = await world.record(consent, [ana]);
  await world.recordings.stop(recording, null);
  return recording;
}

const stateOf = async ({ orgId, id }: Recording) => (await world.recordings.get(orgId, id)).state;
const keys = async (recording: Recording) => {
  const found: string[] = [];
  for await (const { key } of world.blobs.list(`${blobPrefix(recording)}/`)) found.push(key.slice(blobPrefix(recording).length + 1));
  return found;
};

/** A file that says which version it is of. */
const store: Make = async (recording, { version }) => {
  const file = path.join(world.folder.path, `${newId()}.txt`);
  await writeFile(file, `version ${version}`);
  await world.recordings.add(recording, version, { name: 'meeting.mp4', kind: 'video', mediaType: 'video/mp4', path: file });
};

it('has nothing left of earlier versions when another one can be seen, whoever was killed in between', async () => {
  const recording = await stopped();
  let before: string[] = [];
  const make: Make = async (of, tools) => {
    before = await keys(of);
    await store(of, tools);
  };
  node('one', make);
  await waitFor(async () => (await stateOf(recording)) === 'ready', 'the first version');
  // What a node that was killed right after it was ready has left.
  await world.blobs.put(`${blobPrefix(recording)}/v0/left.mp4`, Buffer.from('left'));
  await world.recordings.again(world.office.database, recording, 'withdrawal');
  await waitFor(async () => (await stateOf(recording)) === 'ready', 'the second version');
  expect(before).toEqual(['v0/left.mp4', 'v1/meeting.mp4']);
  expect(await keys(recording)).toEqual(['v2/meeting.mp4']);
});

it('loses the files that show who withdrew at once, and keeps those of versions to come', async () => {
  const recording = await stopped();
  for (const version of [1, 2, 10]) await world.blobs.put(`${blobPrefix(recording)}/v${version}/meeting.mp4`, Buffer.from('x'));
  await world.blobs.put(`${blobPrefix(recording)}/tracks/one/00000.log`, Buffer.from('x'));
  await world.recordings.dropFiles(recording, 2);
  expect(await keys(recording)).toEqual(['tracks/one/00000.log', 'v10/meeting.mp4']);
});

it('gives up a recording over which servers die, and takes the next', async () => {
  const { database } = world.office;
  const [deadly, other] = [await stopped(), await stopped()];
  // As often as nodes were killed before they could say that it failed.
  await database.query('update recordings set starts = 12 where id = $1', [deadly.id]);
  node('one', store);
  await waitFor(async () => (await stateOf(deadly)) === 'failed' && (await stateOf(other)) === 'ready', 'both');
  expect((await world.recordings.get(deadly.orgId, deadly.id)).failure).toMatch(/never finished/);
  await world.recordings.again(database, deadly, 'first');
  await waitFor(async () => (await stateOf(deadly)) === 'ready', 'another try by a person');
});

it('is not finished by a node that began before somebody withdrew', async () => {
  const recording = await stopped();
  let runs = 0;
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  node('one', async (of, tools) => {
    runs += 1;
    if (runs === 1) await held;
    await store(of, tools);
  });
  await waitFor(async () => runs === 1, 'the first run');
  await world.recordings.again(world.office.database, recording, 'withdrawal');
  goOn();
  await waitFor(async () => (await stateOf(recording)) === 'ready', 'the version without him');
  expect([runs, (await world.recordings.get(recording.orgId, recording.id)).version]).toEqual([2, 1]);
});

it('leaves no sound on a machine for which nobody comes back', async () => {
  const [left, busy] = [await stopped(), await stopped()];
  const { database } = world.office;
  await database.query(`update recordings set state = 'ready' where id = $1`, [left.id]);
  const work = path.join(world.folder.path, 'work');
  const names = [left.id, busy.id, newId(), `download-${newId()}`, 'of-somebody-else'];
  for (const name of names) await mkdir(path.join(work, name), { recursive: true });
  await tidyWork(world.folder.path, database);
  expect((await readdir(work)).sort()).toEqual([busy.id, 'of-somebody-else'].sort());
  await tidyWork(path.join(world.folder.path, 'nowhere'), database);
});
