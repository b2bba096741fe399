/** The UDP port that takes what is tapped, on loopback alone. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Bursts of many speakers wait here while an utterance is handed over. */
const receiveBufferBytes = 4 * 1_024 * 1_024;

export async function openVoicePort(heard: (bytes: Buffer) => void): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', heard);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  try {
    socket.setRecvBufferSize(receiveBufferBytes);
  } catch {
    // The system allows less (net.core.rmem_max); what it has is what there is.
  }
  return socket.address().port;
}
