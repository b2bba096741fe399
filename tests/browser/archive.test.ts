/** The archive: a recording is found, watched, read, discussed, edited in words, reviewed, shared and deleted. */
import { readFile, stat } from 'node:fs/promises';
import type { Download, Page } from 'playwright-core';
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
let olivia: Person;
let ming: Person;
let owner: SignedIn;
let budget: { id: string; meetingId: string };
/** Without a watermark. */
let plain: { id: string };

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser(['--autoplay-policy=no-user-gesture-required']);
  owner = await server.setUpOwner('Olivia');
  const colleague = await server.invite(owner, 'Ming');
  budget = await keepRecording(server, {
    by: owner,
    others: [colleague],
    title: 'Budget and launch',
    policy: { watermark: true },
    said: [
      { by: owner, atMs: 500, text: 'Let us begin with the budget.' },
      { by: colleague, atMs: 6_000, text: 'I will send the revised budget to Olivia by next Friday.' },
      { by: owner, atMs: 12_000, text: 'We decided to move the launch to the first of March.' },
    ],
  });
  await keepRecording(server, { by: owner, title: 'A full disk', state: 'failed' });
  plain = await keepRecording(server, { by: owner, title: 'Plain', seconds: 12 });
  await isReady(plain.id);
  await isReady(budget.id);
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

describe('a recording', () => {
  it('stands in the archive, and is found by its title and its state', async () => {
    const { page } = olivia;
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Archive' }).click();
    await page.getByRole('link', { name: 'Budget and launch' }).waitFor();
    await page.getByRole('link', { name: 'A full disk' }).waitFor();
    await page.getByLabel('Search titles').fill('launch');
    await page.getByRole('link', { name: 'A full disk' }).waitFor({ state: 'detached' });
    await page.getByLabel('Search titles').fill('');
    await page.getByLabel('State').selectOption('failed');
    await page.getByRole('link', { name: 'Budget and launch' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('state')).toBe('failed');
    await page.getByRole('link', { name: 'A full disk' }).click();
    await page.getByText('What was captured is safe.').waitFor();
    await page.getByText('No space left on device').waitFor();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
  });

  it('is played with the name of who watches over it', async () => {
    const { page } = olivia;
    await page.goto(`${server.url}/archive/${budget.id}`);
    await page.getByText('Let us begin with the budget.').first().waitFor();
    await page.getByRole('button', { name: 'Play' }).first().click();
    await plays(page);
    await page.getByText('olivia@harbour.example').first().waitFor();
    const [viewing] = await server.database.query<{ name: string }>('select name from recording_viewings where recording_id = $1', [
      budget.id,
    ]);
    expect(viewing?.name).toBe('Olivia');
  });

  it('obeys the keys of players', async () => {
    const { page } = olivia;
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('k');
    await expect.poll(() => isPaused(page), { timeout: patienceMs }).toBe(true);
    const slider = page.getByRole('slider', { name: 'Where you are' });
    const at = async () => Number(await slider.getAttribute('aria-valuenow'));
    await slider.focus();
    await page.keyboard.press('Home');
    await expect.poll(at, { timeout: patienceMs }).toBe(0);
    await page.getByRole('button', { name: 'Share' }).focus();
    await page.keyboard.press('l');
    await expect.poll(at, { timeout: patienceMs }).toBe(10);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(at, { timeout: patienceMs }).toBe(5);
    await page.keyboard.press('m');
    await expect.poll(() => page.evaluate(() => document.querySelector('video')?.muted), { timeout: patienceMs }).toBe(true);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('goes to the moment of a line, and shows which line is being said', async () => {
    const { page } = olivia;
    const last = page.getByRole('button', { name: 'We decided to move the launch to the first of March.' });
    await last.click();
    await expect
      .poll(() => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0), { timeout: patienceMs })
      .toBeGreaterThan(11.9);
    await expect.poll(() => last.getAttribute('aria-current'), { timeout: patienceMs }).toBe('true');
    await page.getByLabel('Search in the transcript').fill('budget');
    await page.getByText('1 of 2').waitFor();
    await page.getByRole('button', { name: 'Next place' }).click();
    await page.getByText('2 of 2').waitFor();
    await page.getByLabel('Search in the transcript').fill('');
  });

  it('has its words put right by who manages it, and by nobody else', async () => {
    const { page } = olivia;
    await page.getByRole('button', { name: 'Correct this line' }).first().click();
    await page.getByRole('textbox', { name: 'Correct this line' }).fill('Let us begin with the budget for March.');
    await page.keyboard.press('Enter');
    await page.getByText('Let us begin with the budget for March.').first().waitFor();
    await ming.page.goto(`${server.url}/archive/${budget.id}`);
    await ming.page.getByText('Let us begin with the budget for March.').first().waitFor();
    expect(await ming.page.getByRole('button', { name: 'Correct this line' }).count()).toBe(0);
    expect(await ming.page.getByRole('button', { name: 'Share' }).count()).toBe(0);
  });

  it('is spoken about at a moment', async () => {
    await ming.page.getByRole('tab', { name: /^Comments/ }).click();
    await ming.page.getByRole('button', { name: 'Comment at 0:00' }).click();
    await ming.page.getByRole('textbox', { name: 'Comment at 0:00' }).fill('Is this what we told the bank?');
    await ming.button('Send').click();
    await ming.page.getByText('Is this what we told the bank?').first().waitFor();
    const { page } = olivia;
    await page.goto(`${server.url}/archive/${budget.id}?tab=comments`);
    await page.getByText('Is this what we told the bank?').first().waitFor();
    await page.getByRole('button', { name: 'Reply' }).click();
    await page.getByRole('textbox', { name: 'Your reply' }).fill('Yes, word by word.');
    await olivia.button('Send').click();
    await page.getByText('Yes, word by word.').waitFor();
  });

  it('has a summary of a machine, which a person makes his own', async () => {
    const { page } = olivia;
    await page.getByRole('tab', { name: 'Summary' }).click();
    await page.getByText('Not reviewed by a person').waitFor();
    const item = page.getByRole('listitem').filter({ hasText: 'revised budget' }).filter({ hasText: 'Proposed' });
    await item.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('listitem').filter({ hasText: 'revised budget' }).filter({ hasText: 'Confirmed' }).waitFor();
    await olivia.button('Edit').click();
    await page.getByRole('group', { name: 'Decisions' }).getByRole('button', { name: 'Add a sentence' }).click();
    await page.getByRole('group', { name: 'Decisions' }).getByRole('textbox').last().fill('The bank is told on Monday.');
    await olivia.button('Save as reviewed').click();
    await page.getByText('Reviewed by Olivia').waitFor();
    await page.getByText('The bank is told on Monday.').waitFor();
  });

  it('is given out as evidence', async () => {
    const { page } = olivia;
    await page.getByRole('tab', { name: 'Details' }).click();
    await page.getByText('agreed').first().waitFor();
    const [zip] = await Promise.all([page.waitForEvent('download'), olivia.button('Download as ZIP').click()]);
    await isSavedByTheBrowser(zip, `causeway-recording-${budget.id}-v1.zip`);
    const bytes = await readFile(await zip.path());
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
    await page.getByText('Your browser saves it.').waitFor();
  });

  it('is saved by the browser, film and sound, each with one row in the audit log', async () => {
    const { page } = olivia;
    await page.goto(`${server.url}/archive/${plain.id}`);
    await olivia.button('Download').click();
    const dialog = page.getByRole('dialog', { name: 'Download' });
    for (const [button, file] of [
      [/^Film \(/, 'meeting.mp4'],
      [/^Sound only \(/, 'audio.m4a'],
    ] as const) {
      const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: button }).click()]);
      await isSavedByTheBrowser(download, expect.stringMatching(new RegExp(`^Plain \\d{4}-\\d\\d-\\d\\d\\.${file.slice(-3)}$`)));
      const { size } = await stat(await download.path());
      const rows = await server.database.query<{ detail: { bytes: number } }>(
        `select detail from audit_log where action = 'recording.downloaded' and subject->>'recording' = $1 and detail->>'file' = $2`,
        [plain.id, file],
      );
      expect(rows.map(({ detail }) => detail.bytes)).toEqual([size]);
    }
    await dialog.getByText('Your browser saves it.').waitFor();
    await page.goto(`${server.url}/archive/${budget.id}`);
  });

  it('is reviewed, and the outcome is a report', async () => {
    const { page } = olivia;
    await page.getByRole('tab', { name: 'Review' }).click();
    await olivia.button('Have it reviewed').click();
    await page.getByRole('dialog').getByLabel('Reviewer').selectOption({ label: 'Ming' });
    await page.getByRole('dialog').getByRole('button', { name: 'Have it reviewed' }).click();
    await page.getByText('Under way').waitFor();
    await ming.page.goto(`${server.url}/archive/${budget.id}?tab=review`);
    await ming.button('Mark a passage').click();
    await ming.page.getByRole('dialog').getByLabel('Label').fill('Promise');
    await ming.button('Save').click();
    await ming.page.getByText('Promise').waitFor();
    await ming.button('Finish the review').click();
    await ming.page.getByRole('dialog').getByRole('radio', { name: 'Flagged' }).check();
    await ming.page.getByRole('dialog').getByRole('button', { name: 'Finish the review' }).click();
    const [report] = await Promise.all([ming.page.waitForEvent('download'), ming.button('Report (PDF)').click()]);
    expect((await readFile(await report.path())).subarray(0, 4).toString()).toBe('%PDF');
  });

  it('stands on the page of its meeting', async () => {
    const { page } = ming;
    await page.goto(`${server.url}/meetings/${budget.meetingId}`);
    await page.getByRole('link', { name: 'Budget and launch' }).waitFor();
    await page.getByText('Reviewed by Olivia').waitFor();
    await page.getByRole('link', { name: 'Open', exact: true }).click();
    await page.waitForURL(new RegExp(`/archive/${budget.id}`));
  });
});

describe('a link', () => {
  it('lets a visitor watch with its password, and nothing more', async () => {
    const { page } = olivia;
    await page.goto(`${server.url}/archive/${budget.id}`);
    await olivia.button('Share').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: 'A link' }).check();
    await dialog.getByLabel('For whom it is').fill('The auditors');
    await dialog.getByLabel('Password (optional)').fill('harbour-view');
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const link = await dialog.getByLabel('Link', { exact: true }).inputValue();
    const visitor = await Person.at(browser, 'Auditor');
    await visitor.page.goto(link);
    await visitor.page.getByLabel('Your name').fill('Au');
    await visitor.button('Watch').click();
    await visitor.page.getByLabel('Password', { exact: true }).fill('wrong-password');
    await visitor.button('Watch').click();
    await visitor.page.getByText('The password of this link is not right.').waitFor();
    await visitor.page.getByLabel('Password', { exact: true }).fill('harbour-view');
    await visitor.button('Watch').click();
    await visitor.page.getByRole('heading', { name: 'Budget and launch' }).waitFor();
    await visitor.page.getByText('This link is for watching only.').waitFor();
    await visitor.page.getByRole('button', { name: 'Play' }).first().click();
    await plays(visitor.page);
    await visitor.page.getByText('Let us begin with the budget for March.').first().waitFor();
    expect(visitor.visitor.problems).toEqual([]);
    await visitor.visitor.close();
  });
});

describe('who is in a recording', () => {
  it('finds it, withdraws, and is told what happens', async () => {
    const { page } = ming;
    await page.goto(`${server.url}/archive?view=me`);
    await page.getByRole('button', { name: 'Withdraw from Budget and launch' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('put together anew without you').waitFor();
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('What was recorded of you is being removed').waitFor();
    await page.getByText('You withdrew, and it was removed').waitFor();
  });
});

describe('a recording that nobody needs', () => {
  it('is deleted for good', async () => {
    const { page } = olivia;
    await page.goto(`${server.url}/archive?state=failed`);
    await page.getByRole('link', { name: 'A full disk' }).click();
    await olivia.button('More').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click();
    await page.waitForURL(/\/archive$/);
    await page.getByRole('link', { name: 'Budget and launch' }).waitFor();
    expect(await page.getByRole('link', { name: 'A full disk' }).count()).toBe(0);
  });

  it('broke no rule of the page on the way', () => {
    expect([...olivia.visitor.problems, ...ming.visitor.problems]).toEqual([]);
  });
});

async function isReady(id: string): Promise<void> {
  await waitFor(
    async () => {
      const [row] = await server.database.query<{ state: string }>('select state from recordings where id = $1', [id]);
      return row?.state === 'ready';
    },
    'the recording is ready',
    { deadlineMs: patienceMs },
  );
}

/** From the server to the disk; the page had nothing of it in its hands. */
async function isSavedByTheBrowser(download: Download, name: string): Promise<void> {
  expect(await download.failure()).toBeNull();
  expect(new URL(download.url()).pathname).toMatch(/^\/api\/recording-downloads\/[\da-f-]{36}$/);
  expect(download.suggestedFilename()).toEqual(name);
}

/** Waits until pictures come. */
async function plays(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0.5, null, { timeout: patienceMs });
}

function isPaused(page: Page): Promise<boolean> {
  return page.evaluate(() => document.querySelector('video')?.paused ?? true);
}
