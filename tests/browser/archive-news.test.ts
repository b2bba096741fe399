/** People learn what the archive has for them: the line that leads to a recording, the marks until it is opened. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { reviewSchema, shareMadeSchema } from '../../src/recording/archive/schema.js';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { keepRecording } from '../support/kept-recording.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { waitFor } from '../support/wait-for.js';
import { oneStory } from './one-story.js';
import { Person } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let owner: SignedIn;
let colleague: SignedIn;
let olivia: Person;
let ming: Person;
let budget: { id: string; meetingId: string };

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  owner = await server.setUpOwner('Olivia');
  colleague = await server.invite(owner, 'Ming');
  budget = await keepRecording(server, {
    by: owner,
    title: 'Budget and launch',
    kind: 'transcript',
    said: [{ by: owner, atMs: 500, text: 'Let us begin with the budget.' }],
  });
  // As if she had been in the meeting.
  await server.database.query(
    `insert into conversation_members (org_id, conversation_id, person_id, role, joined_at)
     select org_id, conversation_id, started_by, 'member', started_at from recordings where id = $1`,
    [budget.id],
  );
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

const shareWith = (kind: 'person' | 'conversation', targetId: string) =>
  server.get(shareMadeSchema, 'POST', `/api/recordings/${budget.id}/shares`, { kind, targetId }, owner.accessToken);
const archiveLink = (person: Person) => person.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Archive/ });
const hasNews = (person: Person) => archiveLink(person).getByText('1 thing is new for you').waitFor();

describe('the line that a recording is ready', () => {
  it('leads to the recording', async () => {
    const [place] = await server.database.query<{ id: string }>('select conversation_id as id from recordings where id = $1', [budget.id]);
    await waitFor(
      async () => (await server.database.query(`select 1 from recordings where id = $1 and state = 'ready'`, [budget.id])).length > 0,
      'the recording is ready',
      { deadlineMs: 120_000 },
    );
    const { page } = olivia;
    await page.goto(`${server.url}/chat/${place?.id}`);
    await page.getByText('The transcript is ready').waitFor();
    await page.getByRole('link', { name: 'Open the transcript' }).click();
    await page.waitForURL(new RegExp(`/archive/${budget.id}`));
    await page.getByRole('heading', { level: 1, name: 'Budget and launch' }).waitFor();
  });
});

describe('somebody with whom a recording is shared', () => {
  it('sees at once that there is something in the archive, and no more once he has opened it', async () => {
    const { page } = ming;
    await archiveLink(ming).waitFor();
    // The socket is there: chat shows what it has.
    await page.getByRole('link', { name: /^Chat/ }).click();
    await page
      .getByText('Weekly')
      .or(page.getByRole('button', { name: /New/ }))
      .first()
      .waitFor();
    await shareWith('person', colleague.person.id);
    await hasNews(ming);
    await archiveLink(ming).click();
    const card = page
      .getByRole('region', { name: 'New for you' })
      .or(page.locator('section').filter({ hasText: 'New for you' }))
      .first();
    await card.getByText(/Olivia shared it with you/).waitFor();
    await page.getByText('New: Shared with you').waitFor();
    await page.getByLabel('Whose').selectOption('new');
    await page.getByRole('list').getByRole('link', { name: 'Budget and launch' }).last().waitFor();
    await card.getByRole('link', { name: 'Budget and launch' }).click();
    await page.getByRole('heading', { level: 1, name: 'Budget and launch' }).waitFor();
    await archiveLink(ming).getByText('1 thing is new for you').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'All recordings' }).click();
    await page.getByRole('link', { name: 'Budget and launch' }).waitFor();
    await page.getByText('New: Shared with you').waitFor({ state: 'detached' });
    expect(await page.getByText('New for you').count()).toBe(0);
  });

  it('sees it in the conversation with whose members it is shared', async () => {
    const body = { kind: 'group', title: 'Board', memberIds: [colleague.person.id] };
    const { id } = await server.get(z.object({ id: z.uuid() }), 'POST', '/api/conversations', body, owner.accessToken);
    await shareWith('conversation', id);
    const { page } = ming;
    await page.goto(`${server.url}/chat/${id}`);
    await page.getByText('Olivia shared a transcript with everybody here').waitFor();
    await hasNews(ming);
    await page.getByRole('link', { name: 'Open the transcript' }).click();
    await page.getByRole('heading', { level: 1, name: 'Budget and launch' }).waitFor();
    await archiveLink(ming).getByText('1 thing is new for you').waitFor({ state: 'detached' });
  });
});

describe('a reviewer', () => {
  it('finds what waits for him until he is through, and can put the news away unopened', async () => {
    const { page } = ming;
    await page.goto(`${server.url}/archive`);
    await page.getByRole('link', { name: 'Budget and launch' }).waitFor();
    const review = { reviewerId: colleague.person.id };
    await server.get(reviewSchema, 'POST', `/api/recordings/${budget.id}/reviews`, review, owner.accessToken);
    await page.getByText('Olivia asks you to review it').waitFor();
    await page.getByText('New: For your review').waitFor();
    await page.getByRole('button', { name: 'Mark as read: Budget and launch' }).click();
    await page.getByText('Olivia asks you to review it').waitFor({ state: 'detached' });
    await page.getByText('For your review', { exact: true }).waitFor();
    await page.getByLabel('Whose').selectOption('review');
    await page.getByRole('link', { name: 'Budget and launch' }).waitFor();
  });

  it('on a phone has the number at what leads there', async () => {
    await olivia.page.setViewportSize({ width: 360, height: 740 });
    const { id } = await keepRecording(server, { by: colleague, title: 'Notes of Ming', kind: 'transcript', state: 'failed' });
    const body = { kind: 'person', targetId: owner.person.id };
    await server.get(shareMadeSchema, 'POST', `/api/recordings/${id}/shares`, body, colleague.accessToken);
    const { page } = olivia;
    await page.getByRole('button', { name: /^More/ }).getByText('1 thing is new for you').waitFor();
    await page.getByRole('button', { name: /1 thing is new for you/ }).click();
    await page.getByRole('menuitem', { name: /^Archive/ }).click();
    await page.getByText('Ming shared it with you').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
