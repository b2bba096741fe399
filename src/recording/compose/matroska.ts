/** Timed packets in files of Matroska, which FFmpeg reads: one track in each. */
import { rename, rm } from 'node:fs/promises';
import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathSource,
  FilePathTarget,
  Input,
  MATROSKA,
  MkvOutputFormat,
  Output,
} from 'mediabunny';
import type { AudioFrame } from './ports.js';
import type { Size, VideoCodecName } from './video-codec.js';
import type { VideoFrame } from './video-frames.js';

/** What the container must be told of a codec; decoders find out more by themselves. */
const codecStrings: Readonly<Record<VideoCodecName, string>> = {
  vp8: 'vp8',
  vp9: 'vp09.00.31.08',
  avc: 'avc1.42e01f',
  av1: 'av01.0.08M.08',
};
const unknownSize: Size = { width: 1_280, height: 720 };

const opusConfig = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 } as const;

export interface PacketFile<Frame> {
  add(frame: Frame): Promise<void>;
  /** The file stands under its name only when it is whole. False: there was nothing to put in, and there is no file. */
  finish(): Promise<boolean>;
  /** What was begun is removed. Harmless after `finish`. */
  discard(): Promise<void>;
}

export function videoFile(file: string, codec: VideoCodecName): PacketFile<VideoFrame> {
  const source = new EncodedVideoPacketSource(codec);
  return packetFile(file, (output) => output.addVideoTrack(source), {
    add: ({ atMs, data, isKey, size }, isFirst) => {
      const packet = new EncodedPacket(data, isKey ? 'key' : 'delta', atMs / 1_000, 0);
      const { width, height } = size ?? unknownSize;
      const config = { codec: codecStrings[codec], codedWidth: width, codedHeight: height };
      return isFirst ? source.add(packet, { decoderConfig: config }) : source.add(packet);
    },
  });
}

export function audioFile(file: string): PacketFile<AudioFrame> {
  const source = new EncodedAudioPacketSource('opus');
  return packetFile(file, (output) => output.addAudioTrack(source), {
    add: ({ atMs, durationMs, opus }, isFirst) => {
      const packet = new EncodedPacket(opus, 'key', atMs / 1_000, durationMs / 1_000);
      return isFirst ? source.add(packet, { decoderConfig: opusConfig }) : source.add(packet);
    },
  });
}

/** Packets of a finished file from one time to another, milliseconds. */
export async function* readAudioFile(file: string, fromMs: number, toMs: number): AsyncGenerator<AudioFrame> {
  const input = new Input({ source: new FilePathSource(file), formats: [MATROSKA] });
  try {
    const track = await input.getPrimaryAudioTrack();
    if (!track) return;
    const sink = new EncodedPacketSink(track);
    let packet = (await sink.getPacket(fromMs / 1_000)) ?? (await sink.getFirstPacket());
    for (; packet; packet = await sink.getNextPacket(packet)) {
      const atMs = packet.timestamp * 1_000;
      if (atMs >= toMs) return;
      if (atMs >= fromMs) yield { atMs, durationMs: packet.duration * 1_000, opus: packet.data };
    }
  } finally {
    input.dispose();
  }
}

function packetFile<Frame extends { readonly atMs: number }>(
  file: string,
  addTrack: (output: Output) => void,
  { add }: { add: (frame: Frame, isFirst: boolean) => Promise<void> },
): PacketFile<Frame> {
  const half = `${file}.half`;
  let output: Output | null = null;
  let last = 0;
  let isDone = false;
  return {
    add: async (frame) => {
      const isFirst = output === null;
      if (!output) {
        output = new Output({ format: new MkvOutputFormat(), target: new FilePathTarget(half) });
        addTrack(output);
        await output.start();
      }
      // The container wants time that does not go back.
      last = Math.max(last, frame.atMs);
      await add({ ...frame, atMs: last }, isFirst);
    },
    finish: async () => {
      isDone = true;
      if (!output) return false;
      await output.finalize();
      await rename(half, file);
      return true;
    },
    discard: async () => {
      if (isDone) return;
      isDone = true;
      await output?.cancel();
      await rm(half, { force: true });
    },
  };
}
