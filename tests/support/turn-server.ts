/** A real TURN server (Debian's coturn) for one test file. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { StunClient } from '../../src/doctor/stun-client.js';
import { binding } from '../../src/doctor/stun-message.js';
import { freePort } from './free-port.js';
import { temporaryFolder } from './temporary-folder.js';
import { waitFor } from './wait-for.js';

export interface TurnServer {
  readonly port: number;
  /** `turn:127.0.0.1:port?transport=...` */
  url(transport?: 'udp' | 'tcp'): string;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Tests that need one are skipped, and say so, where there is none. */
export const hasTurnServer = spawnSync('turnserver', ['--version'], { stdio: 'ignore' }).error === undefined;

/** `more` are further options of turnserver. By default it may relay to this machine, where media is in tests. */
export async function startTurnServer(secret: string, more: readonly string[] = ['--allow-loopback-peers']): Promise<TurnServer> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const child: ChildProcess = spawn(
    'turnserver',
    [
      ...['-n', '--listening-ip=127.0.0.1', `--listening-port=${port}`, '--relay-ip=127.0.0.1', '--realm=causeway.example'],
      ...['--use-auth-secret', `--static-auth-secret=${secret}`, '--no-tls', '--no-dtls', '--no-cli', '--relay-threads=1'],
      ...['--log-file=stdout', '--simple-log', `--pidfile=${folder.path}/pid`, `--userdb=${folder.path}/userdb`, ...more],
    ],
    { stdio: 'ignore', cwd: folder.path },
  );
  const exited = once(child, 'exit');
  await waitFor(async () => {
    if (child.exitCode !== null) throw new Error(`turnserver ended with ${child.exitCode}`);
    const client = await StunClient.open({ protocol: 'tcp', host: '127.0.0.1', port });
    try {
      return (await client.ask(binding())).success;
    } finally {
      client.close();
    }
  }, 'the TURN server');
  return {
    port,
    url: (transport = 'udp') => `turn:127.0.0.1:${port}?transport=${transport}`,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
      await folder.remove();
    },
  };
}
