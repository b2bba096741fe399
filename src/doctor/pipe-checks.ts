/** Ports for media between nodes. */
import dgram from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Config } from '../config.js';
import { addressesOfUrl, isLoopback } from './addresses.js';
import { type Check, ok, reasonOf, warning, wrong } from './check.js';

/** A pair of pipes between two nodes takes one port on each; below this a large meeting could want more. */
const fewPorts = 100;

export const pipesCheck: Check = {
  name: 'Pipe ports',
  async look({ config }) {
    if (config.REDIS_URL === undefined) return ok('not used: one node has nobody to pipe media to');
    const [from = 0, to = 0] = config.MEDIA_PIPE_PORTS.split('-').map(Number);
    const setting = 'Correct CAUSEWAY_MEDIA_PIPE_PORTS.';
    if (from < 1_024 || to > 65_535 || from > to) return wrong(`${config.MEDIA_PIPE_PORTS} is no range of ports`, setting);
    const clash = mediaPortWithin(config, from, to);
    if (clash !== null) return wrong(`${config.MEDIA_PIPE_PORTS} has media port ${clash} in it`, setting);
    const ip = pipeIp(config);
    const failure = await bindFailure(ip);
    if (failure !== null) return wrong(`this machine can't use ${ip} (${reasonOf(failure)})`, 'Correct CAUSEWAY_MEDIA_PIPE_IP.');
    const found = `UDP ${config.MEDIA_PIPE_PORTS} at ${ip}`;
    if (to - from + 1 < fewPorts) return warning(`${found}: ${to - from + 1} ports`, `Give at least ${fewPorts}.`);
    const redis = await addressesOfUrl(config.REDIS_URL);
    if (isLoopback(ip) && redis.length > 0 && !redis.every(isLoopback))
      return warning(
        `${found}, which no other machine reaches`,
        'Set CAUSEWAY_MEDIA_PIPE_IP to the address of this machine in the network of the nodes.',
      );
    return ok(`${found}, for the other nodes alone`);
  },
};

/** As src/media chooses it. */
function pipeIp({ MEDIA_PIPE_IP: pipe, MEDIA_LISTEN_IP: listen }: Config): string {
  return pipe ?? (listen === '0.0.0.0' || listen === '::' ? '127.0.0.1' : listen);
}

function mediaPortWithin({ MEDIA_PORT: first, MEDIA_WORKERS: workers }: Config, from: number, to: number): number | null {
  if (first === 0) return null;
  for (let port = first; port < first + workers; port += 1) if (port >= from && port <= to) return port;
  return null;
}

/** Null when a UDP socket can be bound there. */
function bindFailure(ip: string): Promise<Error | null> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(isIPv6(ip) ? 'udp6' : 'udp4');
    socket.once('error', resolve);
    socket.bind({ port: 0, address: ip, exclusive: true }, () => socket.close(() => resolve(null)));
  });
}
