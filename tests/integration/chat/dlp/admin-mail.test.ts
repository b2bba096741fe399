/** What admins are told by e-mail, by a real mail server. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminMail, type AdminMailDeps } from '../../../../src/chat/dlp/admin-mail.js';
import type { DlpMatch } from '../../../../src/chat/dlp/index.js';
import type { Database } from '../../../../src/platform/database/index.js';
import { newId } from '../../../../src/platform/ids.js';
import { type Mail, openMail } from '../../../../src/platform/mail/index.js';
import { openTestDatabase, testConfig, testLog, waitFor } from '../../../support/index.js';
import { type MailServer, startMailServer } from '../../../support/mail-server.js';

let database: Database;
let server: MailServer;
let mail: Mail;
let told: AdminMail;
let orgId: string;

beforeAll(async () => {
  [database, server] = await Promise.all([openTestDatabase(), startMailServer()]);
  mail = openMail(testConfig({ SMTP_URL: server.url, MAIL_FROM: 'causeway@harbour.example' }), testLog());
});
beforeEach(async () => {
  orgId = newId();
  server.received.length = 0;
  await database.query('insert into organisations (id, name, created_at) values ($1, $2, now())', [orgId, 'Harbour Ltd']);
  for (const [name, role] of [
    ['olivia', 'owner'],
    ['adam', 'admin'],
    ['ana', 'member'],
  ])
    await database.query('insert into people (org_id, id, name, role, email, created_at) values ($1, $2, $3, $4, $5, now())', [
      orgId,
      newId(),
      name,
      role,
      `${name}-${orgId}@harbour.example`,
    ]);
});
afterEach(async () => {
  await told.close();
  await told.close();
});
afterAll(async () => {
  await mail?.close();
  await server?.close();
  await database?.close();
});

const open = (over: Partial<AdminMailDeps> = {}) => {
  told = new AdminMail({ database, clock: { now: () => Date.now() }, log: testLog(), mail, gatherMs: 1, everyMs: 1, ...over });
};
const match = (over: Partial<DlpMatch> = {}): DlpMatch => ({
  outcome: 'blocked',
  rule: { id: newId(), name: 'Identity cards', action: 'block' },
  by: { orgId, personId: newId(), name: 'Ana' },
  conversation: { orgId, id: newId(), kind: 'group', title: 'Secret plans', domainId: null },
  purpose: 'send',
  found: [{ detector: 'hkid', what: 'HKID', count: 1 }],
  ...over,
});

describe('Admins', () => {
  it('are told who met which rule, in English and Chinese; members are not', async () => {
    open();
    told.tell(match());
    await waitFor(() => server.received.length === 2, 'two mails');
    expect(server.received.flatMap(({ to }) => to).sort()).toEqual([`adam-${orgId}@harbour.example`, `olivia-${orgId}@harbour.example`]);
    expect(server.received[0]).toMatchObject({ subject: '1 match of DLP rules / 防洩規則有 1 項相符' });
    expect(server.received[0]?.text).toContain('- Ana · Identity cards · HKID (1) · blocked');
    expect(server.received[0]?.text).toContain('- Ana · Identity cards · HKID (1) · 已攔截');
  });

  it('get one mail for what comes close together, with the newest twenty', async () => {
    open({ gatherMs: 200, everyMs: 60_000 });
    for (let i = 1; i <= 30; i += 1) told.tell(match({ by: { orgId, personId: newId(), name: `Person ${i}.` } }));
    await waitFor(() => server.received.length === 2, 'two mails');
    expect(server.received[0]?.subject).toContain('30 matches');
    expect(server.received[0]?.text).toContain('Person 30.');
    expect(server.received[0]?.text).toContain('Person 11.');
    expect(server.received[0]?.text).not.toContain('Person 10.');
  });

  it('get no mark-up and no lines that somebody put into a name', async () => {
    open();
    told.tell(match({ by: { orgId, personId: newId(), name: '<img src=x>\r\nBcc: eve@evil.example\n- Ben' } }));
    await waitFor(() => server.received.length === 2, 'two mails');
    const [{ html, text, head } = { html: '', text: '', head: '' }] = server.received;
    expect(html).toContain('&lt;img src=x&gt;');
    expect(html).not.toContain('<img');
    expect(text).not.toMatch(/^- Ben/m);
    expect(head).not.toMatch(/^bcc/im);
  });

  it('are told of the next match though the mail server refused the one before', async () => {
    const away = await startMailServer();
    const broken = openMail(testConfig({ SMTP_URL: away.url, MAIL_FROM: 'causeway@harbour.example' }), testLog());
    away.refuse();
    let refused = 0;
    const counted: Mail = {
      ...broken,
      send: (message) =>
        (refused === 0 ? broken : mail).send(message).catch((error: unknown) => {
          refused += 1;
          throw error;
        }),
    };
    open({ mail: counted });
    told.tell(match());
    await waitFor(() => refused === 1, 'a refusal');
    told.tell(match({ outcome: 'noticed' }));
    await waitFor(() => server.received.length === 2, 'two mails');
    expect(server.received[0]?.text).toContain('· sent');
    await broken.close();
    await away.close();
  });

  it('get nothing where there is no mail server', async () => {
    open({ mail: openMail(testConfig(), testLog()) });
    told.tell(match());
    await told.close();
    expect(server.received).toEqual([]);
  });
});
