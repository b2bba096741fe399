import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/index.js';
import { HttpWorld, post, raw, refused } from './http-world.js';

let world: HttpWorld;
beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

describe('the origin of a change', () => {
  it.each([
    ['the same host', (base: string) => base, 200],
    ['the public address', () => 'https://meet.example.hk', 200],
    ['an allowed page', () => 'https://intranet.example.hk', 200],
    ['no page at all', () => undefined, 200],
    ['another page', () => 'https://evil.example', 403],
    ['another port of the same host', () => 'http://127.0.0.1:1', 403],
    ['a page in a sandbox', () => 'null', 403],
    ['a page that only begins like ours', () => 'https://meet.example.hk.evil.example', 403],
  ])('from %s', async (_, origin, status) => {
    const base = await world.start({
      PUBLIC_URL: 'https://meet.example.hk',
      ALLOWED_ORIGINS: 'https://intranet.example.hk, https://other.example',
    });
    const from = origin(base);
    const response = await post(`${base}/api/echo`, { name: 'Ada' }, from === undefined ? {} : { origin: from });
    expect(response.status).toBe(status);
    if (status === 403) expect((await refused(response)).code).toBe('REQUEST_ORIGIN');
  });

  it('is told to the browser for an allowed page, and for no other', async () => {
    const base = await world.start({ ALLOWED_ORIGINS: 'https://intranet.example.hk' });
    const ask = (origin: string) =>
      fetch(`${base}/api/echo`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
      });
    const allowed = await ask('https://intranet.example.hk');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://intranet.example.hk');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    const read = await fetch(`${base}/api/extra`, { headers: { origin: 'https://intranet.example.hk' } });
    expect(read.headers.get('access-control-allow-origin')).toBe('https://intranet.example.hk');
    expect(read.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('the rate', () => {
  it('of calls from one address is limited, however the address of the call is written', async () => {
    const base = await world.start({ HTTP_REQUESTS_PER_MINUTE: 10 });
    for (let i = 0; i < 10; i += 1) expect((await fetch(`${base}/api/extra`)).status).toBe(200);
    for (const address of ['/api/extra', '/%61pi/extra', '/api/extr%61']) {
      const response = await fetch(base + address);
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused(response)).toMatchObject({ code: 'REQUEST_RATE', retryable: true });
    }
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });

  it('of a route may be tighter', async () => {
    const base = await world.start();
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await post(`${base}/api/sign-in`, {})).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await fetch(`${base}/api/extra`)).status).toBe(200);
  });

  it('is counted by the address that the proxy saw, not by what the caller wrote', async () => {
    const base = await world.start({ TRUST_PROXY: true, HTTP_REQUESTS_PER_MINUTE: 10 });
    const from = async (chain: string) => (await fetch(`${base}/api/extra`, { headers: { 'x-forwarded-for': chain } })).status;
    for (let i = 0; i < 10; i += 1) expect(await from(`10.0.0.${i}, 203.0.113.9`)).toBe(200);
    expect(await from('10.0.0.99, 203.0.113.9')).toBe(429);
    expect(await from('203.0.113.9, 203.0.113.10')).toBe(200);
  });

  it('is counted by the connection where no proxy is trusted', async () => {
    const base = await world.start({ HTTP_REQUESTS_PER_MINUTE: 10 });
    const from = async (address: string) => (await fetch(`${base}/api/extra`, { headers: { 'x-forwarded-for': address } })).status;
    for (let i = 0; i < 10; i += 1) await from(`203.0.113.${i}`);
    expect(await from('203.0.113.99')).toBe(429);
  });

  it('of an IPv6 network is one, and another network has its own', async () => {
    const base = await world.start({ TRUST_PROXY: true, HTTP_REQUESTS_PER_MINUTE: 10 });
    const from = async (address: string) => (await fetch(`${base}/api/extra`, { headers: { 'x-forwarded-for': address } })).status;
    for (let i = 0; i < 10; i += 1) expect(await from(`2001:db8:1:2::${i + 1}`)).toBe(200);
    expect(await from('2001:db8:1:2:ffff::1')).toBe(429);
    expect(await from('2001:db8:1:3::1')).toBe(200);
  });
});

describe('what browsers are told', () => {
  it('allows scripts of our own alone, and sockets of the gateway', async () => {
    const base = await world.start();
    const { headers } = await fetch(`${base}/api/extra`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("connect-src 'self' ws://*:3001");
    expect(policy).toContain("worker-src 'self' blob:");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|default-src[^;]*unsafe/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=(self)');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('asks for HTTPS for good where people come by it', async () => {
    const base = await world.start({ PUBLIC_URL: 'https://meet.example.hk' });
    expect((await fetch(`${base}/health`)).headers.get('strict-transport-security')).toContain('max-age=31536000');
  });

  it('is the same on refusals and on pages', async () => {
    const base = await world.start();
    for (const address of ['/api/nothing', '/api/fault', '/health']) {
      expect((await fetch(base + address)).headers.get('content-security-policy')).toContain("default-src 'self'");
    }
  });
});

describe('the page', () => {
  beforeEach(async () => {
    const page = path.join(world.folder.path, 'page');
    await mkdir(path.join(page, 'assets'), { recursive: true });
    await writeFile(path.join(page, 'index.html'), '<!doctype html><title>Causeway</title>');
    await writeFile(path.join(page, 'assets', 'app-1a2b3c.js'), 'export {};');
    await writeFile(path.join(world.folder.path, 'secret.txt'), 'not for you');
  });
  const html = { headers: { accept: 'text/html,application/xhtml+xml' } };

  it.each(['/', '/m/abc-defg-hjk', '/setup', '/index.html'])('is there at %s, and is asked for anew each time', async (address) => {
    const base = await world.start();
    const response = await fetch(base + address, html);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toContain('Causeway');
  });

  it('has files with a hash in their name, which are kept for ever', async () => {
    const base = await world.start();
    const response = await fetch(`${base}/assets/app-1a2b3c.js`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toContain('javascript');
  });

  it('is not given for a file that is not there, nor for an address of the API', async () => {
    const base = await world.start();
    expect((await fetch(`${base}/assets/old-000.js`)).status).toBe(404);
    expect((await fetch(`${base}/api/nothing`, html)).status).toBe(404);
    expect((await post(`${base}/m/abc`, {}, html.headers)).status).toBe(404);
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
    '/assets/%5c..%5c..%5csecret.txt',
  ])('never lets %s out of its folder', async (address) => {
    const base = await world.start();
    expect(await raw(base, `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).not.toContain('not for you');
  });
});

describe('health and metrics', () => {
  it('say that the server is ready, part by part', async () => {
    const base = await world.start();
    const response = await fetch(`${base}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ready: true, version: '1.2.3', checks: { database: true, media: true } });
  });

  it('say which part is not', async () => {
    const base = await world.start();
    world.healthy = false;
    const response = await fetch(`${base}/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ ready: false, checks: { database: false, media: true } });
  });

  it('look at the parts once for all who ask at the same time', async () => {
    const base = await world.start();
    let goOn = () => {};
    world.whenLooked = new Promise((resolve) => {
      goOn = resolve;
    });
    const asking = Array.from({ length: 20 }, () => fetch(`${base}/health`));
    await waitFor(async () => (await world.connections()) === asking.length, 'all to have come');
    goOn();
    expect((await Promise.all(asking)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(world.looks).toBeLessThan(20);
    await fetch(`${base}/health`);
    expect(world.looks).toBeGreaterThan(1);
  });

  it('count requests by route and status, never by address', async () => {
    const base = await world.start();
    await fetch(`${base}/api/items/41?page=2`);
    await fetch(`${base}/api/unknown-secret`);
    const response = await fetch(`${base}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('causeway_http_request_seconds_count{method="GET",route="/api/items/:id",status="200"} 1');
    expect(text).not.toContain('unknown-secret');
  });
});
