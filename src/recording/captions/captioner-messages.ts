/** What the server and its captioner, the process that listens, say to each other. */
import { z } from 'zod';
import { modelSchema } from './engines/engine-messages.js';

const spoken = z.array(z.string());

/** An engine as the captioner opens it: names of files instead of folders. */
export const engineChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('process'), name: z.string(), languages: spoken, model: modelSchema, processes: z.int() }),
  z.object({
    kind: z.literal('http'),
    languages: spoken,
    url: z.string(),
    model: z.string(),
    key: z.string().optional(),
    tell: z.record(z.string(), z.string()),
    parallel: z.int(),
  }),
]);
export type EngineChoice = z.output<typeof engineChoice>;

const id = z.string();
const line = z.object({
  line: z.string(),
  text: z.string(),
  language: z.string(),
  beginMs: z.number(),
  endMs: z.number(),
  engine: z.string(),
});

export const toCaptioner = z.discriminatedUnion('what', [
  z.object({
    what: z.literal('open'),
    engines: z.array(engineChoice),
    /** The detector of voice activity, a file that was checked. */
    voiceModel: z.string(),
    decodeMs: z.int(),
    patienceMs: z.int(),
  }),
  /** A tap: packets come to the port. */
  z.object({ what: z.literal('begin'), id, ssrc: z.int(), payloadType: z.int(), clockRate: z.int(), language: z.string() }),
  z.object({ what: z.literal('paused'), id, paused: z.boolean() }),
  /** Sound that was captured: packets come by this channel. */
  z.object({ what: z.literal('read'), id, language: z.string() }),
  z.object({
    what: z.literal('packets'),
    id,
    packets: z.array(z.object({ atMs: z.number(), opus: z.custom<Uint8Array>((value) => value instanceof Uint8Array) })),
  }),
  /** No more packets: what was said is written, then `ended`. */
  z.object({ what: z.literal('end'), id }),
  /** What was read is no longer wanted. */
  z.object({ what: z.literal('drop'), id }),
]);
export type ToCaptioner = z.output<typeof toCaptioner>;

export const fromCaptioner = z.discriminatedUnion('what', [
  z.object({ what: z.literal('opened'), port: z.int() }),
  z.object({ what: z.literal('begun'), id }),
  z.object({ what: z.literal('refused'), id, why: z.string() }),
  z.object({ what: z.literal('partial'), id, ...line.shape }),
  z.object({ what: z.literal('final'), id, ...line.shape }),
  z.object({ what: z.literal('left'), id, ...line.shape, why: z.string() }),
  /** Everything before this time is written or was left. Of taps since 1970, of what is read as it came. */
  z.object({ what: z.literal('heard'), id, untilMs: z.number() }),
  /** Wants more packets. */
  z.object({ what: z.literal('more'), id }),
  z.object({ what: z.literal('ended'), id }),
  z.object({ what: z.literal('state'), behind: z.boolean(), problems: z.array(z.string()), enginePids: z.array(z.int()) }),
]);
export type FromCaptioner = z.output<typeof fromCaptioner>;
