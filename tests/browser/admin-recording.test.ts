/** Those who govern, on the pages of recording and captions. */
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let olivia: Person;

beforeAll(async () => {
  server = await startTestServer({ CAPTIONS_FOLDER: path.join(tmpdir(), 'causeway-no-speech') });
  browser = await openBrowser();
  await server.setUpOwner('Olivia');
  olivia = await Person.at(browser, 'Olivia');
  await olivia.signIn(server.url);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

const webinars = (): Locator => olivia.page.getByRole('form', { name: 'Webinars' });
const open = (address: string) => olivia.page.goto(`${server.url}${address}`);
const dialog = (): Locator => olivia.page.getByRole('dialog');

describe('the page of recording', () => {
  it('shows what people will read, in their languages, before it is saved', async () => {
    await open('/admin/recording');
    await webinars().getByText('What people read').click();
    await webinars().getByText('This webinar is to be recorded').waitFor();
    await webinars().getByRole('radio', { name: 'Inform everyone' }).check();
    await webinars().getByLabel('Days', { exact: true }).fill('14');
    await webinars().getByLabel('Whom to ask for access and correction').fill('Privacy officer, 2345 6789');
    await webinars().getByText('It is deleted after 14 days').waitFor();
    await webinars().getByRole('tab', { name: '繁體中文' }).click();
    await webinars().getByText('本網絡研討會現正錄影').waitFor();
    await webinars().getByText('Privacy officer, 2345 6789').waitFor();
    await webinars().getByRole('radio', { name: 'Transcript only' }).check();
    await webinars().getByText('本網絡研討會的發言現正以文字記錄').waitFor();
  });

  it('refuses days that are none, at the field', async () => {
    await webinars().getByLabel('Days', { exact: true }).fill('0');
    await webinars().getByRole('button', { name: 'Save' }).click();
    await webinars().getByText('Enter whole days, from 1 to 36500.').waitFor();
  });

  it('keeps what was set, for one kind of meeting alone', async () => {
    await webinars().getByLabel('Days', { exact: true }).fill('14');
    await webinars().getByRole('switch', { name: 'May be downloaded' }).press('Space');
    await webinars().getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => server.database.query('select meeting_kind, consent, keep_days, download, contact from recording_policies'), {
        timeout: patienceMs,
      })
      .toEqual([{ meeting_kind: 'webinar', consent: 'inform', keep_days: 14, download: false, contact: 'Privacy officer, 2345 6789' }]);
    await olivia.page.reload();
    await webinars()
      .getByText(/^Changed/)
      .or(olivia.page.getByText(/^Changed/))
      .first()
      .waitFor();
    expect(await webinars().getByRole('radio', { name: 'Inform everyone' }).isChecked()).toBe(true);
    expect(await olivia.page.getByRole('form', { name: 'Meetings' }).getByRole('radio', { name: 'Ask everyone' }).isChecked()).toBe(true);
  });

  it('asks for nothing more where nothing is recorded', async () => {
    await webinars().getByRole('radio', { name: 'No recording' }).check();
    await webinars().getByLabel('Days', { exact: true }).waitFor({ state: 'detached' });
    await webinars().getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => server.database.query('select consent, keep_days from recording_policies'), { timeout: patienceMs })
      .toEqual([{ consent: 'forbidden', keep_days: 14 }]);
  });
});

describe('the storage of recordings', () => {
  const card = (title: string): Locator =>
    olivia.page.locator('section').filter({ has: olivia.page.getByRole('heading', { name: title, exact: true }) });

  it.each([
    { title: 'Storage', own: 'Our own', field: 'Gigabytes', wrong: '0', sentence: 'Write a whole number of gigabytes, 1 or more.' },
    { title: 'Originals of what was cut out', own: 'So many days', field: 'Days', wrong: 'a', sentence: 'Write a number of days.' },
  ])('has a number of its own under $title, and refuses what is none at the field', async ({ title, own, field, wrong, sentence }) => {
    await open('/admin/recording');
    await card(title).getByRole('radio', { name: own }).check();
    await card(title).getByLabel(field, { exact: true }).fill(wrong);
    await card(title).getByRole('button', { name: 'Save' }).click();
    await card(title).getByText(sentence).waitFor();
    await card(title).getByLabel(field, { exact: true }).fill('7');
    await card(title).getByRole('button', { name: 'Save' }).click();
    await olivia.page.getByText('Saved').first().waitFor();
    await olivia.page.reload();
    await expect.poll(() => card(title).getByLabel(field, { exact: true }).inputValue(), { timeout: patienceMs }).toBe('7');
  });

  it('says at the field what only the server refuses', async () => {
    const originals = card('Originals of what was cut out');
    await originals.getByLabel('Days', { exact: true }).fill('99999');
    await originals.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => originals.getByLabel('Days', { exact: true }).getAttribute('aria-invalid'), { timeout: patienceMs })
      .toBe('true');
  });

  it('goes back to what holds without it', async () => {
    await card('Storage').getByRole('radio', { name: 'That of the server' }).check();
    await card('Storage').getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => server.database.query('select quota_bytes, originals_days from recording_archives'), { timeout: patienceMs })
      .toEqual([{ quota_bytes: null, originals_days: 7 }]);
  });
});

describe('the page of captions', () => {
  it('says that the server has no engine, and keeps settings for when it has', async () => {
    await open('/admin/captions');
    await olivia.page.getByText('This server has no engine for captions yet.').waitFor();
    await olivia.page.getByRole('radio', { name: 'Simplified' }).check();
    await olivia.page.getByRole('switch', { name: 'Mask swear words' }).press('Space');
    await olivia.page.getByText('Saved').first().waitFor();
    await olivia.page.reload();
    await expect
      .poll(() => olivia.page.getByRole('switch', { name: 'Mask swear words' }).getAttribute('aria-checked'), { timeout: patienceMs })
      .toBe('true');
    expect(await olivia.page.getByRole('radio', { name: 'Simplified' }).isChecked()).toBe(true);
  });

  it('keeps names that engines get wrong, each once', async () => {
    for (const [term, heard] of [
      ['Kwun Tong', 'coon tong\nquantum'],
      ['陳大文', ''],
    ] as const) {
      await olivia.button('Add a term').click();
      await dialog().getByLabel('As it is written').fill(term);
      await dialog().getByLabel('What is heard instead').fill(heard);
      await dialog().getByRole('button', { name: 'Save' }).click();
      await dialog().waitFor({ state: 'detached' });
    }
    await olivia.page.getByText('Heard as coon tong, quantum').waitFor();
    await olivia.button('Add a term').click();
    await dialog().getByLabel('As it is written').fill(' 陳大文 ');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().getByText('This term is in the list already.').waitFor();
    await olivia.page.keyboard.press('Escape');
    await olivia.button('Actions for Kwun Tong').click();
    await olivia.page.getByRole('menuitem', { name: 'Delete' }).click();
    await olivia.page.getByText('Heard as').waitFor({ state: 'detached' });
    await olivia.page.reload();
    await olivia.page.getByText('陳大文', { exact: true }).waitFor();
    expect(await olivia.page.getByText('Kwun Tong').count()).toBe(0);
  });

  it('gave the page no reason to complain', () => {
    expect(olivia.visitor.problems).toEqual([]);
  });
});
