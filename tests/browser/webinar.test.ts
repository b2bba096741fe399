/** A webinar in real pages: a host on stage, a colleague who watches, is brought on stage with sound and picture, and goes back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let olivia: Person;
let ming: Person;
let link: string;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  const owner = await server.setUpOwner('Olivia');
  await server.invite(owner, 'Ming');
  [olivia, ming] = await Promise.all([Person.at(browser, 'Olivia'), Person.at(browser, 'Ming')]);
  // Counts what the page asks the browser for, whatever comes of it.
  await ming.page.addInitScript(() => {
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (constraints) => {
      document.documentElement.dataset.devicesOpened = 'yes';
      return open(constraints);
    };
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

const devicesOpened = () => ming.page.evaluate(() => document.documentElement.dataset.devicesOpened ?? 'no');

describe('a webinar', () => {
  it('is chosen when it is planned, and is explained in a sentence', async () => {
    await olivia.signIn(server.url);
    await olivia.button('Schedule').first().click();
    const dialog = olivia.page.getByRole('dialog');
    await dialog.getByLabel('Title').fill('Annual results');
    await dialog.getByRole('radio', { name: 'Webinar' }).check();
    await dialog.getByText('everybody else watches').waitFor();
    await dialog.getByLabel('Waiting room').selectOption('Off');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await olivia.page.getByRole('heading', { name: 'Annual results' }).waitFor();
    const path = await olivia.page.getByRole('link', { name: 'Join' }).getAttribute('href');
    link = `${server.url}${path}`;
  });

  it('lets its host check the devices, and join', async () => {
    await olivia.openMeeting(link);
    await olivia.page.getByRole('region', { name: 'Your picture' }).waitFor();
    await olivia.clickJoin();
    await olivia.isIn();
    await olivia.page.getByText('0 people are watching').waitFor();
  });

  it('asks those who watch for no device, and says that they watch', async () => {
    await ming.signIn(server.url);
    await ming.openMeeting(link);
    await ming.page.getByText('You come to watch.').waitFor();
    await ming.clickJoin();
    await ming.page.getByText('You are watching.').waitFor();
    await ming.tile('Olivia').waitFor();
    await expect.poll(() => ming.button('Microphone').count(), { timeout: patienceMs }).toBe(0);
    expect(await ming.button('Camera').count()).toBe(0);
    expect(await ming.button('Share').count()).toBe(0);
    expect(await ming.tile('Ming').count()).toBe(0);
    expect(await devicesOpened()).toBe('no');
    await olivia.page.getByText('1 person is watching').waitFor();
    expect(await olivia.tile('Ming').count()).toBe(0);
  });

  it('shows and plays the stage to those who watch', async () => {
    await ming.seesAndHears('Olivia');
  });

  it('carries the chat from the audience', async () => {
    await ming.writes('A question');
    await olivia.reads('A question');
    await ming.closesPanel();
    await olivia.closesPanel();
  });

  it('shows raised hands of the audience to the host first', async () => {
    await ming.button('Hand').click();
    await olivia.opensPeople();
    await olivia.page.getByRole('tab', { name: /^Audience/ }).click();
    await olivia.page.getByRole('region', { name: 'Raised hands (1)' }).getByText('Ming').waitFor();
  });

  it('invites somebody on stage, who sends nothing until he says so', async () => {
    await olivia.button('Bring Ming on stage').click();
    const dialog = ming.page.getByRole('dialog', { name: 'You are invited on stage' });
    await dialog.waitFor();
    await olivia.tile('Ming').waitFor();
    expect(await devicesOpened()).toBe('no');
    expect(await dialog.getByRole('button', { name: 'Go on stage' }).isDisabled()).toBe(true);

    // He looks at himself first; the others still get nothing.
    await dialog.getByRole('button', { name: 'Camera', exact: true }).click();
    await dialog.getByRole('button', { name: 'Microphone', exact: true }).click();
    await dialog.locator('video').waitFor();
    await olivia.page.getByRole('group', { name: /^Ming, muted, camera off/ }).waitFor();
    expect(await olivia.arrivalsFrom('Ming', 'camera')).toEqual([]);

    await dialog.getByRole('button', { name: 'Go on stage' }).click();
    await dialog.waitFor({ state: 'detached' });
    await ming.isIn();
    await olivia.seesAndHears('Ming');
    await ming.seesAndHears('Olivia');
    await olivia.page.getByText('0 people are watching').waitFor();
  });

  it('takes a presenter back to the audience, whose devices go off', async () => {
    await olivia.closesPanel();
    await olivia.does('Back to audience', 'Ming');
    await olivia.tile('Ming').waitFor({ state: 'detached' });
    await ming.page.getByText('You are watching.').waitFor();
    await ming.page.getByText('You are back in the audience.').waitFor();
    await expect.poll(() => ming.button('Microphone').count(), { timeout: patienceMs }).toBe(0);
    await olivia.page.getByText('1 person is watching').waitFor();
    await ming.seesAndHears('Olivia');
  });

  it('ends for all, and has a report on the quality of the call', async () => {
    await olivia.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await olivia.page.getByRole('menuitem', { name: 'End for all' }).click();
    await olivia.page.getByRole('alertdialog').getByRole('button', { name: 'End for all' }).click();
    await ming.page.getByRole('heading', { name: 'The meeting has ended' }).waitFor();
    await olivia.page.getByRole('link', { name: 'Call quality' }).click();
    await olivia.page.getByRole('heading', { name: 'Call quality' }).waitFor();
    await ming.page.getByRole('link', { name: 'Call quality' }).click();
    await ming.page.getByRole('heading', { name: 'Call quality' }).waitFor();
    expect([...olivia.visitor.problems, ...ming.visitor.problems]).toEqual([]);
  });
});
