/** What holds on every page, in every language, narrow and wide, light and dark: names, room, words, the keyboard. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { webhookEvents } from '../../src/chat/bots/schema.js';
import { password, type SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser, type Visitor, type VisitorOptions } from '../support/browser.js';
import { makeConversation } from '../support/chat.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let owner: SignedIn;
let group: string;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  owner = await server.setUpOwner('Olivia');
  const members = [await server.invite(owner, 'Ming'), await server.invite(owner, longName)];
  group = (await makeConversation(server, owner, members, { title: `${longName} Limited, 法律及合規部` })).id;
  const answer = await server.api('POST', `/api/conversations/${group}/messages`, { body: longName }, owner.accessToken);
  expect(answer.status).toBe(200);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

beforeEach(({ task }) => {
  onTestFailed(() => browser?.screenshots(task.name));
});

/** Longer than a narrow screen is wide, and nowhere to break it. */
const longName = 'Featherstonehaugh-Cholmondeley-Wriothesley-Marjoribanks';

const adminPages = [
  '/admin',
  '/admin/dlp',
  '/admin/domains',
  '/admin/guests',
  '/admin/retention',
  '/admin/recording',
  '/admin/captions',
  '/admin/notifications',
  '/admin/apps',
  '/admin/apps?tab=incoming',
  '/admin/apps?tab=outgoing',
  '/admin/apps?tab=commands',
  '/admin/audit',
];

/** Buttons that open a dialog, by their signs, which are the same in every language. */
const openers: Readonly<Record<string, readonly string[]>> = {
  '/': ['calendar-plus'],
  '/people': ['user-plus'],
  '/chat': ['square-pen'],
  '/admin/dlp': ['plus'],
  '/admin/domains': ['plus'],
  '/admin/retention': ['plus'],
  '/admin/captions': ['plus'],
  '/admin/notifications': ['plus'],
  '/admin/apps': ['plus'],
  '/admin/apps?tab=incoming': ['plus'],
  '/admin/apps?tab=outgoing': ['plus'],
  '/admin/apps?tab=commands': ['plus'],
};

const archivePages = ['/archive', '/archive?view=todo', '/archive?view=me'];

interface Look {
  readonly look: string;
  readonly options: VisitorOptions;
}

const looks: readonly Look[] = [
  { look: 'English, wide, light', options: { locale: 'en-GB', colorScheme: 'light' } },
  { look: '繁體, narrow, dark', options: { locale: 'zh-HK', colorScheme: 'dark', viewport: { width: 360, height: 740 } } },
  { look: '简体, narrow, light', options: { locale: 'zh-CN', colorScheme: 'light', viewport: { width: 360, height: 740 } } },
];

describe.each(looks)('$look', ({ options }) => {
  it('strangers find pages in order', async () => {
    const { code } = await server.createMeeting(owner, { title: 'For guests', lobby: 'guests' });
    const visitor = await somebody('stranger', options);
    const { page } = visitor;
    for (const address of [
      '/sign-in',
      '/setup#used',
      '/invite#unknown',
      '/nothing/here',
      '/shared-recording',
      '/shared-recording#unknown',
      '/m/abc-defg-hjk',
    ]) {
      await page.goto(`${server.url}${address}`);
      await page.locator('main').locator('h1, h2, p').first().waitFor();
      await isInOrder(page, address);
    }
    await page.goto(`${server.url}/m/${code}`);
    await page.locator('form button[type=submit]').waitFor();
    await isInOrder(page, 'device check of a guest');
    await page.locator('form input').first().fill('Pui');
    await page.locator('form button[type=submit]').click();
    // Nobody is there to let the guest in.
    await page.getByRole('status').first().waitFor();
    await isInOrder(page, 'waiting room');
    await leavesNoProblem(visitor);
  });

  it('people with an account find pages in order', async () => {
    const { id, code } = await server.createMeeting(owner, { title: '早會 Morning', lobby: 'off' });
    const visitor = await somebody('olivia', options);
    const { page } = visitor;
    await signIn(page);
    await isInOrder(page, 'home');
    for (const address of ['/people', '/settings', `/meetings/${id}`, '/?list=past', ...archivePages, ...adminPages]) {
      await page.goto(`${server.url}${address}`);
      await page.locator('h1').first().waitFor();
      await isInOrder(page, address);
    }
    await page.goto(`${server.url}/m/${code}`);
    await page.locator('form button[type=submit]').waitFor();
    await isInOrder(page, 'device check');
    await page.locator('form button[type=submit]').click();
    await page.locator('[data-participant]').first().waitFor();
    await isInOrder(page, 'meeting');
    for (const [key, panel] of [
      ['c', 'chat'],
      ['p', 'people'],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByRole('complementary').or(page.locator('aside')).first().waitFor();
      await isInOrder(page, `meeting with ${panel}`);
      await page.keyboard.press('Escape');
    }
    await page.locator('[data-look=leave]').click();
    await page.getByRole('menuitem').first().waitFor();
    await isInOrder(page, 'meeting with a menu');
    await page.getByRole('menuitem').first().click();
    await page.locator('h1').waitFor();
    await isInOrder(page, 'end');
    await leavesNoProblem(visitor);
  });
});

describe.each(looks)('dialogs, $look', ({ options }) => {
  it('are in order, also when nothing is filled in', async () => {
    const visitor = await somebody('olivia', options);
    const { page } = visitor;
    await signIn(page);
    for (const [address, signs] of Object.entries(openers)) {
      await page.goto(`${server.url}${address}`);
      for (const sign of signs) {
        const buttons = page.locator(`#root button:has(.lucide-${sign}):visible`);
        await buttons.first().waitFor();
        for (let at = 0; at < (await buttons.count()); at += 1) {
          await buttons.nth(at).click();
          await dialogInOrder(page, `${address}, ${sign} ${at + 1}`);
        }
      }
    }
    await leavesNoProblem(visitor);
  });

  it('of a conversation are in order with a name that is longer than the screen', async () => {
    const visitor = await somebody('olivia', options);
    const { page } = visitor;
    await signIn(page);
    await page.goto(`${server.url}/chat/${group}`);
    const message = page.getByRole('article').filter({ hasText: longName });
    for (const sign of ['forward', 'check-check']) {
      await message.hover();
      await message.locator('button[aria-haspopup=menu]:has(.lucide-ellipsis)').click();
      await page.locator(`[role=menuitem]:has(.lucide-${sign})`).click();
      await dialogInOrder(page, sign);
    }
    for (const sign of ['chart-column', 'clock']) {
      await page.locator('main button[aria-haspopup=menu]:has(.lucide-plus)').click();
      await page.locator(`[role=menuitem]:has(.lucide-${sign})`).click();
      await dialogInOrder(page, sign);
    }
    await page.locator('header button:has(.lucide-info)').click();
    for (const sign of ['user-plus', 'mail', 'log-out']) {
      await page.locator(`aside button:has(.lucide-${sign})`).last().click();
      await dialogInOrder(page, sign);
    }
    await leavesNoProblem(visitor);
  });
});

describe('the keyboard', () => {
  it('reaches the big button before the meeting, and joins', async () => {
    const { link } = await server.createMeeting(owner, { title: 'By keyboard', lobby: 'off' });
    const olivia = await Person.at(browser, 'Olivia');
    await olivia.signIn(server.url);
    await olivia.openMeeting(link);
    await tabTo(olivia.page, 'Join');
    await olivia.page.keyboard.press('Enter');
    await olivia.isIn();

    const pressed = (name: string) => olivia.button(name).getAttribute('aria-pressed');
    await olivia.page.keyboard.press('m');
    await expect.poll(() => pressed('Microphone'), { timeout: patienceMs }).toBe('false');
    await olivia.page.keyboard.press('v');
    await expect.poll(() => pressed('Camera'), { timeout: patienceMs }).toBe('false');
    await olivia.page.keyboard.press('h');
    await expect.poll(() => pressed('Hand'), { timeout: patienceMs }).toBe('true');
    await olivia.page.keyboard.press('?');
    await olivia.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await olivia.page.keyboard.press('Escape');
    await olivia.page.getByRole('dialog').waitFor({ state: 'detached' });

    // What one writes is never taken for a shortcut.
    await olivia.page.keyboard.press('c');
    const box = olivia.page.getByRole('textbox', { name: 'Write a message' });
    await box.focus();
    await olivia.page.keyboard.type('hmm, vice versa?');
    await olivia.page.keyboard.press('Enter');
    await olivia.reads('hmm, vice versa?');
    expect([await pressed('Microphone'), await pressed('Camera'), await pressed('Hand')]).toEqual(['false', 'false', 'true']);
    await leavesNoProblem(olivia.visitor);
  });
});

async function somebody(name: string, options: VisitorOptions): Promise<Visitor> {
  const visitor = await browser.visit(name, options);
  visitor.page.setDefaultTimeout(patienceMs);
  return visitor;
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${server.url}/sign-in`);
  await page.locator('input[name=email]').fill('olivia@harbour.example');
  await page.locator('input[name=password]').fill(password);
  await page.locator('form button[type=submit]').click();
  await page.getByRole('navigation').waitFor();
  await page.locator('h1').first().waitFor();
}

async function leavesNoProblem(visitor: Visitor): Promise<void> {
  const violations = await visitor.page.evaluate(() => window.causewayProbe.violations);
  expect([...visitor.problems, ...violations]).toEqual([]);
  await visitor.close();
}

/** Presses Tab as somebody would who has no mouse. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      const ring = element ? getComputedStyle(element) : null;
      return {
        name: element?.textContent?.trim() || (element?.getAttribute('aria-label') ?? element?.tagName ?? ''),
        visible: ring !== null && (ring.outlineStyle !== 'none' || ring.boxShadow !== 'none'),
      };
    });
    passed.push(focus.name);
    expect(focus.visible, `the focus is seen on "${focus.name}"`).toBe(true);
    if (focus.name === name) return;
  }
  throw new Error(`Tab does not reach "${name}". It passed: ${passed.join(', ')}.`);
}

/** Holds of a dialog that was opened just now, and of its form when it was sent with nothing in it. Closes it. */
async function dialogInOrder(page: Page, where: string): Promise<void> {
  const dialog = page.locator('[role=dialog], [role=alertdialog]');
  await dialog.waitFor();
  await isInOrder(page, where);
  const send = dialog.locator('button[type=submit]');
  if ((await send.count()) > 0) {
    await send.click();
    await dialog.locator('[aria-invalid=true]').first().waitFor();
    await isInOrder(page, `${where}, refused`);
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
}

/** Holds everywhere. The browser itself says what a screen reader would be told. */
async function isInOrder(page: Page, where: string): Promise<void> {
  expect(await nameless(page), `${where}: what can be operated without a name`).toEqual([]);
  const seen = await page.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.textContent?.trim() ?? '');
    return {
      sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      language: document.documentElement.lang,
      title: document.title,
      mains: document.querySelectorAll('main').length,
      // Whatever is above the page doesn't make it any wider, and is cut off instead.
      outside: [
        ...document.querySelectorAll('[role=dialog] :is(button, input, select, textarea):not([aria-hidden]), [role=alertdialog] button'),
      ]
        .filter((one) => {
          const { left, right, width } = one.getBoundingClientRect();
          return width > 0 && (left < 0 || right > document.documentElement.clientWidth);
        })
        .map((one) => one.textContent?.trim() || (one.getAttribute('aria-label') ?? one.tagName)),
      // A word that was not found shows its key.
      keys: texts.filter((text) => /^[a-z][A-Za-z]*(\.[a-zA-Z_]+)+$/.test(text) || text.includes('{{')),
    };
  });
  expect(seen.sideways, `${where}: pixels to scroll sideways`).toBe(0);
  expect(seen.outside, `${where}: outside of the screen`).toEqual([]);
  expect(seen.language, `${where}: language of the page`).toMatch(/^(en|zh)/);
  expect(seen.title, `${where}: title`).toContain('Causeway');
  expect(seen.mains, `${where}: the one place to begin reading`).toBe(1);
  // Programs call events by these names, and the page says so.
  const keys = seen.keys.filter((key) => !webhookEvents.some((name) => name === key));
  expect(keys, `${where}: words without translation`).toEqual([]);
}

const operable = new Set([
  'button',
  'link',
  'textbox',
  'searchbox',
  'combobox',
  'checkbox',
  'switch',
  'radio',
  'menuitem',
  'menuitemradio',
  'tab',
  'slider',
  'image',
]);

async function nameless(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  await devtools.detach();
  const without: string[] = [];
  for (const { role, name, ignored, properties } of nodes) {
    const kind = String(role?.value ?? '');
    if (ignored || !operable.has(kind) || String(name?.value ?? '').trim() !== '') continue;
    without.push(`${kind} (${(properties ?? []).map((property) => property.name).join(', ')})`);
  }
  return without;
}
