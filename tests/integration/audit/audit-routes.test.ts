import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { project } from '../../../scripts/docs/pages.js';
import { AuditLog } from '../../../src/services/audit/index.js';
import { auditSchema, verdictSchema } from '../../../src/services/audit/schema.js';
import type { SignedIn } from '../../support/api.js';
import { startTestServer, type TestServer } from '../../support/server.js';

let server: TestServer;
let olivia: SignedIn;
let adam: SignedIn;
let ana: SignedIn;
let orgId: string;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  adam = await server.invite(olivia, 'Adam', 'admin');
  ana = await server.invite(olivia, 'Ana');
  orgId = olivia.person.organisation.id;
  const audit = new AuditLog({ database: server.database, clock: { now: () => Date.now() } });
  for (const name of ['HKID', 'Cards', '<script>alert(1)</script>'])
    await audit.recordAlone({
      orgId,
      actor: { id: ana.person.id, name: ana.person.name },
      action: 'chat.dlp-blocked',
      subject: { conversation: 'c' },
      detail: { name },
    });
});
afterAll(() => server?.close());

describe('GET /api/audit', () => {
  it('gives owners and admins the rows, in pages', async () => {
    const first = await server.get(auditSchema, 'GET', '/api/audit?limit=2&action=chat.dlp-*', undefined, adam.accessToken);
    expect(first.rows.map((row) => row.detail.name)).toEqual(['<script>alert(1)</script>', 'Cards']);
    const second = await server.get(auditSchema, 'GET', `/api/audit?before=${first.next}`, undefined, olivia.accessToken);
    expect(second).toMatchObject({ rows: [{ number: 1, actor: { name: 'Ana' }, detail: { name: 'HKID' } }], next: null });
  });

  it('refuses members', async () => {
    for (const path of ['/api/audit', '/api/audit/verify'])
      expect(await server.api('GET', path, undefined, ana.accessToken)).toMatchObject({
        status: 403,
        body: { error: { code: 'AUTH_FORBIDDEN' } },
      });
  });

  it.each([
    ['/api/audit?limit=0', 'limit'],
    ['/api/audit?limit=501', 'limit'],
    ['/api/audit?before=0', 'before'],
    ['/api/audit?before=1e99', 'before'],
    ['/api/audit?actor=ana', 'actor'],
    ['/api/audit?action=%25', 'action'],
    ['/api/audit?from=yesterday', 'from'],
    ['/api/audit/verify?number=1', 'hash'],
    ['/api/audit/verify?number=1&hash=zz', 'hash'],
  ])('refuses %s', async (path, field) => {
    expect(await server.api('GET', path, undefined, olivia.accessToken)).toMatchObject({
      status: 400,
      body: { error: { code: 'REQUEST_INVALID', field } },
    });
  });
});

describe('npm run verify-audit', () => {
  const run = async (...args: string[]) =>
    promisify(execFile)(process.execPath, ['scripts/verify-audit.mjs', ...args], {
      cwd: project,
      env: { ...process.env, DATABASE_URL: server.config.DATABASE_URL },
    }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, text: error.stdout + error.stderr }),
    );

  it('finds the log whole beside the running server, and agrees with it', async () => {
    const verdict = await server.get(verdictSchema, 'GET', '/api/audit/verify', undefined, adam.accessToken);
    expect(verdict).toMatchObject({ intact: true, number: 3, broken: null });
    const { code, text } = await run();
    expect(text).toContain(`Harbour Ltd: whole, 3 rows. Note this for the next check: --known ${orgId}:3:${verdict.hash}`);
    expect(code).toBe(0);
    const known = `/api/audit/verify?number=${verdict.number}&hash=${verdict.hash}`;
    expect((await server.get(verdictSchema, 'GET', known, undefined, adam.accessToken)).intact).toBe(true);
  });

  it('ends with status 1 when a row that is known is gone', async () => {
    const { hash } = await server.get(verdictSchema, 'GET', '/api/audit/verify', undefined, adam.accessToken);
    await server.database.query('delete from audit_log where org_id = $1 and number = 3', [orgId]);
    const { code, text } = await run('--json', '--known', `${orgId}:3:${hash}`);
    expect(JSON.parse(text)).toMatchObject([{ id: orgId, intact: false, broken: { number: 3, what: 'missing' } }]);
    expect(code).toBe(1);
  });

  it('says so when a known row is not written as it prints them', async () => {
    expect(await run('--known', 'third')).toEqual({
      code: 1,
      text: '--known wants ORGANISATION:NUMBER:HASH, as an earlier run printed it.\n',
    });
  });
});
