/** What else is sent in chat, in real pages: code, files over a network that breaks, under rules, later, and to the commands of apps. */
import { createHash, randomBytes } from 'node:crypto';
import type { Locator, Page, Route } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slashCommandMadeSchema } from '../../src/chat/bots/schema.js';
import { scheduledListSchema, scheduledSchema } from '../../src/chat/notify/schema.js';
import { makeApp, outboundToTests } from '../integration/chat/bots/bots-world.js';
import { Receiver } from '../integration/chat/bots/receiver.js';
import type { SignedIn } from '../support/api.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { makeConversation } from '../support/chat.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { oneStory } from './one-story.js';
import { Person, patienceMs } from './person.js';

let server: TestServer;
let browser: TestBrowser;
let receiver: Receiver;
let accounts: { olivia: SignedIn; ming: SignedIn };
let olivia: Person;
let ming: Person;
let conversationId: string;

beforeAll(async () => {
  server = await startTestServer(outboundToTests);
  receiver = await Receiver.open();
  const owner = await server.setUpOwner('Olivia');
  accounts = { olivia: owner, ming: await server.invite(owner, 'Ming') };
  const app = await makeApp(server, owner, { name: 'Weather' });
  // Ming is no admin of the conversation: what he may take back has an end.
  conversationId = (await makeConversation(server, owner, [accounts.ming], { memberIds: [accounts.ming.person.id, app.id] })).id;
  const command = { name: 'weather', description: 'The weather', hint: 'place', appId: app.id, url: receiver.url };
  await server.get(slashCommandMadeSchema, 'POST', '/api/slash-commands', command, owner.accessToken);
  for (const [action, word] of [
    ['warn', 'Lantern'],
    ['reason', 'Ferry'],
    ['block', 'Typhoon'],
  ]) {
    const rule = { name: `Rule of ${word}`, enabled: true, action, patterns: [{ name: `project ${word}`, pattern: `project ${word}` }] };
    const made = await server.api('POST', '/api/dlp/rules', rule, owner.accessToken);
    expect(made.status).toBe(200);
  }
  browser = await openBrowser();
  olivia = await Person.at(browser, 'Olivia');
  ming = await Person.at(browser, 'Ming');
  for (const one of [olivia, ming]) {
    await one.signIn(server.url);
    await one.page.goto(`${server.url}/chat/${conversationId}`);
    await box(one.page).waitFor();
  }
});

afterAll(async () => {
  await browser?.close();
  receiver?.close();
  await server?.close();
});

oneStory(() => browser);

const box = (page: Page): Locator => page.getByRole('textbox', { name: 'Write a message' });
const message = (page: Page, text: string): Locator => page.getByRole('article').filter({ hasText: text }).last();

async function says(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press('Enter');
}

async function openMenu(page: Page, text: string): Promise<void> {
  await message(page, text).hover();
  await message(page, text).getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Copy the text' }).waitFor();
}

/** In whole pixels: browsers divide a line of several elements by fractions of one. */
async function place(of: Locator): Promise<number[]> {
  const { x, y, width, height } = (await of.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  return [x, y, width, height].map(Math.round);
}

async function stored(text: string): Promise<number> {
  const rows = await server.database.query<{ count: number }>('select count(*)::int as count from messages where body = $1', [text]);
  return rows[0]?.count ?? 0;
}

describe('code', () => {
  it('is coloured by its language in a box that stays as it is, and can be copied', async () => {
    // The colours are held back until the box was measured without them.
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hold = async (route: Route): Promise<void> => {
      await held;
      await route.continue();
    };
    await ming.visitor.context.route(/code-colours/, hold);
    const code = "// tide\nconst height = 2.4;\nconsole.log('<b>' + height);";
    await says(olivia.page, `\`\`\`ts\n${code}\n\`\`\``);
    const block = ming.page.getByRole('region', { name: /ts/i }).last();
    await block.waitFor();
    const before = await place(block);
    expect(await block.locator('span').count()).toBe(0);
    release();
    await block.locator('span', { hasText: 'const' }).first().waitFor();
    expect(await place(block)).toEqual(before);
    expect(await block.textContent()).toBe(code);
    const colours = await block.locator('span').evaluateAll((all) => all.map((one) => getComputedStyle(one).color));
    expect(new Set(colours).size).toBeGreaterThan(2);
    await ming.visitor.context.unroute(/code-colours/, hold);
    await ming.visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await message(ming.page, 'tide').getByRole('button', { name: 'Copy the code' }).click();
    await expect.poll(() => ming.page.evaluate(() => navigator.clipboard.readText()), { timeout: patienceMs }).toBe(code);
  });

  it('is harmless, whatever is in it', async () => {
    const wild = '</code></pre><img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';
    for (const language of ['html', 'js', 'php', 'diff']) await says(olivia.page, `\`\`\`${language}\n${wild}${language}\n\`\`\``);
    const block = (language: string) => ming.page.getByRole('region', { name: `Code in ${language}`, exact: true });
    await block('diff').getByText(`${wild}diff`).waitFor();
    await block('html').locator('span').first().waitFor();
    expect(await block('html').textContent()).toBe(`${wild}html`);
    expect(await ming.page.evaluate(() => Reflect.get(window, 'harmed') ?? 'nothing')).toBe('nothing');
    expect(await ming.page.locator('[role="log"] script, [role="log"] img').count()).toBe(0);
  });
});

describe('a file', () => {
  it('is seen before it is sent, goes on where the network broke, and arrives whole', async () => {
    // Noise can't be packed: the file takes several pieces.
    const [width, height] = [900, 700];
    const picture = await sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    const offsets: number[] = [];
    let cut = false;
    let asked = 0;
    const line = async (route: Route): Promise<void> => {
      const request = route.request();
      if (request.method() === 'PATCH') {
        offsets.push(Number(request.headers()['upload-offset']));
        if (offsets.length === 2) cut = true;
      }
      if (request.method() === 'HEAD' && !cut) asked += 1;
      await (cut ? route.abort('connectionreset') : route.continue());
    };
    await olivia.visitor.context.route(/\/api\/uploads\//, line);
    await olivia.page.locator('form input[type="file"]').setInputFiles({ name: 'harbour.png', mimeType: 'image/png', buffer: picture });
    const waiting = olivia.page.getByRole('list', { name: 'Files of this message' });
    await waiting.getByText('harbour.png', { exact: true }).waitFor();
    await expect
      .poll(() => waiting.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: patienceMs })
      .toBe(width);
    await expect.poll(() => cut, { timeout: patienceMs }).toBe(true);
    await waiting.getByRole('progressbar', { name: 'Uploading harbour.png' }).waitFor();
    expect(await olivia.button('Send').isEnabled()).toBe(false);
    cut = false;
    await waiting.getByRole('progressbar').waitFor({ state: 'detached' });
    expect(asked).toBeGreaterThan(0);
    // Nothing that was there is sent once more.
    expect(offsets[0]).toBe(0);
    expect(offsets[2]).toBeGreaterThan(0);
    await olivia.visitor.context.unroute(/\/api\/uploads\//, line);
    await says(olivia.page, 'The view from the office');
    const small = message(ming.page, 'The view from the office').getByRole('button', { name: 'Show harbour.png large' });
    await expect
      .poll(() => small.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: patienceMs })
      .toBeGreaterThan(100);
    const rows = await server.database.query<{ sha256: string }>(
      "select encode(sha256, 'hex') as sha256 from attachments where name = $1",
      ['harbour.png'],
    );
    expect(rows).toEqual([{ sha256: createHash('sha256').update(picture).digest('hex') }]);
    await small.click();
    const large = ming.page.getByRole('dialog').locator('img');
    await expect.poll(() => large.evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: patienceMs }).toBe(width);
    await ming.page.keyboard.press('Escape');
    await large.waitFor({ state: 'detached' });
  });

  it.each(['paste', 'drop'] as const)('comes with the message by a %s', async (way) => {
    const name = `by a ${way}.txt`;
    await box(olivia.page).evaluate(
      (field, [kind, called]) => {
        const data = new DataTransfer();
        data.items.add(new File(['Minutes'], called, { type: 'text/plain' }));
        const bubbling = { bubbles: true, cancelable: true };
        field.dispatchEvent(
          kind === 'paste'
            ? new ClipboardEvent('paste', { clipboardData: data, ...bubbling })
            : new DragEvent('drop', { dataTransfer: data, ...bubbling }),
        );
      },
      [way, name] as const,
    );
    await olivia.page.getByRole('list', { name: 'Files of this message' }).getByText(name, { exact: true }).waitFor();
    await expect.poll(() => olivia.button('Send').isEnabled(), { timeout: patienceMs }).toBe(true);
    await says(olivia.page, `Sent ${way}`);
    await message(ming.page, `Sent ${way}`).getByText(name, { exact: true }).waitFor();
  });
});

describe('the newest message', () => {
  /** How far the end is below what is seen. */
  const below = (page: Page): Promise<number> =>
    page.getByRole('log').evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));

  it('is in sight when a conversation of high messages is opened, and stays so while the field grows', async () => {
    // As long as it takes to fill more than the page.
    for (let index = 0; index < 6; index += 1) await says(olivia.page, `Line ${index}\n${'\n- a point'.repeat(8)}`);
    await message(ming.page, 'Line 5').waitFor();
    await ming.page.reload();
    await message(ming.page, 'Line 5').waitFor();
    await expect.poll(() => below(ming.page), { timeout: patienceMs }).toBeLessThan(2);
    await box(ming.page).fill('One\ntwo\nthree\nfour\nfive\nsix');
    await expect.poll(() => below(ming.page), { timeout: patienceMs }).toBeLessThan(2);
    expect(await ming.button(/^(To the newest|\d+ new messages?)$/).count()).toBe(0);
    await box(ming.page).fill('');
  });
});

describe('a rule about what leaves', () => {
  it('warns, and the person sends it anyway', async () => {
    await says(ming.page, 'About project Lantern');
    const card = message(ming.page, 'About project Lantern').getByRole('alert');
    await card.getByText(/The rule "Rule of Lantern" found/).waitFor();
    expect(await stored('About project Lantern')).toBe(0);
    await card.getByRole('button', { name: 'Send anyway' }).click();
    await olivia.page.getByText('About project Lantern', { exact: true }).waitFor();
    expect(await stored('About project Lantern')).toBe(1);
  });

  it('asks for a reason, and takes nothing without one', async () => {
    await says(ming.page, 'About project Ferry');
    const card = message(ming.page, 'About project Ferry').getByRole('alert');
    const send = card.getByRole('button', { name: 'Send with this reason' });
    await send.waitFor();
    expect(await send.isEnabled()).toBe(false);
    await card.getByRole('textbox', { name: 'Reason' }).fill('The client has asked for it');
    await send.click();
    await olivia.page.getByText('About project Ferry', { exact: true }).waitFor();
    expect(await stored('About project Ferry')).toBe(1);
  });

  it('blocks: nothing is kept, and the words are back in the field', async () => {
    await says(ming.page, 'About project Typhoon');
    await ming.page
      .getByRole('alert')
      .getByText(/The rule "Rule of Typhoon" found/)
      .waitFor();
    await expect.poll(() => box(ming.page).inputValue(), { timeout: patienceMs }).toBe('About project Typhoon');
    await says(ming.page, 'Something harmless');
    await olivia.page.getByText('Something harmless', { exact: true }).waitFor();
    expect(await olivia.page.getByText('About project Typhoon').count()).toBe(0);
    const [{ count } = { count: -1 }] = await server.database.query<{ count: number }>(
      `select (select count(*) from messages where body like '%Typhoon%')::int
            + (select count(*) from conversation_members where draft like '%Typhoon%')::int as count`,
    );
    expect(count).toBe(0);
  });
});

describe('a message for later', () => {
  const waits = (page: Page): Locator => page.getByRole('dialog').getByRole('listitem');

  async function openSchedule(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Add to the message' }).click();
    await page.getByRole('menuitem', { name: 'Send later' }).click();
    await page.getByRole('dialog').waitFor();
  }

  async function schedule(text: string): Promise<void> {
    await box(olivia.page).fill(text);
    await openSchedule(olivia.page);
    await olivia.button('Send then').click();
    await olivia.page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => box(olivia.page).inputValue(), { timeout: patienceMs }).toBe('');
  }

  it('waits in a list, and is not sent when the person thinks better of it', async () => {
    await schedule('Good morning from yesterday');
    await openSchedule(olivia.page);
    await waits(olivia.page).filter({ hasText: 'Good morning from yesterday' }).getByRole('button', { name: 'Don’t send it' }).click();
    await olivia.page.getByText('Nothing waits to be sent here.').waitFor();
    await olivia.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    const path = `/api/conversations/${conversationId}/scheduled`;
    expect(await server.get(scheduledListSchema, 'GET', path, undefined, accounts.olivia.accessToken)).toEqual({ scheduled: [] });
  });

  it('arrives when its time has come', async () => {
    await schedule('The office opens at nine');
    const path = `/api/conversations/${conversationId}/scheduled`;
    const { scheduled } = await server.get(scheduledListSchema, 'GET', path, undefined, accounts.olivia.accessToken);
    expect(scheduled.map(({ body }) => body)).toEqual(['The office opens at nine']);
    // The page offers whole minutes; nobody has to wait for one here.
    const sendAt = new Date(Date.now() + 3_000).toISOString();
    await server.get(scheduledSchema, 'PATCH', `/api/scheduled/${scheduled[0]?.id}`, { sendAt }, accounts.olivia.accessToken);
    await ming.page.getByText('The office opens at nine', { exact: true }).waitFor();
    await openSchedule(olivia.page);
    await olivia.page.getByText('Nothing waits to be sent here.').waitFor();
    await olivia.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  });
});

describe('a command of an app', () => {
  const answers = (text: string, visible: 'all' | 'me'): void =>
    receiver.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text, visible }));
      return undefined;
    });

  it('is chosen by its first letters, and what the app answers to all stands in the conversation', async () => {
    answers('**Sunny** in Kowloon', 'all');
    await box(ming.page).pressSequentially('/wea');
    await ming.page.getByRole('option', { name: /^\/weather/ }).waitFor();
    await box(ming.page).press('Enter');
    await expect.poll(() => box(ming.page).inputValue(), { timeout: patienceMs }).toBe('/weather ');
    await box(ming.page).pressSequentially('Kowloon');
    await box(ming.page).press('Enter');
    await olivia.page.locator('strong', { hasText: 'Sunny' }).waitFor();
    expect(receiver.deliveries.at(-1)?.payload).toMatchObject({ command: 'weather', text: 'Kowloon', user: { name: 'Ming' } });
    expect(await stored('/weather Kowloon')).toBe(0);
  });

  it('is answered to the person alone where the app says so, harmless whatever the answer is', async () => {
    answers('Only for you <img src=x onerror="window.harmed=1">', 'me');
    await says(ming.page, '/weather at home');
    const answer = ming.page.getByRole('region', { name: 'Answer of Weather' });
    await answer.getByText('Only for you <img').waitFor();
    await answer.getByText('Only you see this').waitFor();
    await answer.getByRole('button', { name: 'Close' }).click();
    await answer.waitFor({ state: 'detached' });
    expect(await olivia.page.getByText('Only for you').count()).toBe(0);
    expect(await ming.page.evaluate(() => Reflect.get(window, 'harmed') ?? 'nothing')).toBe('nothing');
  });

  it('that fails says so, and its words are back in the field', async () => {
    receiver.behave(() => 500);
    await says(ming.page, '/weather in Sha Tin');
    await ming.page.getByRole('alert').getByText('BOT_COMMAND_FAILED').waitFor();
    await expect.poll(() => box(ming.page).inputValue(), { timeout: patienceMs }).toBe('/weather in Sha Tin');
    await box(ming.page).fill('');
  });

  it('is asked about by the rules as well, before the app hears of it', async () => {
    answers('Noted', 'me');
    const before = receiver.deliveries.length;
    await says(ming.page, '/weather for project Lantern');
    await ming.page
      .getByRole('alert')
      .getByText(/The rule "Rule of Lantern" found/)
      .waitFor();
    expect(receiver.deliveries).toHaveLength(before);
    await ming.page.getByRole('alert').getByRole('button', { name: 'Send anyway' }).click();
    await ming.page.getByRole('region', { name: 'Answer of Weather' }).getByText('Noted').waitFor();
  });
});

describe('taking back', () => {
  it('is offered while the server allows it, and withdrawn in a menu that stays open', async () => {
    await ming.page.clock.install();
    await ming.page.reload();
    await says(ming.page, 'Perhaps too frank');
    await olivia.page.getByText('Perhaps too frank', { exact: true }).waitFor();
    await openMenu(ming.page, 'Perhaps too frank');
    await ming.page.getByRole('menuitem', { name: 'Recall' }).waitFor();
    await ming.page.clock.fastForward(server.config.CHAT_RECALL_MS + 1_000);
    const late = ming.page.getByRole('menuitem', { name: 'Too late to recall' });
    await late.waitFor();
    expect(await late.getAttribute('aria-disabled')).toBe('true');
    await ming.page.keyboard.press('Escape');
  });

  it('is not offered for what is older, except to an admin of the conversation', async () => {
    await server.database.query("update messages set sent_at = sent_at - interval '1 day' where body = 'Perhaps too frank'");
    for (const [one, offered] of [
      [ming, 0],
      [olivia, 1],
    ] as const) {
      await one.page.goto(`${server.url}/people`);
      // What this device has kept says when it was sent, too.
      await one.page.evaluate(() =>
        indexedDB.databases().then((all) => Promise.all(all.map(({ name }) => name && indexedDB.deleteDatabase(name)))),
      );
      await one.page.goto(`${server.url}/chat/${conversationId}`);
      await openMenu(one.page, 'Perhaps too frank');
      expect(await one.page.getByRole('menuitem', { name: /recall/i }).count(), one.name).toBe(offered);
      await one.page.keyboard.press('Escape');
    }
  });

  it('nothing of all this was an error', () => {
    // The line that was cut, and the app that failed.
    const expected = /ERR_CONNECTION_RESET|502 .*\/commands/;
    expect([...olivia.visitor.problems, ...ming.visitor.problems].filter((problem) => !expected.test(problem))).toEqual([]);
  });
});
