import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const check = path.resolve(import.meta.dirname, '../../../scripts/mediasoup-worker/check-worker.mjs');

test('the check of a media worker passes with the worker of these tests: DTLS in both roles, data, SRTP', () => {
  const { status, stdout } = run(process.env.MEDIASOUP_WORKER_BIN ?? '');
  expect(stdout.trim().split('\n')).toEqual(['DTLS handshake and data as client: ok', 'DTLS handshake and data as server: ok', 'SRTP: ok']);
  expect(status).toBe(0);
});

test('the check of a media worker fails with a program that is none', () => {
  expect(run('/bin/true').status).not.toBe(0);
});

function run(worker: string) {
  return spawnSync(process.execPath, [check], { env: { ...process.env, MEDIASOUP_WORKER_BIN: worker }, encoding: 'utf8' });
}
