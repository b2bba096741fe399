/** What processes use, as Linux tells it in /proc. */
import { readFile } from 'node:fs/promises';

/** USER_HZ: proc_pid_stat(5) counts in hundredths of a second on every Linux there is. */
const ticksPerSecond = 100;
const pageBytes = 4_096;

/** Seconds of CPU that processes have used, all threads, user and kernel. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const fields = afterName(await readFile(`/proc/${pid}/stat`, 'utf8'));
    // utime and stime are fields 14 and 15; the first here is field 3.
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / ticksPerSecond;
}

export async function residentBytes(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]) * pageBytes;
}

/** Share of all cores that was busy between two readings is the difference of these. */
export async function machineSeconds(): Promise<{ busy: number; all: number }> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const all = user + nice + system + idle + wait + irq + softirq + steal;
  return { busy: (all - idle - wait) / ticksPerSecond, all: all / ticksPerSecond };
}

/** Datagrams that the kernel threw away because a socket's buffer was full, by local port. */
export async function udpDrops(): Promise<ReadonlyMap<number, number>> {
  const drops = new Map<number, number>();
  for (const file of ['/proc/net/udp', '/proc/net/udp6']) {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const line of lines) {
      const fields = line.trim().split(/\s+/);
      const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
      const dropped = Number(fields.at(-1));
      if (dropped > 0) drops.set(port, (drops.get(port) ?? 0) + dropped);
    }
  }
  return drops;
}

/** The name in parentheses may hold anything. */
function afterName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
