/** Text that a person typed and others read: a name, a title, a message. */
import { z } from 'zod';

/**
 * Control characters, halves of surrogate pairs, and what turns the rest of a line around (UAX #9
 * section 2: embeddings, overrides, isolates). A database or a terminal trips over the first, a
 * reader over the last: "gro.evil" would be read as "live.org".
 */
const unwanted = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;
/** Something to see: a letter, a digit, a sign. Spaces, joiners and marks alone are none. */
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

export function lineOfText(maxCharacters: number) {
  return z
    .string()
    .overwrite((text) => text.replace(/\s+/gu, ' ').replace(unwanted, '').trim())
    .min(1)
    .max(maxCharacters)
    .refine((text) => visible.test(text));
}

/** PostgreSQL's text holds no NUL and no half of a surrogate pair; white space around a message is nobody's. */
export function cleanText(text: string): string {
  return text
    .replaceAll('\0', '')
    .replace(/\p{Cs}/gu, '\ufffd')
    .trim();
}
