/**
 * SRTP and SRTCP with AEAD_AES_128_GCM (RFC 7714), one direction each. The profile is the cheapest
 * for both sides: one pass over the packet, and what browsers and the worker agree on first.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

export const srtpKeyLength = 16;
export const srtpSaltLength = 12;
const tagLength = 16;
/** What SRTCP puts behind a packet: the index, with the bit that says encrypted. */
const indexLength = 4;

/** RFC 3711 section 4.3.2, with the encryption key and salt of RFC 7714 section 11. */
const labels = { rtpKey: 0, rtpSalt: 2, rtcpKey: 3, rtcpSalt: 5 } as const;

interface Keys {
  readonly key: Buffer;
  readonly salt: Buffer;
}

export class SrtpSender {
  readonly #rtp: Keys;
  readonly #rtcp: Keys;
  readonly #rollovers = new Map<number, { rollover: number; last: number }>();
  #rtcpIndex = 0;

  constructor(masterKey: Buffer, masterSalt: Buffer) {
    this.#rtp = sessionKeys(masterKey, masterSalt, labels.rtpKey, labels.rtpSalt);
    this.#rtcp = sessionKeys(masterKey, masterSalt, labels.rtcpKey, labels.rtcpSalt);
  }

  /** Packets of a stream come in the order of their numbers. */
  protectRtp(header: Buffer, payload: Buffer): Buffer {
    const sequence = header.readUInt16BE(2);
    const ssrc = header.readUInt32BE(8);
    let state = this.#rollovers.get(ssrc);
    if (!state) {
      state = { rollover: 0, last: sequence };
      this.#rollovers.set(ssrc, state);
    }
    if (sequence < state.last) state.rollover += 1;
    state.last = sequence;
    const cipher = createCipheriv('aes-128-gcm', this.#rtp.key, rtpNonce(this.#rtp.salt, ssrc, state.rollover, sequence));
    cipher.setAAD(header);
    return Buffer.concat([header, cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
  }

  protectRtcp(packet: Buffer): Buffer {
    this.#rtcpIndex += 1;
    const index = Buffer.alloc(indexLength);
    index.writeUInt32BE((0x8000_0000 | this.#rtcpIndex) >>> 0);
    const header = packet.subarray(0, 8);
    const cipher = createCipheriv('aes-128-gcm', this.#rtcp.key, rtcpNonce(this.#rtcp.salt, packet.readUInt32BE(4), this.#rtcpIndex));
    cipher.setAAD(Buffer.concat([header, index]));
    return Buffer.concat([header, cipher.update(packet.subarray(8)), cipher.final(), cipher.getAuthTag(), index]);
  }
}

export class SrtpReceiver {
  readonly #rtp: Keys;
  readonly #rtcp: Keys;
  readonly #highest = new Map<number, number>();

  constructor(masterKey: Buffer, masterSalt: Buffer) {
    this.#rtp = sessionKeys(masterKey, masterSalt, labels.rtpKey, labels.rtpSalt);
    this.#rtcp = sessionKeys(masterKey, masterSalt, labels.rtcpKey, labels.rtcpSalt);
  }

  /** The payload; undefined when the packet is not authentic. */
  openRtp(packet: Buffer, headerLength: number): Buffer | undefined {
    const sequence = packet.readUInt16BE(2);
    const ssrc = packet.readUInt32BE(8);
    const index = nearestIndex(this.#highest.get(ssrc), sequence);
    const payload = open(
      this.#rtp.key,
      rtpNonce(this.#rtp.salt, ssrc, Math.floor(index / 0x1_0000), sequence),
      packet.subarray(0, headerLength),
      packet.subarray(headerLength),
    );
    if (payload && index > (this.#highest.get(ssrc) ?? -1)) this.#highest.set(ssrc, index);
    return payload;
  }

  /** The packet in clear; undefined when it is not authentic, or was not encrypted. */
  openRtcp(packet: Buffer): Buffer | undefined {
    if (packet.length < 8 + tagLength + indexLength) return undefined;
    const index = packet.subarray(packet.length - indexLength);
    const word = index.readUInt32BE(0);
    if (word < 0x8000_0000) return undefined;
    const header = packet.subarray(0, 8);
    const body = open(
      this.#rtcp.key,
      rtcpNonce(this.#rtcp.salt, packet.readUInt32BE(4), word & 0x7fff_ffff),
      Buffer.concat([header, index]),
      packet.subarray(8, packet.length - indexLength),
    );
    return body && Buffer.concat([header, body]);
  }
}

/**
 * A session key (RFC 3711 section 4.3.1, derivation rate 0): the key stream of AES in counter mode.
 * A salt of 96 bits is the left part of the 112 (RFC 7714 section 11).
 */
export function deriveSessionKey(masterKey: Buffer, masterSalt: Buffer, label: number, length: number): Buffer {
  const counter = Buffer.alloc(16);
  masterSalt.copy(counter);
  counter[7] = (counter[7] ?? 0) ^ label;
  return createCipheriv('aes-128-ctr', masterKey, counter).update(Buffer.alloc(length));
}

/** RFC 3711 section 3.3.1: the index nearest to the highest one seen. */
export function nearestIndex(highest: number | undefined, sequence: number): number {
  if (highest === undefined) return sequence;
  const distance = ((sequence - highest + 0x8000) & 0xffff) - 0x8000;
  return Math.max(sequence, highest + distance);
}

function sessionKeys(masterKey: Buffer, masterSalt: Buffer, keyLabel: number, saltLabel: number): Keys {
  return {
    key: deriveSessionKey(masterKey, masterSalt, keyLabel, srtpKeyLength),
    salt: deriveSessionKey(masterKey, masterSalt, saltLabel, srtpSaltLength),
  };
}

/** RFC 7714 section 8.1. */
function rtpNonce(salt: Buffer, ssrc: number, rollover: number, sequence: number): Buffer {
  const nonce = Buffer.allocUnsafe(12);
  nonce.writeUInt16BE(0, 0);
  nonce.writeUInt32BE(ssrc, 2);
  nonce.writeUInt32BE(rollover, 6);
  nonce.writeUInt16BE(sequence, 10);
  return mixed(nonce, salt);
}

/** RFC 7714 section 9.1. */
function rtcpNonce(salt: Buffer, ssrc: number, index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(ssrc, 2);
  nonce.writeUInt32BE(index, 8);
  return mixed(nonce, salt);
}

function mixed(nonce: Buffer, salt: Buffer): Buffer {
  for (let at = 0; at < nonce.length; at += 1) nonce[at] = nonce[at]! ^ salt[at]!;
  return nonce;
}

function open(key: Buffer, nonce: Buffer, associated: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < tagLength) return undefined;
  const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
  const text = decipher.update(sealed.subarray(0, sealed.length - tagLength));
  try {
    decipher.final();
    return text;
  } catch {
    return undefined;
  }
}
