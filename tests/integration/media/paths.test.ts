/** The ways in for sound and picture: real connectivity checks, as browsers make them, to every candidate that is offered. */
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { StunClient } from '../../../src/doctor/stun-client.js';
import { iceCheck } from '../../../src/doctor/stun-message.js';
import { createMedia, type Media } from '../../../src/media/index.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import { testConfig, testLog } from '../../support/index.js';
import { Page } from './page.js';

let media: Media | undefined;
afterEach(() => media?.close());

/** What a page is offered with these settings: one transport, as good as any. */
async function offer(over: Parameters<typeof testConfig>[0]) {
  media = await createMedia({
    config: testConfig({ MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN, ...over }),
    log: testLog(),
    metrics: createMetrics(),
  });
  const page = await new Page(await media.openRoom('room'), 'anna', media.rtpCapabilities).join();
  const { iceCandidates, iceParameters } = page.offer.receive;
  /** Where the server sees the check come from; null when it does not answer. */
  const check = async ({ protocol, address, port }: (typeof iceCandidates)[number], password = iceParameters.password) => {
    const client = await StunClient.open({ protocol, host: address, port, framed: protocol === 'tcp' });
    try {
      const answer = await client.ask(iceCheck({ usernameFragment: iceParameters.usernameFragment, password }));
      return answer.success ? (answer.mapped ?? '') : null;
    } finally {
      client.close();
    }
  };
  return { candidates: iceCandidates, check };
}
const face = ({ protocol, address, port }: { protocol: string; address: string; port: number }) => [protocol, address, port];
const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
const hasIpv6 = own.some(({ address }) => address === '::1');
/** Such as fd00::2: an address of IPv6 that others reach. */
const outsideIpv6 = own.find(
  ({ address, internal }) => !internal && /^[23fd]/i.test(address) && address.includes(':') && !/^fe/i.test(address),
);

describe('The way in for sound and picture', () => {
  test('is one port, which answers over UDP, and over TCP where UDP does not come through', async () => {
    const { candidates, check } = await offer({});
    const [udp, tcp, ...more] = candidates;
    if (!udp || !tcp) throw new Error('one is missing');
    expect([face(udp), face(tcp), more]).toEqual([['udp', '127.0.0.1', udp.port], ['tcp', '127.0.0.1', udp.port], []]);
    expect(tcp).toMatchObject({ tcpType: 'passive' });
    for (const candidate of [udp, tcp]) expect(await check(candidate)).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test('prefers UDP', async () => {
    const { candidates } = await offer({});
    const priority = (protocol: string) => candidates.find((candidate) => candidate.protocol === protocol)?.priority ?? 0;
    expect(priority('udp')).toBeGreaterThan(priority('tcp'));
  });

  test('does not answer who does not know the password', async () => {
    const { candidates, check } = await offer({});
    for (const candidate of candidates) {
      const result = await check(candidate, 'a guess').catch(() => null);
      expect(result).toBeNull();
    }
  });

  test.skipIf(!hasIpv6)('may be IPv6 alone', async () => {
    const { candidates, check } = await offer({ MEDIA_LISTEN_IP: '::1', MEDIA_ANNOUNCED_ADDRESS: undefined });
    expect(candidates.map(({ protocol, address }) => [protocol, address])).toEqual([
      ['udp', '::1'],
      ['tcp', '::1'],
    ]);
    for (const candidate of candidates) expect(await check(candidate)).toMatch(/^\[::1\]:\d+$/);
  });

  test.skipIf(!outsideIpv6)('is every address of IPv4 and IPv6, on one port, where all are wanted', async () => {
    const { candidates, check } = await offer({ MEDIA_LISTEN_IP: '::', MEDIA_ANNOUNCED_ADDRESS: undefined });
    expect(new Set(candidates.map(({ port }) => port)).size).toBe(1);
    const addresses = new Set(candidates.map(({ address }) => address));
    expect([...addresses]).toEqual(expect.arrayContaining([outsideIpv6?.address, '127.0.0.1']));
    for (const candidate of candidates) expect(await check(candidate)).not.toBeNull();
  });

  test('is told by the address outside, which may be a name, beside the one inside', async () => {
    // The first socket that is not loopback announces; here there is only loopback, which `localhost` is another name of.
    const { candidates } = await offer({ MEDIA_LISTEN_IP: '127.0.0.1', MEDIA_ANNOUNCED_ADDRESS: '127.0.0.2' });
    expect(new Set(candidates.map(({ address }) => address))).toEqual(new Set(['127.0.0.1', '127.0.0.2']));
    await media?.close();
    const named = await offer({ MEDIA_LISTEN_IP: '127.0.0.1', MEDIA_ANNOUNCED_ADDRESS: 'localhost' });
    for (const candidate of named.candidates) {
      expect(candidate.address).toBe('127.0.0.1');
      expect(await named.check(candidate)).not.toBeNull();
    }
  });

  test('refuses the start where the name outside has no address', async () => {
    await expect(offer({ MEDIA_ANNOUNCED_ADDRESS: 'nowhere.invalid' })).rejects.toThrow('nowhere.invalid has no address');
  });
});
