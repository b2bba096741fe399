import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Finding } from '../../src/doctor/check.js';
import { StunClient } from '../../src/doctor/stun-client.js';
import { allocate, binding, type Login, refresh } from '../../src/doctor/stun-message.js';
import { turnCheck } from '../../src/doctor/turn-checks.js';
import { turnCredential } from '../../src/signaling/index.js';
import { freePort, testConfig } from '../support/index.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { hasTurnServer, startTurnServer, type TurnServer } from '../support/turn-server.js';
import { Attendee } from './server/attendee.js';

const secret = 'shared between two servers';
const iceServers = z.array(z.object({ urls: z.array(z.string()), username: z.string(), credential: z.string() }));
const examine = (over: Parameters<typeof testConfig>[0]): Promise<Finding> => turnCheck.look({ config: testConfig(over), running: false });

describe.skipIf(!hasTurnServer)('A TURN server that shares a secret with us (skipped where turnserver is not installed)', () => {
  let turn: TurnServer;
  beforeAll(async () => {
    turn = await startTurnServer(secret);
  });
  afterAll(() => turn?.stop());

  /** What becomes of an allocation: 0, or the code of the refusal. */
  async function relays(login: Login): Promise<number> {
    const client = await StunClient.open({ protocol: 'udp', host: '127.0.0.1', port: turn.port });
    try {
      const { code, realm, nonce } = await client.ask(allocate());
      if (!realm || !nonce) throw new Error(`no challenge, but ${code}`);
      const made = await client.ask(allocate(login, { realm, nonce }));
      if (made.success) await client.ask(refresh(0, login, { realm, nonce }));
      return made.code;
    } finally {
      client.close();
    }
  }

  describe('and a meeting', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startTestServer({
        ICE_SERVERS: '[{"urls":["stun:stun.example.hk"],"username":"","credential":""}]',
        TURN_URLS: `${turn.url()}, ${turn.url('tcp')}`,
        TURN_SECRET: secret,
        TURN_CREDENTIAL_MS: 3_600_000,
      });
    });
    afterAll(() => server?.close());

    it('each participant gets a credential of his own that the server takes, and a fresh one with new transports', async () => {
      const olivia = await server.setUpOwner();
      const meeting = await server.createMeeting(olivia, { lobby: 'off' });
      const host = await Attendee.enter(server, meeting.id, olivia);
      const guest = await Attendee.enter(server, meeting.id, await server.guest(meeting.code, 'Gia'));
      const rebuilt = await host.client.media.rebuild({ meetingId: meeting.id, rtpCapabilities: await server.rtpCapabilities() });
      const setups = [host.joined.media, guest.joined.media, rebuilt.media];
      const logins: Login[] = [];
      for (const setup of setups) {
        const [stun, turns, ...more] = iceServers.parse(JSON.parse(setup?.iceServers ?? ''));
        expect([stun?.urls, turns?.urls, more]).toEqual([['stun:stun.example.hk'], [turn.url(), turn.url('tcp')], []]);
        if (!turns) throw new Error('no TURN server');
        expect(await relays(turns)).toBe(0);
        logins.push(turns);
      }
      expect(logins.map(({ username }) => username.split(':')[1])).toEqual([host.id, guest.id, host.id]);
      const ends = Number(logins[0]?.username.split(':')[0]) * 1_000;
      expect(Math.abs(ends - Date.now() - 3_600_000)).toBeLessThan(600_000);
      for (const { username } of logins)
        for (const secretive of ['Gia', 'Olivia', olivia.person.id]) expect(username).not.toContain(secretive);
    });
  });

  it('takes no credential that has ended, nor one that somebody made up', async () => {
    expect(await relays(turnCredential(secret, Date.now() - 60_000, 'late'))).toBe(401);
    expect(await relays(turnCredential('a guess', Date.now() + 60_000, 'eve'))).toBe(401);
    expect(await relays(turnCredential(secret, Date.now() + 60_000, 'ana'))).toBe(0);
  });

  it('is found well by the doctor, over UDP and TCP', async () => {
    const finding = await examine({ TURN_URLS: `${turn.url()},${turn.url('tcp')}`, TURN_SECRET: secret });
    expect(finding.state).toBe('ok');
    expect(finding.found.match(/relays from 127\.0\.0\.1:\d+/g)).toHaveLength(2);
  });

  it('with another secret is told to be so', async () => {
    const finding = await examine({ TURN_URLS: turn.url(), TURN_SECRET: 'another' });
    expect(finding).toMatchObject({
      state: 'wrong',
      found: expect.stringContaining('does not accept a credential made with CAUSEWAY_TURN_SECRET'),
    });
    expect(finding.advice).toContain('static-auth-secret');
  });

  it('is looked at with the password of ICE_SERVERS, too', async () => {
    const { username, credential } = turnCredential(secret, Date.now() + 60_000, 'fixed');
    const named = (login: object) => examine({ ICE_SERVERS: JSON.stringify([{ urls: turn.url(), ...login }]) });
    expect(await named({ username, credential })).toMatchObject({ state: 'ok' });
    expect(await named({ username, credential: 'wrong' })).toMatchObject({
      state: 'wrong',
      found: expect.stringContaining('does not accept the password in CAUSEWAY_ICE_SERVERS'),
    });
    expect(await named({})).toMatchObject({ state: 'ok', found: expect.stringMatching(/answers and sees us as 127\.0\.0\.1:\d+/) });
  });

  it('that will not relay to where media is, is told with that address', async () => {
    const strict = await startTurnServer(secret, ['--allow-loopback-peers', '--denied-peer-ip=192.0.2.0-192.0.2.255']);
    try {
      const finding = await examine({ TURN_URLS: strict.url(), TURN_SECRET: secret, MEDIA_ANNOUNCED_ADDRESS: '192.0.2.10' });
      expect(finding).toMatchObject({ state: 'warning', found: `${strict.url()} relays, but not to 192.0.2.10` });
    } finally {
      await strict.stop();
    }
  });
});

describe.skipIf(!hasTurnServer)(
  'A TURN server as docs/operations/firewall.md sets it up (skipped where turnserver is not installed)',
  () => {
    it('relays to media and to nothing else', async () => {
      const turn = await startTurnServer(secret, [
        '--denied-peer-ip=0.0.0.0-255.255.255.255',
        '--denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
        '--allowed-peer-ip=192.0.2.10',
      ]);
      try {
        const settings = { TURN_URLS: turn.url(), TURN_SECRET: secret };
        expect(await examine({ ...settings, MEDIA_ANNOUNCED_ADDRESS: '192.0.2.10' })).toMatchObject({ state: 'ok' });
        expect(await examine({ ...settings, MEDIA_ANNOUNCED_ADDRESS: '192.0.2.11' })).toMatchObject({ state: 'warning' });
      } finally {
        await turn.stop();
      }
    });
  },
);

describe('A TURN server that is not there', () => {
  it('is told with its port', async () => {
    const port = await freePort();
    const finding = await examine({ TURN_URLS: `turn:127.0.0.1:${port}?transport=tcp`, TURN_SECRET: secret });
    expect(finding).toMatchObject({ state: 'wrong', found: expect.stringContaining('does not answer') });
    expect(finding.advice).toContain(`TCP port ${port}`);
    await expect(StunClient.open({ protocol: 'tcp', host: '127.0.0.1', port })).rejects.toThrow('ECONNREFUSED');
    const client = await StunClient.open({ protocol: 'udp', host: '127.0.0.1', port });
    await expect(client.ask(binding())).rejects.toThrow();
    client.close();
  });

  it('is not missed where none is named', async () => {
    expect(await examine({})).toMatchObject({ state: 'ok', found: expect.stringContaining('none named') });
  });
});
