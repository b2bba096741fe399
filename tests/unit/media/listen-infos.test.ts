import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { listenInfos } from '../../../src/media/listen-infos.js';

const address = (address: string, internal = false): NetworkInterfaceInfo =>
  address.includes(':')
    ? { address, family: 'IPv6', internal, netmask: '', mac: '', cidr: null, scopeid: 0 }
    : { address, family: 'IPv4', internal, netmask: '', mac: '', cidr: null };

const interfaces = {
  lo: [address('127.0.0.1', true), address('::1', true)],
  eth0: [address('192.168.1.20'), address('2001:db8::20'), address('fe80::1')],
  wlan0: [address('10.0.0.7')],
};

const options = { listenIp: '0.0.0.0', announcedAddress: undefined, port: 40_000 };
const ips = (infos: ReturnType<typeof listenInfos>) => [...new Set(infos.map((info) => info.ip))];
/** Each address that is told of another, once. */
const announced = (infos: ReturnType<typeof listenInfos>) =>
  infos.filter((info) => info.protocol === 'udp' && info.announcedAddress !== undefined).map((info) => [info.ip, info.announcedAddress]);

describe('listenInfos', () => {
  test('offers this machine and each address of the office network, on one port, over UDP and TCP', () => {
    const infos = listenInfos(options, interfaces);
    expect(ips(infos)).toEqual(['192.168.1.20', '10.0.0.7', '127.0.0.1']);
    expect(infos.every((info) => info.port === 40_000)).toBe(true);
    for (const ip of ips(infos)) expect(infos.filter((info) => info.ip === ip).map((info) => info.protocol)).toEqual(['udp', 'tcp']);
  });

  test('adds IPv6 for :: but no link-local address', () => {
    expect(ips(listenInfos({ ...options, listenIp: '::' }, interfaces))).toEqual(['192.168.1.20', '10.0.0.7', '2001:db8::20', '127.0.0.1']);
  });

  test('listens on one address alone when it is named', () => {
    expect(ips(listenInfos({ ...options, listenIp: '10.0.0.7' }, interfaces))).toEqual(['10.0.0.7']);
  });

  test('tells the address outside once, beside the inner ones', () => {
    const infos = listenInfos({ ...options, announcedAddress: ['203.0.113.9'] }, interfaces);
    expect(announced(infos)).toEqual([['192.168.1.20', '203.0.113.9']]);
    const announcing = infos.filter((info) => info.announcedAddress !== undefined);
    expect(announcing.map((info) => [info.protocol, info.exposeInternalIp])).toEqual([
      ['udp', true],
      ['tcp', true],
    ]);
    expect(ips(infos)).toHaveLength(3);
  });

  test('tells each kind of address outside on a socket of that kind', () => {
    const announcedAddress = ['203.0.113.9', '2001:db8:ffff::9'];
    expect(announced(listenInfos({ ...options, listenIp: '::', announcedAddress }, interfaces))).toEqual([
      ['192.168.1.20', '203.0.113.9'],
      ['2001:db8::20', '2001:db8:ffff::9'],
    ]);
    // Nobody would answer there.
    expect(announced(listenInfos({ ...options, announcedAddress }, interfaces))).toEqual([['192.168.1.20', '203.0.113.9']]);
  });

  test('announces on the loopback when there is nothing else', () => {
    expect(announced(listenInfos({ ...options, listenIp: '::1', announcedAddress: ['fd00::1'] }, interfaces))).toEqual([
      ['::1', 'fd00::1'],
    ]);
  });

  test('does not announce an address twice that it listens on anyway', () => {
    expect(announced(listenInfos({ ...options, announcedAddress: ['10.0.0.7'] }, interfaces))).toEqual([]);
  });

  test('keeps the loopback when the machine has very many addresses', () => {
    const many = { eth0: Array.from({ length: 40 }, (_, i) => address(`10.1.0.${i + 1}`)) };
    const found = ips(listenInfos(options, many));
    expect(found).toHaveLength(8);
    expect(found).toContain('127.0.0.1');
  });
});
