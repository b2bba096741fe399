/** What compose wrote beside the files of a version (compose/composition.ts): where they begin, how long they are, what is missing. */
import { z } from 'zod';
import type { BlobStore } from '../platform/blobs/index.js';
import type { StoredFile } from './stored-file.js';

const ms = z.number().min(0).max(2_147_483_647);
const composedSchema = z.object({
  beginMs: ms,
  durationMs: ms.nullable().default(null),
  gaps: z
    .array(
      z.object({
        track: z.string(),
        what: z.enum(['altered', 'missing', 'lost', 'damaged']),
        from: z.number(),
        to: z.number(),
      }),
    )
    .default([]),
});
export type Composed = z.output<typeof composedSchema>;

export const composedName = 'composed.json';
/** Of a meeting of a day with a bad network it has some hundred kilobytes. */
const bytesAtMost = 10_000_000;

/** Null: it is not there, or not what compose writes. */
export async function readComposed(
  blobs: Pick<BlobStore, 'get'>,
  file: Pick<StoredFile, 'blobKey' | 'bytes'> | null | undefined,
): Promise<Composed | null> {
  const content = file && file.bytes <= bytesAtMost ? await blobs.get(file.blobKey) : null;
  if (!content) return null;
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(Buffer.from(part));
  try {
    return composedSchema.parse(JSON.parse(Buffer.concat(parts).toString()));
  } catch {
    return null;
  }
}
