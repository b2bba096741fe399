import { expect, it } from 'vitest';
import { newSigningSecret, signedHeaders } from '../../../../src/chat/bots/signature.js';

it('A signed request carries the time and the HMAC-SHA256 of time and body', () => {
  const headers = signedHeaders({
    secret: 'whsec_test',
    body: '{"a":"é"}',
    delivery: 'd',
    event: 'message.posted',
    now: 1_700_000_000_999,
  });
  // printf '1700000000.{"a":"é"}' | openssl dgst -sha256 -hmac whsec_test
  expect(headers).toEqual({
    'content-type': 'application/json; charset=utf-8',
    'causeway-event': 'message.posted',
    'causeway-delivery': 'd',
    'causeway-signature': 't=1700000000,v1=98776ba59de474ed481c4d8857d74fd74bcaf502e2b5a6ec3d4493c82603940e',
  });
});

it('A secret for signatures says what it is, and has 256 bits', () => {
  expect(newSigningSecret()).toMatch(/^whsec_[\w-]{43}$/);
  expect(newSigningSecret()).not.toBe(newSigningSecret());
});
