/**
 * What nodes say to each other, to bytes and back.
 *
 * The bytes are V8's own serialisation (the structured clone of HTML, `node:v8`): it carries
 * Uint8Array, Map and undefined as they are, which JSON does not, needs no package and no schema for
 * words that only this program says to itself, and newer versions of Node read what older ones wrote.
 * Whoever can write to the bus is trusted as a node is: he could take every lease as well.
 */
import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { CausewayError, type ErrorCode, isErrorCode } from '../errors.js';

const frameSchema = z.union([
  z.tuple([z.literal('call'), z.string(), z.number(), z.number(), z.string(), z.unknown()]),
  z.tuple([z.literal('reply'), z.string(), z.number(), z.number(), z.unknown()]),
  z.tuple([z.literal('refusal'), z.string(), z.number(), z.number(), z.unknown()]),
  z.tuple([z.literal('word'), z.string(), z.number(), z.string(), z.unknown()]),
]);

const faceSchema = z.object({ id: z.string(), mediaLoad: z.number(), gatewayUrl: z.string(), draining: z.boolean() });
const newsSchema = z.discriminatedUnion('kind', [
  /** `asks`: whoever hears it says at once that it lives, too. */
  z.object({ kind: z.literal('alive'), face: faceSchema, asks: z.boolean() }),
  z.object({ kind: z.literal('goodbye'), id: z.string() }),
]);
const refusalSchema = z.object({
  code: z.string(),
  field: z.string().optional(),
  fill: z.record(z.string(), z.union([z.string(), z.number()])),
});

/** From one node to one other. `[kind, sender, sequence number, ...]`; calls and their answers carry the id of the call. */
export type NodeFrame = z.output<typeof frameSchema>;
/** From one node to all. */
export type NodeNews = z.output<typeof newsSchema>;

export function writeFrame(frame: NodeFrame): Uint8Array {
  return serialize(frame);
}

/** Null: not a frame of ours. */
export function readFrame(bytes: Uint8Array): NodeFrame | null {
  return read(frameSchema, bytes);
}

export function writeNews(news: NodeNews): Uint8Array {
  return serialize(news);
}

export function readNews(bytes: Uint8Array): NodeNews | null {
  return read(newsSchema, bytes);
}

/** What the other node may know of an error: its code, never its stack. */
export function writeRefusal({ code, field, fill }: CausewayError): z.output<typeof refusalSchema> {
  return { code, ...(field === undefined ? {} : { field }), fill: { ...fill } };
}

export function readRefusal(refusal: unknown): CausewayError {
  const { data } = refusalSchema.safeParse(refusal);
  // A newer node may know codes that we don't.
  const code: ErrorCode = data && isErrorCode(data.code) ? data.code : 'SERVER_FAULT';
  return new CausewayError(code, { ...(data?.field === undefined ? {} : { field: data.field }), fill: data?.fill ?? {} });
}

function read<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array): z.output<Schema> | null {
  try {
    return schema.safeParse(deserialize(bytes)).data ?? null;
  } catch {
    return null;
  }
}
