/** The pages around the meeting: one account in several tabs, language and theme, a narrow screen. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { password } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { Person } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let olivia: Person;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  olivia = await Person.at(browser, 'Olivia');
  await olivia.setUp(`${server.url}${server.server.setupPath}`);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

beforeEach(({ task }) => {
  onTestFailed(() => browser?.screenshots(task.name));
});

async function fillSignIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill('olivia@harbour.example');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

describe('an account in several tabs', () => {
  it('is there in tabs that are opened at once', async () => {
    const tabs = await Promise.all([1, 2, 3].map(() => olivia.visitor.context.newPage()));
    await Promise.all(tabs.map((tab) => tab.goto(`${server.url}/people`)));
    await Promise.all(tabs.map((tab) => tab.getByRole('heading', { name: 'People' }).waitFor()));
    await Promise.all(tabs.map((tab) => tab.close()));
  });

  it('is signed out in all of them, and comes back where it was', async () => {
    const tab = await olivia.visitor.context.newPage();
    await tab.goto(`${server.url}/people`);
    await tab.getByRole('heading', { name: 'People' }).waitFor();
    await olivia.page.goto(`${server.url}/settings`);
    await olivia.page.getByRole('main').getByRole('button', { name: 'Sign out', exact: true }).first().click();
    await olivia.page.waitForURL(`${server.url}/sign-in`);
    await tab.waitForURL(`${server.url}/sign-in?next=%2Fpeople`);
    await tab.getByText('Your sign-in has ended').waitFor();
    await fillSignIn(tab);
    await tab.waitForURL(`${server.url}/people`);
    await olivia.page.waitForURL(`${server.url}/`);
    await tab.close();
  });

  it('is asked for by a page that needs it, and only led to a page of ours', async () => {
    const stranger = await Person.at(browser, 'Stranger');
    await stranger.page.goto(`${server.url}/settings`);
    await stranger.page.waitForURL(`${server.url}/sign-in?next=%2Fsettings`);
    await stranger.page.goto(`${server.url}/sign-in?next=${encodeURIComponent('//elsewhere.example/')}`);
    await fillSignIn(stranger.page);
    await stranger.isHome();
    expect(stranger.page.url()).toBe(`${server.url}/`);
    await stranger.visitor.close();
  });
});

describe('a meeting for later', () => {
  it('is planned, changed and cancelled on its page', async () => {
    await olivia.page.goto(server.url);
    await olivia.button('Schedule').first().click();
    const dialog = olivia.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await dialog.getByText('Give the meeting a title.').waitFor();
    await dialog.getByLabel('Title').fill('Harbour tour');
    await dialog.getByLabel('Date').fill('2031-05-06');
    await dialog.getByLabel('Time', { exact: true }).fill('09:30');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await olivia.page.getByRole('heading', { name: 'Harbour tour' }).waitFor();
    await olivia.page.getByText('Tuesday 6 May 2031, 09:30').or(olivia.page.getByText('Tuesday, 6 May 2031, 09:30')).waitFor();

    await olivia.button('More').click();
    await olivia.page.getByRole('menuitem', { name: 'Change' }).click();
    await dialog.getByLabel('Waiting room').selectOption('For everyone');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await olivia.page.getByText('For everyone').waitFor();

    await olivia.button('More').click();
    await olivia.page.getByRole('menuitem', { name: 'Cancel the meeting' }).click();
    await olivia.page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the meeting' }).click();
    await olivia.page.getByText('No meetings ahead').waitFor();
  });
});

describe('language and theme', () => {
  it('come from the browser, change at once and are remembered', async () => {
    const ming = await Person.at(browser, 'Ming', { locale: 'zh-HK', colorScheme: 'dark' });
    await ming.page.goto(`${server.url}/sign-in`);
    await ming.page.getByRole('heading', { name: '登入' }).waitFor();
    expect(await ming.page.evaluate(() => document.documentElement.lang)).toBe('zh-Hant-HK');
    expect(await ming.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(15, 23, 32)');
    await ming.page.getByRole('button', { name: '語言' }).click();
    await ming.page.getByRole('menuitemradio', { name: '简体中文' }).click();
    await ming.page.getByRole('heading', { name: '登录' }).waitFor();
    await ming.page.getByRole('button', { name: '外观' }).click();
    await ming.page.getByRole('menuitemradio', { name: '浅色' }).click();
    await ming.page.reload();
    await ming.page.getByRole('heading', { name: '登录' }).waitFor();
    expect(await ming.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(251, 250, 247)');
    expect(ming.visitor.problems).toEqual([]);
    await ming.visitor.close();
  });
});

describe('a screen of 360 px', () => {
  it.each(['/', '/?list=past', '/people', '/settings', '/nothing/here'])('shows %s without scrolling sideways', async (address) => {
    await olivia.page.setViewportSize({ width: 360, height: 740 });
    await olivia.page.goto(`${server.url}${address}`);
    await olivia.page.getByRole('main').waitFor();
    expect(await olivia.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});

describe('all of it', () => {
  it('broke no rule of the page', () => {
    expect(olivia.visitor.problems).toEqual([]);
  });
});
