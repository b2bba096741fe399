/** Those who govern chat, on the pages of policies: what notifications say, backups, domains, guests, and what a webhook did not take. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { password, type SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { makeConversation } from '../support/chat.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

const made = z.looseObject({ id: z.string() });

let server: TestServer;
let browser: TestBrowser;
let receiver: Server;
/** What the receiver answers, and how often it was called. */
let answer = 503;
let calls = 0;
let olivia: Person;
let owner: SignedIn;
let harbour: string;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    calls += 1;
    request.resume();
    response.writeHead(answer).end('<b>not now</b>');
  });
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  server = await startTestServer({ WEBHOOK_TRIES: 1, OUTBOUND_ALLOW: `127.0.0.1:${portOf(receiver)}` });
  browser = await openBrowser();
  owner = await server.setUpOwner('Olivia');
  harbour = (await makeConversation(server, owner, [await server.invite(owner, 'Ming')], { title: 'Harbour' })).id;
  olivia = await Person.at(browser, 'Olivia');
  await olivia.signIn(server.url);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  receiver?.close();
});

oneStory(() => browser);

const dialog = (): Locator => olivia.page.getByRole('dialog');
const open = (path: string) => olivia.page.goto(`${server.url}${path}`);
const told = (words: string | RegExp) => olivia.page.getByText(words).first().waitFor();
const ask = (path: string, body: object) => server.get(made, 'POST', path, body, owner.accessToken);

describe('notifications', () => {
  it('says what a locked screen would show, and keeps what was chosen', async () => {
    await open('/admin/notifications');
    await told('New message');
    await olivia.page.getByRole('radio', { name: 'Nothing' }).focus();
    await olivia.page.keyboard.press('ArrowRight');
    await told('Chan Siu Ming · Harbour project');
    await olivia.page.getByRole('switch', { name: 'Urgent messages may come in quiet hours' }).press('Space');
    await expect
      .poll(() => server.database.query('select privacy, urgent_over_quiet from notification_policies'), { timeout: patienceMs })
      .toEqual([{ privacy: 'names', urgent_over_quiet: false }]);
    await olivia.page.reload();
    await told('Chan Siu Ming · Harbour project');
  });

  it('refuses an address inside, and shows the secret of one that may be called once', async () => {
    await olivia.button('Set the address').press('Enter');
    await dialog().getByLabel('Address', { exact: true }).fill('http://127.0.0.1:9/pager');
    await dialog().getByLabel('Address', { exact: true }).press('Enter');
    await dialog().locator('[aria-invalid=true]').waitFor();
    await dialog()
      .getByLabel('Address', { exact: true })
      .fill(`http://127.0.0.1:${portOf(receiver)}/pager`);
    await dialog().getByRole('button', { name: 'Save' }).click();
    const secret = await dialog().getByLabel('Secret', { exact: true }).inputValue();
    expect(secret.length).toBeGreaterThan(20);
    await dialog().getByRole('button', { name: 'Done' }).click();
    await told(/\/pager$/);
    expect(await olivia.page.content()).not.toContain(secret);
  });
});

describe('the monthly backup', () => {
  it('is set to a day and an hour, and switched off again', async () => {
    await open('/admin/retention');
    await olivia.button('Change the monthly backup').click();
    await dialog().getByRole('radio', { name: 'Each month' }).check();
    await dialog().getByLabel('Day', { exact: true }).selectOption('15');
    await dialog().getByLabel('Hour (UTC)').selectOption({ label: '19:00' });
    await dialog().getByRole('button', { name: 'Save' }).click();
    await told('Each month on day 15 at 19:00 UTC');
    await olivia.button('Change the monthly backup').click();
    await dialog().getByRole('radio', { name: 'Never' }).check();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await told('No monthly backup');
    expect(await server.database.query('select backup_day from retention_settings')).toEqual([{ backup_day: null }]);
  });
});

describe('the domain of a conversation', () => {
  it('is not changed while a member must not be there: the rule is named', async () => {
    await ask('/api/domains', { name: 'Mainland' });
    await open('/admin/domains');
    await olivia.page.getByLabel('Search conversations').fill('harb');
    await olivia.button('Move Harbour to another domain').click();
    await dialog().getByRole('button', { name: 'Move' }).click();
    await dialog().getByText('Choose one.').waitFor();
    await dialog().getByLabel('Into the domain').selectOption({ label: 'Mainland' });
    await dialog().getByRole('button', { name: 'Move' }).click();
    await dialog().getByRole('alert').getByText('Domains are closed by default').waitFor();
  });

  it('is changed where a rule lets its members in', async () => {
    await ask('/api/domain-rules', { name: 'Everybody', what: 'people', allow: true });
    await dialog().getByRole('button', { name: 'Move' }).click();
    await told('Harbour is now in Mainland');
    await olivia.page.getByRole('listitem').filter({ hasText: 'Harbour' }).getByText('Mainland').waitFor();
  });
});

describe('guests', () => {
  it('are listed with where they are, and removed', async () => {
    const pier = await makeConversation(server, owner, [], { title: 'Pier 4' });
    const body = { email: 'gia@outside.example' };
    const { link } = await server.get(
      z.looseObject({ link: z.string() }),
      'POST',
      `/api/conversations/${pier.id}/guests`,
      body,
      owner.accessToken,
    );
    await server.api('POST', '/api/invitations/accept', { token: link.split('#')[1], name: 'Gia', password });
    await open('/admin/guests');
    await told('gia@outside.example');
    await told(/^In Pier 4/);
    await olivia.button('Remove Gia').click();
    await olivia.page.getByRole('alertdialog').or(dialog()).getByRole('button', { name: 'Remove' }).click();
    await told('Gia is removed');
    await told('There are no guests');
    expect(await server.database.query(`select 1 from people where role = 'guest'`)).toEqual([]);
  });
});

describe('what a webhook did not take', () => {
  it('is sent again when somebody says so', async () => {
    const app = await ask('/api/apps', { name: 'Payroll', scopes: ['messages:read'] });
    await server.api('POST', `/api/conversations/${harbour}/members`, { personIds: [app.id] }, owner.accessToken);
    const url = `http://127.0.0.1:${portOf(receiver)}/hook`;
    await ask('/api/outgoing-webhooks', { name: 'Salaries', appId: app.id, url, events: ['message.posted'] });
    await server.api('POST', `/api/conversations/${harbour}/messages`, { body: 'Paid' }, owner.accessToken);
    await expect.poll(() => server.database.query('select 1 from webhook_dead_letters'), { timeout: patienceMs }).toHaveLength(1);
    await open('/admin/apps?tab=outgoing');
    await told('1 not delivered');
    await olivia.button('Deliveries of Salaries').click();
    await dialog()
      .getByText(/HTTP 503/)
      .waitFor();
    await dialog().getByText('<b>not now</b>').waitFor();
    answer = 200;
    const before = calls;
    await dialog().getByRole('button', { name: 'Send again', exact: true }).click();
    await dialog().getByText('Everything is delivered.').waitFor();
    expect(calls).toBe(before + 1);
    expect(olivia.visitor.problems).toEqual([]);
  });
});

function portOf(of: Server): number {
  const address = of.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
