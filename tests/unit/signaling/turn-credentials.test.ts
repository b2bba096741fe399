import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../../src/config.js';
import { iceServersOf, turnCredential } from '../../../src/signaling/turn-credentials.js';

const clock = { now: () => Date.parse('2026-03-02T09:00:00.400Z') };
const settings = (over: Record<string, string>) => readConfig({ CAUSEWAY_TURN_SECRET: 'north wind', ...over });

describe('A TURN credential', () => {
  test('is named after its end, in whole seconds, and an id', () => {
    expect(turnCredential('north wind', clock.now(), 'p1').username).toBe('1772442000:p1');
  });

  test('has the name’s HMAC-SHA1 under the shared secret as password, in base64 (draft-uberti-behave-turn-rest-00)', () => {
    // printf '1433895918:506aa96d' | openssl dgst -sha1 -hmac 'north wind' -binary | base64
    expect(turnCredential('north wind', 1_433_895_918_000, '506aa96d')).toEqual({
      username: '1433895918:506aa96d',
      credential: 'FiJRkomhAqGkn4xZSKXrkEmw6Ds=',
    });
  });

  test('is another for each participant', () => {
    const of = iceServersOf(settings({ CAUSEWAY_TURN_URLS: 'turn:turn.example.hk' }), clock);
    expect(of('p1')).not.toBe(of('p2'));
  });
});

describe('The servers that a participant is told', () => {
  test('are those that are named, and after them the TURN servers with a credential that lives as long as the settings say', () => {
    const of = iceServersOf(
      settings({
        CAUSEWAY_ICE_SERVERS: '[{"urls":"stun:stun.example.hk"}]',
        CAUSEWAY_TURN_URLS: ' turn:turn.example.hk:3478 ,turns:turn.example.hk:443?transport=tcp,',
        CAUSEWAY_TURN_CREDENTIAL_MS: '60000',
      }),
      clock,
    );
    const username = '1772442060:p1';
    expect(JSON.parse(of('p1'))).toEqual([
      { urls: 'stun:stun.example.hk' },
      {
        urls: ['turn:turn.example.hk:3478', 'turns:turn.example.hk:443?transport=tcp'],
        username,
        credential: createHmac('sha1', 'north wind').update(username).digest('base64'),
      },
    ]);
  });

  test('are only those that are named when there is no TURN server of ours', () => {
    expect(iceServersOf(readConfig({ CAUSEWAY_ICE_SERVERS: '[{"urls":"stun:a"}]' }), clock)('p1')).toBe('[{"urls":"stun:a"}]');
    expect(iceServersOf(settings({}), clock)('p1')).toBe('[]');
  });
});

describe('The settings of TURN', () => {
  test('refuse servers without a secret, in a sentence', () => {
    const read = () => readConfig({ CAUSEWAY_TURN_URLS: 'turn:turn.example.hk' });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow('CAUSEWAY_TURN_URLS is set, but not CAUSEWAY_TURN_SECRET');
  });

  test.each(['turn.example.hk:3478', 'stun:turn.example.hk', 'turn://turn.example.hk', 'turn:a,https://b', 'turn:a?transport=sctp'])(
    'refuse what is not a TURN server: %s',
    (urls) => {
      expect(() => settings({ CAUSEWAY_TURN_URLS: urls })).toThrow('RFC 7065');
    },
  );

  test.each(['turn:a', 'turns:a.example.hk:443', 'turn:[2001:db8::1]:3478?transport=udp', 'turn:192.0.2.1?transport=tcp'])(
    'take %s',
    (urls) => {
      expect(settings({ CAUSEWAY_TURN_URLS: urls }).TURN_URLS).toBe(urls);
    },
  );
});
