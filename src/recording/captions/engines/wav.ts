/** Sound as a WAV file: 16 bits, one channel. */
export function wavOf(audio: Float32Array, sampleRate: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(44 + audio.length * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + audio.length * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(audio.length * 2, 40);
  for (let at = 0; at < audio.length; at += 1) {
    const sample = Math.max(-1, Math.min(1, audio[at] ?? 0));
    bytes.writeInt16LE(Math.round(sample * 32_767), 44 + at * 2);
  }
  return bytes;
}
