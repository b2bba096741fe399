/** The machine itself: Node, open files, network buffers, disk, clock. */
import { execFile } from 'node:child_process';
import { readFile, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import { type Check, ok, type Patient, warning, wrong } from './check.js';

const oldestNode = { major: 20, minor: 19 };
/** A clock this far from the database's makes tokens and meeting times wrong. */
const skewLimitMs = 1_000;
const gigabyte = 1024 ** 3;
/** What the media workers ask the kernel for, on each socket. */
const bufferBytes = 4 * 1024 * 1024;

export const nodeCheck: Check = {
  name: 'Node',
  async look() {
    const found = `${process.version}, ${process.platform} ${process.arch}`;
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor)) return ok(found);
    return wrong(found, `Install Node ${oldestNode.major}.${oldestNode.minor} or later.`);
  },
};

export const filesCheck: Check = {
  name: 'Open files',
  async look() {
    const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
    const line = /^Max open files\s+(\S+)\s+(\S+)/m.exec(limits);
    if (line === null) return ok('limit not known on this system');
    const [soft, hard] = [amount(line[1]), amount(line[2])];
    const found = `soft limit ${soft.toLocaleString('en')}, hard limit ${hard.toLocaleString('en')} (npm start raises soft to hard)`;
    const advice = 'Every connection is an open file. Raise the hard limit, for example with LimitNOFILE=1048576 in the systemd unit.';
    if (hard < 1_024) return wrong(found, advice);
    return hard < 8_192 ? warning(found, advice) : ok(found);
  },
};

export const buffersCheck: Check = {
  name: 'UDP buffers',
  async look() {
    const text = await readFile('/proc/sys/net/core/rmem_max', 'utf8').catch(() => '');
    const bytes = Number.parseInt(text, 10);
    if (Number.isNaN(bytes)) return ok('limit not known on this system');
    const found = `net.core.rmem_max is ${bytes.toLocaleString('en')} bytes`;
    if (bytes >= bufferBytes) return ok(found);
    return warning(
      found,
      `Bursts of video can overflow it. sysctl -w net.core.rmem_max=${bufferBytes} net.core.wmem_max=${bufferBytes}, and the same lines in /etc/sysctl.d.`,
    );
  },
};

export const diskCheck: Check = {
  name: 'Disk',
  async look({ config }) {
    const { place, free } = await freeAt(config.DATA_DIR);
    const found = `${(free / gigabyte).toFixed(1)} GB free at ${place}`;
    const advice = 'Make room, or set CAUSEWAY_DATA_DIR to a folder on a larger disk.';
    if (free < gigabyte) return wrong(found, advice);
    return free < 5 * gigabyte ? warning(found, advice) : ok(found);
  },
};

export const clockCheck: Check = {
  name: 'Clock',
  async look(patient) {
    const now = new Date().toISOString();
    const others = await otherClocks(patient);
    const worst = others.reduce((most, { skewMs }) => (Math.abs(skewMs) > Math.abs(most) ? skewMs : most), 0);
    const compared = others.map(({ name, skewMs }) => `${Math.round(skewMs)} ms from ${name}`).join(', ');
    const synchronized = await timeSynchronized();
    const found = `${now}; ${compared === '' ? 'compared with no other clock, because no other machine is in use' : compared}${synchronized === null ? '' : `; time service ${synchronized ? 'in step' : 'not in step'}`}`;
    if (Math.abs(worst) > skewLimitMs) return wrong(found, 'Run a time service (chrony, systemd-timesyncd) on all machines.');
    if (synchronized === false) return warning(found, 'Start a time service: timedatectl set-ntp true.');
    return ok(found);
  },
};

function amount(text: string | undefined): number {
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
}

/** Free space where the folder is, or will be made. */
async function freeAt(folder: string): Promise<{ place: string; free: number }> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { place: folder, free: bavail * bsize };
  } catch (error) {
    const parent = path.dirname(folder);
    if (parent === folder) throw error;
    return freeAt(parent);
  }
}

/** How far ahead of ours the clocks of the database and of Redis are. Those that can't be reached have rows of their own. */
async function otherClocks({ config }: Patient): Promise<{ name: string; skewMs: number }[]> {
  const clocks: { name: string; skewMs: number }[] = [];
  if (config.DATABASE_URL !== undefined) {
    const client = new pg.Client({ connectionString: config.DATABASE_URL, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const skewMs = await skewOf(async () => {
        const { rows } = await client.query<{ ms: number }>('select extract(epoch from clock_timestamp())::float8 * 1000 as ms');
        return rows[0]?.ms ?? Number.NaN;
      });
      clocks.push({ name: 'the database', skewMs });
    } catch {
      // The row of the database says why.
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  if (config.REDIS_URL !== undefined) {
    const redis = new Redis(config.REDIS_URL, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5_000 });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      const skewMs = await skewOf(async () => {
        const [seconds, microseconds] = await redis.time();
        return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
      });
      clocks.push({ name: 'Redis', skewMs });
    } catch {
      // The row of Redis says why.
    } finally {
      redis.disconnect();
    }
  }
  return clocks;
}

/** The answer is as old as half the way there and back. */
async function skewOf(ask: () => Promise<number>): Promise<number> {
  const asked = Date.now();
  const answer = await ask();
  return answer - (asked + Date.now()) / 2;
}

async function timeSynchronized(): Promise<boolean | null> {
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value'], { timeout: 5_000 });
    return stdout.trim() === 'yes';
  } catch {
    return null;
  }
}
