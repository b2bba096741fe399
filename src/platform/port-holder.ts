/**
 * Who holds a port: for the sentence of a start that fails because its port is taken.
 *
 * Linux tells it without any tool: `/proc/net/tcp` has the socket's inode, and one of the
 * processes has a file descriptor that points to it. Processes of other users show their
 * descriptors to root only, so the answer may be "another program"; elsewhere than on Linux
 * it is null.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';

export type PortProtocol = 'tcp' | 'udp';

/** Says who listens on a port of this machine, such as `node (pid 123)`; null when nobody does or it can't be told. */
export async function describePortHolder(port: number, protocol: PortProtocol = 'tcp'): Promise<string | null> {
  const inodes = await inodesOfPort(port, protocol);
  if (inodes.size === 0) return null;
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (/^\d+$/.test(pid) && (await holdsOneOf(pid, inodes))) return `${await nameOf(pid)} (pid ${pid})`;
  }
  return 'a program of another user (run as root to see which)';
}

async function inodesOfPort(port: number, protocol: PortProtocol): Promise<ReadonlySet<string>> {
  const inodes = new Set<string>();
  // States as in include/net/tcp_states.h of Linux: 0A is LISTEN; a bound UDP socket is 07 (CLOSE).
  const state = protocol === 'tcp' ? '0A' : '07';
  for (const table of [`/proc/net/${protocol}`, `/proc/net/${protocol}6`]) {
    const text = await readFile(table, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const localPort = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
      const inode = fields[9];
      if (localPort === port && fields[3] === state && inode !== undefined) inodes.add(inode);
    }
  }
  return inodes;
}

async function holdsOneOf(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  // A process may end, or belong to somebody else, while it is looked at: then it has no descriptors to show.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

async function nameOf(pid: string): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() || 'a program';
}
