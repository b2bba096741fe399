/** Starts the bare mediasoup script. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface Bare {
  readonly url: string;
  readonly pid: number;
  /** Process ids of its media workers. */
  readonly workers: readonly number[];
  close(): Promise<void>;
}

export async function startBare(workers: number): Promise<Bare> {
  const child = fork(path.join(import.meta.dirname, 'bare-server.ts'), [String(workers)], {
    execArgv: ['--import', import.meta.resolve('tsx')],
  });
  const exited = once(child, 'exit');
  const ready: Promise<[{ url: string; workers: number[] }]> = once(child, 'message').then(([message]) => [message]);
  const early = exited.then(([code]) => {
    throw new Error(`The bare script ended with ${code}.`);
  });
  const [face] = await Promise.race([ready, early]);
  early.catch(() => undefined);
  return {
    ...face,
    pid: child.pid ?? 0,
    close: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
