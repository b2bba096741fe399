/** Chat in real pages: two people talk, on several devices, with and without a network. */
import type { Locator, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conversationSchema } from '../../src/chat/schema.js';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let olivia: Person;
let ming: Person;
let accounts: { olivia: SignedIn; ming: SignedIn };
let group: string;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  const owner = await server.setUpOwner('Olivia');
  const member = await server.invite(owner, 'Ming');
  await server.invite(owner, 'Pui');
  accounts = { olivia: owner, ming: member };
  olivia = await Person.at(browser, 'Olivia');
  ming = await Person.at(browser, 'Ming');
  await olivia.signIn(server.url);
  await ming.signIn(server.url);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

/** The rows of the list by the name of the conversation. */
const row = (page: Page, name: string): Locator =>
  page
    .getByRole('list', { name: 'Conversations' })
    .getByRole('link')
    .filter({ has: page.getByText(name, { exact: true }) });
const box = (page: Page): Locator => page.getByRole('textbox', { name: 'Write a message' });
const message = (page: Page, text: string): Locator => page.getByRole('article').filter({ hasText: text });

async function says(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press('Enter');
}

async function sees(page: Page, text: string): Promise<void> {
  await page.getByText(text, { exact: true }).last().waitFor();
}

/** Points at a message and presses one of its buttons. */
async function does(page: Page, text: string, action: string): Promise<void> {
  const one = message(page, text).last();
  await one.hover();
  await one.getByRole('button', { name: action, exact: true }).click();
}

/** Everything that leads from a page to the server. Browsers leave open sockets alone when they are told to be offline. */
class Cable {
  readonly #person: Person;
  readonly #sockets = new Set<WebSocketRoute>();
  #cut = false;

  constructor(person: Person) {
    this.#person = person;
  }

  async lay(): Promise<void> {
    await this.#person.visitor.context.routeWebSocket(/./, (socket) => {
      if (this.#cut) {
        void socket.close({ code: 3001 });
        return;
      }
      const far = socket.connectToServer();
      for (const end of [socket, far]) this.#sockets.add(end);
    });
  }

  async cut(): Promise<void> {
    this.#cut = true;
    await this.#person.visitor.context.setOffline(true);
    for (const socket of this.#sockets) await socket.close({ code: 3001 });
    this.#sockets.clear();
  }

  async mend(): Promise<void> {
    this.#cut = false;
    await this.#person.visitor.context.setOffline(false);
  }
}

/** How often a text stands in the database. */
async function stored(text: string): Promise<number> {
  const rows = await server.database.query<{ count: number }>('select count(*)::int as count from messages where body = $1', [text]);
  return rows[0]?.count ?? 0;
}

describe('two people in a conversation', () => {
  it('find each other and begin to talk', async () => {
    await olivia.page.getByRole('link', { name: 'Chat', exact: true }).click();
    await olivia.button('New conversation').first().click();
    await olivia.page
      .getByRole('textbox', { name: 'Who' })
      .or(olivia.page.getByRole('searchbox', { name: 'Who' }))
      .fill('min');
    await olivia.page.getByRole('button', { name: /^Ming/ }).click();
    await olivia.button('Write').click();
    await olivia.page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
    await says(olivia.page, 'Good morning, Ming');
    await sees(olivia.page, 'Good morning, Ming');
    // Ming has another page open; the rail counts.
    await ming.page.getByRole('link', { name: /^Chat 1 unread message/ }).waitFor();
    await ming.page.getByRole('link', { name: /^Chat/ }).click();
    await row(ming.page, 'Olivia').click();
    await sees(ming.page, 'Good morning, Ming');
    await says(ming.page, '早晨 **Olivia**');
    await olivia.page.locator('strong', { hasText: 'Olivia' }).last().waitFor();
    await ming.page.getByRole('link', { name: 'Chat', exact: true }).waitFor();
  });

  it('make a group, and everyone in it sees what is written', async () => {
    await olivia.button('New conversation').first().click();
    await olivia.page.getByRole('radio', { name: 'Several people' }).check();
    await olivia.page.getByLabel('Name', { exact: true }).fill('Harbour office');
    await olivia.page.getByRole('searchbox', { name: 'People' }).fill('ming');
    await olivia.page.getByRole('button', { name: /^Ming/ }).click();
    await olivia.button('Make it').click();
    await olivia.page.getByRole('button', { name: /^Harbour office/ }).waitFor();
    group = new URL(olivia.page.url()).pathname.split('/')[2] ?? '';
    await row(ming.page, 'Harbour office').click();
    await says(olivia.page, 'The ferry leaves at nine');
    await sees(ming.page, 'The ferry leaves at nine');
  });

  it('change what they wrote, and the earlier text stays in its history', async () => {
    await box(olivia.page).press('ArrowUp');
    const editor = olivia.page.getByRole('textbox', { name: 'Text of the message' });
    await editor.fill('The ferry leaves at ten');
    await editor.press('Enter');
    await sees(ming.page, 'The ferry leaves at ten');
    await message(ming.page, 'The ferry leaves at ten').getByRole('button', { name: 'edited' }).click();
    await ming.page.getByRole('dialog').getByText('The ferry leaves at nine', { exact: true }).waitFor();
    await ming.page.keyboard.press('Escape');
  });

  it('react, and see who did', async () => {
    await does(ming.page, 'The ferry leaves at ten', 'React');
    await ming.page.getByRole('button', { name: '👍', exact: true }).click();
    const reaction = olivia.page.getByRole('button', { name: /^👍 1: Ming/ });
    await reaction.waitFor();
    await reaction.click();
    await ming.page.getByRole('button', { name: /^👍 2:/ }).waitFor();
    await olivia.page.getByRole('button', { name: /^👍 2:/ }).click();
    await ming.page.getByRole('button', { name: /^👍 1: You/ }).waitFor();
  });

  it('mention each other from a list, and it is counted', async () => {
    await row(ming.page, 'Olivia').click();
    await box(olivia.page).pressSequentially('Are you coming, @mi');
    await olivia.page.getByRole('option', { name: /Ming/ }).waitFor();
    await box(olivia.page).press('Enter');
    await box(olivia.page).pressSequentially('at ten?');
    await box(olivia.page).press('Enter');
    const mentioned = row(ming.page, 'Harbour office').getByRole('img', { name: 'You are mentioned' });
    await mentioned.waitFor();
    await row(ming.page, 'Harbour office').click();
    await ming.page.locator('span', { hasText: /^@Ming$/ }).waitFor();
    await mentioned.waitFor({ state: 'detached' });
  });

  it('reply in a thread beside the conversation', async () => {
    await does(ming.page, 'The ferry leaves at ten', 'Reply in a thread');
    const thread = ming.page.getByRole('complementary', { name: 'Thread' });
    const field = thread.getByRole('textbox', { name: 'Write a reply' });
    await field.fill('From pier five?');
    await field.press('Enter');
    await thread.getByText('From pier five?', { exact: true }).waitFor();
    await olivia.page.getByRole('button', { name: '1 reply' }).click();
    await olivia.page.getByRole('complementary', { name: 'Thread' }).getByText('From pier five?', { exact: true }).waitFor();
    await olivia.page.getByRole('complementary', { name: 'Thread' }).getByRole('button', { name: 'Close' }).click();
    await thread.getByRole('button', { name: 'Close' }).click();
  });

  it('ask a poll, vote, and close it', async () => {
    await olivia.button('Add to the message').click();
    await olivia.page.getByRole('menuitem', { name: 'Ask a poll' }).click();
    const dialog = olivia.page.getByRole('dialog');
    await dialog.getByLabel('Question').fill('Where do we have lunch?');
    await dialog.getByRole('textbox', { name: 'Option 1' }).fill('Dim sum');
    await dialog.getByRole('textbox', { name: 'Option 2' }).fill('Noodles');
    await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
    await ming.page.getByRole('button', { name: /^Dim sum/ }).click();
    await olivia.page.getByRole('button', { name: /^Dim sum\s*1 vote/ }).waitFor();
    await olivia.button('Close the poll').click();
    await message(ming.page, 'Where do we have lunch?').getByText('Closed', { exact: true }).waitFor();
  });

  it('pin what is to be found again', async () => {
    await does(olivia.page, 'The ferry leaves at ten', 'More');
    await olivia.page.getByRole('menuitem', { name: 'Pin', exact: true }).click();
    await ming.button('Pinned messages').click();
    await ming.page.getByRole('complementary', { name: 'Pinned messages' }).getByText('The ferry leaves at ten').waitFor();
    await ming.page.keyboard.press('Escape');
  });

  it('see who has read', async () => {
    await says(olivia.page, 'Read this, please');
    await sees(ming.page, 'Read this, please');
    await expect
      .poll(
        async () => {
          await does(olivia.page, 'Read this, please', 'More');
          await olivia.page.getByRole('menuitem', { name: 'Who has read it' }).click();
          const dialog = olivia.page.getByRole('dialog');
          await dialog.getByText(/^Read by \d/).waitFor();
          const words = await dialog.getByText(/^Read by \d/).textContent();
          await olivia.page.keyboard.press('Escape');
          await dialog.waitFor({ state: 'detached' });
          return words;
        },
        { timeout: patienceMs },
      )
      .toBe('Read by 1');
  });

  it('confirm what is urgent', async () => {
    await olivia.button('Add to the message').click();
    await olivia.page.getByRole('menuitem', { name: 'Mark as urgent' }).click();
    await says(olivia.page, 'Typhoon signal 8: leave now');
    await message(ming.page, 'Typhoon signal 8').getByRole('button', { name: 'Confirm that I have read it' }).click();
    await message(olivia.page, 'Typhoon signal 8').getByRole('button', { name: 'Who has confirmed' }).click();
    await olivia.page.getByRole('dialog').getByText('Confirmed by 1').waitFor();
    await olivia.page.keyboard.press('Escape');
  });

  it('take back what was said too early', async () => {
    await says(olivia.page, 'I should not have said this');
    await sees(ming.page, 'I should not have said this');
    await does(olivia.page, 'I should not have said this', 'More');
    await olivia.page.getByRole('menuitem', { name: 'Recall' }).click();
    await olivia.page.getByRole('alertdialog').getByRole('button', { name: 'Recall' }).click();
    await ming.page.getByText('This message was recalled.', { exact: true }).waitFor();
    expect(await ming.page.getByText('I should not have said this').count()).toBe(0);
  });

  it('forward a message to somebody else', async () => {
    await does(olivia.page, 'The ferry leaves at ten', 'More');
    await olivia.page.getByRole('menuitem', { name: 'Forward' }).click();
    const dialog = olivia.page.getByRole('dialog');
    await dialog.getByRole('button', { name: /Ming$/ }).click();
    await dialog.getByRole('button', { name: 'Forward', exact: true }).click();
    await row(ming.page, 'Olivia').click();
    await ming.page.getByText(/^Forwarded, written by Olivia/).waitFor();
  });
});

describe('without a network', () => {
  let cable: Cable;

  beforeAll(async () => {
    cable = new Cable(ming);
    await cable.lay();
  });

  it('keeps what is written, and sends it once when the network is back', async () => {
    await ming.page.goto(`${server.url}/chat/${group}`);
    await olivia.page.goto(`${server.url}/chat/${group}`);
    await box(ming.page).waitFor();
    await box(olivia.page).waitFor();
    await cable.cut();
    await says(ming.page, 'Written in the tunnel');
    await says(ming.page, 'And one more');
    await message(ming.page, 'And one more').getByText('Waits for the connection').waitFor();
    await cable.mend();
    await sees(olivia.page, 'Written in the tunnel');
    await sees(olivia.page, 'And one more');
    expect([await stored('Written in the tunnel'), await stored('And one more')]).toEqual([1, 1]);
  });

  it('sends it after a reload too', async () => {
    await cable.cut();
    await says(ming.page, 'Written before the reload');
    await message(ming.page, 'Written before the reload').getByText('Waits for the connection').waitFor();
    // A reload without a network has no page to load: the server is there again by then.
    await ming.page.evaluate(() => location.assign('about:blank'));
    await cable.mend();
    await ming.page.goto(`${server.url}/chat/${group}`);
    await sees(olivia.page, 'Written before the reload');
    expect(await stored('Written before the reload')).toBe(1);
  });
});

describe('several devices of one person', () => {
  it('show the same in two tabs, whichever is written in', async () => {
    const tab = await olivia.visitor.context.newPage();
    await tab.goto(`${server.url}/chat/${group}`);
    await says(tab, 'From the second tab');
    await sees(olivia.page, 'From the second tab');
    expect(await message(olivia.page, 'From the second tab').count()).toBe(1);
    await says(olivia.page, 'From the first tab');
    await sees(tab, 'From the first tab');
    await tab.close();
  });

  it('know on one what was read on the other', async () => {
    const phone = await Person.at(browser, 'Ming', { viewport: { width: 390, height: 780 } });
    await ming.page.goto(`${server.url}/people`);
    await phone.signIn(server.url);
    await says(olivia.page, 'Unread on both');
    await ming.page.getByRole('link', { name: /^Chat \d+ unread message/ }).waitFor();
    await phone.page.getByRole('link', { name: /^Chat \d+ unread message/ }).click();
    await row(phone.page, 'Harbour office').click();
    await sees(phone.page, 'Unread on both');
    await ming.page.getByRole('link', { name: 'Chat', exact: true }).waitFor();
    // On a phone the arrow leads back to the list.
    await phone.page.getByRole('link', { name: 'Back to the conversations' }).click();
    await phone.page.getByRole('heading', { name: 'Chat' }).waitFor();
    await phone.visitor.close();
  });

  it('go on with a draft where it was left', async () => {
    await box(olivia.page).fill('Half a thought');
    await expect
      .poll(
        async () =>
          (await server.database.query<{ draft: string }>("select draft from conversation_members where draft <> ''")).map(
            ({ draft }) => draft,
          ),
        {
          timeout: patienceMs,
        },
      )
      .toEqual(['Half a thought']);
    const tab = await olivia.visitor.context.newPage();
    await tab.goto(`${server.url}/chat/${group}`);
    await expect.poll(() => box(tab).inputValue(), { timeout: patienceMs }).toBe('Half a thought');
    await tab.close();
    await box(olivia.page).fill('');
  });
});

describe('what is written', () => {
  const script = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';

  it('is harmless, whatever it looks like', async () => {
    const wild = [
      script,
      '[click](javascript:window.harmed=1)',
      '<a href="javascript:window.harmed=1">x</a>',
      `![x](http://127.0.0.1:9/x.png "${'x'.repeat(20)}")`,
      `\`\`\`${script}\n${script}\n\`\`\``,
      `| ${script} | b |\n|---|---|\n| ${script} | d |`,
      `${'['.repeat(1_000)}${'*_'.repeat(1_000)}`,
      `${'> '.repeat(500)}deep`,
    ];
    for (const text of wild) await says(olivia.page, text);
    await sees(olivia.page, '[click](javascript:window.harmed=1)');
    await ming.page.goto(`${server.url}/chat/${group}`);
    await sees(ming.page, '[click](javascript:window.harmed=1)');
    for (const { page } of [olivia, ming]) {
      expect(await page.evaluate(() => Reflect.get(window, 'harmed') ?? 'nothing')).toBe('nothing');
      expect(await page.locator('[role="log"] script, [role="log"] img, [role="log"] a[href^="javascript"]').count()).toBe(0);
    }
  });

  it('is harmless in names, polls and descriptions', async () => {
    const made = await server.get(
      conversationSchema,
      'POST',
      '/api/conversations',
      { kind: 'group', title: script.slice(0, 100), description: script, memberIds: [accounts.ming.person.id] },
      accounts.olivia.accessToken,
    );
    await ming.page.goto(`${server.url}/chat/${made.id}?panel=info`);
    await ming.page.getByRole('heading', { name: '<img src=x' }).waitFor();
    await ming.page.goto(`${server.url}/chat/${made.id}`);
    await ming.button('Add to the message').click();
    await ming.page.getByRole('menuitem', { name: 'Ask a poll' }).click();
    const dialog = ming.page.getByRole('dialog');
    await dialog.getByLabel('Question').fill(script);
    await dialog.getByRole('textbox', { name: 'Option 1' }).fill(script);
    await dialog.getByRole('textbox', { name: 'Option 2' }).fill('b');
    await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
    await ming.page
      .getByRole('button', { name: /^<img src=x/ })
      .last()
      .waitFor();
    expect(await ming.page.evaluate(() => Reflect.get(window, 'harmed') ?? 'nothing')).toBe('nothing');
  });
});

describe('a conversation of a hundred thousand messages', () => {
  const many = 100_000;

  beforeAll(async () => {
    await server.database.query(
      `insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at)
       select c.org_id, c.id, c.last_number + n, c.last_number + n, $2, 'Ming', gen_random_uuid(),
              case when n % 7 = 0 then repeat('A longer message that takes several lines. ', 6) || n else 'Message ' || n end,
              now() - (${many} - n) * interval '1 minute'
       from conversations c, generate_series(1, ${many}) n where c.id = $1`,
      [group, accounts.ming.person.id],
    );
    await server.database.query(`update conversations set last_number = last_number + ${many} where id = $1`, [group]);
  });

  it('opens at the newest, and has few of them on the page', async () => {
    await olivia.page.goto(`${server.url}/chat`);
    await olivia.page.evaluate(() =>
      indexedDB.databases().then((all) => Promise.all(all.map(({ name }) => name && indexedDB.deleteDatabase(name)))),
    );
    await olivia.page.goto(`${server.url}/chat/${group}`);
    await olivia.page.getByRole('article').first().waitFor();
    const newest = olivia.button(/^(To the newest|\d+ new messages)$/);
    if (await newest.isVisible()) await newest.click();
    await sees(olivia.page, `Message ${many}`);
    expect(await olivia.page.getByRole('article').count()).toBeLessThan(120);
  });

  it('brings older ones while one scrolls up, and what is read stays where it is', async () => {
    const log = olivia.page.getByRole('log');
    const seenNumbers = async (): Promise<number[]> =>
      log.locator('article[data-number]').evaluateAll((all) => all.map((one) => Number(one.getAttribute('data-number'))));
    const lowest = async (): Promise<number> => Math.min(...(await seenNumbers()));
    const before = await lowest();
    await log.hover();
    await expect
      .poll(
        async () => {
          await olivia.page.mouse.wheel(0, -1_500);
          return lowest();
        },
        { timeout: patienceMs, interval: 200 },
      )
      .toBeLessThan(before - 200);
    expect(await olivia.page.getByRole('article').count()).toBeLessThan(120);
    // The wheel runs on for a while.
    let last = -1;
    await expect
      .poll(
        async () => {
          const before = last;
          last = await lowest();
          return last === before;
        },
        { timeout: patienceMs, interval: 1_000 },
      )
      .toBe(true);
    const shown = await seenNumbers();
    const middle = log.locator(`article[data-number="${shown[Math.floor(shown.length / 2)]}"]`);
    await middle.scrollIntoViewIfNeeded();
    const place = (await middle.boundingBox())?.y ?? 0;
    await olivia.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    expect(Math.abs(((await middle.boundingBox())?.y ?? 0) - place)).toBeLessThan(2);
  });

  it('goes to a day, to an address, and back to the newest', async () => {
    await olivia.page.goto(`${server.url}/chat/${group}/5000`);
    const found = olivia.page.locator('article[data-number="5000"]');
    await found.waitFor();
    await expect
      .poll(
        async () =>
          found.evaluate((one) => {
            const list = one.closest('[role="log"]');
            if (!list) return false;
            const here = one.getBoundingClientRect();
            const all = list.getBoundingClientRect();
            return here.top >= all.top && here.bottom <= all.bottom;
          }),
        { timeout: patienceMs },
      )
      .toBe(true);
    await olivia.button('To the newest').click();
    await sees(olivia.page, `Message ${many}`);
    await olivia.button('Go to a day').click();
    const day = new Date(Date.now() - 30 * 24 * 3_600_000);
    await olivia.page.getByRole('dialog').getByLabel('Day').fill(day.toISOString().slice(0, 10));
    await olivia.button('Go there').click();
    await olivia.page.waitForURL(new RegExp(`/chat/${group}/\\d+$`));
    await olivia.page.locator('article[data-number]').first().waitFor();
  });
});

describe('by keyboard', () => {
  it('goes to a conversation by a few letters, and from message to message by arrows', async () => {
    await olivia.page.goto(`${server.url}/`);
    await olivia.isHome();
    await expect
      .poll(
        async () => {
          await olivia.page.keyboard.press('Control+k');
          return olivia.page.getByRole('combobox').isVisible();
        },
        { timeout: patienceMs },
      )
      .toBe(true);
    await olivia.page.getByRole('combobox').fill('ming');
    // Enter takes what is there.
    await olivia.page.getByRole('option', { name: /Ming/ }).first().waitFor();
    await olivia.page.keyboard.press('Enter');
    await olivia.page.waitForURL(/\/chat\//);
    await sees(olivia.page, 'Good morning, Ming');
    await box(olivia.page).press('Shift+Tab');
    await olivia.page.locator('article[data-number]').last().focus();
    await olivia.page.keyboard.press('ArrowUp');
    expect(await olivia.page.evaluate(() => document.activeElement?.tagName)).toBe('ARTICLE');
  });
});

describe('signing out', () => {
  it('leaves nothing of anybody on the device', async () => {
    await olivia.page.goto(`${server.url}/settings`);
    await olivia.page.getByRole('main').getByRole('button', { name: 'Sign out', exact: true }).first().click();
    await olivia.page.waitForURL(/\/sign-in/);
    await expect
      .poll(() => olivia.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)), { timeout: patienceMs })
      .toEqual([]);
  });

  it('has shown no error on any page', () => {
    expect(
      [...olivia.visitor.problems, ...ming.visitor.problems].filter((problem) => !problem.includes('ERR_INTERNET_DISCONNECTED')),
    ).toEqual([]);
  });
});
