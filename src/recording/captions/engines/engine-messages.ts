/** What the captioner and a process with a model say to each other. */
import { z } from 'zod';

const samples = z.custom<Float32Array>((value) => value instanceof Float32Array);

/** Of models whose files are read by the process; their files, by name. */
export const modelSchema = z.discriminatedUnion('engine', [
  z.object({ engine: z.literal('moonshine'), encoder: z.string(), decoder: z.string(), tokens: z.string() }),
  z.object({ engine: z.literal('sense-voice'), model: z.string(), tokens: z.string() }),
]);
export type Model = z.output<typeof modelSchema>;

export const toEngine = z.discriminatedUnion('what', [
  z.object({ what: z.literal('load'), model: modelSchema }),
  z.object({ what: z.literal('recognize'), id: z.int(), audio: samples, language: z.string() }),
]);
export type ToEngine = z.output<typeof toEngine>;

export const fromEngine = z.discriminatedUnion('what', [
  z.object({ what: z.literal('ready') }),
  z.object({ what: z.literal('unusable'), why: z.string() }),
  z.object({ what: z.literal('recognized'), id: z.int(), text: z.string(), language: z.string().nullable() }),
  z.object({ what: z.literal('refused'), id: z.int(), why: z.string() }),
]);
export type FromEngine = z.output<typeof fromEngine>;
