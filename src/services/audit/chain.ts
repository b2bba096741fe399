/**
 * How rows of the audit log are chained, so that anybody can check an export with SHA-256 and JSON alone:
 *
 *   hash of row n = SHA-256(hash of row n - 1, then the row as canonical JSON, UTF-8)
 *   hash of row 0 = 32 zero bytes
 *
 * Canonical JSON is that of RFC 8785.
 */
import { createHash } from 'node:crypto';
import { canonical, type JsonObject } from '../../platform/canonical-json.js';

/** What of a row is hashed. */
export interface ChainedRow {
  readonly orgId: string;
  readonly number: number;
  /** UTC with six digits of the second, as precise as the database is: 2026-03-01T09:30:00.123000Z */
  readonly at: string;
  readonly actorId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly subject: JsonObject;
  readonly detail: JsonObject;
}

/** What the first row is chained to. */
export const genesis: Buffer = Buffer.alloc(32);

export function hashRow(previous: Buffer, row: ChainedRow): Buffer {
  const { orgId, number, at, actorId, actor, action, subject, detail } = row;
  return createHash('sha256').update(previous).update(canonical({ orgId, number, at, actorId, actor, action, subject, detail })).digest();
}
