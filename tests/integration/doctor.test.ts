import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const project = path.resolve(import.meta.dirname, '../..');
const Report = z.object({
  healthy: z.boolean(),
  rows: z.array(
    z.object({ name: z.string(), state: z.enum(['ok', 'warning', 'wrong']), found: z.string(), advice: z.string().optional() }),
  ),
});

describe('on a machine where everything is there', () => {
  let examined: Awaited<ReturnType<typeof examine>>;
  beforeAll(async () => {
    examined = await examine({});
  });

  test('nothing is wrong, and the exit status says so', () => {
    expect(examined.report.rows.filter(({ state }) => state === 'wrong')).toEqual([]);
    expect(examined.report.healthy).toBe(true);
    expect(examined.status).toBe(0);
  });

  test('the embedded PostgreSQL and the media worker have really been started', () => {
    expect(examined.found('Database')).toMatch(/^embedded PostgreSQL \d+\.\d+ starts here/);
    expect(examined.found('Media worker')).toMatch(/^mediasoup \d+\.\d+\.\d+ starts/);
  });

  test('every row of the issue is there', () => {
    const names = [
      'Node',
      'Media worker',
      'Sockets',
      'Database',
      'Redis',
      'Blobs',
      'E-mail',
      'FFmpeg',
      'HTTP port',
      'Open files',
      'Clock',
      'Disk',
      'Media address',
      'Media path',
      'IPv6',
      'TURN',
      'Pipe ports',
    ];
    expect(examined.report.rows.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  });
});

describe('on a machine where something is wrong', () => {
  test('a taken port is told together with who holds it and the setting to change', async () => {
    const holder = net.createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    try {
      const address = holder.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const { report, status, found } = await examine({ CAUSEWAY_HTTP_HOST: '127.0.0.1', CAUSEWAY_HTTP_PORT: String(address.port) });
      expect(found('HTTP port')).toContain(`TCP ${address.port} is taken by`);
      if (process.platform === 'linux') expect(found('HTTP port')).toContain(`(pid ${process.pid})`);
      expect(report.rows.find(({ name }) => name === 'HTTP port')?.advice).toContain('CAUSEWAY_HTTP_PORT');
      expect(status).toBe(1);
    } finally {
      holder.close();
    }
  });

  test('engines that do not answer are told without their passwords', async () => {
    const { report, status, output } = await examine({
      DATABASE_URL: 'postgres://somebody:hush@127.0.0.1:1/causeway',
      REDIS_URL: 'redis://somebody:hush@127.0.0.1:1',
      MEDIASOUP_WORKER_BIN: '/bin/true',
      CAUSEWAY_SMTP_URL: 'smtp://somebody:hush@127.0.0.1:1',
      CAUSEWAY_MAIL_FROM: 'causeway@harbour.example',
    });
    expect(report.rows.filter(({ state }) => state === 'wrong').map(({ name }) => name)).toEqual([
      'Media worker',
      'Database',
      'Redis',
      'E-mail',
    ]);
    expect(output).not.toContain('hush');
    expect(status).toBe(1);
  });

  test('a setting that does not exist is told before anything else is looked at', async () => {
    const { report, found } = await examine({ CAUSEWAY_HTTP_PROT: '3000' });
    expect(report.rows).toHaveLength(1);
    expect(found('Settings')).toContain('CAUSEWAY_HTTP_PROT is not a setting');
  });
});

async function examine(settings: Readonly<Record<string, string>>) {
  const free = { CAUSEWAY_HTTP_PORT: '0', CAUSEWAY_GATEWAY_PORT: '0', CAUSEWAY_MEDIA_PORT: '0' };
  const child = spawn(process.execPath, [path.join(project, 'node_modules/tsx/dist/cli.mjs'), 'src/doctor/doctor.ts', '--json'], {
    cwd: project,
    env: { ...process.env, ...free, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const report = Report.parse(JSON.parse(output));
  return { report, status, output, found: (name: string) => report.rows.find((row) => row.name === name)?.found ?? '' };
}
