/** A place in the finds, as text that a caller hands back. */
import { z } from 'zod';
import { CausewayError } from '../../platform/errors.js';
import type { Place } from './candidates.js';

const placeSchema = z.tuple([z.number().int().min(0), z.uuid(), z.number().int().min(0).max(0x7fff_ffff)]);

export function encodeCursor({ sentAt, conversationId, number }: Place): string {
  return Buffer.from(JSON.stringify([sentAt, conversationId, number])).toString('base64url');
}

/** @throws REQUEST_INVALID */
export function decodeCursor(cursor: string): Place {
  const place = placeSchema.safeParse(parse(Buffer.from(cursor, 'base64url').toString()));
  if (!place.success) throw new CausewayError('REQUEST_INVALID', { field: 'cursor', fill: { detail: 'cursor' } });
  const [sentAt, conversationId, number] = place.data;
  return { sentAt, conversationId, number };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
