/** A stretch of time in which everything is counted: what the crowd got, and what it cost. */
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Crowd, CrowdTotal } from './crowd.js';
import { cpuSeconds, machineSeconds, udpDrops } from './process-usage.js';

export interface WindowOptions {
  readonly crowd: Crowd;
  readonly workers: readonly number[];
  /** Ports of the workers. */
  readonly ports: readonly number[];
  readonly seconds: number;
  /** The process that directs the workers. */
  readonly director: number;
}

export interface Window {
  readonly total: CrowdTotal;
  /** Seconds of CPU of the process that directs the workers. */
  readonly directorCpu: number;
  /** Seconds of CPU of all workers together. */
  readonly workerCpu: number;
  /** Share of a core that the busiest worker used. */
  readonly busiestWorker: number;
  /** Of all cores, what workers and generator used together. */
  readonly ours: number;
  readonly busiestGenerator: number;
  /** Share of all cores, others' programs included. */
  readonly machine: number;
  /** Packets of publishers that were lost in front of the workers. */
  readonly droppedAtServer: number;
}

export async function observe({ crowd, workers, ports, seconds, director }: WindowOptions): Promise<Window> {
  const each = (pids: readonly number[]): Promise<number[]> => Promise.all(pids.map((pid) => cpuSeconds([pid])));
  const dropped = async (): Promise<number> => {
    const drops = await udpDrops();
    return ports.reduce((sum, port) => sum + (drops.get(port) ?? 0), 0);
  };
  await crowd.mark();
  const before = {
    director: await cpuSeconds([director]),
    workers: await each(workers),
    crowd: await each(crowd.pids),
    machine: await machineSeconds(),
    dropped: await dropped(),
  };
  await delay(seconds * 1_000);
  const after = {
    director: await cpuSeconds([director]),
    workers: await each(workers),
    crowd: await each(crowd.pids),
    machine: await machineSeconds(),
    dropped: await dropped(),
  };
  const total = await crowd.read();
  const shares = (name: 'workers' | 'crowd'): number[] => after[name].map((cpu, at) => (cpu - before[name][at]!) / seconds);
  return {
    total,
    workerCpu: after.workers.reduce((sum, cpu, at) => sum + cpu - before.workers[at]!, 0),
    directorCpu: after.director - before.director,
    busiestWorker: Math.max(...shares('workers')),
    ours: [...shares('workers'), ...shares('crowd')].reduce((sum, share) => sum + share, 0) / availableParallelism(),
    busiestGenerator: Math.max(...shares('crowd')),
    machine: (after.machine.busy - before.machine.busy) / (after.machine.all - before.machine.all),
    droppedAtServer: after.dropped - before.dropped,
  };
}

const saturated = 0.9;
/** Of what the machine does, ours is at least this, or others disturb. */
const mostly = 0.7;

/** Who was at its limit in a window in which packets were lost or late. */
export function limitOf({
  busiestWorker,
  busiestGenerator,
  machine,
  ours,
  total,
}: Pick<Window, 'busiestWorker' | 'busiestGenerator' | 'machine' | 'ours'> & { readonly total: Pick<CrowdTotal, 'dropped'> }): string {
  if (busiestWorker >= saturated) return 'a media worker';
  if (machine >= saturated && ours < mostly * machine) return 'other programs on the machine';
  if (total.dropped > 0 || busiestGenerator >= saturated) return 'the load generator';
  return machine >= saturated ? 'the machine, which the load generator shares' : 'not known';
}
