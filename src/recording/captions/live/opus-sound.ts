/** Opus packets (RFC 6716) as sound that engines take: 16 kHz, one channel. */
import { OpusDecoder } from 'opus-decoder';
import { sampleRate } from '../engines/speech-engine.js';

export class OpusSound {
  readonly #decoder: OpusDecoder<typeof sampleRate>;

  private constructor(decoder: OpusDecoder<typeof sampleRate>) {
    this.#decoder = decoder;
  }

  static async open(): Promise<OpusSound> {
    const decoder = new OpusDecoder({ sampleRate, channels: 1, streamCount: 1, coupledStreamCount: 0, channelMappingTable: [0] });
    await decoder.ready;
    return new OpusSound(decoder);
  }

  /** Null: it is no Opus packet, or an empty one. */
  decode(packet: Uint8Array): Float32Array | null {
    if (packet.length === 0) return null;
    const { channelData, samplesDecoded } = this.#decoder.decodeFrame(packet);
    const [samples] = channelData;
    return samples && samplesDecoded > 0 ? samples.subarray(0, samplesDecoded) : null;
  }

  close(): void {
    this.#decoder.free();
  }
}
