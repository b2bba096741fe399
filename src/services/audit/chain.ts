/**
 * How rows of the audit log are chained, so that anybody can check an export with SHA-256 and JSON alone:
 *
 *   hash of row n = SHA-256(hash of row n - 1, then the row as canonical JSON, UTF-8)
 *   hash of row 0 = 32 zero bytes
 *
 * Canonical JSON is that of RFC 8785: members sorted by their UTF-16 code units, no white space,
 * numbers as ECMAScript writes them.
 */
import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

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

/** RFC 8785. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/**
 * What of a value the database gives back unchanged: JSON, without NUL and halves of surrogate pairs,
 * which jsonb does not hold. What is hashed before it is written must be what is read afterwards.
 */
export function storable(value: unknown): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? storableObject(value) : null;
}

export function storableObject(value: object): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [storableText(name), storable(member)]),
  );
}

export function storableText(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Cs}/gu, '\ufffd');
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
