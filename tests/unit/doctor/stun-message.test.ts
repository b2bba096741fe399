import { describe, expect, test } from 'vitest';
import { binding, decode, encode, iceCheck, sizeOf } from '../../../src/doctor/stun-message.js';

/** RFC 5769 section 2: the password of the test vectors. */
const password = 'VOkJxbRl1RmTxUk/WvJxBt';
const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');

describe('An answer of STUN', () => {
  test('tells an IPv4 address (RFC 5769 section 2.2)', () => {
    const answer = decode(
      hex(`0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643
           00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`),
    );
    expect(answer).toMatchObject({ success: true, code: 0, mapped: '192.0.2.1:32853' });
  });

  test('tells an IPv6 address (RFC 5769 section 2.3)', () => {
    const answer = decode(
      hex(`01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220
           00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
           80280004 c8fb0b4c`),
    );
    expect(answer?.mapped).toBe('[2001:db8:1234:5678:11:2233:4455:6677]:32853');
  });

  test('tells a refusal with its challenge', () => {
    const answer = decode(
      hex(
        `01130024 2112a442 000102030405060708090a0b 00090004 00000401 0014000b 63617573657761792e686b00 00150005 6e6f6e6365000000`.replace(
          / /g,
          '',
        ),
      ),
    );
    expect(answer).toMatchObject({ success: false, code: 401, realm: Buffer.from('causeway.hk'), nonce: Buffer.from('nonce') });
  });

  test.each([
    ['nothing', ''],
    ['a request', '00010000 2112a442 000000000000000000000000'],
    ['one cut short', '01010008 2112a442 000000000000000000000000'],
    ['media', '80600001 00000001 00000001 000000000000000000'],
  ])('is not seen in %s', (_, text) => {
    expect(decode(hex(text))).toBeNull();
  });
});

describe('A request of STUN', () => {
  test('says its length and has a fingerprint', () => {
    const message = encode(binding());
    expect(sizeOf(message)).toBe(message.length);
    expect(message.subarray(-8, -4)).toEqual(hex('80280004'));
  });

  test('as a connectivity check names both sides and is signed before its fingerprint', () => {
    const message = encode(iceCheck({ usernameFragment: 'evtj', password }));
    expect(message.includes('evtj:doctor')).toBe(true);
    expect(message.subarray(-32, -28)).toEqual(hex('00080014'));
    expect(message.length % 4).toBe(0);
  });
});
