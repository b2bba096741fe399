import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/platform/database/index.js';
import { Accounts } from '../../../src/services/accounts/index.js';
import { openTestDatabase } from '../../support/index.js';

const owner = { organisation: 'Harbour Ltd', name: 'Olivia', email: 'olivia@harbour.example', password: 'a long enough password' };
const refusal = (code: string) => expect.objectContaining({ code });
const day = 86_400_000;

let database: Database;
let now: number;
let revoked: string[];
let accounts: Accounts;

function newAccounts(on = database): Accounts {
  return new Accounts({
    database: on,
    clock: { now: () => now },
    accessTokenMs: 600_000,
    refreshTokenMs: 30 * day,
    signingKeyMs: 7 * day,
    invitationMs: 7 * day,
    revoked: async (ids) => void revoked.push(...ids),
  });
}

beforeEach(async () => {
  database = await openTestDatabase();
  now = Date.now();
  revoked = [];
  accounts = newAccounts();
  return () => database.close();
});

async function setUp() {
  const token = await accounts.people.newSetupToken();
  return accounts.people.setUp({ ...owner, token: token ?? '' }, 'test');
}
const principalOf = (accessToken: string) => accounts.signIns.authenticate(accessToken);

describe('Setting a server up', () => {
  it('makes one owner with the link, and works once', async () => {
    const token = (await accounts.people.newSetupToken()) ?? '';
    const results = await Promise.allSettled([
      accounts.people.setUp({ ...owner, token }, 'a'),
      accounts.people.setUp({ ...owner, token }, 'b'),
    ]);
    expect(results.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await accounts.people.newSetupToken()).toBeNull();
    await expect(accounts.people.setUp({ ...owner, token }, 'c')).rejects.toThrow(refusal('ACCOUNT_SETUP_DONE'));
  });

  it('makes the link before void when it prints a new one', async () => {
    const first = (await accounts.people.newSetupToken()) ?? '';
    const second = (await accounts.people.newSetupToken()) ?? '';
    await expect(accounts.people.setUp({ ...owner, token: first }, 'a')).rejects.toThrow(refusal('ACCOUNT_SETUP_LINK'));
    expect((await accounts.people.setUp({ ...owner, token: second }, 'a')).person.role).toBe('owner');
  });
});

describe('Signing in', () => {
  beforeEach(setUp);

  it('takes the right password and refuses others the same way as unknown people', async () => {
    expect((await accounts.signIns.withPassword(owner.email, owner.password, 'test')).person.name).toBe('Olivia');
    await expect(accounts.signIns.withPassword(owner.email, 'wrong', 'test')).rejects.toThrow(refusal('AUTH_WRONG'));
    await expect(accounts.signIns.withPassword('nobody@harbour.example', 'wrong', 'test')).rejects.toThrow(refusal('AUTH_WRONG'));
  });

  it('keeps passwords as argon2id', async () => {
    const [row] = await database.query<{ password_hash: string }>('select password_hash from people');
    expect(row?.password_hash).toMatch(/^\$argon2id\$/);
  });

  it('ends an access token in time', async () => {
    const { accessToken } = await accounts.signIns.withPassword(owner.email, owner.password, 'test');
    expect((await principalOf(accessToken)).name).toBe('Olivia');
    now += 601_000;
    await expect(principalOf(accessToken)).rejects.toThrow(refusal('AUTH_EXPIRED'));
  });

  it('refuses tokens that are not its own', async () => {
    const { accessToken } = await accounts.signIns.withPassword(owner.email, owner.password, 'test');
    const [head, payload = ''] = accessToken.split('.');
    const forged = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    const noJson = Buffer.from('no JSON').toString('base64url');
    for (const token of ['', 'x', `${head}.${payload}.AAAA`, `${forged}.${payload}.`, `${head}.${noJson}.AAAA`])
      await expect(principalOf(token)).rejects.toThrow(refusal('AUTH_REQUIRED'));
  });

  it('rotates the signing key, keeps tokens of the old one valid, and forgets it later', async () => {
    const { accessToken } = await accounts.signIns.withPassword(owner.email, owner.password, 'test');
    now += 7 * day - 300_000;
    const late = await accounts.signIns.withPassword(owner.email, owner.password, 'test');
    now += 400_000;
    await accounts.signIns.withPassword(owner.email, owner.password, 'test');
    expect((await database.query('select 1 from signing_keys')).length).toBe(2);
    expect((await principalOf(late.accessToken)).name).toBe('Olivia');
    await expect(principalOf(accessToken)).rejects.toThrow(refusal('AUTH_EXPIRED'));
    now += 8 * day;
    await accounts.signIns.withPassword(owner.email, owner.password, 'test');
    expect((await database.query('select 1 from signing_keys')).length).toBe(1);
  });

  it('asks the database twice at most for all tokens of unknown keys that come at once', async () => {
    let queries = 0;
    const counted = {
      ...database,
      query: ((sql, values) => {
        queries += 1;
        return database.query(sql, values);
      }) satisfies Database['query'],
    };
    const guessed = newAccounts(counted);
    const token = (kid: number) =>
      [{ alg: 'HS256', typ: 'JWT', kid: String(kid) }, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const answers = await Promise.allSettled(Array.from({ length: 50 }, (_, kid) => guessed.signIns.authenticate(`${token(kid)}.AAAA`)));
    expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
    expect(queries).toBeLessThanOrEqual(2);
  });

  it('verifies tokens of another node', async () => {
    const { accessToken } = await accounts.signIns.withPassword(owner.email, owner.password, 'test');
    expect((await newAccounts().signIns.authenticate(accessToken)).name).toBe('Olivia');
  });
});

describe('A refresh token', () => {
  it('is good once and gives the next', async () => {
    const first = await setUp();
    const second = await accounts.signIns.refresh(first.refreshToken);
    const third = await accounts.signIns.refresh(second.refreshToken);
    expect(new Set([first, second, third].map((g) => g.refreshToken)).size).toBe(3);
  });

  it('gives two tabs that use it at once the same next one', async () => {
    const { refreshToken } = await setUp();
    const [a, b] = await Promise.all([accounts.signIns.refresh(refreshToken), accounts.signIns.refresh(refreshToken)]);
    expect(a.refreshToken).toBe(b.refreshToken);
    expect((await accounts.signIns.refresh(a.refreshToken)).person.name).toBe('Olivia');
  });

  it('that was stolen and used late ends the sign-in for both', async () => {
    const first = await setUp();
    const second = await accounts.signIns.refresh(first.refreshToken);
    now += 60_000;
    await expect(accounts.signIns.refresh(first.refreshToken)).rejects.toThrow(refusal('AUTH_EXPIRED'));
    await expect(accounts.signIns.refresh(second.refreshToken)).rejects.toThrow(refusal('AUTH_EXPIRED'));
    await expect(principalOf(second.accessToken)).rejects.toThrow(refusal('AUTH_SIGNED_OUT'));
    expect(revoked).toHaveLength(1);
  });

  it('ends when it is not used for its time', async () => {
    const { refreshToken } = await setUp();
    now += 31 * day;
    await expect(accounts.signIns.refresh(refreshToken)).rejects.toThrow(refusal('AUTH_EXPIRED'));
  });
});

describe('Signing out', () => {
  it('ends the tokens of the device at once and tells which sign-in it was', async () => {
    const { accessToken, refreshToken } = await setUp();
    const principal = await principalOf(accessToken);
    await accounts.signIns.revoke(principal, principal.signInId);
    await expect(principalOf(accessToken)).rejects.toThrow(refusal('AUTH_SIGNED_OUT'));
    await expect(accounts.signIns.refresh(refreshToken)).rejects.toThrow(refusal('AUTH_EXPIRED'));
    expect(revoked).toEqual([principal.signInId]);
  });

  it('everywhere ends all devices', async () => {
    const { accessToken } = await setUp();
    const other = await accounts.signIns.withPassword(owner.email, owner.password, 'phone');
    const principal = await principalOf(accessToken);
    expect((await accounts.signIns.devices(principal)).map((d) => [d.client, d.current]).sort()).toEqual([
      ['phone', false],
      ['test', true],
    ]);
    await accounts.signIns.revoke(principal, 'all');
    await expect(principalOf(other.accessToken)).rejects.toThrow(refusal('AUTH_SIGNED_OUT'));
  });
});

describe('An invitation', () => {
  it('makes one account, once', async () => {
    const olivia = await principalOf((await setUp()).accessToken);
    const { token } = await accounts.invitations.create(olivia, 'max@harbour.example', 'member');
    expect(await accounts.invitations.face(token)).toMatchObject({
      organisation: 'Harbour Ltd',
      email: 'max@harbour.example',
      invitedBy: 'Olivia',
    });
    const grant = await accounts.invitations.accept(token, 'Max', 'another long password', 'test');
    expect(grant.person).toMatchObject({ name: 'Max', role: 'member', email: 'max@harbour.example' });
    await expect(accounts.invitations.accept(token, 'Max', 'another long password', 'test')).rejects.toThrow(refusal('INVITATION_INVALID'));
  });

  it('ends by time and by withdrawal', async () => {
    const olivia = await principalOf((await setUp()).accessToken);
    const withdrawn = await accounts.invitations.create(olivia, 'a@harbour.example', 'member');
    await accounts.invitations.withdraw(olivia, withdrawn.invitation.id);
    await expect(accounts.invitations.face(withdrawn.token)).rejects.toThrow(refusal('INVITATION_INVALID'));
    const old = await accounts.invitations.create(olivia, 'b@harbour.example', 'member');
    now += 8 * day;
    await expect(accounts.invitations.face(old.token)).rejects.toThrow(refusal('INVITATION_INVALID'));
    expect(await accounts.invitations.list(olivia)).toEqual([]);
  });

  it('is made by owners and admins alone', async () => {
    const olivia = await principalOf((await setUp()).accessToken);
    const { token } = await accounts.invitations.create(olivia, 'max@harbour.example', 'member');
    const max = await principalOf((await accounts.invitations.accept(token, 'Max', 'another long password', 'test')).accessToken);
    await expect(accounts.invitations.create(max, 'eve@harbour.example', 'admin')).rejects.toThrow(refusal('AUTH_FORBIDDEN'));
    await expect(accounts.invitations.list(max)).rejects.toThrow(refusal('AUTH_FORBIDDEN'));
  });
});
