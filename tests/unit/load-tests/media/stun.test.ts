import { describe, expect, it } from 'vitest';
import {
  attribute,
  bindingRequest,
  newTransactionId,
  readStun,
  withFingerprint,
  withIntegrity,
} from '../../../../load-tests/media/wire/stun.js';

/** RFC 5769 section 2.1; the attributes between header and integrity are kept as they are there. */
const sample = Buffer.from(
  '000100582112a442b7e7a701bc34d686fa87dfae' +
    '802200105354554e207465737420636c69656e74' +
    '002400046e0001ff' +
    '80290008932ff9b151263b36' +
    '000600096576746a3a68367659202020' +
    '000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2' +
    '80280004e57a3bcf',
  'hex',
);

describe('STUN messages', () => {
  it('have the integrity and the fingerprint of the test vector', () => {
    const username = attribute(0x0006, Buffer.from('evtj:h6vY'), 0x20);
    const before = Buffer.concat([
      sample.subarray(0, 20),
      attribute(0x8022, Buffer.from('STUN test client')),
      attribute(0x0024, Buffer.from('6e0001ff', 'hex')),
      attribute(0x8029, Buffer.from('932ff9b151263b36', 'hex')),
      username,
    ]);
    expect(withFingerprint(withIntegrity(before, 'VOkJxbRl1RmTxUk/WvJxBt'))).toEqual(sample);
  });

  it('are binding requests with the length that they say', () => {
    const transactionId = newTransactionId();
    const request = bindingRequest({ username: 'far:near', password: 'secret', priority: 1, tieBreaker: Buffer.alloc(8), transactionId });
    expect(request.readUInt16BE(2)).toBe(request.length - 20);
    expect(readStun(request)).toEqual({ kind: 'request', transactionId });
  });

  it('are told from other packets', () => {
    expect(readStun(Buffer.alloc(40))).toBeUndefined();
    expect(readStun(Buffer.alloc(4))).toBeUndefined();
  });
});
