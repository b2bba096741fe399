/** What the doctor says of the ways of media, asked check by check; beside a server that runs, and without one. */
import { stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.js';
import type { Check, Finding } from '../../src/doctor/check.js';
import { addressCheck, ipv6Check, mediaPathCheck } from '../../src/doctor/media-path-checks.js';
import { pipesCheck } from '../../src/doctor/pipe-checks.js';
import { freePort, type TemporaryFolder, temporaryFolder, testConfig } from '../support/index.js';
import { startTestServer, type TestServer } from '../support/server.js';

const workerBin = process.env.MEDIASOUP_WORKER_BIN;
const examine = (check: Check, over: Partial<Config> = {}, running = false): Promise<Finding> =>
  check.look({ config: testConfig({ MEDIASOUP_WORKER_BIN: workerBin, ...over }), running });
const everywhere = { MEDIA_LISTEN_IP: '0.0.0.0', MEDIA_ANNOUNCED_ADDRESS: undefined } satisfies Partial<Config>;
const ownIpv4 = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

describe('The path of media', () => {
  it('is checked as a browser does it, over UDP and TCP, when no server runs', async () => {
    const { state, found } = await examine(mediaPathCheck);
    expect(state).toBe('ok');
    expect(found).toMatch(/^127\.0\.0\.1:\d+ answers over UDP and TCP$/);
  });

  it('is checked at the port that is set', async () => {
    const port = await freePort();
    expect(await examine(mediaPathCheck, { MEDIA_PORT: port })).toEqual({
      state: 'ok',
      found: `127.0.0.1:${port} answers over UDP and TCP`,
    });
  });

  it('that ends at a router which sends nothing on is told with the address', async () => {
    // Nobody listens on this address of the loopback: it answers as a router without a rule does.
    const { state, found, advice } = await examine(mediaPathCheck, { MEDIA_ANNOUNCED_ADDRESS: '127.0.0.99' });
    expect(state).toBe('warning');
    expect(found).toMatch(/^127\.0\.0\.1:\d+ answers over UDP and TCP, 127\.0\.0\.99:\d+ does not over UDP and TCP \(.*ECONNREFUSED.*\)$/);
    expect(advice).toContain('router');
  });

  it('that can’t be opened is told, and left to the row that says why', async () => {
    const { state, found } = await examine(mediaPathCheck, { MEDIASOUP_WORKER_BIN: '/bin/false' });
    expect(state).toBe('warning');
    expect(found).toContain('no media port could be looked at');
  });

  describe('beside a server that runs', () => {
    let folder: TemporaryFolder;
    let server: TestServer;
    let settings: Partial<Config>;
    beforeAll(async () => {
      folder = await temporaryFolder();
      settings = { DATA_DIR: folder.path, HTTP_PORT: await freePort(), MEDIA_WORKERS: 2 };
      server = await startTestServer(settings);
    });
    afterAll(async () => {
      await server?.close();
      await folder?.remove();
    });

    it('is checked at its ports, and leaves nothing on its workers for long', async () => {
      const { state, found } = await examine(mediaPathCheck, settings, true);
      expect(state).toBe('ok');
      expect(found.match(/127\.0\.0\.1:\d+ answers over UDP and TCP/g)?.length).toBeGreaterThanOrEqual(1);
      expect(await server.metric('causeway_media_transports')).toBeLessThanOrEqual(2);
    });

    it('is asked by a socket that is for its own user alone', async () => {
      const { mode } = await stat(path.join(folder.path, `doctor-${settings.HTTP_PORT}.sock`));
      expect(mode & 0o777).toBe(0o600);
    });

    it('is not known when the doctor has other settings, which is no fault of the server', async () => {
      const finding = await examine(mediaPathCheck, { ...settings, HTTP_PORT: 1 }, true);
      expect(finding).toMatchObject({ state: 'warning', found: expect.stringContaining('no media port could be looked at') });
      expect(finding.advice).toContain('same settings');
    });

    it('leaves no socket behind when the server has ended', async () => {
      await server.close();
      await expect(stat(path.join(folder.path, `doctor-${settings.HTTP_PORT}.sock`))).rejects.toThrow('ENOENT');
    });
  });
});

describe('The address of media', () => {
  it('is the one that is announced, with what a name stands for', async () => {
    expect(await examine(addressCheck, { MEDIA_ANNOUNCED_ADDRESS: '203.0.113.9' })).toEqual({
      state: 'ok',
      found: '203.0.113.9 is announced to browsers',
    });
    expect((await examine(addressCheck, { MEDIA_ANNOUNCED_ADDRESS: 'localhost' })).found).toMatch(
      /^localhost \(.*127\.0\.0\.1.*\) is announced/,
    );
  });

  it('that is a name without an address is wrong', async () => {
    const finding = await examine(addressCheck, { MEDIA_ANNOUNCED_ADDRESS: 'nowhere.invalid' });
    expect(finding).toMatchObject({ state: 'wrong', found: expect.stringContaining('nowhere.invalid has no address') });
  });

  it('that nobody outside reaches is told while the page is for everybody', async () => {
    const outside = { PUBLIC_URL: 'https://203.0.113.9', MEDIA_ANNOUNCED_ADDRESS: '10.0.0.7' };
    expect(await examine(addressCheck, outside)).toMatchObject({
      state: 'warning',
      found: '10.0.0.7: nobody outside reaches that, but the page is at https://203.0.113.9',
      advice: expect.stringContaining('CAUSEWAY_MEDIA_ANNOUNCED_ADDRESS'),
    });
    expect((await examine(addressCheck, { ...outside, PUBLIC_URL: 'https://10.0.0.7' })).state).toBe('ok');
    expect((await examine(addressCheck, { ...outside, MEDIA_ANNOUNCED_ADDRESS: '203.0.113.9' })).state).toBe('ok');
  });

  it('of a kind that media does not listen on is wrong', async () => {
    const finding = await examine(addressCheck, { MEDIA_LISTEN_IP: '0.0.0.0', MEDIA_ANNOUNCED_ADDRESS: '2001:db8::9' });
    expect(finding).toMatchObject({ state: 'wrong', advice: expect.stringContaining('CAUSEWAY_MEDIA_LISTEN_IP') });
  });

  it.skipIf(ownIpv4 === undefined)('is found from the network interfaces', async () => {
    expect((await examine(addressCheck, everywhere)).found).toContain(ownIpv4);
  });
});

describe('IPv6', () => {
  it('is not missed where nobody comes by it', async () => {
    expect((await examine(ipv6Check, { MEDIA_LISTEN_IP: '127.0.0.1' })).state).toBe('ok');
  });

  it('of the page without IPv6 of media is told', async () => {
    const finding = await examine(ipv6Check, { PUBLIC_URL: 'https://[2001:db8::9]', MEDIA_LISTEN_IP: '0.0.0.0' });
    expect(finding).toMatchObject({ state: 'warning', advice: expect.stringContaining('CAUSEWAY_MEDIA_LISTEN_IP') });
  });

  it('that is offered is told, as announced and as the machine has it', async () => {
    const { state, found } = await examine(ipv6Check, { MEDIA_LISTEN_IP: '::', MEDIA_ANNOUNCED_ADDRESS: '203.0.113.9,2001:db8::9' });
    expect(state).toBe('ok');
    expect(found).toMatch(/^media is offered at 2001:db8::9/);
  });
});

describe('Ports for media between nodes', () => {
  const cluster = { REDIS_URL: 'redis://127.0.0.1:6379' };

  it('are not needed by one node', async () => {
    expect(await examine(pipesCheck)).toMatchObject({ state: 'ok', found: expect.stringContaining('not used') });
  });

  it('are told with the address that the other nodes use', async () => {
    expect(await examine(pipesCheck, { ...cluster, MEDIA_PIPE_IP: '127.0.0.1' })).toEqual({
      state: 'ok',
      found: 'UDP 50000-59999 at 127.0.0.1, for the other nodes alone',
    });
  });

  it.each<[string, Partial<Config>, Finding['state']]>([
    ['is no range', { MEDIA_PIPE_PORTS: '60000-50000' }, 'wrong'],
    ['has a media port in it', { MEDIA_PIPE_PORTS: '39000-41000', MEDIA_PORT: 40_000 }, 'wrong'],
    ['belongs to another machine', { MEDIA_PIPE_IP: '203.0.113.9' }, 'wrong'],
    ['is small', { MEDIA_PIPE_PORTS: '50000-50010' }, 'warning'],
    ['is on the loopback while Redis is elsewhere', { REDIS_URL: 'redis://203.0.113.9' }, 'warning'],
  ])('are looked at: what %s', async (_, over, state) => {
    const finding = await examine(pipesCheck, { ...cluster, ...over });
    expect(finding.state).toBe(state);
    expect(finding.advice).toMatch(/\.$/);
  });
});
