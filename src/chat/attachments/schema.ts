/** Shapes of the API of uploads and files. The page infers its types from here. */
import { z } from 'zod';

const id = z.uuid();

export const uploadParams = z.object({ id });
export const attachmentParams = z.object({ id });
export const fileQuery = z.object({
  inline: z.enum(['1']).optional().describe('To be shown in the browser where its type allows that, and not saved.'),
});

export const uploadSchema = z.object({
  id,
  name: z.string(),
  /** By its bytes, once complete; until then as its sender says. */
  type: z.string(),
  size: z.number(),
  /** Bytes that are here. */
  offset: z.number(),
  complete: z.boolean(),
  /** Hex; empty until complete. */
  sha256: z.string(),
  /** Pixels; 0 where it is no picture, or was not read yet. */
  width: z.number(),
  height: z.number(),
  preview: z.boolean(),
  expiresAt: z.iso.datetime(),
});
export type Upload = z.output<typeof uploadSchema>;

/** Of Upload-Metadata, as the tus protocol calls it. */
export const uploadMetadata = z.object({
  conversationId: z.string(),
  filename: z.string().max(2_000).default(''),
  filetype: z
    .string()
    .regex(/^([\w.+-]{1,60}\/[\w.+-]{1,100})?$/)
    .default(''),
  /** What the person answered to a warning of a rule. */
  acknowledged: z.enum(['', 'true']).default(''),
  // PostgreSQL's text holds no NUL.
  reason: z
    .string()
    .max(1_000)
    .overwrite((text) => text.replaceAll('\0', ''))
    .default(''),
});

/** Bytes, or nothing. */
export const bytesSchema = z.unknown().describe('The bytes of the file.');
export const nothingSchema = z.null().describe('Nothing: the headers say it.');
