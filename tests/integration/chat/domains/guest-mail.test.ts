/** The e-mail with a guest's invitation, from the whole server to a real mail server. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GuestMail } from '../../../../src/chat/domains/guest-mail.js';
import { guestInvitationMadeSchema } from '../../../../src/chat/domains/schema.js';
import type { Config } from '../../../../src/config.js';
import { openMail } from '../../../../src/platform/mail/index.js';
import { password, type SignedIn } from '../../../support/api.js';
import { testConfig, testLog } from '../../../support/index.js';
import { type MailServer, startMailServer } from '../../../support/mail-server.js';
import { startTestServer, type TestServer } from '../../../support/server.js';

const publicUrl = 'https://meet.harbour.example';
const evil = '<img src=x> Pier "4"';

let mails: MailServer;
let server: TestServer;
let olivia: SignedIn;
let project: string;

beforeAll(async () => {
  mails = await startMailServer();
});
beforeEach(() => {
  mails.received.length = 0;
});
afterAll(() => mails?.close());

async function open(over: Partial<Config>): Promise<void> {
  server = await startTestServer(over);
  olivia = await server.setUpOwner('Olivia');
  const body = { kind: 'group', title: evil };
  project = (await server.get(z.object({ id: z.string() }), 'POST', '/api/conversations', body, olivia.accessToken)).id;
}
const invite = (body: { email: string; language?: string | null }) =>
  server.get(guestInvitationMadeSchema, 'POST', `/api/conversations/${project}/guests`, body, olivia.accessToken);

describe('An invitation, where there is a mail server,', () => {
  beforeAll(() => open({ SMTP_URL: mails.url, MAIL_FROM: 'causeway@harbour.example', PUBLIC_URL: publicUrl }));
  afterAll(() => server?.close());

  it('goes out by e-mail with the same link as the inviter sees, and says who invites to what', async () => {
    const { link, mail } = await invite({ email: 'gia@outside.example', language: 'en' });
    expect(mail).toBe('sent');
    expect(link).toMatch(/^https:\/\/meet\.harbour\.example\/invite#[\w-]{43}$/);
    expect(mails.received).toHaveLength(1);
    const [{ to, subject, text } = { to: [], subject: '', text: '' }] = mails.received;
    expect(to).toEqual(['gia@outside.example']);
    expect(subject).toBe(`Olivia invites you to “${evil}”`);
    expect(text).toContain(link);
    expect(text).toContain('UTC');
  });

  it('is written in the language of whoever invites', async () => {
    await invite({ email: 'gia@outside.example', language: 'zh-Hant' });
    expect(mails.received[0]?.subject).toBe(`Olivia 邀請你加入「${evil}」`);
    expect(mails.received[0]?.text).not.toContain('invites you');
  });

  it('is written in English and Chinese where the language is not known', async () => {
    await invite({ email: 'gia@outside.example' });
    expect(mails.received[0]?.text).toContain('Open the invitation');
    expect(mails.received[0]?.text).toContain('開啟邀請');
  });

  it('is written in the language of the guest who has an account and chose one', async () => {
    const { link } = await invite({ email: 'mei@outside.example', language: 'en' });
    const mei = { token: link.split('#')[1], name: 'Mei', password };
    const { accessToken } = await server.get(z.object({ accessToken: z.string() }), 'POST', '/api/invitations/accept', mei);
    const chosen = await server.api('PATCH', '/api/notification-settings', { language: 'zh-Hans' }, accessToken);
    expect(chosen.status).toBe(200);
    await invite({ email: 'mei@outside.example', language: 'en' });
    expect(mails.received.at(-1)?.subject).toBe(`Olivia 邀请你加入“${evil}”`);
  });

  it('carries no mark-up of a title', async () => {
    await invite({ email: 'gia@outside.example', language: 'en' });
    expect(mails.received[0]?.html).toContain('&lt;img src=x&gt; Pier &quot;4&quot;');
    expect(mails.received[0]?.html).not.toContain('<img');
  });

  it('is refused in a language that there is not', async () => {
    const answer = await server.api(
      'POST',
      `/api/conversations/${project}/guests`,
      { email: 'gia@outside.example', language: 'tlh' },
      olivia.accessToken,
    );
    expect(answer.body).toMatchObject({ error: { code: 'REQUEST_INVALID' } });
    expect(mails.received).toEqual([]);
  });

  it('is made all the same when the mail server refuses, and says that nothing was sent', async () => {
    mails.refuse();
    expect(await invite({ email: 'gia@outside.example' })).toMatchObject({ mail: 'failed' });
  });
});

describe('An invitation, where the operator set no address of the server,', () => {
  let otherMails: MailServer;
  beforeAll(async () => {
    otherMails = await startMailServer();
    await open({ SMTP_URL: otherMails.url, MAIL_FROM: 'causeway@harbour.example' });
  });
  afterAll(async () => {
    await server?.close();
    await otherMails?.close();
  });

  it('goes out by no e-mail: the host of a request may be forged', async () => {
    expect(await invite({ email: 'gia@outside.example' })).toMatchObject({ mail: 'none' });
    expect(otherMails.received).toEqual([]);
  });

  it('does not keep whoever invites waiting for a mail server that says nothing', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const address = silent.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const mail = openMail(testConfig({ SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'causeway@harbour.example' }), testLog());
    const [row] = await server.database.query<{ org_id: string }>('select org_id from conversations where id = $1', [project]);
    const by = { orgId: row?.org_id ?? '', personId: olivia.person.id, name: 'Olivia', role: 'owner', signInId: '', expiresAt: 0 } as const;
    const letter = {
      email: 'gia@outside.example',
      conversationId: project,
      expiresAt: new Date().toISOString(),
      language: null,
      path: '/invite#x',
    };
    const guestMail = new GuestMail({ database: server.database, log: testLog(), mail, pageUrl: publicUrl, waitMs: 50 });
    expect(await guestMail.send(by, letter)).toBe('failed');
    await mail.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
