/**
 * A self-signed certificate for DTLS (RFC 5280), written by hand: Node can make keys but no
 * certificates. Nobody reads what stands in it; both sides compare fingerprints (RFC 8122).
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface Certificate {
  readonly der: Buffer;
  readonly privateKey: KeyObject;
  /** SHA-256, hexadecimal with colons. */
  readonly fingerprint: string;
}

const tags = { integer: 0x02, bitString: 0x03, objectId: 0x06, utf8: 0x0c, time: 0x17, sequence: 0x30, set: 0x31, version: 0xa0 } as const;
/** 1.2.840.10045.4.3.2 and 2.5.4.3. */
const ecdsaWithSha256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);
const commonName = Buffer.from([0x55, 0x04, 0x03]);

export function makeCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = der(tags.sequence, der(tags.objectId, ecdsaWithSha256));
  const name = der(
    tags.sequence,
    der(tags.set, der(tags.sequence, der(tags.objectId, commonName), der(tags.utf8, Buffer.from('load generator')))),
  );
  const validity = der(tags.sequence, der(tags.time, Buffer.from('200101000000Z')), der(tags.time, Buffer.from('491231235959Z')));
  const body = der(
    tags.sequence,
    der(tags.version, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, Buffer.from([1])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = der(tags.sequence, body, algorithm, der(tags.bitString, Buffer.from([0]), signature));
  return { der: certificate, privateKey, fingerprint: fingerprintOf(certificate) };
}

export function fingerprintOf(certificate: Buffer): string {
  return createHash('sha256').update(certificate).digest('hex').toUpperCase().match(/../g)!.join(':');
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 0x80
      ? Buffer.from([content.length])
      : content.length < 0x100
        ? Buffer.from([0x81, content.length])
        : Buffer.from([0x82, content.length >> 8, content.length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length, content]);
}
