import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { describePortHolder } from '../../../src/platform/port-holder.js';

const onLinux = process.platform === 'linux';

test.runIf(onLinux)('names the process that listens on a TCP port', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    expect(await describePortHolder(portOf(server.address()))).toMatch(new RegExp(`^\\S+.* \\(pid ${process.pid}\\)$`));
  } finally {
    server.close();
  }
});

test.runIf(onLinux)('names the process that is bound to a UDP port', async () => {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  try {
    expect(await describePortHolder(socket.address().port, 'udp')).toContain(`(pid ${process.pid})`);
  } finally {
    socket.close();
  }
});

test('says null for a port that nobody listens on', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  server.close();
  await once(server, 'close');
  expect(await describePortHolder(port)).toBeNull();
});

function portOf(address: net.AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not an address of a TCP server');
  return address.port;
}
