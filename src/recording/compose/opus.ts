/** Opus packets (RFC 6716): how long they last, and one that is silence. */

/** Milliseconds of one frame by configuration number (RFC 6716 section 3.1, table 2). */
const silkMs = [10, 20, 40, 60];
const hybridMs = [10, 20];
const celtMs = [2.5, 5, 10, 20];

/** 0: this is no Opus packet. */
export function opusDurationMs(packet: Uint8Array): number {
  const [toc, count] = packet;
  if (toc === undefined) return 0;
  const frame = frameMs(toc >> 3);
  const code = toc & 3;
  if (code === 0) return frame;
  if (code < 3) return frame * 2;
  // Section 3.2.5: at most 120 ms.
  const total = frame * ((count ?? 0) & 0x3f);
  return total <= 120 ? total : 0;
}

function frameMs(configuration: number): number {
  if (configuration < 12) return silkMs[configuration & 3] ?? 0;
  if (configuration < 16) return hybridMs[configuration & 1] ?? 0;
  return celtMs[configuration & 3] ?? 0;
}

/** 20 ms of digital silence: CELT, fullband, stereo, its silence flag set. */
export const opusSilence = Uint8Array.of(0xfc, 0xff, 0xfe);
export const opusSilenceMs = 20;
