/** The few STUN messages that an ICE agent exchanges with an ICE-lite server (RFC 8489, RFC 8445). */
import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface BindingRequest {
  /** "remote:local" fragments (RFC 8445 section 7.2.2). */
  readonly username: string;
  /** The remote password. */
  readonly password: string;
  readonly priority: number;
  readonly tieBreaker: Buffer;
  readonly transactionId?: Buffer;
}

export type StunAnswer = { readonly kind: 'success' | 'error' | 'request' | 'other'; readonly transactionId: Buffer };

const magicCookie = 0x2112a442;
const fingerprintXor = 0x5354554e;
const attributes = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlling: 0x802a,
} as const;
const kinds: Readonly<Record<number, StunAnswer['kind']>> = { 1: 'request', 257: 'success', 273: 'error' };

export function newTransactionId(): Buffer {
  return randomBytes(12);
}

/** From the controlling side, with USE-CANDIDATE: an ICE-lite server takes the pair at once (RFC 8445 section 7.3.1.5). */
export function bindingRequest({ username, password, priority, tieBreaker, transactionId = newTransactionId() }: BindingRequest): Buffer {
  const priorityValue = Buffer.alloc(4);
  priorityValue.writeUInt32BE(priority);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(0x0001, 0);
  header.writeUInt32BE(magicCookie, 4);
  transactionId.copy(header, 8);
  const body = Buffer.concat([
    attribute(attributes.username, Buffer.from(username)),
    attribute(attributes.priority, priorityValue),
    attribute(attributes.useCandidate, Buffer.alloc(0)),
    attribute(attributes.iceControlling, tieBreaker),
  ]);
  return withFingerprint(withIntegrity(Buffer.concat([header, body]), password));
}

/** Undefined: no STUN message. */
export function readStun(message: Buffer): StunAnswer | undefined {
  if (message.length < 20 || message.readUInt32BE(4) !== magicCookie) return undefined;
  return { kind: kinds[message.readUInt16BE(0)] ?? 'other', transactionId: message.subarray(8, 20) };
}

/** RFC 8489 section 14.5: HMAC-SHA1 of what is before it, with the length as if it were the last attribute. */
export function withIntegrity(message: Buffer, password: string): Buffer {
  const covered = Buffer.from(message);
  covered.writeUInt16BE(message.length - 20 + 24, 2);
  const mac = createHmac('sha1', password).update(covered).digest();
  return Buffer.concat([covered, attribute(attributes.messageIntegrity, mac)]);
}

/** RFC 8489 section 14.7. */
export function withFingerprint(message: Buffer): Buffer {
  const covered = Buffer.from(message);
  covered.writeUInt16BE(message.length - 20 + 8, 2);
  const value = Buffer.alloc(4);
  value.writeUInt32BE((crc32(covered) ^ fingerprintXor) >>> 0);
  return Buffer.concat([covered, attribute(attributes.fingerprint, value)]);
}

/** Padded to four bytes; the length is that of the value alone (RFC 8489 section 14). */
export function attribute(type: number, value: Buffer, padding = 0): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4, padding);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}
