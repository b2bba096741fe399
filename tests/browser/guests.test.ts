/** A guest of a conversation at the page of his invitation. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed, onTestFinished } from 'vitest';
import { z } from 'zod';
import { password, type SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startMailServer } from '../support/mail-server.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { Person } from './person.js';

const evil = '<img src=x onerror="document.title=\'taken\'">Pier 4';

let server: TestServer;
let browser: TestBrowser;
let olivia: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  olivia = await server.setUpOwner();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});
beforeEach(({ task }) => {
  onTestFailed(() => browser?.screenshots(task.name));
});

async function invite(title: string): Promise<string> {
  const { id } = await server.get(z.object({ id: z.string() }), 'POST', '/api/conversations', { kind: 'group', title }, olivia.accessToken);
  const body = { email: 'gia@outside.example' };
  const { link } = await server.get(z.object({ link: z.string() }), 'POST', `/api/conversations/${id}/guests`, body, olivia.accessToken);
  return link;
}

describe('The invitation of a guest', () => {
  it('is made in the panel of the conversation, which shows its link', async () => {
    const host = await Person.at(browser, 'Olivia');
    await host.signIn(server.url);
    const { id } = await server.get(
      z.object({ id: z.string() }),
      'POST',
      '/api/conversations',
      { kind: 'project', title: 'Pier 3' },
      olivia.accessToken,
    );
    await host.page.goto(`${server.url}/chat/${id}`);
    await host.button('About this conversation').click();
    await host.button('Invite a guest').click();
    const dialog = host.page.getByRole('dialog');
    await dialog.getByLabel('E-mail').fill('not an address');
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
    await dialog.getByText('Enter an e-mail address').waitFor();
    await dialog.getByLabel('E-mail').fill('gus@outside.example');
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
    await dialog.getByText('Pass this link on to gus@outside.example yourself.').waitFor();
    expect(await dialog.getByLabel('Link').inputValue()).toMatch(/\/invite#[\w-]{43}$/);
    await browser.screenshots('inviting a guest');
    expect(host.visitor.problems).toEqual([]);
    await host.visitor.close();
  });

  it('says where it leads, as text whatever it is, and makes the account', async () => {
    const gia = await Person.at(browser, 'Gia');
    await gia.page.goto(await invite(evil));
    await gia.page.getByText(`Olivia has invited you as a guest to the conversation “${evil}”`).waitFor();
    await browser.screenshots('invitation of a guest');
    await gia.page.getByLabel('Your name').fill('Gia');
    await gia.page.getByLabel('Password', { exact: true }).fill(password);
    await gia.button('Make the account').click();
    await gia.page.waitForURL((url) => url.pathname !== '/invite');
    expect(await gia.page.title()).not.toBe('taken');
    expect(gia.visitor.problems).toEqual([]);
    await gia.visitor.close();
  });

  it('takes the account that he has, for one more conversation, in his language', async () => {
    const gia = await Person.at(browser, 'Gia', { locale: 'zh-HK' });
    await gia.page.goto(await invite('Pier 5'));
    await gia.page.getByText('Olivia邀請你加入另一個對話「Pier 5」').waitFor();
    expect(await gia.page.getByLabel('你的姓名').count()).toBe(0);
    await browser.screenshots('invitation of a guest again');
    await gia.page.getByLabel('密碼', { exact: true }).fill('another long password');
    await gia.button('登入').click();
    await gia.page.getByRole('alert').waitFor();
    await gia.page.getByLabel('密碼', { exact: true }).fill(password);
    await gia.button('登入').click();
    await gia.page.waitForURL((url) => url.pathname !== '/invite');
    const rows = await server.database.query(
      `select 1 from conversation_members m join people p on p.id = m.person_id where p.name = 'Gia'`,
    );
    expect(rows).toHaveLength(2);
    // His conversations, and nothing of meetings and people.
    await gia.page.waitForURL((url) => url.pathname.startsWith('/chat'));
    await gia.page.getByText('Pier 5').first().waitFor();
    expect(await gia.button('新對話').count()).toBe(0);
    await browser.screenshots('guest at home');
    const places = gia.page.getByRole('navigation').first();
    expect(await places.getByRole('link', { name: /會議|成員/ }).count()).toBe(0);
    await gia.page.goto(`${server.url}/people`);
    await gia.page.waitForURL((url) => url.pathname.startsWith('/chat'));
    expect(gia.visitor.problems).toEqual([]);
    await gia.visitor.close();
  });
});

describe('The invitation of a guest, where there is a mail server,', () => {
  it('goes out in the language of whoever invites, and its link leads to the same page', async () => {
    const mails = await startMailServer();
    const publicUrl = 'http://meet.harbour.example';
    const mailing = await startTestServer({ SMTP_URL: mails.url, MAIL_FROM: 'causeway@harbour.example', PUBLIC_URL: publicUrl });
    onTestFinished(async () => {
      await mailing.close();
      await mails.close();
    });
    const owner = await mailing.setUpOwner();
    const conversation = { kind: 'project', title: 'Pier 6' };
    const { id } = await mailing.get(z.object({ id: z.string() }), 'POST', '/api/conversations', conversation, owner.accessToken);
    const host = await Person.at(browser, 'Olivia');
    await host.signIn(mailing.url);
    await host.page.goto(`${mailing.url}/chat/${id}`);
    await host.button('About this conversation').click();
    await host.button('Invite a guest').click();
    const dialog = host.page.getByRole('dialog');
    await dialog.getByLabel('E-mail').fill('gus@outside.example');
    await dialog.getByLabel('E-mail').press('Enter');
    await dialog.getByText('An e-mail with this link was sent to gus@outside.example.').waitFor();
    const link = await dialog.getByLabel('Link').inputValue();
    expect(mails.received.map(({ subject }) => subject)).toEqual(['Olivia invites you to “Pier 6”']);
    expect(mails.received[0]?.text).toContain(link);
    await browser.screenshots('inviting a guest by e-mail');
    await host.visitor.close();

    const gus = await Person.at(browser, 'Gus');
    await gus.page.goto(link.replace(publicUrl, mailing.url));
    await gus.page.getByText('Olivia has invited you as a guest to the conversation “Pier 6”').waitFor();
    await gus.visitor.close();
  });
});
