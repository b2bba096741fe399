/** A real redis-server for one test file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.js';
import { temporaryFolder } from './temporary-folder.js';

export interface RedisServer {
  readonly url: string;
  /** kill -9: nothing is said to its clients. */
  kill(): Promise<void>;
  /** Starts it again, empty, at the same address. */
  restart(): Promise<void>;
  /** Idempotent. */
  stop(): Promise<void>;
}

export async function startRedis(args: readonly string[] = []): Promise<RedisServer> {
  const folder = await temporaryFolder();
  let child: ChildProcess | null = null;
  let port = 0;
  for (let tries = 0; !child && tries < 5; tries += 1) {
    port = await freePort();
    child = await launch(port, folder.path, args);
  }
  if (!child) throw new Error('redis-server found no free port');

  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    child = null;
    if (!running) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      child = await launch(port, folder.path, args);
      if (!child) throw new Error(`redis-server could not take port ${port} again`);
    },
    stop: async () => {
      await end('SIGTERM');
      await folder.remove();
    },
  };
}

/** Resolves once it takes connections; null when the port is taken. */
function launch(port: number, folder: string, args: readonly string[]): Promise<ChildProcess | null> {
  const all = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no', ...args];
  const child = spawn('redis-server', all, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let output = '';
    child.once('error', reject);
    child.once('exit', (code) =>
      output.includes('Address already in use') ? resolve(null) : reject(new Error(`redis-server ended with ${code}: ${output}`)),
    );
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ready to accept connections')) resolve(child);
    });
  });
}
