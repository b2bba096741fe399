/** Voices through the slots of the audio stage, on two workers, heard in real pages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let people: Person[];
let link: string;

beforeAll(async () => {
  // Two microphones are enough to be too many, so that three people are a large meeting. Chromium's
  // microphones beep at the same time and equally loud, therefore each has a slot.
  server = await startTestServer({ MEDIA_AUDIO_DIRECT: 1, MEDIA_AUDIO_SLOTS: 3, MEDIA_WORKERS: 2 });
  browser = await openBrowser();
  people = await Promise.all(['Olivia', 'Ming', 'Pui'].map((name) => Person.at(browser, name)));
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

const others = (one: Person) => people.filter((other) => other !== one);

describe('three people whose voices come through slots', () => {
  it('come in, on two workers', async () => {
    const [olivia, ...rest] = people;
    if (!olivia) throw new Error('there is nobody');
    await olivia.setUp(`${server.url}${server.server.setupPath}`);
    await olivia.page.goto(server.url);
    link = await olivia.startsMeeting();
    await olivia.clickJoin();
    await olivia.isIn();
    await olivia.opensPeople();
    for (const guest of rest) {
      await guest.openMeeting(link);
      await guest.clickJoin('a guest');
      await olivia.button(`Admit ${guest.name}`).first().click();
      await guest.isIn();
    }
    await olivia.closesPanel();
    await Promise.all(people.map((one) => Promise.all(others(one).map(({ name }) => one.sees(name)))));
  });

  it('hear each other through the slots, and through nothing else', async () => {
    await Promise.all(
      people.map(async (one) => {
        for (const { name } of others(one)) await one.hears(name);
      }),
    );
    for (const one of people) {
      await expect.poll(() => one.page.locator('audio').count(), { timeout: patienceMs }).toBe(3);
    }
  });

  it('hear the others when one is muted, and never themselves', async () => {
    const [olivia, ming, pui] = people;
    if (!olivia || !ming || !pui) throw new Error('there are three');
    await pui.button('Microphone').click();
    await olivia.hears('Ming');
    await ming.hears('Olivia');
    await pui.hears('Olivia');
    await pui.hears('Ming');
    await olivia.hearsNothingOf('Olivia');
    await ming.hearsNothingOf('Ming');
    await pui.button('Microphone').click();
    await olivia.hears('Pui');
  });

  it('go on when the worker with the slots is killed', async () => {
    const before = await Promise.all(people.map((one) => one.tracks()));
    const [worker = 0] = server.server.mediaWorkers();
    process.kill(worker, 'SIGKILL');
    await Promise.all(
      people.map(async (one, at) => {
        for (const { name } of others(one)) await one.hears(name);
        expect(before[at]?.length).toBeGreaterThan(0);
      }),
    );
  });
});
