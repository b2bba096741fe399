import { parseDocument } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../../src/recording/evidence/gather.js';
import { formatVersion, manifestFormat } from '../../../../src/recording/evidence/manifest.js';
import { pages } from '../../../../src/recording/evidence/pages.js';

const evil = `</td><script>alert("1")</script>' onload='x \u202e&amp;`;
const time = '2026-03-01T09:30:00.123Z';
const person = { id: evil, name: evil };
const sha256 = '0'.repeat(64);
const facts: Facts = {
  format: manifestFormat,
  formatVersion,
  software: evil,
  organisation: person,
  recording: { id: evil, kind: 'recording', title: evil, startedBy: person, startedAt: time, stoppedAt: null, version: 2, reason: evil },
  meeting: { id: evil, title: evil, kind: evil, startedAt: null, endedAt: null },
  policy: {},
  pauses: [{ from: time, until: null }],
  participants: [{ ...person, joinedAt: time, leftAt: null }],
  consent: {
    entries: [{ number: 1, person, what: evil, noticeHash: sha256, language: evil, client: evil, at: time }],
    notices: [
      { hash: sha256, version: evil, texts: { en: { title: evil }, 'zh-Hant': { title: evil } } },
      { hash: sha256, version: '1', texts: [evil] },
    ],
  },
  tracks: [
    {
      id: 't',
      person,
      participantId: evil,
      source: evil,
      mimeType: evil,
      clockRate: 1,
      channels: 1,
      ssrc: 1,
      payloadType: 1,
      state: evil,
      startedAt: time,
      endedAt: null,
      gaps: [{ what: evil, from: 1_000, to: null }, { other: evil }, { what: 'lost', from: 3_600_000, to: 3_661_000 }],
      segments: [],
    },
  ],
  files: [{ path: `files/${evil}`, bytes: 1, sha256, kind: evil, mediaType: evil }],
  edits: [{ note: evil }],
  missing: [
    { what: 'withdrawn', track: 't' },
    { what: 'lost', path: evil },
  ],
};
const line = { id: 'l', personId: evil, speaker: evil, beginMs: 1, endMs: 2, language: evil, text: evil, engine: evil, editedBy: null };

describe('The pages of an export', () => {
  it('make text of whatever anybody wrote', () => {
    for (const [name, page] of pages(facts, [line], true)) {
      const names = new Set<string>();
      const attributes = new Set<string>();
      const walk = (nodes: ReturnType<typeof parseDocument>['children']) => {
        for (const node of nodes) {
          if (!('children' in node)) continue;
          if ('name' in node) {
            names.add(node.name);
            for (const attribute of Object.keys(node.attribs)) attributes.add(attribute);
          }
          walk(node.children);
        }
      };
      walk(parseDocument(page).children);
      expect(names.has('script'), name).toBe(false);
      expect(
        [...attributes].filter((attribute) => attribute.startsWith('on')),
        name,
      ).toEqual([]);
      expect(page).toContain('&lt;script&gt;');
    }
  });

  it('say what is missing and where the gaps are, in their language', () => {
    const [en, hant, hans] = pages(facts, [], false).map(([, page]) => page);
    expect(en).toContain('1:00:00–1:01:01 never came from the sender');
    expect(hant).toContain('因撤回同意而刪除');
    expect(hans).toContain('因撤回同意而删除');
    expect(en).not.toContain('summary.json');
  });

  it('name the files that somebody opens, and count those of a stream', () => {
    const file = { bytes: 1, sha256, mediaType: 'video/mp4' };
    const files = [
      { ...file, path: 'files/meeting.mp4', kind: 'video' },
      { ...file, path: 'files/hls/1.m4s', kind: 'hls' },
      { ...file, path: 'files/thumb-0000.jpg', kind: 'thumbnail' },
    ];
    const [en] = pages({ ...facts, files }, [], false).map(([, page]) => page);
    expect(en).toContain('files/meeting.mp4');
    expect(en).toContain('And 2 more files');
    expect(en).not.toContain('1.m4s');
  });

  it('link to files beside them and to each other, and load nothing', () => {
    for (const [, page] of pages(facts, [line], true)) {
      const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => link ?? '');
      expect(links.every((link) => link.startsWith('./') || /^index[\w.-]*\.html$/.test(link))).toBe(true);
      expect(links).toContain('./summary.json');
      expect(page).not.toMatch(/\bsrc=|url\(|@import/);
      expect(page).toContain('default-src &#39;none&#39;');
    }
  });
});
