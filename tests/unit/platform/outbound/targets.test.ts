/** What may be called, and what may not, without calling anybody. */
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../../src/config.js';
import { createOutbound, OutboundError } from '../../../../src/platform/outbound/index.js';
import { testLog } from '../../../support/config.js';

const names: Record<string, string[]> = {
  'public.example': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'inside.example': ['10.1.2.3'],
  'both.example': ['10.1.2.3', '93.184.215.14'],
  'zone.example': ['fe80::1%eth0'],
  'ours.example': ['203.0.114.9'],
  'nothing.example': [],
};

function outbound(over: { allow?: string; ports?: string } = {}) {
  return createOutbound({
    config: { OUTBOUND_ALLOW: over.allow ?? '', OUTBOUND_PORTS: over.ports ?? readConfig({}).OUTBOUND_PORTS },
    log: testLog(),
    ownAddresses: () => ['127.0.0.1', '203.0.114.9'],
    resolve: async (host) => {
      const found = names[host];
      if (!found) throw new Error('ENOTFOUND');
      return found;
    },
  });
}

async function verdict(url: string, over: { allow?: string; ports?: string } = {}): Promise<string> {
  try {
    await outbound(over).assertPublic(url);
    return 'public';
  } catch (error) {
    if (error instanceof OutboundError) return error.code;
    throw error;
  }
}

describe('An address that is not public is refused', () => {
  it.each([
    ['loopback', '127.0.0.1', '127.255.255.254', '[::1]'],
    ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '[fd00::1]', '[fc00::1]'],
    ['link-local, where clouds keep their secrets', '169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '192.0.0.192', '168.63.129.16'],
    ['shared (CGNAT)', '100.64.0.1', '100.100.100.200', '100.127.255.255'],
    ['multicast and broadcast', '224.0.0.1', '239.255.255.255', '255.255.255.255', '[ff02::1]'],
    ['unspecified and "this network"', '0.0.0.0', '0.1.2.3', '[::]'],
    ['documentation and benchmarks', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '[2001:db8::1]', '[3fff::1]'],
    ['reserved', '240.0.0.1', '[100::1]', '[4000::1]', '[5f00::1]', '[fec0::1]'],
    ['IPv4 in IPv6', '[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]'],
    ['NAT64', '[64:ff9b::10.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::a00:1]', '[64:ff9b:1::5db8:d70e]'],
    ['6to4 and Teredo', '[2002:7f00:1::]', '[2002:a00:1::1]', '[2001::1]'],
    ['another spelling of loopback', '2130706433', '0x7f000001', '0x7f.1', '017700000001', '0177.0.0.1', '127.1', '127.0.1', '127.0.0.1.'],
    ['another spelling of link-local', '0xa9fea9fe', '2852039166', '0251.0376.0251.0376', '１６９.254.169.254', '169。254。169。254'],
  ])('%s', async (_kind, ...hosts) => {
    for (const host of hosts) expect([host, await verdict(`http://${host}/`)]).toEqual([host, 'PRIVATE_ADDRESS']);
  });

  it('also when a name leads to it', async () => {
    expect(await verdict('https://inside.example/')).toBe('PRIVATE_ADDRESS');
    expect(await verdict('https://zone.example/')).toBe('PRIVATE_ADDRESS');
  });

  it('and so are the public addresses of this machine', async () => {
    expect(await verdict('http://ours.example/')).toBe('PRIVATE_ADDRESS');
    expect(await verdict('http://203.0.114.9:8080/')).toBe('PRIVATE_ADDRESS');
  });
});

describe('An address that is public is taken', () => {
  it.each([
    'http://public.example/',
    'https://public.example:8443/a?b#c',
    'http://93.184.215.14/',
    'http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8080/',
    'http://[64:ff9b::93.184.215.14]/',
    'http://[2002:5db8:d70e::1]/',
    'http://both.example/',
  ])('%s', async (url) => expect(await verdict(url)).toBe('public'));
});

describe('A URL is refused', () => {
  it.each([
    ['with another scheme', 'ftp://public.example/', 'file:///etc/passwd', 'gopher://public.example/', 'data:text/html,x', 'javascript:1'],
    ['with a name and a password', 'http://me@public.example/', 'http://me:secret@public.example/'],
    ['with a port that is not listed', 'http://public.example:22/', 'http://public.example:6379/', 'https://93.184.215.14:9200/'],
    ['that is none', '', 'public.example', 'http://', 'http://[::1', 'http://1.2.3.4.5/', `http://public.example/${'a'.repeat(9_000)}`],
  ])('%s', async (_kind, ...urls) => {
    for (const url of urls) expect([url, await verdict(url)]).toEqual([url, 'BAD_URL']);
  });

  it('whose name leads nowhere', async () => {
    expect(await verdict('http://nobody.example/')).toBe('UNREACHABLE');
    expect(await verdict('http://nothing.example/')).toBe('UNREACHABLE');
  });
});

describe('An operator', () => {
  it('lets a network in, on every port', async () => {
    const allow = '10.1.0.0/16, fd00::/8';
    expect(await verdict('http://inside.example:9999/', { allow })).toBe('public');
    expect(await verdict('http://[fd00::7]/', { allow })).toBe('public');
    expect(await verdict('http://10.2.0.1/', { allow })).toBe('PRIVATE_ADDRESS');
  });

  it('lets one address in', async () => {
    expect(await verdict('http://127.0.0.1:5000/', { allow: '127.0.0.1' })).toBe('public');
    expect(await verdict('http://127.0.0.2:5000/', { allow: '127.0.0.1' })).toBe('PRIVATE_ADDRESS');
  });

  it('lets one host in on one port', async () => {
    const allow = 'inside.example:8200, 127.0.0.1:80, [::1]:443';
    expect(await verdict('http://inside.example:8200/', { allow })).toBe('public');
    expect(await verdict('http://INSIDE.example:8200/', { allow })).toBe('public');
    expect(await verdict('http://inside.example/', { allow })).toBe('PRIVATE_ADDRESS');
    expect(await verdict('http://127.0.0.1/', { allow })).toBe('public');
    expect(await verdict('https://[::1]/', { allow })).toBe('public');
    expect(await verdict('http://[::1]/', { allow })).toBe('PRIVATE_ADDRESS');
  });

  it('adds a port', async () => {
    expect(await verdict('http://public.example:3000/', { ports: '80, 3000' })).toBe('public');
    expect(await verdict('https://public.example/', { ports: '80, 3000' })).toBe('BAD_URL');
  });

  it.each(['10.0.0.0/33', 'wiki', 'wiki:0', 'wiki:99999', 'http://wiki:80', 'me@wiki:80', '10.0.0.0/8/8'])(
    'is told at the start that "%s" means nothing',
    (allow) => {
      expect(() => outbound({ allow })).toThrow(/CAUSEWAY_OUTBOUND_ALLOW/);
    },
  );
});
