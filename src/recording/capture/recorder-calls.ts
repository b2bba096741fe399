/** What the server and the recorder process say to each other. Both check it: a mistake should be told where it was made. */
import { z } from 'zod';
import { gapSchema } from './gaps.js';
import { trackHeaderSchema } from './spool.js';

export const recorderOptionsSchema = z.object({
  /** A segment is closed after this time, milliseconds. */
  segmentMs: z.number(),
  /** Below this no more picture is kept, bytes. */
  minFreeBytes: z.number(),
  /** What may wait for the disk, bytes. */
  bufferBytes: z.number(),
  /** Where the spool is. */
  folder: z.string(),
});
export type RecorderOptions = z.output<typeof recorderOptionsSchema>;

export const toRecorderSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('begin'), header: trackHeaderSchema }),
  z.object({ do: z.literal('report'), id: z.uuid(), ssrc: z.number(), ntp: z.bigint(), rtp: z.number(), at: z.number() }),
  z.object({ do: z.literal('paused'), id: z.uuid(), paused: z.boolean(), at: z.number() }),
  /** What came after `at` is not kept. */
  z.object({ do: z.literal('end'), id: z.uuid(), at: z.number() }),
  /** Ends all tracks, then the process. */
  z.object({ do: z.literal('close'), at: z.number() }),
]);
export type ToRecorder = z.output<typeof toRecorderSchema>;

/** well; low: less room than there should be; full: the disk refuses; slow: it takes too long. In all but the first no picture is kept. */
export const diskStates = ['well', 'low', 'full', 'slow'] as const;
export type DiskState = (typeof diskStates)[number];

export const fromRecorderSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('ready') }),
  /** It is not stuck. */
  z.object({ is: z.literal('alive') }),
  z.object({ is: z.literal('listening'), id: z.uuid(), port: z.number() }),
  z.object({ is: z.literal('refused'), id: z.uuid(), why: z.string() }),
  z.object({ is: z.literal('keyframe'), id: z.uuid() }),
  /** Its files are closed. `gaps`: what could not be written down there. */
  z.object({ is: z.literal('ended'), id: z.uuid(), gaps: z.array(gapSchema) }),
  z.object({ is: z.literal('disk'), state: z.enum(diskStates), freeBytes: z.number() }),
]);
export type FromRecorder = z.output<typeof fromRecorderSchema>;
