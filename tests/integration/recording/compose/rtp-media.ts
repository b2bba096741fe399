/** Real media as RTP: FFmpeg encodes and packetizes it, and sends it to a port of the test. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { findFfmpeg } from '../../../../src/recording/compose/ffmpeg.js';

export interface MediaPackets {
  readonly mimeType: string;
  readonly clockRate: number;
  readonly payloadType: number;
  readonly ssrc: number;
  /** In the order in which they were sent; seconds of the media since its beginning. */
  readonly packets: readonly { readonly seconds: number; readonly ticks: number; readonly bytes: Buffer }[];
}

const codecs = {
  vp8: { mimeType: 'video/VP8', clockRate: 90_000, args: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '300k'] },
  vp9: {
    mimeType: 'video/VP9',
    clockRate: 90_000,
    args: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '300k', '-strict', 'experimental'],
  },
  h264: {
    mimeType: 'video/H264',
    clockRate: 90_000,
    args: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
  },
  opus: { mimeType: 'audio/opus', clockRate: 48_000, args: ['-c:a', 'libopus', '-b:a', '48k'] },
} as const;

export interface MediaWish {
  readonly codec: keyof typeof codecs;
  /** A source of lavfi, such as testsrc=size=320x180:rate=25:duration=5. */
  readonly source: string;
  /** Pictures between two that stand alone. */
  readonly keyEvery?: number;
}

export async function ffmpeg(args: readonly string[]): Promise<void> {
  const child = spawn(await findFfmpeg(), ['-hide_banner', '-nostdin', '-v', 'error', '-y', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`FFmpeg: ${words}`);
}

export async function makeMedia({ codec, source, keyEvery = 50 }: MediaWish): Promise<MediaPackets> {
  const { mimeType, clockRate, args } = codecs[codec];
  const payloadType = clockRate === 48_000 ? 111 : 96;
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(8_000_000);
  const received: Buffer[] = [];
  socket.on('message', (packet) => received.push(packet));
  const keys = clockRate === 90_000 ? ['-g', String(keyEvery), '-keyint_min', String(keyEvery), '-pix_fmt', 'yuv420p'] : [];
  // The RTCP goes to the port above, where nobody listens: the tests write their own reports, exact ones.
  const { port } = socket.address();
  const url = `rtp://127.0.0.1:${port}?pkt_size=1200`;
  await ffmpeg(['-f', 'lavfi', '-i', source, ...args, ...keys, '-payload_type', String(payloadType), '-f', 'rtp', url]);
  // What was sent on loopback before the sender ended is in the socket's buffer by now.
  let count = -1;
  while (count !== received.length) {
    count = received.length;
    await new Promise((resolve) => setImmediate(() => setTimeout(resolve, 50)));
  }
  socket.close();
  const media = received.filter((packet) => (packet[1] ?? 0) < 192 || (packet[1] ?? 0) > 223);
  const [first] = media;
  if (!first) throw new Error('FFmpeg sent nothing.');
  for (const [index, packet] of media.entries()) {
    if (((packet.readUInt16BE(2) - first.readUInt16BE(2)) & 0xffff) !== (index & 0xffff)) throw new Error('A packet was lost on loopback.');
  }
  const packets = media.map((bytes) => {
    const ticks = (bytes.readUInt32BE(4) - first.readUInt32BE(4)) >>> 0;
    return { seconds: ticks / clockRate, ticks, bytes };
  });
  return { mimeType, clockRate, payloadType, ssrc: first.readUInt32BE(8), packets };
}
