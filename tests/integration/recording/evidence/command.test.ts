/** `npm run verify`, as a program without a server and a database. */
import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download, EvidenceWorld, unzip, writeFolder } from './evidence-world.js';

const program = path.join(import.meta.dirname, '../../../../src/recording/evidence/verify/main.ts');
let world: EvidenceWorld;
let folder: string;
let key: string;

beforeAll(async () => {
  world = await EvidenceWorld.open();
  const api = await world.base.serve((app) => world.evidence.routes(app));
  const olivia = await world.base.person('Olivia', 'owner');
  folder = await world.place();
  for (const name of ['first', 'second']) {
    const recording = await world.sign(await world.recorded([olivia], { title: `The ${name}` }));
    await download(`${api.url}/api/recordings/${recording.id}/evidence.zip`, olivia.personId, path.join(folder, `${name}.zip`));
  }
  await writeFolder(path.join(folder, 'unpacked'), await unzip(path.join(folder, 'first.zip')));
  key = (await world.evidence.manifests.publicKey(olivia.orgId))?.id ?? '';
});
afterAll(() => world?.close());

async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, ...args], {
    cwd: path.dirname(program),
    // Where npm was called.
    env: { PATH: process.env.PATH ?? '', INIT_CWD: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

describe('npm run verify', () => {
  it('says of what is whole what it is, and ends with 0', async () => {
    const { code, out, err } = await run('first.zip', 'unpacked', path.join(folder, 'second.zip'), '--key', key);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('WHOLE first.zip: "The first" of "Harbour Ltd"');
    expect(out).toContain('WHOLE unpacked: ');
    expect(out).toContain('Number 2 of the chain');
    expect(out).toContain(`Key ${key}, as pinned.`);
  });

  it('tells who pins no key what that means, and takes the key from a file', async () => {
    expect((await run('first.zip')).out).toContain('compare it with what the organisation told you');
    expect(await run('first.zip', '--key', 'unpacked/public-key.pem')).toMatchObject({ code: 0 });
  });

  it('names the first thing that was altered, and ends with 1', async () => {
    const file = path.join(folder, 'unpacked/files/meeting.mp4');
    const whole = await readFile(file);
    await writeFile(file, Buffer.concat([whole.subarray(0, 99), Buffer.from([whole.readUInt8(99) ^ 1]), whole.subarray(100)]));
    expect(await run('unpacked', 'first.zip')).toEqual({
      code: 1,
      out: expect.stringMatching(
        /^ALTERED unpacked: "files\/meeting.mp4" was altered: its SHA-256 is not the one that was signed\.\nWHOLE first/,
      ),
      err: '',
    });
    await rm(file);
    const { code, out } = await run('unpacked', '--json');
    expect([code, JSON.parse(out)]).toEqual([
      1,
      [
        {
          place: 'unpacked',
          whole: false,
          wrong: { what: 'missing', path: 'files/meeting.mp4', sentence: '"files/meeting.mp4" is missing.' },
        },
      ],
    ]);
    expect(await run('first.zip', '--key', '0'.repeat(64))).toMatchObject({
      code: 1,
      out: expect.stringContaining('signed with another key'),
    });
  });

  it('ends with 2 when nothing could be checked', async () => {
    expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining('npm run verify -- <folder or ZIP>') });
    expect(await run('nothing.zip')).toMatchObject({
      code: 2,
      out: expect.stringContaining('NOT CHECKED nothing.zip: There is nothing at'),
    });
    expect(await run('first.zip', '--key', 'nothing.pem')).toMatchObject({ code: 2, err: expect.stringContaining('--key wants') });
    expect(await run('first.zip', '--wrong')).toMatchObject({ code: 2 });
    expect(await run('nothing.zip', 'unpacked')).toMatchObject({ code: 1 });
  });
});
