import { describe, expect, it } from 'vitest';
import { addressPlace } from '../../../../src/platform/address.js';
import { peerAddress } from '../../../../src/platform/gateway/peer-address.js';

describe('the address of a peer', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['0000:0000:0000:0000:0000:ffff:c000:0201', '192.0.2.1'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', ''],
  ])('%s is written %s', (direct, written) => {
    expect(peerAddress(direct, undefined, false)).toBe(written);
  });

  it('is what the proxy wrote last, when the proxy is trusted', () => {
    expect(peerAddress('10.0.0.1', '198.51.100.7, 203.0.113.9', true)).toBe('203.0.113.9');
    expect(peerAddress('10.0.0.1', '198.51.100.7, 203.0.113.9', false)).toBe('10.0.0.1');
    expect(peerAddress('10.0.0.1', undefined, true)).toBe('10.0.0.1');
    expect(peerAddress('10.0.0.1', '', true)).toBe('10.0.0.1');
  });

  it('counts as its /64 when it is IPv6', () => {
    expect(addressPlace('192.0.2.1')).toBe('192.0.2.1');
    expect(addressPlace('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(addressPlace('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(addressPlace('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(addressPlace('::1')).toBe('0:0:0:0::/64');
    expect(addressPlace('2001:db8:1:2::')).toBe('2001:db8:1:2::/64');
  });
});
