/** What people connect to: the socket library, ports, the public address. */
import dgram from 'node:dgram';
import net from 'node:net';
import { environmentName } from '../config.js';
import { describePortHolder, type PortProtocol } from '../platform/port-holder.js';
import { type Check, type Finding, ok, type Patient, reasonOf, warning, wrong } from './check.js';

export const socketsCheck: Check = {
  name: 'Sockets',
  async look({ config }) {
    if (config.GATEWAY_LIBRARY === 'ws') return ok('ws, as CAUSEWAY_GATEWAY_LIBRARY says');
    try {
      await import('uWebSockets.js');
      return ok('uWebSockets.js');
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n').at(-1) ?? '') : String(error);
      if (config.GATEWAY_LIBRARY === 'uws')
        return wrong(`uWebSockets.js does not load here (${reason})`, 'Set CAUSEWAY_GATEWAY_LIBRARY to auto.');
      return warning(
        `ws, because uWebSockets.js does not load here (${reason})`,
        'All works; each message costs more CPU. Its binaries are for Node 20 on any current Linux, for Node 22 and 24 on Debian 13 or Ubuntu 24.04 and later.',
      );
    }
  },
};

export const httpPortCheck: Check = {
  name: 'HTTP port',
  look: (patient) => lookAtPort(patient, patient.config.HTTP_PORT, patient.config.HTTP_HOST, 'HTTP_PORT', ['tcp']),
};

export const gatewayPortCheck: Check = {
  name: 'Gateway port',
  look: (patient) => lookAtPort(patient, patient.config.GATEWAY_PORT, patient.config.GATEWAY_HOST, 'GATEWAY_PORT', ['tcp']),
};

export const mediaPortsCheck: Check = {
  name: 'Media ports',
  async look(patient) {
    const { MEDIA_PORT: first, MEDIA_WORKERS: workers, MEDIA_LISTEN_IP: host } = patient.config;
    if (first === 0) return ok('any free ones');
    for (let port = first; port < first + workers; port += 1) {
      const finding = await lookAtPort(patient, port, host, 'MEDIA_PORT', ['udp', 'tcp']);
      if (finding.state !== 'ok') return finding;
    }
    return ok(
      `UDP and TCP ${first}${workers === 1 ? '' : ` to ${first + workers - 1}`} ${patient.running ? 'in use by Causeway' : 'free'}`,
    );
  },
};

export const publicAddressCheck: Check = {
  name: 'Public address',
  async look({ config }) {
    const { PUBLIC_URL: url, HTTP_PORT: port } = config;
    const advice =
      'Browsers give camera and microphone to https pages and to localhost only: put a reverse proxy in front (docs/operations/reverse-proxy.md).';
    if (url === undefined) return ok(`not set: http://localhost:${port}`, advice);
    if (url.startsWith('https:')) return ok(url);
    return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname) ? ok(url) : warning(url, advice);
  },
};

/** True when Causeway answers on its HTTP port. */
export async function isRunning(port: number): Promise<boolean> {
  if (port === 0) return false;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(3_000) });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'ready' in body;
  } catch {
    return false;
  }
}

async function lookAtPort(
  { running }: Patient,
  port: number,
  host: string,
  setting: string,
  protocols: readonly PortProtocol[],
): Promise<Finding> {
  if (port === 0) return ok('any free one');
  for (const protocol of protocols) {
    const failure = await bindFailure(protocol, port, host);
    if (failure === null) continue;
    const what = `${protocol.toUpperCase()} ${port}`;
    if (failure.code === 'EACCES')
      return wrong(`${what} may not be used by this user`, `Ports below 1024 need root: set ${environmentName(setting)} higher.`);
    if (failure.code === 'EADDRNOTAVAIL') return wrong(`this machine has no address ${host}`, 'Correct the address in the settings.');
    if (failure.code !== 'EADDRINUSE')
      return wrong(`${what} can't be used (${reasonOf(failure)})`, `Set ${environmentName(setting)} to another port.`);
    const holder = (await describePortHolder(port, protocol)) ?? 'another program';
    if (running) return ok(`${what} in use by Causeway: ${holder}`);
    return wrong(`${what} is taken by ${holder}`, `End that program, or set ${environmentName(setting)} to another port.`);
  }
  return ok(`${port} free`);
}

/** Null when the port can be bound. */
function bindFailure(protocol: PortProtocol, port: number, host: string): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    if (protocol === 'udp') {
      const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.once('error', resolve);
      socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(null)));
    } else {
      const server = net.createServer();
      server.once('error', resolve);
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
    }
  });
}
