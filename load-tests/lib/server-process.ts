/** The built server as a process of its own, as people run it: own data folder, free ports, loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { environmentName } from '../../src/config.js';
import { type TemporaryFolder, temporaryFolder } from '../../tests/support/temporary-folder.js';

export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  /** Path of the one-time owner link; empty where the database has an organisation. */
  readonly setupPath: string;
  /** The last warnings and errors that it wrote. */
  complaints(): readonly string[];
  /** Process ids of its media workers now. */
  mediaWorkers(): Promise<readonly number[]>;
  /** Drains, and takes the data folder away. Idempotent. */
  close(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '..', '..');
const readyMs = 120_000;
const complaintsKept = 20;

export async function startServerProcess(settings: Readonly<Record<string, string | number>> = {}): Promise<ServerProcess> {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, [path.join(root, 'dist', 'main.js')], {
    // Not in the project: its .env is for the one who runs the product.
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment({ DATA_DIR: folder.path, ...settings }) },
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= end(child, folder));
  try {
    const { url, setupPath } = await ready(child);
    const pid = child.pid ?? 0;
    const complaints: string[] = [];
    child.stdout?.on('data', (chunk: Buffer) => {
      complaints.push(...chunk.toString().split('\n').filter(Boolean));
      complaints.splice(0, Math.max(0, complaints.length - complaintsKept));
    });
    return { pid, url, setupPath, complaints: () => complaints, mediaWorkers: () => childrenNamed(pid, 'mediasoup-work'), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function environment(settings: Readonly<Record<string, string | number>>): Record<string, string> {
  const all = {
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 0,
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: 0,
    MEDIA_LISTEN_IP: '127.0.0.1',
    MEDIA_ANNOUNCED_ADDRESS: '127.0.0.1',
    MEDIA_PORT: 0,
    // All pages of a benchmark come from one address.
    HTTP_REQUESTS_PER_MINUTE: 100_000,
    SIGN_IN_PER_MINUTE: 10_000,
    // One person prepares all conversations.
    CHAT_CONVERSATIONS_PER_HOUR: 100_000,
    CHAT_CONVERSATIONS_PER_DAY: 100_000,
    ...settings,
  };
  return {
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    ...Object.fromEntries(Object.entries(all).map(([name, value]) => [environmentName(name), String(value)])),
  };
}

/** Reads what the server tells the person who starts it. */
function ready(child: ChildProcess): Promise<{ url: string; setupPath: string }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`The server did not get ready:\n${output}`)), readyMs);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      // An empty line ends what it says; the owner link is only there where there is no organisation yet.
      const found = /is ready: (http:\S+)\n(?:.*\n.*(\/setup#\S+)\n)?\n/.exec(output);
      if (!found?.[1]) return;
      clearTimeout(timer);
      resolve({ url: found[1].replace('localhost', '127.0.0.1'), setupPath: found[2] ?? '' });
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The server ended with ${code}:\n${output}`));
    });
  });
}

async function end(child: ChildProcess, folder: TemporaryFolder): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  await folder.remove();
}

/** The kernel keeps 15 characters of a name. Linux only, as the benchmarks are. */
async function childrenNamed(pid: number, name: string): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean).map(Number);
  const named = await Promise.all(
    children.map(async (child) => ((await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '')).startsWith(name) ? [child] : [])),
  );
  return named.flat();
}
