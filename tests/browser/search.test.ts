/** The one search of the page: names, messages in Chinese and English, filters, the keyboard. */
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { makeConversation } from '../support/chat.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let olivia: Person;
let member: SignedIn;
let group: string;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  const owner = await server.setUpOwner('Olivia');
  member = await server.invite(owner, 'Ming');
  await server.invite(owner, 'Pui');
  group = (await makeConversation(server, owner, [member], { title: 'Finance' })).id;
  await send('请看明年的预算表');
  await send('<img src=x onerror="globalThis.harmed=true"> budget');
  for (let count = 1; count <= 60; count += 1) await send(`Line ${count}`);
  olivia = await Person.at(browser, 'Olivia');
  await olivia.signIn(server.url);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

async function send(body: string): Promise<void> {
  const answer = await server.api('POST', `/api/conversations/${group}/messages`, { body }, member.accessToken);
  if (answer.status !== 200) throw new Error(`The message was refused: ${JSON.stringify(answer.body)}`);
}

const dialog = (): Locator => olivia.page.getByRole('dialog', { name: 'Search' });
const field = (): Locator => dialog().getByRole('combobox', { name: /^Search/ });
const option = (words: string | RegExp): Locator => dialog().getByRole('option').filter({ hasText: words });

describe('search', () => {
  it('opens by keyboard and by button, and finds conversations and people by name', async () => {
    await olivia.page.keyboard.press('Control+k');
    await field().fill('pui');
    await option('Pui').waitFor();
    await olivia.page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await olivia.button('Search').click();
    await field().fill('fin');
    await option('Finance').waitFor();
    await field().press('Enter');
    await olivia.page.waitForURL(`${server.url}/chat/${group}`);
  });

  it('finds 预算 by 預算, marks it, and jumps to the message far above', async () => {
    await olivia.page.goto(`${server.url}/people`);
    await olivia.isHome();
    await olivia.button('Search').click();
    await field().fill('預算');
    await option('请看明年的预算表').waitFor();
    expect(await option('请看明年的预算表').locator('mark').textContent()).toBe('预算');
    await field().press('Enter');
    await olivia.page.waitForURL(new RegExp(`/chat/${group}/\\d+$`));
    await olivia.page.getByRole('article').filter({ hasText: '请看明年的预算表' }).waitFor();
  });

  it('shows text as text', async () => {
    await olivia.button('Search').click();
    await field().fill('budget');
    await option('<img src=x').waitFor();
    expect(await olivia.page.evaluate(() => 'harmed' in globalThis)).toBe(false);
  });

  it('goes through what was found by arrows', async () => {
    await field().fill('line');
    await option('Line 60').waitFor();
    const chosen = () => dialog().getByRole('option', { selected: true }).textContent();
    expect(await chosen()).toContain('Line 60');
    await field().press('ArrowDown');
    expect(await chosen()).toContain('Line 59');
    await field().press('ArrowUp');
    await field().press('ArrowUp');
    await expect.poll(chosen, { timeout: patienceMs }).not.toContain('Line 60');
    await dialog().getByRole('button', { name: 'Show older messages' }).click();
    await option(/Line 3\d/)
      .first()
      .waitFor();
  });

  it('filters by person, conversation and files, and says when there is nothing', async () => {
    await dialog().getByRole('button', { name: 'Filters' }).click();
    await dialog().getByLabel('From', { exact: true }).selectOption({ label: 'Ming' });
    await dialog().getByLabel('In', { exact: true }).selectOption(group);
    await option('Line 60').waitFor();
    await dialog().getByRole('switch', { name: 'With a file' }).click();
    await dialog().getByText('Nothing was found.').waitFor();
    await dialog().getByRole('button', { name: 'Clear the filters' }).click();
    await option('Line 60').waitFor();
  });

  it('says that the server is away, and finds when it is back', async () => {
    await olivia.visitor.context.route('**/api/search/**', (route) => route.abort());
    await field().fill('line 12');
    await dialog().getByText("The server can't be reached.").waitFor();
    await olivia.visitor.context.unroute('**/api/search/**');
    await dialog().getByRole('button', { name: 'Try again' }).click();
    await option('Line 12').waitFor();
    // The refused calls are on the console, and nothing else.
    expect(olivia.visitor.problems.filter((problem) => !problem.includes('ERR_FAILED'))).toEqual([]);
  });
});
