/** A passage of a recording is cut out, an end is trimmed, and both come back; what is missing is said on its page. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { keepRecording } from '../support/kept-recording.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { waitFor } from '../support/wait-for.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let owner: SignedIn;
let olivia: Person;
let ming: Person;
let id: string;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  owner = await server.setUpOwner('Olivia');
  const colleague = await server.invite(owner, 'Ming');
  ({ id } = await keepRecording(server, {
    by: owner,
    others: [colleague],
    title: 'Salaries',
    said: [
      { by: owner, atMs: 1_000, text: 'Let us begin.' },
      { by: colleague, atMs: 10_000, text: 'Forty thousand for Wai.' },
      { by: owner, atMs: 20_000, text: 'That was all.' },
    ],
    gaps: [{ of: 1, what: 'lost', from: 15_000, to: 18_000 }],
  }));
  await isReady(1);
  olivia = await Person.at(browser, 'Olivia');
  ming = await Person.at(browser, 'Ming');
  await olivia.signIn(server.url);
  await ming.signIn(server.url);
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

describe('what is missing', () => {
  it('is said on the page, with the way to the place by the keyboard', async () => {
    const { page } = ming;
    await page.goto(`${server.url}/archive/${id}`);
    const list = page.getByRole('region', { name: 'What is missing' });
    await list.getByText('No sound of Ming: it did not come through, the connection was weak.').waitFor();
    await list.getByRole('button', { name: 'Go to 0:15' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => at(page, 'now'), { timeout: patienceMs }).toBeGreaterThanOrEqual(15);
  });
});

describe('a passage', () => {
  it('is cut out by who manages the recording alone, who says from when to when, and why', async () => {
    expect(await ming.page.getByRole('button', { name: 'More', exact: true }).count()).toBe(0);
    const { page } = olivia;
    await page.goto(`${server.url}/archive/${id}`);
    await page.getByText('Forty thousand for Wai.').first().waitFor();
    const dialog = await edits(page);
    await dialog.getByLabel('From').fill('soon');
    await dialog.getByRole('button', { name: 'Redact', exact: true }).click();
    await dialog.getByText('Write a time').first().waitFor();
    await dialog.getByText('Write why.').waitFor();
    await dialog.getByLabel('From').fill('0:09');
    await dialog.getByLabel('Until').fill('0:08');
    await dialog.getByLabel('Reason').fill('Somebody’s pay');
    await dialog.getByRole('button', { name: 'Redact', exact: true }).click();
    await dialog.getByText('The end must come after the beginning.').waitFor();
    await dialog.getByLabel('Until').fill('0:14');
    await dialog.getByRole('button', { name: 'Redact', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('is gone from what people see and read, and the page says so', async () => {
    await isReady(2);
    for (const { page } of [olivia, ming]) {
      await page.goto(`${server.url}/archive/${id}`);
      await page.getByText('That was all.').first().waitFor();
      expect(await page.getByText('Forty thousand for Wai.').count()).toBe(0);
      await page.getByText('Cut out afterwards').first().waitFor();
    }
  });
});

describe('an end', () => {
  it('is trimmed: the line of time begins later and ends sooner', async () => {
    const { page } = olivia;
    const dialog = await edits(page);
    await dialog.getByRole('radio', { name: 'Keep only a part' }).check();
    await dialog.getByLabel('From').fill('0:02');
    await dialog.getByLabel('Until').fill('0:18');
    await dialog.getByLabel('Reason').fill('Small talk');
    await dialog.getByRole('button', { name: 'Trim', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await isReady(3);
    await page.goto(`${server.url}/archive/${id}`);
    await expect.poll(() => at(page, 'min'), { timeout: patienceMs }).toBe(2);
    await expect.poll(() => at(page, 'max'), { timeout: patienceMs }).toBe(18);
    expect(await page.getByText('That was all.').count()).toBe(0);
  });
});

describe('what was cut out', () => {
  it('comes back when it is undone, each with a reason', async () => {
    const { page } = olivia;
    await undo(page, 'Redact a passage', 'She has left the company');
    await isReady(4);
    await undo(page, 'Keep only a part', 'It was wanted');
    await isReady(5);
    await page.goto(`${server.url}/archive/${id}`);
    for (const text of ['Let us begin.', 'Forty thousand for Wai.', 'That was all.']) await page.getByText(text).first().waitFor();
    await expect.poll(() => at(page, 'min'), { timeout: patienceMs }).toBe(0);
    await expect.poll(() => at(page, 'max'), { timeout: patienceMs }).toBe(24);
    expect(await page.getByText('Cut out afterwards').count()).toBe(0);
  });

  it('stands in the list of what was done, and in the audit log, with the reasons', async () => {
    const dialog = await edits(olivia.page);
    await expect.poll(() => dialog.getByText('Undone', { exact: true }).count(), { timeout: patienceMs }).toBe(2);
    await dialog.getByText('Somebody’s pay').waitFor();
    expect(await dialog.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    const rows = await server.database.query<{ action: string; reason: string }>(
      `select action, detail->>'reason' as reason from audit_log where action in ('recording.edited', 'recording.edit-undone') order by number`,
    );
    expect(rows.map(({ action, reason }) => `${action}: ${reason}`)).toEqual([
      'recording.edited: Somebody’s pay',
      'recording.edited: Small talk',
      'recording.edit-undone: She has left the company',
      'recording.edit-undone: It was wanted',
    ]);
  });

  it('broke no rule of the page on the way', () => {
    expect([...olivia.visitor.problems, ...ming.visitor.problems]).toEqual([]);
  });
});

async function edits(page: Page) {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Trim or redact' }).click();
  const dialog = page.getByRole('dialog', { name: 'Trim or redact' });
  await dialog.waitFor();
  return dialog;
}

async function undo(page: Page, kind: string, reason: string): Promise<void> {
  await page.goto(`${server.url}/archive/${id}`);
  const dialog = await edits(page);
  const one = dialog.getByRole('listitem').filter({ hasText: kind });
  await one.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => one.getByRole('button', { name: 'Undo' }).isDisabled(), { timeout: patienceMs }).toBe(true);
  await one.getByLabel('Why it is undone').fill(reason);
  await one.getByRole('button', { name: 'Undo' }).click();
  await dialog.getByRole('listitem').filter({ hasText: 'Undone by Olivia' }).first().waitFor();
}

/** Where the line of time begins, ends, and is. */
async function at(page: Page, what: 'min' | 'max' | 'now'): Promise<number> {
  return Number(await page.getByRole('slider', { name: 'Where you are' }).getAttribute(`aria-value${what}`));
}

async function isReady(version: number): Promise<void> {
  await waitFor(
    async () => {
      const [row] = await server.database.query<{ state: string; version: number }>('select state, version from recordings where id = $1', [
        id,
      ]);
      return row?.state === 'ready' && row.version === version;
    },
    `version ${version} is ready`,
    { deadlineMs: patienceMs },
  );
}
