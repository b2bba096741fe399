/**
 * The client's side of a DTLS 1.2 handshake that keys SRTP (RFC 5764), small and quick: a browser's
 * cipher suite, one flight after the other, Node's own cryptography. About a millisecond of CPU.
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  type ECDH,
  type KeyObject,
  randomBytes,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { type Certificate, fingerprintOf } from './certificate.js';
import {
  certificateMessage,
  clientHello,
  contentTypes,
  type DtlsRecord,
  type HandshakeMessage,
  messageTypes,
  pseudoRandom,
  readCertificate,
  readFragments,
  readRecords,
  readServerHello,
  readServerKeyExchange,
  signatureAlgorithm,
  version,
  words,
  writeMessage,
  writeRecord,
} from './dtls-messages.js';
import { srtpKeyLength, srtpSaltLength } from './srtp.js';

export interface SrtpKeys {
  readonly clientKey: Buffer;
  readonly clientSalt: Buffer;
  readonly serverKey: Buffer;
  readonly serverSalt: Buffer;
}

export interface DtlsClientOptions {
  readonly certificate: Certificate;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint: string;
  readonly send: (datagram: Buffer) => void;
  readonly onKeys: (keys: SrtpKeys) => void;
  /** The handshake failed, or the server has closed the association. */
  readonly onEnd: (reason: Error) => void;
}

const retransmitMs = 500;
const attempts = 12;
const tagLength = 16;
const verifyLength = 12;
/** Servers have few certificates: each is read once. */
const publicKeys = new Map<string, KeyObject>();

export class DtlsClient {
  readonly #options: DtlsClientOptions;
  readonly #random = randomBytes(32);
  /** Messages in order, for the hash. */
  readonly #transcript: Buffer[] = [];
  /** Parts of messages that have not come whole, or too early. */
  readonly #arriving = new Map<number, { message: Buffer; type: number; missing: number }>();
  #ecdh: ECDH | undefined;
  #serverRandom: Buffer = Buffer.alloc(0);
  #serverKey: KeyObject | undefined;
  #serverPoint: Buffer | undefined;
  #master: Buffer | undefined;
  #write: { key: Buffer; iv: Buffer } | undefined;
  #read: { key: Buffer; iv: Buffer } | undefined;
  #nextIn = 0;
  #nextOut = 0;
  #epoch = 0;
  #records = 0;
  /** Sent again until the answer is there. */
  #flight: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #tries = 0;
  #state: 'new' | 'hello' | 'finishing' | 'done' | 'ended' = 'new';

  constructor(options: DtlsClientOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'hello';
    this.#hello(Buffer.alloc(0));
  }

  take(datagram: Buffer): void {
    if (this.#state === 'ended') return;
    try {
      for (const record of readRecords(datagram)) this.#takeRecord(record);
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Idempotent. Tells the server (RFC 5246 section 7.2.1). */
  close(): void {
    if (this.#state === 'done') this.#options.send(this.#record(contentTypes.alert, Buffer.from([1, 0])));
    this.#state = 'ended';
    clearTimeout(this.#timer);
  }

  #takeRecord(record: DtlsRecord): void {
    const fragment = record.epoch === 0 ? record.fragment : this.#open(record);
    if (!fragment) return;
    if (record.type === contentTypes.alert && (record.epoch > 0 || this.#state !== 'done')) {
      const [level, description] = fragment;
      if (level === 2 || description === 0) this.#end(new Error(`The server sent the DTLS alert ${description}.`));
      return;
    }
    if (record.type !== contentTypes.handshake || this.#state === 'done') return;
    for (const { type, sequence, length, offset, data } of readFragments(fragment)) {
      if (sequence < this.#nextIn) continue;
      const known = this.#arriving.get(sequence) ?? { message: Buffer.alloc(length), type, missing: length };
      this.#arriving.set(sequence, known);
      data.copy(known.message, offset);
      known.missing -= data.length;
    }
    this.#takeMessages();
  }

  #takeMessages(): void {
    for (;;) {
      const next = this.#arriving.get(this.#nextIn);
      if (!next || next.missing > 0) return;
      this.#arriving.delete(this.#nextIn);
      const sequence = this.#nextIn;
      this.#nextIn += 1;
      this.#takeMessage({ type: next.type, sequence, body: next.message });
    }
  }

  #takeMessage(message: HandshakeMessage): void {
    const { type, body } = message;
    if (type === messageTypes.helloVerifyRequest) {
      // Neither this nor the first hello counts in the hash (RFC 6347 section 4.2.1).
      this.#transcript.length = 0;
      this.#hello(body.subarray(3, 3 + body[2]!));
      return;
    }
    if (type === messageTypes.finished) {
      this.#finish(body);
      return;
    }
    this.#transcript.push(writeMessage(message));
    if (type === messageTypes.serverHello) this.#serverRandom = Buffer.from(readServerHello(body).random);
    else if (type === messageTypes.certificate) this.#serverKey = this.#keyOf(readCertificate(body));
    else if (type === messageTypes.serverKeyExchange) this.#serverPoint = this.#checkedPoint(body);
    else if (type === messageTypes.serverHelloDone) this.#answer();
  }

  #hello(cookie: Buffer): void {
    const hello = this.#message(messageTypes.clientHello, clientHello(this.#random, cookie));
    this.#sendFlight([this.#record(contentTypes.handshake, hello)]);
  }

  #keyOf(certificate: Buffer): KeyObject {
    const { fingerprint } = this.#options;
    const known = publicKeys.get(fingerprint);
    if (known) return known;
    if (fingerprintOf(certificate) !== fingerprint.toUpperCase()) throw new Error('The certificate has another fingerprint.');
    const { publicKey } = new X509Certificate(certificate);
    publicKeys.set(fingerprint, publicKey);
    return publicKey;
  }

  #checkedPoint(body: Buffer): Buffer {
    const { parameters, point, signature } = readServerKeyExchange(body);
    const signed = Buffer.concat([this.#random, this.#serverRandom, parameters]);
    if (!this.#serverKey || !verify('sha256', signed, this.#serverKey, signature)) throw new Error('The key exchange is not authentic.');
    return Buffer.from(point);
  }

  /** Certificate, ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Finished. */
  #answer(): void {
    if (this.#state !== 'hello' || !this.#serverPoint) throw new Error('The server has left the order of the handshake.');
    this.#state = 'finishing';
    this.#ecdh = createECDH('prime256v1');
    const point = this.#ecdh.generateKeys();
    const { certificate } = this.#options;
    const handshake = [
      this.#message(messageTypes.certificate, certificateMessage(certificate.der)),
      this.#message(messageTypes.clientKeyExchange, Buffer.concat([Buffer.from([point.length]), point])),
    ];
    // RFC 7627 section 4: the hash up to and with the ClientKeyExchange.
    this.#master = pseudoRandom(this.#ecdh.computeSecret(this.#serverPoint), 'extended master secret', this.#hash(), 48);
    const signature = sign('sha256', Buffer.concat(this.#transcript), certificate.privateKey);
    handshake.push(this.#message(messageTypes.certificateVerify, Buffer.concat([words(signatureAlgorithm, signature.length), signature])));
    const records = handshake.map((message) => this.#record(contentTypes.handshake, message));
    records.push(this.#record(contentTypes.changeCipherSpec, Buffer.from([1])));
    this.#makeKeys(this.#master);
    const verifyData = pseudoRandom(this.#master, 'client finished', this.#hash(), verifyLength);
    records.push(this.#record(contentTypes.handshake, this.#message(messageTypes.finished, verifyData)));
    this.#sendFlight(records);
  }

  #makeKeys(master: Buffer): void {
    const block = pseudoRandom(master, 'key expansion', Buffer.concat([this.#serverRandom, this.#random]), 40);
    this.#write = { key: block.subarray(0, 16), iv: block.subarray(32, 36) };
    this.#read = { key: block.subarray(16, 32), iv: block.subarray(36, 40) };
    this.#epoch = 1;
    this.#records = 0;
  }

  #finish(verifyData: Buffer): void {
    if (this.#state !== 'finishing' || !this.#master) throw new Error('The server has left the order of the handshake.');
    if (!pseudoRandom(this.#master, 'server finished', this.#hash(), verifyLength).equals(verifyData))
      throw new Error('The server has seen another handshake.');
    this.#state = 'done';
    clearTimeout(this.#timer);
    this.#flight = [];
    // RFC 5764 section 4.2: client key, server key, client salt, server salt.
    const seed = Buffer.concat([this.#random, this.#serverRandom]);
    const material = pseudoRandom(this.#master, 'EXTRACTOR-dtls_srtp', seed, 2 * (srtpKeyLength + srtpSaltLength));
    const salts = 2 * srtpKeyLength;
    this.#options.onKeys({
      clientKey: material.subarray(0, srtpKeyLength),
      serverKey: material.subarray(srtpKeyLength, salts),
      clientSalt: material.subarray(salts, salts + srtpSaltLength),
      serverSalt: material.subarray(salts + srtpSaltLength),
    });
    this.#transcript.length = 0;
    this.#arriving.clear();
    this.#ecdh = undefined;
  }

  #message(type: number, body: Buffer): Buffer {
    const message = writeMessage({ type, sequence: this.#nextOut, body });
    this.#nextOut += 1;
    this.#transcript.push(message);
    return message;
  }

  #hash(): Buffer {
    return createHash('sha256').update(Buffer.concat(this.#transcript)).digest();
  }

  #record(type: number, fragment: Buffer): Buffer {
    const sequence = Buffer.alloc(8);
    sequence.writeUInt16BE(this.#epoch, 0);
    sequence.writeUIntBE(this.#records, 2, 6);
    this.#records += 1;
    if (!this.#write) return writeRecord(type, sequence, fragment);
    // RFC 5288 section 3: the explicit part of the nonce goes in front.
    const cipher = createCipheriv('aes-128-gcm', this.#write.key, Buffer.concat([this.#write.iv, sequence]));
    cipher.setAAD(associated(sequence, type, fragment.length));
    return writeRecord(type, sequence, Buffer.concat([sequence, cipher.update(fragment), cipher.final(), cipher.getAuthTag()]));
  }

  /** Undefined: not for us, or not authentic; such records are passed over (RFC 6347 section 4.1.2.7). */
  #open({ type, sequence, fragment }: DtlsRecord): Buffer | undefined {
    if (!this.#read || fragment.length < 8 + tagLength) return undefined;
    const end = fragment.length - tagLength;
    const decipher = createDecipheriv('aes-128-gcm', this.#read.key, Buffer.concat([this.#read.iv, fragment.subarray(0, 8)]), {
      authTagLength: tagLength,
    });
    decipher.setAAD(associated(sequence, type, end - 8));
    decipher.setAuthTag(fragment.subarray(end));
    const text = decipher.update(fragment.subarray(8, end));
    try {
      decipher.final();
      return text;
    } catch {
      return undefined;
    }
  }

  #sendFlight(flight: Buffer[]): void {
    this.#flight = flight;
    this.#tries = 0;
    this.#transmit();
  }

  #transmit(): void {
    clearTimeout(this.#timer);
    if (this.#tries === attempts) {
      this.#end(new Error('The server does not answer the DTLS handshake.'));
      return;
    }
    this.#tries += 1;
    this.#options.send(Buffer.concat(this.#flight));
    this.#timer = setTimeout(() => this.#transmit(), retransmitMs);
  }

  #end(reason: Error): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearTimeout(this.#timer);
    this.#options.onEnd(reason);
  }
}

/** RFC 6347 section 4.1.2.1. */
function associated(sequence: Buffer, type: number, length: number): Buffer {
  return Buffer.concat([sequence, Buffer.from([type]), words(version, length)]);
}
