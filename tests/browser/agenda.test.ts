/** The agenda in real pages: planned with the meeting, written by a host during it, followed by somebody who comes late. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agendaSchema } from '../../src/signaling/schema.js';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { oneStory } from './one-story.js';
import { Person } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let owner: SignedIn;
let olivia: Person;
let ming: Person;
let link: string;
let meetingId: string;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  owner = await server.setUpOwner('Olivia');
  await server.invite(owner, 'Ming');
  // A phone: everything is to be had there, too.
  [olivia, ming] = await Promise.all([
    Person.at(browser, 'Olivia'),
    Person.at(browser, 'Ming', { viewport: { width: 360, height: 740 }, hasTouch: true }),
  ]);
  await olivia.signIn(server.url);
  await ming.signIn(server.url);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

const panel = (person: Person) => person.page.getByRole('complementary', { name: 'Agenda' });
const openPanel = async (person: Person): Promise<void> => {
  await person.button('More').click();
  await person.page.getByRole('menuitem', { name: 'Agenda' }).click();
  await panel(person).waitFor();
};
const line = (person: Person, title: string) => person.button(new RegExp(`^Agenda: ${title}, `));
const shown = (person: Person) => panel(person).getByRole('list', { name: 'Items' }).getByRole('listitem');

describe('the agenda of a meeting', () => {
  it('is written with the meeting, by keyboard alone', async () => {
    await olivia.page.goto(server.url);
    await olivia.button('Schedule').first().click();
    const dialog = olivia.page.getByRole('dialog');
    await dialog.getByLabel('Title').fill('Weekly planning');
    await dialog.getByLabel('Waiting room').selectOption('Off');
    await dialog.getByRole('button', { name: 'Add an item' }).focus();
    const { keyboard } = olivia.page;
    await keyboard.press('Enter');
    await keyboard.type('Budget');
    await keyboard.press('Enter');
    await keyboard.type('Minutes of last time');
    await keyboard.press('Alt+ArrowUp');
    await dialog.getByText('Minutes of last time is now number 1 of 2.').waitFor();
    await keyboard.press('Tab');
    await keyboard.type('5');
    expect(await dialog.getByLabel('Item 1', { exact: true }).inputValue()).toBe('Minutes of last time');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await olivia.page.getByRole('heading', { name: 'Agenda' }).waitFor();
    await olivia.page.getByRole('listitem').filter({ hasText: 'Minutes of last time' }).getByText('5 min').waitFor();
    link = `${server.url}${await olivia.page.getByRole('link', { name: 'Join' }).getAttribute('href')}`;
    meetingId = new URL(olivia.page.url()).pathname.split('/').at(-1) ?? '';
  });

  it('is gone through by the host: what is talked about stands above the stage', async () => {
    await olivia.openMeeting(link);
    await olivia.clickJoin();
    await olivia.isIn();
    await openPanel(olivia);
    await panel(olivia).getByRole('button', { name: 'Begin with Minutes of last time' }).click();
    await line(olivia, 'Minutes of last time').waitFor();
    await panel(olivia).getByRole('button', { name: 'Next: Budget' }).click();
    await line(olivia, 'Budget').waitFor();
    await shown(olivia).filter({ hasText: 'Minutes of last time' }).getByText('talked about').waitFor();
  });

  it('is seen by who comes late, who can change nothing of it', async () => {
    await ming.openMeeting(link);
    await ming.clickJoin();
    await ming.isIn();
    await line(ming, 'Budget').click();
    await shown(ming).filter({ hasText: 'Budget' }).getByText('Now').waitFor();
    expect(
      await panel(ming)
        .getByRole('button', { name: /Edit|Next|[Tt]alk|Finish/ })
        .count(),
    ).toBe(0);
    const width = await ming.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(360);
  });

  it('is changed while it goes on, and seen at once', async () => {
    await panel(olivia).getByRole('button', { name: 'Edit' }).click();
    await panel(olivia).getByLabel('Item 2', { exact: true }).press('Enter');
    await olivia.page.keyboard.type('Any other business');
    await panel(olivia).getByRole('button', { name: 'Save' }).click();
    await shown(ming).filter({ hasText: 'Any other business' }).waitFor();
    await shown(ming).filter({ hasText: 'Budget' }).getByText('Now').waitFor();
  });

  it('keeps what one writes when another host was faster, and asks', async () => {
    await panel(olivia).getByRole('button', { name: 'Edit' }).click();
    await panel(olivia).getByLabel('Item 3', { exact: true }).fill('Party');
    const path = `/api/meetings/${meetingId}/agenda`;
    const now = await server.get(agendaSchema, 'GET', path, undefined, owner.accessToken);
    const items = now.items.map(({ id, title, minutes }) => ({ id, title: title === 'Budget' ? 'Budget 2027' : title, minutes }));
    expect((await server.api('PUT', path, { revision: now.revision, items }, owner.accessToken)).status).toBe(200);
    await panel(olivia).getByText('Somebody else has changed the agenda meanwhile').waitFor();
    expect(await panel(olivia).getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    // Closed and opened again it is still there.
    await panel(olivia).getByRole('button', { name: 'Close the agenda' }).click();
    await openPanel(olivia);
    expect(await panel(olivia).getByLabel('Item 3', { exact: true }).inputValue()).toBe('Party');
    await panel(olivia).getByRole('button', { name: 'Take theirs' }).click();
    expect(await panel(olivia).getByLabel('Item 2', { exact: true }).inputValue()).toBe('Budget 2027');
    await panel(olivia).getByRole('button', { name: 'Cancel' }).click();
    await line(ming, 'Budget 2027').waitFor({ state: 'attached' });
  });

  it('is over when the host says so', async () => {
    await panel(olivia).getByRole('button', { name: 'Next: Any other business' }).click();
    await line(ming, 'Any other business').waitFor({ state: 'attached' });
    await panel(olivia).getByRole('button', { name: 'Finish' }).click();
    await line(olivia, 'Any other business').waitFor({ state: 'detached' });
    await line(ming, 'Any other business').waitFor({ state: 'detached' });
    expect([...olivia.visitor.problems, ...ming.visitor.problems]).toEqual([]);
  });
});
