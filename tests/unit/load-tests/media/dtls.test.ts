import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readVoice, writeSilence, writeVoice } from '../../../../load-tests/media/voice.js';
import { fingerprintOf, makeCertificate } from '../../../../load-tests/media/wire/certificate.js';
import { pseudoRandom, readFragments, readRecords, writeMessage, writeRecord } from '../../../../load-tests/media/wire/dtls-messages.js';

describe('a certificate', () => {
  it('is one that OpenSSL reads, signed by its own key', () => {
    const { der, fingerprint } = makeCertificate();
    const read = new X509Certificate(der);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.fingerprint256).toBe(fingerprint);
    expect(fingerprintOf(der)).toBe(fingerprint);
  });
});

describe('DTLS messages', () => {
  it('have the pseudo-random function of TLS 1.2 with SHA-256', () => {
    // The test vector that the TLS working group published with the function.
    const secret = Buffer.from('9bbe436ba940f017b17652849a71db35', 'hex');
    const seed = Buffer.from('a0ba9f936cda311827a6f796ffd5198c', 'hex');
    expect(pseudoRandom(secret, 'test label', seed, 100).toString('hex')).toBe(
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66',
    );
  });

  it('come back from records and fragments', () => {
    const message = writeMessage({ type: 11, sequence: 2, body: Buffer.from('certificate') });
    const record = writeRecord(22, Buffer.alloc(8), message);
    const records = readRecords(Buffer.concat([record, record, Buffer.from([22, 0xfe])]));
    expect(records).toHaveLength(2);
    expect(readFragments(records[0]!.fragment)).toEqual([
      { type: 11, sequence: 2, length: 11, offset: 0, data: Buffer.from('certificate') },
    ]);
  });
});

describe('a generated voice', () => {
  it('says who speaks, and since when; silence does not', () => {
    const voice = readVoice(writeVoice({ speaker: 17, sentAt: 3_000_000 }, 80));
    expect(voice).toEqual({ speaker: 17, sentAt: 3_000_000 });
    expect(readVoice(writeSilence())).toBeUndefined();
    expect(readVoice(Buffer.alloc(80))).toBeUndefined();
  });
});
