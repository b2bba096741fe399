import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/index.js';

const project = path.resolve(import.meta.dirname, '../../..');
const cleanUps: (() => Promise<unknown>)[] = [];

// What is up to date is skipped, so after `npm test`'s own set-up this does nothing.
beforeAll(() => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: project, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
}, 300_000);

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

test('npm start prints an address that is ready and a one-time owner link, and SIGTERM ends it well', async () => {
  const { child, output, line } = await start({});
  const address = await line(/Causeway is ready: (http:\S+)/);
  expect(await line(/(http:\S+\/setup#\S+)/)).toContain(address);
  const health = await fetch(`${address}/health`);
  expect(await health.json()).toMatchObject({ ready: true });

  child.kill('SIGTERM');
  const [status] = await once(child, 'close');
  expect(output()).toContain('draining');
  expect(status).toBe(0);
});

test('a taken port is an error that names who holds it and the setting to change', async () => {
  const holder = net.createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  cleanUps.push(async () => holder.close());
  const address = holder.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const { child, output } = await start({ CAUSEWAY_HTTP_PORT: String(address.port) });
  const [status] = await once(child, 'close');
  expect(output()).toContain(`Port ${address.port} is taken`);
  if (process.platform === 'linux') expect(output()).toContain(`(pid ${process.pid})`);
  expect(output()).toContain('CAUSEWAY_HTTP_PORT');
  expect(status).toBe(1);
});

test('a setting that does not exist refuses the start with a sentence', async () => {
  const { child, output } = await start({ CAUSEWAY_MEDIA_PROT: '1' });
  const [status] = await once(child, 'close');
  expect(output()).toContain('CAUSEWAY_MEDIA_PROT is not a setting of Causeway');
  expect(status).toBe(1);
});

/** Starts the real thing, with data in a folder of its own and free ports. */
async function start(settings: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  cleanUps.push(() => folder.remove());
  const own = {
    CAUSEWAY_DATA_DIR: path.join(folder.path, 'data'),
    CAUSEWAY_HTTP_HOST: '127.0.0.1',
    CAUSEWAY_HTTP_PORT: '0',
    CAUSEWAY_GATEWAY_PORT: '0',
    CAUSEWAY_MEDIA_PORT: '0',
    CAUSEWAY_MEDIA_WORKERS: '1',
    LOG_LEVEL: 'info',
  };
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: project,
    env: { ...process.env, ...own, ...settings },
  });
  child.stdin.end();
  cleanUps.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'close');
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return {
    child,
    output: () => text,
    /** The first group of the expression, once it is printed. */
    async line(wanted: RegExp): Promise<string> {
      for (;;) {
        const found = wanted.exec(text)?.[1];
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${text}`);
        await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
      }
    },
  };
}
