import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExportedMessage } from '../../../../src/chat/retention/export-content.js';
import { htmlWriter, indexPage, jsonWriter } from '../../../../src/chat/retention/export-pages.js';
import { htmlText as text } from '../../../../src/platform/html-text.js';

const evil = `"><script>alert(1)</script><img src=x onerror='alert(1)'>\u202e`;
const conversation = { id: '1', kind: 'group', title: evil, description: evil, domain: evil, createdAt: evil, archivedAt: null };
const member = { id: '2', name: evil, joinedAt: evil, leftAt: evil, readsAfter: 3 };
const person = { id: evil, name: evil };
const message: ExportedMessage = {
  number: 1,
  kind: 'text',
  sender: person,
  sentAt: evil,
  text: evil,
  editedAt: evil,
  recalledAt: evil,
  pinnedAt: evil,
  thread: 1,
  replyTo: 2,
  mentions: [person],
  mentionsAll: true,
  urgent: true,
  byApp: true,
  reactions: { [evil]: [person] },
  attachments: [{ id: '3', name: evil, type: evil, size: 1, sha256: evil, path: 'attachments/3' }],
  poll: { options: [evil], votes: [1], voters: 1, multiple: false, anonymous: false, closed: false },
  cards: [{ url: `javascript:alert(1)//${evil}`, title: evil, description: evil, site: evil }],
  system: { what: 'renamed', people: [person], text: evil },
  forwarded: { conversationId: '4', number: 1, senderName: evil, sentAtMs: 0 },
  changes: [{ number: 2, kind: evil, by: { id: null, name: evil }, at: evil, before: evil, detail: { evil } }],
};
const page = htmlWriter.begin(conversation, [member]) + htmlWriter.messages([message], true) + htmlWriter.end();

/** Names of elements that the page opens, our own among them. */
const elements = (html: string) => new Set([...html.matchAll(/<([a-z][^\s>/]*)/gi)].map(([, name]) => name?.toLowerCase()));

describe('A page of an export', () => {
  it('has no element that somebody wrote, whatever field he wrote it into', () => {
    const ours = htmlWriter.begin({ ...conversation, title: 'x', description: '', domain: '' }, []) + htmlWriter.end();
    const known = new Set([...elements(ours), 'article', 'header', 'b', 'bdi', 'p', 'small', 'ul', 'li', 'a', 'div', 'tr', 'td']);
    for (const name of elements(page)) expect(known, name).toContain(name);
    for (const name of elements(indexPage(evil, [evil], [{ id: '1', title: evil, messages: 1 }]))) expect(known, name).toContain(name);
    expect(page).not.toMatch(/<script|<img|onerror='/i);
  });

  it('links to its own files alone', () => {
    const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
    expect(links).toEqual(['../attachments/3']);
    expect(page).not.toMatch(/url\(|@import/);
  });

  it('tells the browser to load and run nothing', () => {
    expect(page).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\w+/]+=*'; /);
  });

  it('escapes whatever there is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        expect(text(words)).not.toMatch(/[<>"'\0]/);
        expect(text(words).replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
      }),
    );
  });
});

describe('JSON of an export', () => {
  it('is one document, however many pages it was written in', () => {
    for (const pages of [[], [[message]], [[message, message], [message]]]) {
      let first = true;
      let whole = jsonWriter.begin(conversation, [member, member]);
      for (const one of pages) {
        whole += jsonWriter.messages(one, first);
        first = false;
      }
      whole += jsonWriter.end();
      expect(JSON.parse(whole)).toEqual({ conversation, members: [member, member], messages: pages.flat() });
    }
  });
});
