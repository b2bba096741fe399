/** Pages of an export as somebody opens them from his disk: what was written in chat runs and loads nothing. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { htmlWriter, indexPage } from '../../src/chat/retention/export-pages.js';
import { openBrowser, type TestBrowser } from '../support/browser.js';
import { type TemporaryFolder, temporaryFolder } from '../support/index.js';

const evil = `"><script>document.title='taken'</script><img src="http://127.0.0.1:1/x" onerror="document.title='taken'"><style>@import url(http://127.0.0.1:1/y)</style>`;
const person = { id: '1', name: evil };

let folder: TemporaryFolder;
let browser: TestBrowser;

beforeAll(async () => {
  folder = await temporaryFolder();
  browser = await openBrowser();
  const page =
    htmlWriter.begin(
      {
        id: '1',
        kind: 'group',
        title: `Pier 4 ${evil}`,
        description: evil,
        domain: 'Mainland',
        createdAt: '2026-01-05T08:00:00Z',
        archivedAt: null,
      },
      [
        { id: '1', name: 'Ana', joinedAt: '2026-01-05T08:00:00Z', leftAt: null, readsAfter: 0 },
        { id: '2', name: evil, joinedAt: '2026-01-05T08:00:00Z', leftAt: '2026-02-01T09:30:00Z', readsAfter: 3 },
      ],
    ) +
    htmlWriter.messages(
      ['預算已更新，請查看附件。', evil].map((words, index) => ({
        number: index + 1,
        kind: 'text',
        sender: index === 0 ? { id: '1', name: 'Ana' } : person,
        sentAt: '2026-01-05T08:01:00Z',
        text: words,
        editedAt: '2026-01-05T08:03:00Z',
        recalledAt: null,
        pinnedAt: null,
        thread: null,
        replyTo: index === 0 ? null : 1,
        mentions: [person],
        mentionsAll: false,
        urgent: index === 0,
        byApp: false,
        reactions: { '👍': [{ id: '2', name: 'Ben' }] },
        attachments: [
          { id: '9', name: index === 0 ? '預算.xlsx' : evil, type: 'text/plain', size: 8, sha256: 'ab'.repeat(32), path: 'attachments/9' },
        ],
        poll: null,
        cards: [{ url: 'javascript:document.title=1', title: evil, description: evil, site: evil }],
        system: null,
        forwarded: null,
        changes: [
          {
            number: 7,
            kind: 'edit',
            by: { id: '1', name: 'Ana' },
            at: '2026-01-05T08:03:00Z',
            before: index === 0 ? '預算更新' : evil,
            detail: null,
          },
        ],
      })),
      true,
    ) +
    htmlWriter.end();
  await mkdir(path.join(folder.path, 'conversations'));
  await writeFile(path.join(folder.path, 'conversations', '1.html'), page);
  await writeFile(
    path.join(folder.path, 'index.html'),
    indexPage(`Export ${evil}`, [evil], [{ id: '1', title: `Pier 4 ${evil}`, messages: 2 }]),
  );
});
afterAll(async () => {
  await browser?.close();
  await folder?.remove();
});

describe('Pages of an export', () => {
  it('show what was written, and neither run nor load anything of it', async () => {
    const visitor = await browser.visit('reader');
    const asked: string[] = [];
    visitor.context.on('request', (request) => asked.push(request.url()));
    const index = pathToFileURL(path.join(folder.path, 'index.html')).href;
    await visitor.page.goto(index);
    expect(await visitor.page.title()).toContain('Export "><script>');
    await visitor.page.getByRole('link', { name: /^Pier 4/ }).click();
    await visitor.page.getByText('預算已更新，請查看附件。').waitFor();
    expect(await visitor.page.title()).toContain('Pier 4 "><script>');
    expect(await visitor.page.locator('article').count()).toBe(2);
    expect(await visitor.page.locator('script, img, article style, iframe').count()).toBe(0);
    // Our own style is the one that the policy lets through.
    expect(
      await visitor.page.evaluate(() => getComputedStyle(document.querySelector('.was') ?? document.body).borderInlineStartStyle),
    ).toBe('solid');
    expect(asked).toEqual([index, pathToFileURL(path.join(folder.path, 'conversations', '1.html')).href]);
    expect(visitor.problems).toEqual([]);
    await browser.screenshots('page of an export');
  });
});
