/** The main job, in three real pages: an owner, a colleague who was invited, and a guest by the link. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { waitFor } from '../support/wait-for.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let olivia: Person;
let ming: Person;
let pui: Person;
let link: string;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  [olivia, ming, pui] = await Promise.all([Person.at(browser, 'Olivia'), Person.at(browser, 'Ming'), Person.at(browser, 'Pui')]);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

const everybody = () => [olivia, ming, pui];
const others = (one: Person) => everybody().filter((other) => other !== one);

async function allSeeAndHearEachOther(): Promise<void> {
  await Promise.all(everybody().map((one) => one.seesAndHears(...others(one).map(({ name }) => name))));
}

describe('three people in a meeting', () => {
  it('sets the server up through the printed link', async () => {
    await olivia.setUp(`${server.url}${server.server.setupPath}`);
  });

  it('makes an account by an invitation', async () => {
    const invitation = await olivia.invites('ming@harbour.example');
    await ming.acceptsInvitation(invitation);
  });

  it('starts a meeting from home', async () => {
    await olivia.page.goto(server.url);
    link = await olivia.startsMeeting();
    expect(link).toMatch(/\/m\/[\w-]+$/);
    await olivia.clickJoin();
    await olivia.isIn();
  });

  it('lets a colleague in by the link', async () => {
    await ming.openMeeting(link);
    await ming.clickJoin();
    await ming.isIn();
    await olivia.tile('Ming').waitFor();
  });

  it('lets a guest wait until the host admits him', async () => {
    await pui.openMeeting(link);
    await pui.clickJoin('a guest');
    await pui.page.getByRole('heading', { name: 'You are in the waiting room' }).waitFor();
    await olivia.opensPeople();
    await olivia.button('Admit Pui').click();
    await pui.isIn();
    await olivia.closesPanel();
  });

  it('shows moving pictures of the other two, and lets them be heard', allSeeAndHearEachOther);

  it('shows a shared screen to the others', async () => {
    await ming.button('Share').click();
    await olivia.sees('Ming', { kind: 'screen' });
    await pui.sees('Ming', { kind: 'screen' });
    await ming.button('Share').click();
    await olivia.screenOf('Ming').waitFor({ state: 'detached' });
    await pui.screenOf('Ming').waitFor({ state: 'detached' });
  });

  it('carries the chat both ways', async () => {
    await pui.writes('早晨 from the guest');
    await olivia.reads('早晨 from the guest');
    await olivia.writes('Welcome, Pui');
    await pui.reads('Welcome, Pui');
    await ming.reads('早晨 from the guest');
    await ming.reads('Welcome, Pui');
    await Promise.all(everybody().map((one) => one.closesPanel()));
  });

  it('takes back somebody who reloads the page, with the chat from before', async () => {
    await pui.page.reload();
    await pui.button('Join').waitFor();
    await pui.clickJoin('a guest');
    await pui.isIn();
    await pui.reads('Welcome, Pui');
    await pui.closesPanel();
    await allSeeAndHearEachOther();
  });

  it('goes on by itself when a media worker is killed', async () => {
    const before = await Promise.all(everybody().map((one) => one.tracks()));
    const loads = await Promise.all(everybody().map((one) => one.loadedAt()));
    const [worker] = server.server.mediaWorkers();
    expect(worker, 'the server has a media worker').toBeGreaterThan(1);
    process.kill(worker!, 'SIGKILL');
    await Promise.all(
      everybody().map(async (one, at) => {
        for (const { name } of others(one)) {
          await one.sees(name, { besides: before[at]! });
          await one.hears(name, { besides: before[at]! });
        }
      }),
    );
    expect(await Promise.all(everybody().map((one) => one.loadedAt())), 'no page was loaded anew').toEqual(loads);
  });

  it('mutes by the host, and unmutes by nobody but oneself', async () => {
    await olivia.does('Mute', 'Ming');
    for (const one of [olivia, pui])
      await one
        .tile('Ming')
        .and(one.page.getByRole('group', { name: /\bmuted\b/ }))
        .waitFor();
    await expect.poll(() => ming.button('Microphone').getAttribute('aria-pressed'), { timeout: patienceMs }).toBe('false');
    await pui.hearsNothingOf('Ming');
    await olivia.tile('Ming').hover();
    await olivia.button('Actions for Ming').first().click();
    await olivia.page.getByRole('menuitem', { name: 'Ask to unmute' }).waitFor();
    await olivia.page.keyboard.press('Escape');
    await ming.button('Microphone').click();
    await olivia.hears('Ming');
    await pui.hears('Ming');
  });

  it('shows a raised hand to everybody', async () => {
    await pui.button('Hand').click();
    for (const one of [olivia, ming])
      await one
        .tile('Pui')
        .and(one.page.getByRole('group', { name: /hand raised/ }))
        .waitFor();
    await pui.button('Hand').click();
    await olivia
      .tile('Pui')
      .and(olivia.page.getByRole('group', { name: /hand raised/ }))
      .waitFor({ state: 'detached' });
  });

  it('removes somebody for good', async () => {
    await olivia.does('Remove', 'Pui');
    await olivia.page.getByRole('alertdialog').or(olivia.page.getByRole('dialog')).getByRole('button', { name: 'Remove' }).click();
    await pui.page.getByRole('heading', { name: 'You were removed from the meeting' }).waitFor();
    for (const one of [olivia, ming]) await one.tile('Pui').waitFor({ state: 'detached' });
    await pui.openMeeting(link);
    await pui.clickJoin('a guest');
    await pui.page.getByRole('heading', { name: 'You were removed from the meeting' }).waitFor();
  });

  it('ends the meeting for all', async () => {
    await olivia.button('Leave').click();
    await olivia.page.getByRole('menuitem', { name: 'End for all' }).click();
    await olivia.page.getByRole('alertdialog').or(olivia.page.getByRole('dialog')).getByRole('button', { name: 'End for all' }).click();
    for (const one of [olivia, ming]) await one.page.getByRole('heading', { name: 'The meeting has ended' }).waitFor();
    await waitFor(async () => (await server.metric('causeway_participants')) === 0, 'nobody is in a meeting');
  });

  it('gave no page a reason to complain', () => {
    for (const { name, visitor } of everybody()) expect(visitor.problems, `${name}'s page`).toEqual([]);
  });
});
