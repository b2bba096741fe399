/**
 * One report of a page about its own connection: the check when it comes, and the form in which it
 * is kept.
 *
 * A block is any number of samples, each as seconds since the block began, then the protobuf message
 * with its length before it. So the message may get new fields, and what is 0 takes no room.
 */
import protobuf from 'protobufjs/minimal.js';
import { z } from 'zod';
import { causeway } from '#proto';
import { CausewayError } from '../../platform/errors.js';

export interface TimedSample {
  /** End of its time, milliseconds since 1970. */
  readonly at: number;
  readonly sample: Sample;
}

export type Sample = z.output<typeof sampleSchema>;

/** More than any browser counts, and little enough that no sum over a call overflows. */
const packets = z.int().min(0).max(10_000_000);
const longestMs = 60_000;
const pixels = z.int().min(0).max(16_384);
/** As many pictures as a page shows, each standing still all the time. */
const mostFrozenMs = 49 * longestMs;

const sampleSchema = z.object({
  durationMs: z.int().min(1).max(longestMs),
  packetsReceived: packets,
  packetsLost: packets,
  packetsSent: packets,
  sentPacketsLost: packets,
  roundTripMs: z.int().min(0).max(longestMs),
  jitterMs: z.int().min(0).max(longestMs),
  freezes: z.int().min(0).max(10_000),
  freezesMs: z.int().min(0).max(mostFrozenMs),
  concealedPermille: z.int().min(0).max(1_000),
  width: pixels,
  height: pixels,
  framesPerSecond: z.int().min(0).max(240),
  bitsPerSecondIn: z.int().min(0),
  bitsPerSecondOut: z.int().min(0),
  limit: z.enum(causeway.QualitySample.Limit),
  starved: z.int().min(0).max(1_000),
  relayed: z.boolean(),
});

/** @throws REQUEST_INVALID with the name of the first field that can't be. */
export function parseSample(given: causeway.QualitySample.$Properties | null | undefined): Sample {
  if (!given) throw invalid('sample', 'is missing');
  const result = sampleSchema.safeParse(causeway.QualitySample.create(given));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(['sample', ...(issue?.path ?? [])].join('.'), issue?.message ?? '');
}

/** One sample as part of a block that began at `since`. */
export function pack({ at, sample }: TimedSample, since: number): Uint8Array {
  const writer = protobuf.Writer.create().uint32(Math.max(0, Math.round((at - since) / 1_000)));
  return causeway.QualitySample.encode(sample, writer.fork()).ldelim().finish();
}

/** The samples of a block, in their order. What is kept was checked when it came. */
export function* unpack(block: Uint8Array, since: number): Generator<{ readonly at: number; readonly sample: causeway.QualitySample }> {
  const reader = protobuf.Reader.create(block);
  while (reader.pos < reader.len) {
    const at = since + reader.uint32() * 1_000;
    yield { at, sample: causeway.QualitySample.decode(reader, reader.uint32()) };
  }
}

function invalid(field: string, detail: string): CausewayError {
  return new CausewayError('REQUEST_INVALID', { field, fill: { detail: `${field}: ${detail}` } });
}
