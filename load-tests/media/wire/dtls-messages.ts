/** Records and handshake messages of DTLS 1.2 (RFC 6347) with ECDHE and ECDSA, as far as a client needs them. */
import { createHmac } from 'node:crypto';

export const contentTypes = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;
export const messageTypes = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;
/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 */
export const cipherSuite = 0xc02b;
/** secp256r1 */
export const namedCurve = 23;
/** ecdsa_secp256r1_sha256 */
export const signatureAlgorithm = 0x0403;
/** AEAD_AES_128_GCM (RFC 7714 section 14.2). */
export const srtpProfile = 0x0007;
export const version = 0xfefd;

const extensionTypes = {
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  renegotiationInfo: 0xff01,
} as const;

export interface DtlsRecord {
  readonly type: number;
  readonly epoch: number;
  /** Epoch and number, the eight bytes as they are on the wire. */
  readonly sequence: Buffer;
  readonly fragment: Buffer;
}

export interface HandshakeMessage {
  readonly type: number;
  readonly sequence: number;
  readonly body: Buffer;
}

export interface HandshakeFragment {
  readonly type: number;
  readonly sequence: number;
  readonly length: number;
  readonly offset: number;
  readonly data: Buffer;
}

export function readRecords(datagram: Buffer): DtlsRecord[] {
  const records: DtlsRecord[] = [];
  let at = 0;
  while (at + 13 <= datagram.length) {
    const length = datagram.readUInt16BE(at + 11);
    if (at + 13 + length > datagram.length) break;
    records.push({
      type: datagram[at]!,
      epoch: datagram.readUInt16BE(at + 3),
      sequence: datagram.subarray(at + 3, at + 11),
      fragment: datagram.subarray(at + 13, at + 13 + length),
    });
    at += 13 + length;
  }
  return records;
}

export function writeRecord(type: number, sequence: Buffer, fragment: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header[0] = type;
  header.writeUInt16BE(version, 1);
  sequence.copy(header, 3);
  header.writeUInt16BE(fragment.length, 11);
  return Buffer.concat([header, fragment]);
}

/** Handshake messages or parts of them that stand in one record. */
export function readFragments(record: Buffer): HandshakeFragment[] {
  const fragments: HandshakeFragment[] = [];
  let at = 0;
  while (at + 12 <= record.length) {
    const size = record.readUIntBE(at + 9, 3);
    fragments.push({
      type: record[at]!,
      length: record.readUIntBE(at + 1, 3),
      sequence: record.readUInt16BE(at + 4),
      offset: record.readUIntBE(at + 6, 3),
      data: record.subarray(at + 12, at + 12 + size),
    });
    at += 12 + size;
  }
  return fragments;
}

/** In one fragment: that is also how it counts in the hash of the handshake (RFC 6347 section 4.2.6). */
export function writeMessage({ type, sequence, body }: HandshakeMessage): Buffer {
  const header = Buffer.alloc(12);
  header[0] = type;
  header.writeUIntBE(body.length, 1, 3);
  header.writeUInt16BE(sequence, 4);
  header.writeUIntBE(body.length, 9, 3);
  return Buffer.concat([header, body]);
}

export function clientHello(random: Buffer, cookie: Buffer): Buffer {
  const extensions = Buffer.concat([
    extension(extensionTypes.supportedGroups, words(2, namedCurve)),
    extension(extensionTypes.pointFormats, Buffer.from([1, 0])),
    extension(extensionTypes.signatureAlgorithms, words(2, signatureAlgorithm)),
    // RFC 5764 section 4.1.1: the profiles, and no MKI.
    extension(extensionTypes.useSrtp, Buffer.concat([words(2, srtpProfile), Buffer.from([0])])),
    extension(extensionTypes.extendedMasterSecret, Buffer.alloc(0)),
    extension(extensionTypes.renegotiationInfo, Buffer.from([0])),
  ]);
  return Buffer.concat([
    words(version),
    random,
    Buffer.from([0, cookie.length]),
    cookie,
    words(2, cipherSuite),
    Buffer.from([1, 0]),
    words(extensions.length),
    extensions,
  ]);
}

/** @throws when the server has chosen something else than was offered. */
export function readServerHello(body: Buffer): { random: Buffer } {
  const random = body.subarray(2, 34);
  let at = 35 + body[34]!;
  if (body.readUInt16BE(at) !== cipherSuite) throw new Error('The server chose another cipher suite.');
  at += 3;
  const found = new Map<number, Buffer>();
  const end = at + 2 + body.readUInt16BE(at);
  for (at += 2; at + 4 <= end; ) {
    const length = body.readUInt16BE(at + 2);
    found.set(body.readUInt16BE(at), body.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (found.get(extensionTypes.useSrtp)?.readUInt16BE(2) !== srtpProfile) throw new Error('The server does not take AEAD_AES_128_GCM.');
  if (!found.has(extensionTypes.extendedMasterSecret)) throw new Error('The server has no extended master secret (RFC 7627).');
  return { random };
}

/** RFC 8422 section 5.4. */
export function readServerKeyExchange(body: Buffer): { parameters: Buffer; point: Buffer; signature: Buffer } {
  if (body[0] !== 3 || body.readUInt16BE(1) !== namedCurve) throw new Error('The server chose another curve.');
  const size = body[3]!;
  const end = 4 + size;
  const length = body.readUInt16BE(end + 2);
  return { parameters: body.subarray(0, end), point: body.subarray(4, end), signature: body.subarray(end + 4, end + 4 + length) };
}

export function certificateMessage(der: Buffer): Buffer {
  const lengths = Buffer.alloc(6);
  lengths.writeUIntBE(der.length + 3, 0, 3);
  lengths.writeUIntBE(der.length, 3, 3);
  return Buffer.concat([lengths, der]);
}

/** The first of the chain. */
export function readCertificate(body: Buffer): Buffer {
  return body.subarray(6, 6 + body.readUIntBE(3, 3));
}

/** RFC 5246 section 5, with SHA-256. */
export function pseudoRandom(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const hmac = (...parts: readonly Buffer[]): Buffer => createHmac('sha256', secret).update(Buffer.concat(parts)).digest();
  const parts: Buffer[] = [];
  let chain: Buffer = labelled;
  for (let size = 0; size < length; size += 32) {
    chain = hmac(chain);
    parts.push(hmac(chain, labelled));
  }
  return Buffer.concat(parts).subarray(0, length);
}

export function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    buffer.writeUInt16BE(value, index * 2);
  });
  return buffer;
}

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([words(type, data.length), data]);
}
