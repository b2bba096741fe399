/** What a server that was killed has captured, what several nodes have, and what is deleted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packetEntry } from '../../../../src/recording/capture/index.js';
import { segmentName } from '../../../../src/recording/capture/spool.js';
import { type TemporaryFolder, temporaryFolder, waitFor } from '../../../support/index.js';
import { type CaptureNode, CaptureWorld, Publisher, sequencesOf } from './world.js';

let world: CaptureWorld;
let node: CaptureNode;
/** The data of another node. */
let elsewhere: TemporaryFolder;
let other: CaptureNode | undefined;
beforeAll(async () => {
  world = await CaptureWorld.open({ cluster: true });
  node = await world.node();
});
afterAll(() => world?.close());
beforeEach(async () => {
  elsewhere = await temporaryFolder();
});
afterEach(async () => {
  await other?.close();
  other = undefined;
  await elsewhere.remove();
});

const holder = path.join(import.meta.dirname, '..', '..', '..', 'support', 'capture-holder.ts');
const heldSchema = z.object({ port: z.number(), recorder: z.number() });

/** A server of its own that captures for the publisher. */
async function hold(publisher: Publisher, folder: string): Promise<{ child: ChildProcess; recorder: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', holder, world.database.url, folder, JSON.stringify(publisher.stream)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line]: string[] = await once(createInterface(child.stdout), 'line');
  const { port, recorder } = heldSchema.parse(JSON.parse(line ?? ''));
  publisher.port = port;
  return { child, recorder };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('A kill -9 of the server', () => {
  test('ends its recorder too; the next server takes the spool over and seals it', async () => {
    const recording = await world.record();
    const anna = new Publisher(recording);
    const { child, recorder } = await hold(anna, world.folder.path);
    await anna.send(...Array.from({ length: 20 }, () => anna.packet()));
    await world.wrote(anna, 20);
    await kill(child);
    await waitFor(() => !isRunning(recorder), 'the recorder ends by itself');
    await node.recorder.recover();
    expect(await world.rows(recording)).toMatchObject([{ state: 'closed', node: node.cluster.nodeId, packets: 20 }]);
    await world.seal(node, recording);
    expect(sequencesOf(await world.sealed(anna.stream.id))).toHaveLength(20);
    expect((await world.rows(recording))[0]).toMatchObject({ state: 'sealed', gaps: [{ what: 'interrupted', to: null }] });
    expect(await world.spool()).toEqual([]);
    anna.close();
  });

  test('together with its recorder: what is whole of the last segment is kept, the rest cut off', async () => {
    const recording = await world.record();
    const anna = new Publisher(recording);
    const { child, recorder } = await hold(anna, world.folder.path);
    await anna.send(...Array.from({ length: 9 }, () => anna.packet()));
    await world.wrote(anna, 9);
    child.kill('SIGSTOP');
    process.kill(recorder, 'SIGKILL');
    await kill(child);
    await waitFor(() => !isRunning(recorder), 'both are gone');
    const [track] = await world.spool();
    const file = path.join(track?.folder ?? '', segmentName(0));
    const whole = (await stat(file)).size;
    await appendFile(file, packetEntry(Date.now(), anna.packet()).subarray(0, 40));
    // The line of an index may be cut off too.
    await appendFile(path.join(track?.folder ?? '', 'index.jsonl'), '{"number":0,"bytes":1');
    await node.recorder.recover();
    await world.seal(node, recording);
    const segments = await world.recordings.segments({ orgId: world.orgId, id: anna.stream.id });
    expect(segments).toMatchObject([{ number: 0, bytes: whole }]);
    expect(sequencesOf(await world.sealed(anna.stream.id))).toHaveLength(9);
    anna.close();
  });

  test('leaves what another living server captures alone', async () => {
    const recording = await world.record();
    const anna = new Publisher(recording);
    const { child } = await hold(anna, world.folder.path);
    await node.recorder.recover();
    await anna.send(anna.packet());
    await world.wrote(anna, 1);
    expect(await world.rows(recording)).toMatchObject([{ state: 'capturing' }]);
    await kill(child);
    await node.recorder.recover();
    await world.seal(node, recording);
    expect(await world.rows(recording)).toMatchObject([{ state: 'sealed', packets: 1 }]);
    anna.close();
  });
});

describe('A step that is interrupted', () => {
  test('goes on where it was, and seals nothing twice', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    await waitFor(async () => {
      await anna.send(anna.packet());
      return (await world.spool()).some(({ header, segments }) => header.id === anna.stream.id && segments.length >= 2);
    }, 'two segments are closed');
    const stop = new AbortController();
    stop.abort();
    await expect(node.recorder.seal(recording, stop.signal)).rejects.toThrow();
    await Promise.all([world.seal(node, recording), world.seal(node, recording)]);
    await world.seal(node, recording);
    const segments = await world.recordings.segments({ orgId: world.orgId, id: anna.stream.id });
    expect(segments.map(({ number }) => number)).toEqual(segments.map((_, index) => index));
    const [row] = await world.rows(recording);
    expect(sequencesOf(await world.sealed(anna.stream.id))).toHaveLength(row?.packets ?? 0);
    anna.close();
  });

  test('says so when a segment is not what was written', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    await anna.send(anna.packet());
    await world.wrote(anna, 1);
    anna.receiver.end();
    await waitFor(async () => (await world.rows(recording))[0]?.state === 'closed', 'the track is closed');
    const [track] = (await world.spool()).filter(({ header }) => header.id === anna.stream.id);
    const file = path.join(track?.folder ?? '', segmentName(0));
    const content = await readFile(file);
    content.writeUInt8(content.readUInt8(60) ^ 1, 60);
    await writeFile(file, content);
    await world.seal(node, recording);
    expect(await world.rows(recording)).toMatchObject([{ state: 'sealed', gaps: [{ what: 'damaged', packets: 1 }] }]);
    expect(await world.recordings.segments({ orgId: world.orgId, id: anna.stream.id })).toEqual([]);
    anna.close();
  });

  test('goes on without a track whose folder somebody has deleted', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    anna.receiver.end();
    await waitFor(async () => (await world.rows(recording))[0]?.state === 'closed', 'the track is closed');
    for (const { folder } of await world.spool()) await rm(folder, { recursive: true });
    await world.seal(node, recording);
    expect(await world.rows(recording)).toMatchObject([{ state: 'sealed', gaps: [{ what: 'damaged', to: null }] }]);
    anna.close();
  });

  test('is not hindered by folders of somebody else, or a segment that is empty', async () => {
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(node);
    await anna.send(anna.packet());
    await world.wrote(anna, 1);
    const [track] = (await world.spool()).filter(({ header }) => header.id === anna.stream.id);
    await writeFile(path.join(track?.folder ?? '', segmentName(7)), '');
    await writeFile(path.join(track?.folder ?? '', 'notes.txt'), 'hello');
    await world.seal(node, recording);
    expect(await world.rows(recording)).toMatchObject([{ state: 'sealed', packets: 1, gaps: [] }]);
    anna.close();
  });
});

describe('With several nodes', () => {
  test('each seals what it has captured', async () => {
    other = await world.node({}, elsewhere.path);
    const recording = await world.record();
    const [anna, ben] = [await new Publisher(recording).begin(node), await new Publisher(recording).begin(other)];
    await anna.send(anna.packet());
    await ben.send(ben.packet(), ben.packet());
    await world.wrote(anna, 1);
    await world.wrote(ben, 2, elsewhere.path);
    await world.seal(node, recording);
    expect(await world.rows(recording)).toMatchObject([
      { id: anna.stream.id, state: 'sealed', packets: 1 },
      { id: ben.stream.id, state: 'sealed', packets: 2 },
    ]);
    expect(sequencesOf(await world.sealed(ben.stream.id))).toHaveLength(2);
    expect(await world.spool(elsewhere.path)).toEqual([]);
    for (const publisher of [anna, ben]) publisher.close();
  });

  test('one that is gone is waited for, and taken when it is back', async () => {
    const recording = await world.record();
    const lost = new Publisher(recording);
    const { child } = await hold(lost, elsewhere.path);
    await lost.send(lost.packet());
    await world.wrote(lost, 1, elsewhere.path);
    await kill(child);
    const sealing = world.seal(node, recording);
    other = await world.node({}, elsewhere.path);
    await other.recorder.recover();
    await sealing;
    expect(await world.rows(recording)).toMatchObject([{ state: 'sealed', packets: 1 }]);
    lost.close();
  });

  test('one that never comes back is given up; the row says so', async () => {
    const recording = await world.record();
    const lost = new Publisher(recording);
    const { child } = await hold(lost, elsewhere.path);
    await lost.send(lost.packet());
    await world.wrote(lost, 1, elsewhere.path);
    await kill(child);
    await world.seal(node, recording, 1);
    expect(await world.rows(recording)).toMatchObject([{ state: 'sealed', gaps: [{ what: 'node-lost', to: null }] }]);
    // When it comes back after all, what it has can be sealed by another run.
    other = await world.node({}, elsewhere.path);
    await other.recorder.recover();
    expect(await world.rows(recording)).toMatchObject([{ state: 'closed', packets: 1 }]);
    await world.seal(node, recording);
    expect(sequencesOf(await world.sealed(lost.stream.id))).toHaveLength(1);
    lost.close();
  });
});

describe('Somebody who withdraws everything', () => {
  test('has nothing left anywhere, whether it was sealed or is being captured; others keep theirs', async () => {
    const recording = await world.record();
    const [early, ben] = [await new Publisher(recording).begin(node), await new Publisher(recording).begin(node)];
    for (const publisher of [early, ben]) await publisher.send(publisher.packet());
    for (const publisher of [early, ben]) await world.wrote(publisher, 1);
    await world.seal(node, recording);
    const now = new Publisher(recording, 'camera');
    Object.assign(now.stream.context, { personId: early.personId });
    await now.begin(node);
    await now.send(now.packet());
    expect(await world.removePerson(node, recording, early.personId)).toBe(2);
    await now.send(now.packet());
    await world.seal(node, recording);
    const rows = await world.rows(recording);
    const stateOf = ({ stream }: Publisher) => rows.find(({ id }) => id === stream.id)?.state;
    expect([early, ben, now].map(stateOf)).toEqual(['removed', 'sealed', 'removed']);
    expect(await world.sealed(early.stream.id)).toEqual([]);
    expect(await world.sealed(ben.stream.id)).toHaveLength(1);
    const keys: string[] = [];
    for await (const { key } of world.blobs.list(`recordings/${world.orgId}/${recording.id}/`)) keys.push(key);
    expect(keys.every((key) => key.includes(ben.stream.id))).toBe(true);
    expect(await world.spool()).toEqual([]);
    expect(await world.removePerson(node, recording, early.personId)).toBe(2);
    for (const publisher of [early, ben, now]) publisher.close();
  });

  test('is forgotten by another node too', async () => {
    other = await world.node({}, elsewhere.path);
    const recording = await world.record();
    const anna = await new Publisher(recording).begin(other);
    await anna.send(anna.packet());
    await world.wrote(anna, 1, elsewhere.path);
    await world.removePerson(node, recording, anna.personId);
    expect(await world.spool(elsewhere.path)).toEqual([]);
    expect(await world.rows(recording)).toMatchObject([{ state: 'removed', packets: 0 }]);
    anna.close();
  });
});

test('A recording that was deleted meanwhile leaves nothing in the spool', async () => {
  const recording = await world.record();
  const anna = await new Publisher(recording).begin(node);
  await anna.send(anna.packet());
  await world.wrote(anna, 1);
  await world.database.query('delete from recordings where id = $1', [recording.id]);
  anna.receiver.end();
  await waitFor(async () => (await world.spool()).every(({ header }) => header.recordingId !== recording.id), 'the folder is gone');
  anna.close();
});

test('A segment that was cut to nothing is none', async () => {
  const recording = await world.record();
  const anna = new Publisher(recording);
  const { child, recorder } = await hold(anna, world.folder.path);
  await anna.send(anna.packet());
  await world.wrote(anna, 1);
  process.kill(recorder, 'SIGSTOP');
  await kill(child);
  process.kill(recorder, 'SIGKILL');
  await waitFor(() => !isRunning(recorder), 'both are gone');
  const [track] = await world.spool();
  await truncate(path.join(track?.folder ?? '', segmentName(0)), 3);
  await node.recorder.recover();
  await world.seal(node, recording);
  expect(await world.rows(recording)).toMatchObject([{ state: 'sealed', packets: 0, gaps: [{ what: 'interrupted' }] }]);
  anna.close();
});
