/** Messages of STUN (RFC 8489) and TURN (RFC 8656), as far as the doctor speaks them. Pure. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { crc32 } from 'node:zlib';

/** RFC 8489 section 18.2, RFC 8656 section 17. */
export const methods = { binding: 0x001, allocate: 0x003, refresh: 0x004, createPermission: 0x008 } as const;
export type Method = keyof typeof methods;

const types = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  peerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  relayedAddress: 0x0016,
  requestedTransport: 0x0019,
  mappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlling: 0x802a,
} as const;
type Attribute = keyof typeof types;

export interface StunRequest {
  readonly method: Method;
  readonly transaction: Buffer;
  readonly attributes: readonly (readonly [Attribute, Buffer])[];
  /** Signs the message. */
  readonly key?: Buffer;
}

export interface StunAnswer {
  readonly transaction: Buffer;
  readonly success: boolean;
  /** Such as 401; 0 with success. */
  readonly code: number;
  readonly reason: string;
  readonly realm: Buffer | undefined;
  readonly nonce: Buffer | undefined;
  /** Where the other side saw the request come from, and where it relays; `address:port`. */
  readonly mapped: string | undefined;
  readonly relayed: string | undefined;
}

export interface Login {
  readonly username: string;
  readonly credential: string;
}

/** What a TURN server answers the first request with. */
export interface Challenge {
  readonly realm: Buffer;
  readonly nonce: Buffer;
}

export const headerBytes = 20;
const cookie = 0x2112a442;
/** RFC 8489 section 14.7. */
const fingerprintMask = 0x5354554e;
const udp = 17;

export function binding(): StunRequest {
  return { method: 'binding', transaction: newTransaction(), attributes: [] };
}

/** A connectivity check as a browser makes it (RFC 8445 section 7.2.2). */
export function iceCheck({ usernameFragment, password }: { usernameFragment: string; password: string }): StunRequest {
  return {
    method: 'binding',
    transaction: newTransaction(),
    attributes: [
      ['username', Buffer.from(`${usernameFragment}:doctor`)],
      ['priority', uint32(1)],
      ['iceControlling', randomBytes(8)],
      ['useCandidate', Buffer.alloc(0)],
    ],
    key: Buffer.from(password),
  };
}

export function allocate(login?: Login, challenge?: Challenge): StunRequest {
  return turnRequest('allocate', [['requestedTransport', Buffer.from([udp, 0, 0, 0])]], login, challenge);
}

/** With 0 it ends the allocation. */
export function refresh(seconds: number, login: Login, challenge: Challenge): StunRequest {
  return turnRequest('refresh', [['lifetime', uint32(seconds)]], login, challenge);
}

/** May packets be relayed to that address? */
export function createPermission(address: string, login: Login, challenge: Challenge): StunRequest {
  const transaction = newTransaction();
  return turnRequest('createPermission', [['peerAddress', xorAddress(address, 0, transaction)]], login, challenge, transaction);
}

export function encode({ method, transaction, attributes, key }: StunRequest): Buffer {
  const parts = attributes.map(([name, value]) => attribute(name, value));
  // Each of the two covers a header whose length counts itself (RFC 8489 sections 14.5 and 14.7).
  if (key) {
    const signed = createHmac('sha1', key)
      .update(whole(method, transaction, parts, 24))
      .digest();
    parts.push(attribute('messageIntegrity', signed));
  }
  const sum = (crc32(whole(method, transaction, parts, 8)) ^ fingerprintMask) >>> 0;
  parts.push(attribute('fingerprint', uint32(sum)));
  return whole(method, transaction, parts, 0);
}

/** Null: it is no answer of STUN. */
export function decode(message: Buffer): StunAnswer | null {
  if (message.length < headerBytes || message.readUInt32BE(4) !== cookie || message.length < sizeOf(message)) return null;
  // RFC 8489 section 5: bits 8 and 4 of the type say request, indication, success or error.
  const kind = message.readUInt16BE(0) & 0x0110;
  if (kind !== 0x0100 && kind !== 0x0110) return null;
  const transaction = message.subarray(8, headerBytes);
  const found = attributesOf(message);
  const error = found.get(types.errorCode);
  const address = (value: Buffer | undefined) => value && readXorAddress(value, transaction);
  return {
    transaction,
    success: kind === 0x0100,
    code: error && error.length >= 4 ? error.readUInt8(2) * 100 + error.readUInt8(3) : 0,
    reason: error?.subarray(4).toString() ?? '',
    realm: found.get(types.realm),
    nonce: found.get(types.nonce),
    mapped: address(found.get(types.mappedAddress)),
    relayed: address(found.get(types.relayedAddress)),
  };
}

/** Of the message that begins here, once its header is there. */
export function sizeOf(message: Buffer): number {
  return headerBytes + message.readUInt16BE(2);
}

function turnRequest(
  method: Method,
  attributes: StunRequest['attributes'],
  login: Login | undefined,
  challenge: Challenge | undefined,
  transaction = newTransaction(),
): StunRequest {
  if (!login || !challenge) return { method, transaction, attributes };
  // RFC 8489 section 9.2.2: the key of a long-term credential.
  const key = createHash('md5').update(`${login.username}:${challenge.realm.toString()}:${login.credential}`).digest();
  const who = [
    ['username', Buffer.from(login.username)],
    ['realm', challenge.realm],
    ['nonce', challenge.nonce],
  ] as const;
  return { method, transaction, attributes: [...attributes, ...who], key };
}

function whole(method: Method, transaction: Buffer, parts: readonly Buffer[], still: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(methods[method], 0);
  header.writeUInt16BE(
    parts.reduce((sum, { length }) => sum + length, still),
    2,
  );
  header.writeUInt32BE(cookie, 4);
  return Buffer.concat([header, transaction, ...parts]);
}

function attribute(name: Attribute, value: Buffer): Buffer {
  const part = Buffer.alloc(4 + padded(value.length));
  part.writeUInt16BE(types[name], 0);
  part.writeUInt16BE(value.length, 2);
  value.copy(part, 4);
  return part;
}

function attributesOf(message: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  const end = sizeOf(message);
  for (let at = headerBytes; at + 4 <= end; ) {
    const length = message.readUInt16BE(at + 2);
    found.set(message.readUInt16BE(at), message.subarray(at + 4, Math.min(end, at + 4 + length)));
    at += 4 + padded(length);
  }
  return found;
}

/** RFC 8489 section 14.2. */
function xorAddress(address: string, port: number, transaction: Buffer): Buffer {
  const bytes = bytesOf(address);
  const head = Buffer.from([0, bytes.length === 4 ? 1 : 2, 0, 0]);
  head.writeUInt16BE(port ^ (cookie >>> 16), 2);
  return Buffer.concat([head, xored(bytes, transaction)]);
}

function readXorAddress(value: Buffer, transaction: Buffer): string | undefined {
  if (value.length !== 8 && value.length !== 20) return undefined;
  const bytes = xored(value.subarray(4), transaction);
  const port = value.readUInt16BE(2) ^ (cookie >>> 16);
  if (bytes.length === 4) return `${bytes.join('.')}:${port}`;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return `${new URL(`http://[${groups.join(':')}]`).hostname}:${port}`;
}

function xored(bytes: Buffer, transaction: Buffer): Buffer {
  const mask = Buffer.concat([uint32(cookie), transaction]);
  return Buffer.from(bytes.map((byte, i) => byte ^ (mask[i] ?? 0)));
}

function bytesOf(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  // The URL parser writes an IPv4 tail as groups, too.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groupsOf = (text: string) => text.split(':').filter((group) => group !== '');
  const [first, last] = [groupsOf(head), groupsOf(tail)];
  const groups = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function newTransaction(): Buffer {
  return randomBytes(12);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
