/** What the server used while something went on. */
import { cpuSeconds, residentBytes } from '../media/process-usage.js';
import type { ChatServer } from './stage.js';

export interface Used {
  readonly seconds: number;
  /** Of the server's process alone: not of the database. */
  readonly cpuSeconds: number;
}

export async function using(server: ChatServer, work: () => Promise<void>): Promise<Used> {
  const { pid } = server.process;
  const before = await cpuSeconds([pid]);
  const begin = performance.now();
  await work();
  return { seconds: (performance.now() - begin) / 1_000, cpuSeconds: (await cpuSeconds([pid])) - before };
}

export function memoryOf(server: ChatServer): Promise<number> {
  return residentBytes(server.process.pid);
}

/** Waits until something is so; the load is over by then. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, deadlineMs = 60_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Waited ${deadlineMs / 1_000} s in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
