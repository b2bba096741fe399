/** A meeting with more people than fit: pages of the gallery ask only for what they show, and a host decides who is in front. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { causeway } from '#proto';
import type { Meeting } from '../../src/signaling/schema.js';
import { Attendee } from '../integration/server/attendee.js';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { Person, patienceMs } from './person.js';
import { type ViewWatch, watchView } from './view-watch.js';

const { Source } = causeway;
/** Of the crowd, beside those at pages. */
const crowdSize = 40;

let server: TestServer;
let browser: TestBrowser;
let owner: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  owner = await server.setUpOwner('Olivia');
  await server.invite(owner, 'Ming');
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

beforeEach(({ task }) => {
  onTestFailed(() => browser?.screenshots(task.name));
});

describe('the gallery of a large meeting', () => {
  let meeting: Meeting;
  let ming: Person;
  let view: ViewWatch;
  const crowd: Attendee[] = [];
  const pictures = new Map<string, string>();

  beforeAll(async () => {
    meeting = await server.createMeeting(owner, { title: 'Town hall', lobby: 'off' });
    for (let index = 0; index < crowdSize; index += 1) {
      const guest = await server.guest(meeting.code, `Guest ${String(index + 1).padStart(2, '0')}`);
      const attendee = await Attendee.enter(server, meeting.id, guest);
      pictures.set(await attendee.produce(Source.SOURCE_CAMERA, 'video'), attendee.id);
      crowd.push(attendee);
    }
    ming = await Person.at(browser, 'Ming', { viewport: { width: 900, height: 600 } });
    await ming.signIn(server.url);
    view = watchView(ming.page);
    await ming.openMeeting(`${server.url}/m/${meeting.code}`);
    await ming.clickJoin();
    await ming.isIn();
  });
  afterAll(async () => {
    for (const { client } of crowd) await client.close();
    await ming?.visitor.close();
  });

  /** The people whose tiles are there. */
  const onStage = () =>
    ming.page.locator('[data-kind="camera"]').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('data-participant') ?? ''));
  const asked = () => [...(view.shown ?? [])].map((id) => pictures.get(id) ?? id).sort();
  const others = async () => (await onStage()).filter((id) => crowd.some((one) => one.id === id)).sort();
  /** The page asks for exactly those whose tiles are there. */
  async function asksForWhatItShows(): Promise<string[]> {
    await expect.poll(async () => JSON.stringify(asked()) === JSON.stringify(await others()), { timeout: patienceMs }).toBe(true);
    return others();
  }

  it('asks only for the pictures of the page that is shown', async () => {
    const first = await asksForWhatItShows();
    expect(first.length).toBeGreaterThan(3);
    expect(first.length).toBeLessThan(crowdSize);

    await ming.page.keyboard.press('PageDown');
    await ming.page.getByText('2 / ').waitFor();
    const second = await asksForWhatItShows();
    expect(second.filter((id) => first.includes(id))).toEqual([]);

    await ming.page.keyboard.press('ArrowLeft');
    await ming.page.getByText('1 / ').waitFor();
    expect(await asksForWhatItShows()).toEqual(first);
    expect(view.everShown.size).toBe(first.length + second.length);
  });

  it('finds anybody in the list of people, of which only those in view are drawn', async () => {
    await ming.opensPeople();
    const rows = ming.page.locator('aside li[data-participant]');
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThan(crowdSize);
    await ming.page.getByRole('searchbox', { name: 'Search people' }).fill('guest 37');
    await ming.page.locator('aside').getByText('Guest 37').waitFor();
    await expect.poll(() => rows.count(), { timeout: patienceMs }).toBe(1);
    await ming.closesPanel();
  });
});

describe('the spotlight', () => {
  it("moves everybody's stage, and back", async () => {
    const { link } = await server.createMeeting(owner, { title: 'In front', lobby: 'off' });
    const [olivia, ming, pui] = await Promise.all([
      Person.at(browser, 'Olivia'),
      Person.at(browser, 'Ming'),
      Person.at(browser, 'Pui', { viewport: { width: 360, height: 740 } }),
    ]);
    await olivia.signIn(server.url);
    await ming.signIn(server.url);
    for (const one of [olivia, ming, pui]) {
      await one.openMeeting(link);
      await one.clickJoin(one === pui ? 'a guest' : 'oneself');
      await one.isIn();
    }
    const isLarge = (one: Person, name: string) => one.tile(name).and(one.page.locator('[data-large]'));
    await olivia.tile('Ming').waitFor();
    await olivia.does('Spotlight for everyone', 'Ming');
    for (const one of [olivia, ming, pui]) {
      await isLarge(one, 'Ming').waitFor();
      await one.page.getByRole('group', { name: /^Ming.*in the spotlight/ }).waitFor();
    }
    // What one pins stays one's own.
    await pui.does('Pin', 'Olivia');
    await isLarge(pui, 'Olivia').waitFor();
    expect(await isLarge(ming, 'Olivia').count()).toBe(0);

    await olivia.does('Remove spotlight', 'Ming');
    await isLarge(olivia, 'Ming').waitFor({ state: 'detached' });
    await isLarge(ming, 'Ming').waitFor({ state: 'detached' });
    await isLarge(pui, 'Olivia').waitFor();
    for (const one of [olivia, ming, pui]) {
      expect(one.visitor.problems).toEqual([]);
      await one.visitor.close();
    }
  });
});

describe('the small window', () => {
  it('shows who speaks in front of other programs, mutes, leaves, and goes with the meeting', async () => {
    const { link } = await server.createMeeting(owner, { title: 'Elsewhere', lobby: 'off' });
    const [olivia, pui] = await Promise.all([Person.at(browser, 'Olivia'), Person.at(browser, 'Pui')]);
    await olivia.signIn(server.url);
    await olivia.openMeeting(link);
    await olivia.clickJoin();
    await pui.openMeeting(link);
    await pui.clickJoin('a guest');
    await olivia.tile('Pui').waitFor();

    const opening = olivia.visitor.context.waitForEvent('page');
    await olivia.page.keyboard.press('i');
    const small = await opening;
    await small.getByText('Pui').waitFor();
    await expect
      .poll(() => small.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime), { timeout: patienceMs })
      .toBeGreaterThan(0);
    await small.getByRole('button', { name: 'Mute' }).click();
    await expect.poll(() => olivia.button('Microphone').getAttribute('aria-pressed'), { timeout: patienceMs }).toBe('false');

    const closing = small.waitForEvent('close');
    await olivia.page.keyboard.press('i');
    await closing;
    const openingAgain = olivia.visitor.context.waitForEvent('page');
    await olivia.page.keyboard.press('i');
    const again = await openingAgain;
    const gone = again.waitForEvent('close');
    await again.getByRole('button', { name: 'Leave' }).click();
    await gone;
    await olivia.page.getByRole('heading', { name: 'You left the meeting' }).waitFor();
    expect(olivia.visitor.problems).toEqual([]);
    await olivia.visitor.close();
    await pui.visitor.close();
  });
});
