/** Identifiers and secrets. Ids are UUIDv7 (RFC 9562 section 5.7): they sort by time and index well. */
import { createHash, randomBytes, randomInt } from 'node:crypto';

/** A new UUIDv7. */
export function newId(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return grouped(bytes.toString('hex'));
}

/**
 * A UUIDv8 (RFC 9562 section 5.8) of SHA-256 over what it stands for: the same thing has the same id
 * whenever and wherever it is made.
 */
export function derivedId(...parts: readonly (string | number)[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest();
  bytes.writeUInt8(0x80 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return grouped(bytes.toString('hex', 0, 16));
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isId(text: string): boolean {
  return uuid.test(text);
}

/** A secret of 256 bits for links and tokens, URL-safe. Store only its hash. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 of a secret, for the database. Secrets of 256 bits need no salt and no slow hash. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Letters that are not mistaken for others when read aloud. */
const codeLetters = 'abcdefghjkmnpqrstuvwxyz';

/** The code in a meeting's link: `abc-defg-hjk`, 45 bits. */
export function newMeetingCode(): string {
  const letters = (n: number) => Array.from({ length: n }, () => codeLetters[randomInt(codeLetters.length)]).join('');
  return `${letters(3)}-${letters(4)}-${letters(3)}`;
}

export function isMeetingCode(text: string): boolean {
  return /^[a-z]{3}-[a-z]{4}-[a-z]{3}$/i.test(text);
}

/** RFC 9562 section 4: 8-4-4-4-12. */
function grouped(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
