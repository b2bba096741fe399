/**
 * Captions as readers have them. The lines come over the page's own socket, put in on the way: which words an
 * engine makes of speech is not the question here, what the page makes of lines is.
 */
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { causeway } from '#proto';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { onTheWay } from './on-the-way.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let olivia: Person;
let tell: (event: causeway.MeetingEvent.$Properties) => void;

beforeAll(async () => {
  // Whatever the machine has fetched: here there is no engine.
  server = await startTestServer({ CAPTIONS_FOLDER: path.join(tmpdir(), 'causeway-no-speech') });
  browser = await openBrowser();
  const owner = await server.setUpOwner('Olivia');
  const { id, link } = await server.createMeeting(owner, { title: 'Quarterly review', lobby: 'off' });
  olivia = await Person.at(browser, 'Olivia', {
    locale: 'en-GB',
    permissions: ['microphone', 'camera', 'clipboard-read', 'clipboard-write'],
  });
  await olivia.signIn(server.url);
  const send = await onTheWay(olivia.page);
  tell = (meeting) => send({ event: { topic: `meeting/${id}`, number: 0, meeting } });
  await olivia.openMeeting(link);
  await olivia.clickJoin();
  await olivia.isIn();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

const began = Date.UTC(2026, 0, 14, 1, 30);
const overlay = () => olivia.page.getByTestId('captions');
const log = () => olivia.page.getByRole('log', { name: 'What was said' });

function say(id: string, text: string, over: causeway.CaptionLine.$Properties = {}): void {
  const who = over.personId ?? 'ming';
  const name = who === 'ming' ? 'Chan Siu Ming' : 'Pui';
  tell({ caption: { id, text, participantId: who, personId: who, name, language: 'en', beginMs: began, endMs: began, ...over } });
}

describe('captions', () => {
  it('say where there is no engine for them', async () => {
    await olivia.button('More').click();
    await olivia.page.getByRole('menuitem', { name: 'Turn captions on for all' }).click();
    await olivia.page.getByText('Captions are not available in this language on this server.').first().waitFor();
  });

  it('stand on the stage with the name of who speaks, and grow at their end', async () => {
    tell({ captionsChanged: { on: true, language: 'en' } });
    await olivia.button('Captions').waitFor();
    say('1', 'the figures for', { stable: 4 });
    await overlay().getByText('Chan Siu Ming').waitFor();
    await overlay().getByText('the figures for').waitFor();
    say('1', 'The figures for March are in.', { final: true });
    await overlay().getByText('The figures for March are in.').waitFor();
    say('2', '多謝，我哋下星期再傾。', { personId: 'pui', language: 'yue', final: true, beginMs: began + 4_000 });
    await overlay().getByText('Pui').waitFor();
    expect(await overlay().getAttribute('aria-hidden')).toBe('true');
  });

  it('are read back in the list, finished lines only, in the characters that one chose', async () => {
    await olivia.button('More').click();
    await olivia.page.getByRole('menuitem', { name: 'Captions and what was said' }).click();
    say('3', 'and this is not fin', { beginMs: began + 8_000 });
    await overlay().getByText('and this is not fin').waitFor();
    await log().getByText('多謝，我哋下星期再傾。').waitFor();
    expect(await log().innerText()).not.toContain('not fin');
    await olivia.page.getByRole('tab', { name: 'Settings' }).click();
    await olivia.page.getByRole('radio', { name: 'Simplified' }).check();
    await olivia.page.getByRole('tab', { name: 'What was said' }).click();
    await log().getByText('多谢，我哋下星期再倾。').waitFor();
  });

  it('are searched and copied', async () => {
    await olivia.page.getByLabel('Search what was said').fill('MARCH');
    await log().getByText('多谢').waitFor({ state: 'detached' });
    await olivia.page.getByLabel('Search what was said').fill('nothing of that');
    await olivia.page.getByText('Nothing of that was said.').waitFor();
    await olivia.page.getByLabel('Search what was said').fill('');
    await olivia.button('Copy').click();
    await expect
      .poll(() => olivia.page.evaluate(() => navigator.clipboard.readText()), { timeout: patienceMs })
      .toMatch(/^\d\d:\d\d Chan Siu Ming: The figures for March are in\.\n\d\d:\d\d Pui: 多谢，我哋下星期再倾。$/);
  });

  it('say that they are behind', async () => {
    tell({ captionsChanged: { on: true, language: 'en', behind: true } });
    await overlay().getByText('Captions are behind').waitFor();
  });

  it("keep one's own words out when one asks for it", async () => {
    await olivia.page.getByRole('tab', { name: 'Settings' }).click();
    await olivia.page.getByRole('switch', { name: "Don't caption what I say" }).click();
    // The server's own answer, which knows nothing of captions that are on.
    await expect
      .poll(() => olivia.page.getByRole('switch', { name: "Don't caption what I say" }).getAttribute('aria-checked'), {
        timeout: patienceMs,
      })
      .toBe('true');
    tell({ captionsChanged: { on: true, language: 'en' } });
  });

  it('are hidden for oneself alone, and stay so after a reload', async () => {
    await olivia.button('Captions').click();
    await overlay().waitFor({ state: 'detached' });
    await olivia.page.reload();
    await olivia.button('Join').waitFor();
    await olivia.clickJoin();
    await olivia.isIn();
    tell({ captionsChanged: { on: true, language: 'en' } });
    await expect.poll(() => olivia.button('Captions').getAttribute('aria-pressed'), { timeout: patienceMs }).toBe('false');
    expect(await overlay().count()).toBe(0);
  });

  it('gave the page no reason to complain', () => {
    expect(olivia.visitor.problems).toEqual([]);
  });
});
