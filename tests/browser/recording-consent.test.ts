/** A recording in real pages: who is asked when, what the answers do, and what everybody sees of it. */
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { causeway } from '#proto';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { onTheWay } from './on-the-way.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

const { RecordingKind } = causeway;

let server: TestServer;
let browser: TestBrowser;
let owner: SignedIn;
let olivia: Person;
let ming: Person;
let pui: Person;
let link: string;
let meetingId: string;
/** As if the server had said it. */
let tellMing: (event: causeway.MeetingEvent.$Properties) => void;

beforeAll(async () => {
  server = await startTestServer();
  browser = await openBrowser();
  owner = await server.setUpOwner('Olivia');
  await server.invite(owner, 'Ming');
  ({ id: meetingId, link } = await server.createMeeting(owner, { title: 'Quarterly review', lobby: 'off' }));
  [olivia, ming, pui] = await Promise.all([Person.at(browser, 'Olivia'), Person.at(browser, 'Ming'), Person.at(browser, 'Pui')]);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

oneStory(() => browser);

const everybody = () => [olivia, ming, pui];
const indicator = ({ page }: Person, words: string | RegExp): Locator =>
  page.locator('[data-recording-indicator] button', { hasText: words });
const card = ({ page }: Person): Locator => page.getByTestId('consent-card');
const toldTo = (one: Person, words: string): Promise<void> => one.page.getByText(words).first().waitFor();

async function allSee(people: readonly Person[], words: string): Promise<void> {
  for (const one of people) await indicator(one, words).waitFor();
}

async function inMore({ page }: Person, item: string): Promise<void> {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

async function setPolicy(part: object): Promise<void> {
  const policy = { consent: 'ask', starters: 'moderators', keepDays: 30, viewers: 'participants', download: true, watermark: true };
  const body = { meetingKind: 'meeting', contact: 'Privacy officer, privacy@harbour.example', ...policy, ...part };
  await server.get(z.looseObject({}), 'PUT', '/api/recording-policies', body, owner.accessToken);
}

/** The one that is on, with a notice that nobody was to read. */
function recordingOf(id: string): causeway.RecordingState.$Properties {
  const notice = { hash: 'f'.repeat(64), version: '1', asks: true, texts: { en: { title: 'Something else is to be recorded' } } };
  return { recordingId: id, kind: RecordingKind.RECORDING_KIND_RECORDING, startedAtMs: Date.now(), recorded: [], notice };
}

/** Of the ledger, in its order. */
async function ledger(): Promise<string[]> {
  const rows = await server.database.query<{ name: string; what: string }>(
    'select person_name as name, what from consent_ledger l join recordings r on r.id = l.recording_id order by r.started_at, l.number',
  );
  return rows.map(({ name, what }) => `${name} ${what}`);
}

describe('a recording', () => {
  it('is refused in words where the organisation forbids it', async () => {
    await setPolicy({ consent: 'forbidden' });
    for (const one of [olivia, ming]) {
      await one.signIn(server.url);
      if (one === ming) {
        const send = await onTheWay(ming.page);
        tellMing = (event) => send({ event: { topic: `meeting/${meetingId}`, number: 0, meeting: event } });
      }
      await one.openMeeting(link);
      await one.clickJoin();
      await one.isIn();
    }
    await inMore(olivia, 'Start recording');
    await toldTo(olivia, 'An owner or administrator can change that under Admin, Recording.');
    expect(await olivia.page.locator('[data-recording-indicator]').count()).toBe(0);
  });

  it('covers who starts it, and asks the others', async () => {
    await setPolicy({});
    await inMore(olivia, 'Start recording');
    await allSee([olivia, ming], 'Recording: 1 of 2 people');
    await card(ming).waitFor();
    await card(ming).getByText('Until you answer, nothing of you is recorded, and nothing you say is captioned.').waitFor();
    await card(ming).getByText('Nothing of what you say is captioned then either, unless you turn on captions of yourself').waitFor();
    await card(ming).getByText('It is deleted after 30 days').waitFor();
    expect(await card(olivia).count()).toBe(0);
    await expect
      .poll(() => ming.page.getByTestId('announcer').textContent(), { timeout: patienceMs })
      .toContain('Olivia started recording this meeting. Nothing of you is recorded unless you agree.');
  });

  it('leaves the controls free while the question is open, and lets it wait', async () => {
    await ming.button('Microphone').click();
    await expect.poll(() => ming.button('Microphone').getAttribute('aria-pressed'), { timeout: patienceMs }).toBe('false');
    await ming.button('Decide later').click();
    await card(ming).waitFor({ state: 'detached' });
    await indicator(ming, 'Your answer is missing').click();
    await ming.page.getByText('You have not answered. Nothing of you is recorded.').waitFor();
    await ming.button('Answer').click();
    await card(ming).waitFor();
  });

  it('shows the notice anew where another one was read', async () => {
    const [now] = await server.database.query<{ id: string }>('select id from recordings');
    tellMing({ recordingChanged: { recording: recordingOf(now?.id ?? '') } });
    await card(ming).getByText('Something else is to be recorded').waitFor();
    await card(ming).getByRole('button', { name: "Don't record me" }).click();
    await card(ming).getByText('The notice has changed since you read it.').waitFor();
    await card(ming).getByText('This meeting is to be recorded').waitFor();
  });

  it('goes on without somebody who says no', async () => {
    await card(ming).getByRole('button', { name: "Don't record me" }).click();
    await card(ming).waitFor({ state: 'detached' });
    await allSee([olivia, ming], 'Recording: 1 of 2 people');
    await indicator(ming, /Recording/).click();
    await ming.page.getByText('You are not recorded.', { exact: true }).first().waitFor();
    await ming.page.keyboard.press('Escape');
    await olivia.page.getByRole('group', { name: /^Ming.*not recorded/ }).waitFor();
  });

  it('asks somebody who comes later at the door', async () => {
    await pui.openMeeting(link);
    await pui.clickJoin('a guest');
    await pui.page.getByRole('heading', { name: 'This meeting is to be recorded' }).waitFor();
    await toldTo(pui, 'Either way you join the meeting now.');
    await toldTo(pui, 'privacy@harbour.example');
    // Nobody sees a person who still reads.
    expect(await olivia.tile('Pui').count()).toBe(0);
    await pui.button('Record me').click();
    await pui.isIn();
    await allSee(everybody(), 'Recording: 2 of 3 people');
    expect(await card(pui).count()).toBe(0);
  });

  it('stops taking who withdraws', async () => {
    await indicator(pui, /Recording/).click();
    await pui.page.getByText('You are recorded.', { exact: true }).waitFor();
    await pui.button('Withdraw').click();
    await allSee(everybody(), 'Recording: 1 of 3 people');
    await pui.page.getByText('You are not recorded any more.', { exact: true }).waitFor();
    await indicator(olivia, /Recording/).click();
    await olivia.page.getByRole('region', { name: 'Recorded (1)' }).getByText('Olivia').waitFor();
    await olivia.page.getByRole('region', { name: 'Not recorded (2)' }).getByText('Pui').waitFor();
    await olivia.page.keyboard.press('Escape');
  });

  it('takes somebody again who changes his mind, after he has read the notice once more', async () => {
    await pui.button('Allow').click();
    await card(pui).getByRole('button', { name: 'Record me', exact: true }).click();
    await allSee(everybody(), 'Recording: 2 of 3 people');
    await card(pui).waitFor({ state: 'detached' });
    await indicator(pui, /Recording/).click();
    await pui.button('Withdraw').click();
    await allSee(everybody(), 'Recording: 1 of 3 people');
    await pui.page.keyboard.press('Escape');
  });

  it('does not ask again who has answered and comes back', async () => {
    await ming.page.reload();
    await ming.button('Join').waitFor();
    await ming.clickJoin();
    await ming.isIn();
    await indicator(ming, 'Recording: 1 of 3 people').waitFor();
    expect(await card(ming).count()).toBe(0);
  });

  it('is paused and goes on before the eyes of all', async () => {
    await inMore(olivia, 'Pause the recording');
    await allSee(everybody(), 'Recording paused');
    await inMore(olivia, 'Go on recording');
    await allSee(everybody(), 'Recording: 1 of 3 people');
  });

  it('is stopped only after one has been asked', async () => {
    await inMore(olivia, 'Stop the recording');
    await olivia.page.getByRole('alertdialog').getByRole('button', { name: 'Stop the recording' }).click();
    for (const { page } of everybody()) await page.locator('[data-recording-indicator]').waitFor({ state: 'detached' });
  });

  it('wrote down who was asked and what each said', async () => {
    expect(await ledger()).toEqual([
      'Olivia yes',
      'Ming asked',
      'Ming no',
      'Pui asked',
      'Pui yes',
      'Pui withdrawn',
      'Pui yes',
      'Pui withdrawn',
    ]);
  });
});

describe('a recording of which people are only informed', () => {
  it('takes everybody but who objects', async () => {
    await setPolicy({ consent: 'inform' });
    await inMore(olivia, 'Start recording');
    await allSee(everybody(), 'Recording: 3 of 3 people');
    await card(ming).getByRole('button', { name: "Don't record me" }).click();
    await allSee(everybody(), 'Recording: 2 of 3 people');
    await card(pui).getByRole('button', { name: 'I have read this' }).last().click();
    await card(pui).waitFor({ state: 'detached' });
    await indicator(pui, 'Recording: 2 of 3 people').waitFor();
  });

  it('leads to the recording when the meeting has ended', async () => {
    await olivia.button('Leave').click();
    await olivia.page.getByRole('menuitem', { name: 'End for all' }).click();
    await olivia.page.getByRole('alertdialog').getByRole('button', { name: 'End for all' }).click();
    const [last] = await server.database.query<{ id: string }>('select id from recordings order by started_at desc limit 1');
    const there = olivia.page.getByRole('link', { name: 'Recording of this meeting' });
    expect(await there.getAttribute('href')).toBe(`/archive/${last?.id}`);
    await toldTo(pui, 'This meeting was recorded.');
  });

  it('gave no page a reason to complain', () => {
    for (const { name, visitor } of everybody()) expect(visitor.problems, `${name}'s page`).toEqual([]);
  });
});
