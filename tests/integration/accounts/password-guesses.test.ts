import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/platform/database/index.js';
import { Accounts } from '../../../src/services/accounts/index.js';
import { openTestDatabase } from '../../support/index.js';

const owner = { organisation: 'Harbour Ltd', name: 'Olivia', email: 'olivia@harbour.example', password: 'a long enough password' };
const minute = 60_000;

let database: Database;
let now: number;
let accounts: Accounts;

beforeEach(async () => {
  database = await openTestDatabase();
  now = Date.now();
  accounts = newAccounts();
  await accounts.people.setUp({ ...owner, token: (await accounts.people.newSetupToken()) ?? '' }, 'test');
  return () => database.close();
});

function newAccounts(): Accounts {
  return new Accounts({
    database,
    clock: { now: () => now },
    accessTokenMs: 10 * minute,
    refreshTokenMs: 100 * minute,
    signingKeyMs: 1_000 * minute,
    invitationMs: 1_000 * minute,
    revoked: async () => undefined,
  });
}

/** What becomes of a try: null when it signs in. */
const attempt = (password: string, email = owner.email, by = accounts): Promise<string | null> =>
  by.signIns.withPassword(email, password, 'test').then(
    () => null,
    (error: { code: string }) => error.code,
  );
async function fail(times: number, email = owner.email): Promise<void> {
  for (let i = 0; i < times; i += 1) expect(await attempt('wrong', email)).toBe('AUTH_WRONG');
}

describe('Guessing a password', () => {
  it('ends after ten failures in ten minutes, also for the right one', async () => {
    await fail(10);
    expect(await attempt('wrong')).toBe('REQUEST_RATE');
    expect(await attempt(owner.password)).toBe('REQUEST_RATE');
  });

  it('is answered alike for an account that is not there', async () => {
    await fail(10, 'nobody@harbour.example');
    expect(await attempt('wrong', 'nobody@harbour.example')).toBe('REQUEST_RATE');
    expect(await attempt(owner.password)).toBeNull();
  });

  it('may go on when the ten minutes have passed, however often it was tried meanwhile', async () => {
    await fail(10);
    for (let i = 0; i < 15; i += 1) expect(await attempt('wrong')).toBe('REQUEST_RATE');
    now += 10 * minute;
    await fail(10);
    expect(await attempt('wrong')).toBe('REQUEST_RATE');
  });

  it('does not begin anew because the person signs in meanwhile', async () => {
    await fail(9);
    for (let i = 0; i < 3; i += 1) expect(await attempt(owner.password)).toBeNull();
    await fail(1);
    expect(await attempt('wrong')).toBe('REQUEST_RATE');
  });

  it('is counted over all servers, and over tries at the same moment', async () => {
    const servers = [accounts, newAccounts()];
    const outcomes = await Promise.all(Array.from({ length: 16 }, (_, i) => attempt('wrong', owner.email, servers[i % 2] ?? accounts)));
    expect(outcomes.filter((code) => code === 'AUTH_WRONG')).toHaveLength(10);
    expect(outcomes.filter((code) => code === 'REQUEST_RATE')).toHaveLength(6);
  });

  it('leaves devices that are signed in alone', async () => {
    const { refreshToken } = await accounts.signIns.withPassword(owner.email, owner.password, 'test');
    await fail(10);
    expect((await accounts.signIns.refresh(refreshToken)).person.email).toBe(owner.email);
  });

  it('is forgotten at night', async () => {
    await fail(3);
    const kept = () => database.query('select 1 from password_failures');
    await accounts.signIns.forgetOld();
    expect(await kept()).toHaveLength(1);
    now += 10 * minute;
    await accounts.signIns.forgetOld();
    expect(await kept()).toEqual([]);
  });
});
