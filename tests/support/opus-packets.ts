/** Sound as the Opus packets of a browser: 20 ms each, 48 kHz. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';

export const packetMs = 20;

/**
 * @param wav Files, one after the other.
 * @param pauseSeconds Silence before, between and after them.
 */
export async function opusPackets(wav: readonly string[], pauseSeconds = 0.7): Promise<Uint8Array[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'causeway-opus-'));
  try {
    const file = path.join(folder, 'sound.ogg');
    const inputs = wav.flatMap((one) => ['-i', one]);
    const silence = `aevalsrc=0:d=${pauseSeconds}:s=16000[s];[s]asplit=${wav.length + 1}${wav.map((_, at) => `[p${at}]`).join('')}[p${wav.length}]`;
    const parts = `${wav.map((_, at) => `[p${at}][${at}:a]`).join('')}[p${wav.length}]`;
    const graph = `${silence};${parts}concat=n=${wav.length * 2 + 1}:v=0:a=1[out]`;
    const encode = ['-map', '[out]', '-c:a', 'libopus', '-b:a', '32k', '-ar', '48000', '-ac', '1', '-frame_duration', String(packetMs)];
    await run(ffmpeg.path, ['-v', 'error', ...inputs, '-filter_complex', graph, ...encode, file]);
    const input = new Input({ source: new BufferSource(await readFile(file)), formats: ALL_FORMATS });
    const track = await input.getPrimaryAudioTrack();
    if (!track) throw new Error('FFmpeg wrote no sound.');
    const packets: Uint8Array[] = [];
    for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet.data);
    return packets;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (text) => {
    words += String(text);
  });
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`FFmpeg failed: ${words}`))));
  });
}
