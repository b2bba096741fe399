/** Rules, the guard, what is written down and what other nodes hear, on a real database. */
import type { QueryResultRow } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Dlp, type DlpMatch, openDlp } from '../../../../src/chat/dlp/index.js';
import { dlpRuleBody } from '../../../../src/chat/dlp/schema.js';
import type { AttachmentFace, Intended } from '../../../../src/chat/ports.js';
import { type Bus, openBus } from '../../../../src/platform/bus/index.js';
import type { Database } from '../../../../src/platform/database/index.js';
import { CausewayError } from '../../../../src/platform/errors.js';
import { newId } from '../../../../src/platform/ids.js';
import { openMail } from '../../../../src/platform/mail/index.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { AuditLog } from '../../../../src/services/audit/index.js';
import { openTestDatabase, type RedisServer, startRedis, testConfig, testLog, waitFor } from '../../../support/index.js';

const hkid = 'A123456(3)';
const noMail = openMail(testConfig(), testLog());
let database: Database;
let redis: RedisServer;
let now = Date.parse('2026-03-01T09:00:00Z');
const clock = { now: () => now };
let audit: AuditLog;
let bus: Bus;
let dlp: Dlp;
let matches: DlpMatch[];
let admin: Principal;
let ana: Principal;
let conversationId: string;

beforeAll(async () => {
  [database, redis] = await Promise.all([openTestDatabase(), startRedis()]);
  audit = new AuditLog({ database, clock });
});
afterAll(async () => {
  await database?.close();
  await redis?.stop();
});
beforeEach(async () => {
  const orgId = newId();
  await database.query('insert into organisations (id, name, created_at) values ($1, $2, now())', [orgId, 'Harbour Ltd']);
  admin = person(orgId, 'Olivia', 'owner');
  ana = person(orgId, 'Ana', 'member');
  conversationId = newId();
  matches = [];
  bus = await openBus({ REDIS_URL: undefined }, testLog());
  dlp = await open(bus);
  return async () => {
    await dlp.close();
    await dlp.close();
    await bus.close();
  };
});

const open = (on: Bus, over: Partial<Parameters<typeof openDlp>[0]> = {}) =>
  openDlp({ database, clock, log: testLog(), bus: on, audit, mail: noMail, onMatch: (match) => void matches.push(match), ...over });
const person = (orgId: string, name: string, role: Principal['role']): Principal => ({
  orgId,
  personId: newId(),
  name,
  role,
  signInId: newId(),
  expiresAt: now + 3_600_000,
});
const ruleOf = (over: object = {}) =>
  dlpRuleBody.parse({ name: 'Identity cards', enabled: true, detectors: ['hkid'], action: 'block', ...over });
const make = (over: object = {}) => dlp.create(admin, ruleOf(over));
const intended = (text: string, over: Partial<Intended> = {}): Intended => ({
  purpose: 'send',
  principal: ana,
  conversation: { orgId: ana.orgId, id: conversationId, kind: 'group', title: 'Team', domainId: null },
  text,
  attachments: [],
  forwardedFrom: null,
  acknowledged: false,
  reason: '',
  ...over,
});
const file = (name: string, type = 'application/octet-stream'): AttachmentFace => ({ id: newId(), name, type, size: 1 });

/** What the guard says: the code and its sentence, or "kept". */
async function send(text: string, over: Partial<Intended> = {}, on = dlp): Promise<string> {
  return codeOf(on.guard.check(intended(text, over)));
}
async function codeOf(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'kept',
    (error: unknown) => {
      if (error instanceof CausewayError) return error.code;
      throw error;
    },
  );
}
const rows = async (action = 'chat.dlp-*') => (await audit.list(ana.orgId, { limit: 100, action })).rows;
const matchRows = async () => (await rows()).filter((row) => !/rule-|tested/.test(row.action));

describe('A rule that blocks', () => {
  it('refuses with its name and the kind of what was found, and keeps nothing of the content', async () => {
    const rule = await make({ name: 'No identity cards' });
    const refused = dlp.guard.check(intended(`My number is ${hkid}`));
    await expect(refused).rejects.toMatchObject({ code: 'CHAT_DLP_BLOCKED', fill: { rule: 'No identity cards', what: 'HKID (1)' } });
    const written = await matchRows();
    expect(written).toMatchObject([
      {
        action: 'chat.dlp-blocked',
        actor: { id: ana.personId, name: 'Ana' },
        subject: { conversation: conversationId, rule: rule.id },
        detail: { name: 'No identity cards', purpose: 'send', found: [{ detector: 'hkid', what: 'HKID', count: 1 }] },
      },
    ]);
    expect(JSON.stringify(written)).not.toMatch(/123456|A123/);
  });

  it('is not softened by an answer', async () => {
    await make();
    expect(await send(hkid, { acknowledged: true, reason: 'because I have to' })).toBe('CHAT_DLP_BLOCKED');
  });

  it('lets everything else pass without a row', async () => {
    await make();
    expect(await send('A123456(4) is no identity card')).toBe('kept');
    expect(await matchRows()).toEqual([]);
  });

  it.each(['send', 'edit', 'upload'] as const)('looks at what is meant to %s', async (purpose) => {
    await make();
    expect(await send(purpose === 'upload' ? '' : hkid, { purpose, attachments: purpose === 'upload' ? [file(`${hkid}.txt`)] : [] })).toBe(
      'CHAT_DLP_BLOCKED',
    );
  });

  it('looks at files by name and by what they are', async () => {
    await make({ detectors: [], fileTypes: ['exe'] });
    expect(await send('', { attachments: [file('report.pdf', 'application/x-msdownload')] })).toBe('CHAT_DLP_BLOCKED');
    expect(await send('', { attachments: [file('setup.EXE')] })).toBe('CHAT_DLP_BLOCKED');
    expect(await send('', { attachments: [file('report.pdf', 'application/pdf')] })).toBe('kept');
  });

  it('has no effect while it is off, and none after it was deleted', async () => {
    const rule = await make({ enabled: false });
    expect(await send(hkid)).toBe('kept');
    await dlp.change(admin, rule.id, { enabled: true });
    expect(await send(hkid)).toBe('CHAT_DLP_BLOCKED');
    await dlp.delete(admin, rule.id);
    expect(await send(hkid)).toBe('kept');
  });

  it('holds in its domains and kinds alone; conversations without a domain are in the default one', async () => {
    const [first, second] = [newId(), newId()];
    await database.query(
      `insert into domains (org_id, id, name, is_default, created_at) values ($1, $2, 'Office', true, now()), ($1, $3, 'Clinic', false, now())`,
      [ana.orgId, first, second],
    );
    const rule = await make({ scope: { domains: [second] } });
    const inDomain = (domainId: string | null, kind: 'group' | 'direct' = 'group') => ({
      conversation: { orgId: ana.orgId, id: conversationId, kind, title: '', domainId },
    });
    expect(await send(hkid, inDomain(second))).toBe('CHAT_DLP_BLOCKED');
    expect(await send(hkid, inDomain(first))).toBe('kept');
    expect(await send(hkid, inDomain(null))).toBe('kept');
    await dlp.change(admin, rule.id, { scope: { domains: [first], kinds: ['direct'] } });
    expect(await send(hkid, inDomain(null, 'direct'))).toBe('CHAT_DLP_BLOCKED');
    expect(await send(hkid, inDomain(null))).toBe('kept');
  });

  it('holds in its own organisation alone', async () => {
    await make();
    const elsewhere = newId();
    await database.query(`insert into organisations (id, name, created_at) values ($1, 'Elsewhere', now())`, [elsewhere]);
    const conversation = { orgId: elsewhere, id: conversationId, kind: 'group' as const, title: '', domainId: null };
    expect(await send(hkid, { principal: person(elsewhere, 'Sven', 'member'), conversation })).toBe('kept');
  });
});

describe('A rule that asks', () => {
  it('warns until the warning was answered, and writes down that it was', async () => {
    await make({ action: 'warn' });
    expect(await send(hkid)).toBe('CHAT_DLP_WARNED');
    expect(await matchRows()).toEqual([]);
    expect(await send(hkid, { acknowledged: true })).toBe('kept');
    expect(await matchRows()).toMatchObject([{ action: 'chat.dlp-warned' }]);
  });

  it('wants a reason of 3 to 500 characters, which is in the audit log', async () => {
    await make({ action: 'reason' });
    for (const reason of ['', '  ', 'ok', ' o\0k ']) expect(await send(hkid, { reason, acknowledged: true })).toBe('CHAT_DLP_REASON');
    expect(await send(hkid, { reason: 'x'.repeat(501) })).toBe('REQUEST_INVALID');
    expect(await matchRows()).toEqual([]);
    expect(await send(hkid, { reason: ' 客戶要求 <b> ' })).toBe('kept');
    expect(await matchRows()).toMatchObject([{ action: 'chat.dlp-reason', detail: { reason: '客戶要求 <b>' } }]);
  });

  it('takes no reason that repeats the content', async () => {
    await make({ action: 'reason', minimum: 2 });
    const two = `${hkid} and G123456(A)`;
    expect(await send(two, { reason: `because of ${hkid}` })).toBe('DLP_REASON_CONTENT');
    expect(await send(two, { reason: `because of Ａ12\u200b3456（３）` })).toBe('DLP_REASON_CONTENT');
    expect(await matchRows()).toEqual([]);
  });

  it('lets a file be uploaded, and asks when it is sent', async () => {
    await make({ detectors: [], fileTypes: ['zip'], action: 'reason', notify: true });
    const attachments = [file('photos.zip')];
    expect(await send('', { purpose: 'upload', attachments })).toBe('kept');
    expect(matches).toEqual([]);
    expect(await send('', { attachments })).toBe('CHAT_DLP_REASON');
  });

  it('takes no reason that has in it what another rule would not let pass, asked for or not', async () => {
    await make({ name: 'A reason', detectors: [], patterns: [{ name: 'Name', pattern: 'harbour' }], action: 'reason' });
    await make({ name: 'B block' });
    await make({ name: 'C notify', detectors: ['phone'], action: 'notify' });
    for (const text of ['the harbour', 'nothing', ''])
      expect(await send(text, { reason: `because of ${hkid}` })).toBe('DLP_REASON_CONTENT');
    expect(await send('', { purpose: 'upload', reason: `because of ${hkid}` })).toBe('DLP_REASON_CONTENT');
    expect(await send('nothing', { reason: 'x'.repeat(501) })).toBe('REQUEST_INVALID');
    expect(await send('the harbour', { reason: 'ask 9123 4567' })).toBe('kept');
  });

  it('gives way to a stricter one, and a reason answers a warning too', async () => {
    await make({ name: 'B warn', action: 'warn' });
    await make({ name: 'C reason', action: 'reason' });
    expect(await send(hkid, { acknowledged: true })).toBe('CHAT_DLP_REASON');
    expect(await send(hkid, { reason: 'the client asked' })).toBe('kept');
    expect((await matchRows()).map(({ action }) => action).sort()).toEqual(['chat.dlp-reason', 'chat.dlp-warned']);
    await make({ name: 'A block', action: 'block' });
    expect(await send(hkid, { reason: 'the client asked' })).toBe('CHAT_DLP_BLOCKED');
  });
});

describe('Telling admins', () => {
  it('is done for a rule that only notifies, and the message passes', async () => {
    const rule = await make({ action: 'notify' });
    expect(await send(hkid)).toBe('kept');
    expect(matches).toEqual([
      {
        outcome: 'noticed',
        rule: expect.objectContaining({ id: rule.id, name: 'Identity cards' }),
        by: ana,
        conversation: expect.objectContaining({ id: conversationId }),
        purpose: 'send',
        found: [{ detector: 'hkid', what: 'HKID', count: 1 }],
      },
    ]);
    expect(await matchRows()).toMatchObject([{ action: 'chat.dlp-noticed' }]);
  });

  it('is done for other rules that say so, when something came of it', async () => {
    await make({ action: 'warn', notify: true });
    await send(hkid);
    expect(matches).toEqual([]);
    await send(hkid, { acknowledged: true });
    expect(matches).toMatchObject([{ outcome: 'warned' }]);
    await make({ name: 'Quiet', action: 'block' });
    await send(hkid);
    expect(matches).toHaveLength(1);
  });

  it('does not keep a message back when it fails', async () => {
    const failing = await openDlp({
      database,
      clock,
      log: testLog(),
      bus,
      audit,
      mail: noMail,
      onMatch: () => {
        throw new Error('the mail server is away');
      },
    });
    await make({ action: 'notify' });
    expect(await send(hkid, {}, failing)).toBe('kept');
    await failing.close();
  });

  it('keeps a message back when it can not be written down', async () => {
    await make({ action: 'notify' });
    const unwritten = await openDlp({
      database,
      clock,
      log: testLog(),
      bus,
      mail: noMail,
      audit: { record: audit.record.bind(audit), recordAlone: () => Promise.reject(new Error('the disk is full')) },
    });
    await expect(unwritten.guard.check(intended(hkid))).rejects.toThrow('the disk is full');
    await unwritten.close();
  });
});

describe('The rules of an organisation', () => {
  it('are listed by name, changed in part, and every change is in the audit log', async () => {
    const rule = await make({ patterns: [{ name: 'Word', pattern: '機密' }], notify: true, minimum: 2, scope: { kinds: ['group'] } });
    await make({ name: 'another' });
    expect((await dlp.rules(admin)).map(({ name }) => name)).toEqual(['another', 'Identity cards']);
    const changed = await dlp.change(admin, rule.id, { name: 'Cards', detectors: ['card'] });
    expect(changed).toEqual({ ...rule, name: 'Cards', detectors: ['card'], changedAt: expect.any(String) });
    expect((await dlp.rules(admin))[1]).toEqual(changed);
    await dlp.delete(admin, rule.id);
    expect(await rows('chat.dlp-rule-*')).toMatchObject([
      { action: 'chat.dlp-rule-deleted', actor: { name: 'Olivia' }, subject: { rule: rule.id }, detail: { rule: { name: 'Cards' } } },
      { action: 'chat.dlp-rule-changed', detail: { before: { name: 'Identity cards' }, after: { name: 'Cards' } } },
      { action: 'chat.dlp-rule-created' },
      { action: 'chat.dlp-rule-created' },
    ]);
    expect((await audit.verify(ana.orgId)).intact).toBe(true);
  });

  it('have different names, whatever the case', async () => {
    const rule = await make();
    const other = await make({ name: 'Other' });
    expect(await codeOf(make({ name: 'IDENTITY CARDS' }))).toBe('DLP_RULE_NAME_TAKEN');
    expect(await codeOf(dlp.change(admin, other.id, { name: 'identity cards' }))).toBe('DLP_RULE_NAME_TAKEN');
    expect((await dlp.change(admin, rule.id, { name: 'IDENTITY CARDS' })).name).toBe('IDENTITY CARDS');
  });

  it.each([
    ['nothing to look for', { detectors: [] }, 'DLP_RULE_EMPTY'],
    ['a pattern that is none', { patterns: [{ name: 'p', pattern: '(' }] }, 'DLP_PATTERN_INVALID'],
    ['a look-ahead', { patterns: [{ name: 'p', pattern: '(?=a)' }] }, 'DLP_PATTERN_UNSUPPORTED'],
    ['a domain of nobody', { scope: { domains: [newId()] } }, 'REQUEST_INVALID'],
  ])('are refused with %s, when they are made, changed or tested', async (_, over, code) => {
    const rule = await make({ name: 'Good' });
    expect(await codeOf(make(over))).toBe(code);
    expect(await codeOf(dlp.change(admin, rule.id, { ...ruleOf(over), name: 'Good' }))).toBe(code);
    expect(await codeOf(dlp.test(admin, { rule: ruleOf(over), limit: 10 }))).toBe(code);
    expect(await dlp.rules(admin)).toEqual([rule]);
  });

  it('are at most a hundred', async () => {
    await database.query(
      `insert into dlp_rules (org_id, id, name, enabled, detectors, patterns, file_types, action, notify, domains, kinds, minimum, created_at, changed_at)
       select $1, gen_random_uuid(), 'Rule ' || n, false, '{hkid}', '[]', '{}', 'warn', false, '{}', '{}', 1, now(), now() from generate_series(1, 98) n`,
      [ana.orgId],
    );
    const made = await Promise.all(Array.from({ length: 5 }, (_, i) => codeOf(make({ name: `More ${i}` }))));
    expect(made.sort()).toEqual(['DLP_RULES_FULL', 'DLP_RULES_FULL', 'DLP_RULES_FULL', 'kept', 'kept']);
  });

  it('are the business of admins, and of their own organisation', async () => {
    const rule = await make();
    for (const principal of [ana, person(ana.orgId, 'Gil', 'guest'), person(ana.orgId, 'Bot', 'app')]) {
      for (const act of [
        dlp.rules(principal),
        dlp.create(principal, ruleOf({ name: 'x' })),
        dlp.change(principal, rule.id, { enabled: false }),
        dlp.delete(principal, rule.id),
        dlp.test(principal, { rule: ruleOf(), limit: 1 }),
      ])
        expect(await codeOf(act)).toBe('AUTH_FORBIDDEN');
    }
    const stranger = person(newId(), 'Sven', 'owner');
    expect(await codeOf(dlp.change(stranger, rule.id, { enabled: false }))).toBe('DLP_RULE_NOT_FOUND');
    expect(await codeOf(dlp.delete(stranger, rule.id))).toBe('DLP_RULE_NOT_FOUND');
    expect(await dlp.rules(stranger)).toEqual([]);
    expect(await dlp.rules(admin)).toEqual([rule]);
  });
});

describe('Another node', () => {
  const twoNodes = async () => {
    const buses = await Promise.all([openBus({ REDIS_URL: redis.url }, testLog()), openBus({ REDIS_URL: redis.url }, testLog())]);
    const [here, there] = [await open(buses[0]), await open(buses[1])];
    return { here, there, buses, close: () => Promise.all([here.close(), there.close(), ...buses.map((one) => one.close())]) };
  };

  it('hears of a change over the bus', async () => {
    const { here, there, close } = await twoNodes();
    expect(await send(hkid, {}, there)).toBe('kept');
    const rule = await here.create(admin, ruleOf());
    // The clock stands still: only what the bus said can bring it.
    await waitFor(async () => (await send(hkid, {}, there)) === 'CHAT_DLP_BLOCKED', 'the other node knows the rule');
    await here.delete(admin, rule.id);
    await waitFor(async () => (await send(hkid, {}, there)) === 'kept', 'the other node has forgotten the rule');
    await close();
  });

  it('looks for itself within 5 seconds when the bus lost the message', async () => {
    const silent: Bus = { ...bus, subscribe: async () => async () => undefined, publish: async () => Promise.reject(new Error('away')) };
    const [here, there] = [await open(silent), await open(silent)];
    expect(await send(hkid, {}, there)).toBe('kept');
    await here.create(admin, ruleOf());
    expect(await send(hkid, {}, here)).toBe('CHAT_DLP_BLOCKED');
    now += 5_000;
    expect(await send(hkid, {}, there)).toBe('CHAT_DLP_BLOCKED');
    now -= 60_000;
    expect(await send(hkid, {}, there)).toBe('CHAT_DLP_BLOCKED');
    await Promise.all([here.close(), there.close()]);
  });

  it('never keeps what it read before a change, though the answer came after', async () => {
    await make({ enabled: false });
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    const slow: Database = {
      ...database,
      query: async <Row extends QueryResultRow>(sql: string, values?: readonly unknown[]) => {
        const answer = await database.query<Row>(sql, values);
        if (sql.includes('from dlp_rules')) asked += 1;
        if (asked === 1) await held;
        return answer;
      },
    };
    const there = await openDlp({ database: slow, clock, log: testLog(), bus, audit, mail: noMail });
    const sending = send(hkid, {}, there);
    await waitFor(() => asked === 1, 'the rules are asked for');
    await make({ name: 'New' });
    release();
    expect(await sending).toBe('CHAT_DLP_BLOCKED');
    await there.close();
  });
});

describe('Testing a rule on history', () => {
  let group: string;
  const write = async (
    bodies: readonly string[],
    over: { conversation?: string; at?: number; extra?: object; recalled?: boolean; kind?: string } = {},
  ) => {
    const [{ last = 0 } = {}] = await database.query<{ last: number }>(
      'select coalesce(max(number), 0) as last from messages where conversation_id = $1',
      [over.conversation ?? group],
    );
    await database.query(
      `insert into messages (org_id, conversation_id, number, sender_id, sender_name, client_id, body, sent_at, changed, extra, recalled_at, kind)
       select $1, $2, $3 + n, $4, 'Ana', gen_random_uuid(), body, $5::timestamptz + n * interval '1 second', $3 + n, $6, $7, $8
       from unnest($9::text[]) with ordinality as t(body, n)`,
      [
        ana.orgId,
        over.conversation ?? group,
        last,
        ana.personId,
        new Date(over.at ?? now - 3_600_000),
        over.extra ? JSON.stringify(over.extra) : null,
        over.recalled ? new Date(now) : null,
        over.kind ?? 'text',
        bodies,
      ],
    );
  };
  const conversation = async (kind = 'group', title = 'Team', domainId: string | null = null) => {
    const id = newId();
    await database.query('insert into conversations (org_id, id, kind, title, domain_id, created_at) values ($1, $2, $3, $4, $5, now())', [
      ana.orgId,
      id,
      kind,
      title,
      domainId,
    ]);
    return id;
  };
  const test = (over: object = {}, more: { since?: string; limit?: number } = {}) =>
    dlp.test(admin, { rule: ruleOf(over), limit: 10_000, ...more });

  beforeEach(async () => {
    group = await conversation();
  });

  it('says what it would have found, newest first, with most of it hidden', async () => {
    await write([`one ${hkid}`, 'nothing', `two G123456(A) and ${hkid}`]);
    const result = await test();
    expect(result).toMatchObject({
      read: 3,
      matched: 2,
      complete: true,
      found: [{ detector: 'hkid', what: 'HKID', count: 3 }],
      messages: [
        {
          conversationId: group,
          conversation: 'Team',
          number: 3,
          sender: { id: ana.personId, name: 'Ana' },
          found: [{ count: 2, excerpt: 'G123•••(•)' }],
        },
        { number: 1, found: [{ detector: 'hkid', count: 1, excerpt: 'A123•••(•)' }] },
      ],
    });
    expect(JSON.stringify(result)).not.toContain('123456');
    expect(result.until).toBe(result.messages[1]?.sentAt);
  });

  it('changes nothing, and writes down who tested what', async () => {
    await write([hkid]);
    await test({ name: 'Trial' });
    expect(await dlp.rules(admin)).toEqual([]);
    expect(await rows()).toMatchObject([
      { action: 'chat.dlp-tested', actor: { name: 'Olivia' }, detail: { rule: { name: 'Trial' }, read: 1, matched: 1 } },
    ]);
    expect(matches).toEqual([]);
  });

  it('reads polls and names of files, and neither what was recalled nor what the system said', async () => {
    await write(['poll'], { extra: { poll: { options: ['yes', hkid] } } });
    await write([''], { extra: { attachments: [{ id: newId(), name: `${hkid}.pdf`, type: 'application/pdf', size: 1 }] } });
    await write([hkid], { recalled: true });
    await write([hkid], { kind: 'system' });
    expect(await test()).toMatchObject({ read: 2, matched: 2 });
    expect(await test({ detectors: [], fileTypes: ['pdf'] })).toMatchObject({ matched: 1, found: [{ detector: 'file', what: '.pdf' }] });
  });

  it('reads back to a day and no further, across gaps', async () => {
    const day = 86_400_000;
    await write([hkid], { at: now - 3 * day });
    await write([hkid], { at: now - 29 * day });
    await write([hkid], { at: now - 300 * day });
    expect(await test()).toMatchObject({ read: 2, complete: true });
    expect(await test({}, { since: new Date(now - 10 * day).toISOString() })).toMatchObject({ read: 1, complete: true });
    expect(await test({}, { since: '1970-01-01T00:00:00Z' })).toMatchObject({ read: 3, complete: true });
  });

  it('reads so many messages and says that there were more', async () => {
    await write(
      Array.from({ length: 450 }, (_, i) => (i % 2 ? hkid : 'nothing')),
      { at: now - 600_000 },
    );
    expect(await test({}, { limit: 301 })).toMatchObject({ read: 301, matched: 151, complete: false });
    expect(await test({}, { limit: 450 })).toMatchObject({ read: 450, matched: 225, complete: true });
    const { messages } = await test();
    expect(messages).toHaveLength(100);
    expect(messages.map(({ number }) => number)).toEqual([...messages.map(({ number }) => number)].sort((a, b) => b - a));
  });

  it('reads each message once where many were sent in the same instant', async () => {
    const other = await conversation();
    for (const id of [group, other])
      await database.query(
        `insert into messages (org_id, conversation_id, number, sender_id, sender_name, client_id, body, sent_at, changed)
         select $1, $2, n, $3, 'Ana', gen_random_uuid(), $4, $5::timestamptz + interval '123 microseconds', n from generate_series(1, 350) n`,
        [ana.orgId, id, ana.personId, hkid, new Date(now - 5_000)],
      );
    expect(await test()).toMatchObject({ read: 700, matched: 700, complete: true });
  });

  it('stays in the conversations of the rule', async () => {
    const [first, second] = [newId(), newId()];
    await database.query(
      `insert into domains (org_id, id, name, is_default, created_at) values ($1, $2, 'Office', true, now()), ($1, $3, 'Clinic', false, now())`,
      [ana.orgId, first, second],
    );
    const clinic = await conversation('group', 'Clinic', second);
    const pair = await conversation('direct', '');
    for (const id of [group, clinic, pair]) await write([hkid], { conversation: id });
    const where = async (scope: object) => (await test({ scope })).messages.map((message) => message.conversationId).sort();
    expect(await where({ domains: [second] })).toEqual([clinic]);
    expect(await where({ domains: [first] })).toEqual([group, pair].sort());
    expect(await where({ domains: [first], kinds: ['direct'] })).toEqual([pair]);
  });

  it('says nothing of other organisations', async () => {
    await write([hkid]);
    const elsewhere = newId();
    await database.query(`insert into organisations (id, name, created_at) values ($1, 'Elsewhere', now())`, [elsewhere]);
    const result = await dlp.test(person(elsewhere, 'Sven', 'owner'), { rule: ruleOf(), limit: 10 });
    expect(result).toMatchObject({ read: 0, messages: [] });
  });

  it('is run once at a time, and again after one that failed', async () => {
    await write([hkid]);
    const both = await Promise.all([codeOf(test()), codeOf(test())]);
    expect(both.sort()).toEqual(['DLP_TEST_BUSY', 'kept']);
    expect(await codeOf(test({ detectors: [] }))).toBe('DLP_RULE_EMPTY');
    expect(await codeOf(test())).toBe('kept');
  });

  it('finds the messages of a while by the summary of their times', async () => {
    const plan = await database.transaction(async (tx) => {
      await tx.query('set local enable_seqscan = off; set local enable_indexscan = off; set local enable_indexonlyscan = off');
      return tx.query<{ 'QUERY PLAN': string }>(
        `explain select 1 from messages where sent_at >= now() - interval '1 minute' and sent_at < now()`,
      );
    });
    expect(JSON.stringify(plan)).toContain('messages_sent_at');
  });
});

describe('A text that takes too long', () => {
  it('is refused with the name of the rule, and so is its draft; short ones pass', async () => {
    const impatient = await open(bus, { patternsMs: 0 });
    try {
      await make({ name: 'Hard', detectors: [], patterns: [{ name: 'Name', pattern: 'a.{300}[bc]' }] });
      const text = 'nothing of interest here '.repeat(200);
      await expect(impatient.guard.check(intended(text))).rejects.toMatchObject({ code: 'CHAT_DLP_UNREAD', fill: { rule: 'Hard' } });
      expect(await impatient.guard.refusal(intended('').conversation, text)).toMatchObject({ code: 'CHAT_DLP_UNREAD' });
      expect(await send('nothing of interest', {}, impatient)).toBe('kept');
      expect(await send(text)).toBe('kept');
    } finally {
      await impatient.close();
    }
  });
});
