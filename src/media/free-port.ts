/** A port that is free for UDP and TCP right now; whoever takes it must be ready to lose the race and ask again. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

export async function freePort(ip: string): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, ip);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const free = await isFreeForUdp(ip, port);
    server.close();
    await once(server, 'close');
    if (free) return port;
  }
}

async function isFreeForUdp(ip: string, port: number): Promise<boolean> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind(port, ip);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
