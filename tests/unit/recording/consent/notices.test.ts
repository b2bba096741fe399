import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonical, storable } from '../../../../src/platform/canonical-json.js';
import { type Language, languages } from '../../../../src/platform/errors.js';
import { type NoticeFacts, noticeVersion } from '../../../../src/recording/consent/notice-texts.js';
import { hashOfTexts, writeNotice } from '../../../../src/recording/consent/notices.js';
import type { NoticeText } from '../../../../src/recording/consent/schema.js';

const facts: NoticeFacts = {
  organisation: 'Harbour Ltd',
  contact: 'Data Protection Officer, dpo@harbour.example',
  webinar: false,
  transcript: false,
  asks: true,
  keepDays: 365,
  viewers: 'participants',
  download: true,
  outside: false,
};
const bool = [false, true];
const all: NoticeFacts[] = bool.flatMap((webinar) =>
  bool.flatMap((transcript) =>
    bool.flatMap((asks) =>
      bool.flatMap((download) =>
        bool.flatMap((outside) =>
          [null, 1, 30].flatMap((keepDays) =>
            (['participants', 'moderators'] as const).map((viewers) => ({
              ...facts,
              webinar,
              transcript,
              asks,
              download,
              outside,
              keepDays,
              viewers,
            })),
          ),
        ),
      ),
    ),
  ),
);
const textOf = (over: Partial<NoticeFacts>, language: Language): NoticeText => {
  const text = writeNotice({ ...facts, ...over }).texts[language];
  if (!text) throw new Error(`There is no ${language}.`);
  return text;
};

describe('A notice', () => {
  it('says in every language all that Principle 1(3) asks for, whatever the policy', () => {
    for (const one of all)
      for (const language of languages) {
        const text = textOf(one, language);
        for (const [name, words] of Object.entries(text)) {
          expect(words.length, `${language} ${name}`).toBeGreaterThan(5);
          expect(words, `${language} ${name}`).not.toMatch(/undefined|null|\{|\}/);
        }
        expect(text.contact).toContain(facts.contact);
        expect(text.what).toContain('Harbour Ltd');
        if (one.keepDays !== null) expect(text.kept).toContain(String(one.keepDays));
      }
  });

  it('says something else when the policy does', () => {
    expect(new Set(all.map((one) => writeNotice(one).hash)).size).toBe(all.length);
  });

  it('tells who is asked that silence is no, and who is informed that silence is yes', () => {
    expect(textOf({}, 'en').voluntary).toMatch(/silence counts as no/);
    expect(textOf({ asks: false }, 'en').voluntary).toMatch(/Who does not object is recorded/);
    expect(textOf({}, 'zh-Hant').voluntary).toMatch(/沒有回覆即視為不同意/);
    expect(textOf({ asks: false }, 'zh-Hant').voluntary).toMatch(/如沒有反對，則會被記錄/);
    expect(textOf({}, 'zh-Hans').voluntary).toMatch(/没有答复即视为不同意/);
    expect(textOf({ asks: false }, 'zh-Hans').voluntary).toMatch(/如不反对，则会被记录/);
  });

  it('says whether anything leaves the server', () => {
    for (const language of languages) expect(textOf({ outside: true }, language).seenBy).not.toBe(textOf({}, language).seenBy);
    expect(textOf({ outside: true }, 'en').seenBy).not.toContain('alone');
  });

  it('writes Traditional Chinese without Simplified words, and the other way round', () => {
    for (const one of all) {
      expect(Object.values(textOf(one, 'zh-Hant')).join('')).not.toMatch(/[会议录记关资录务发]/);
      expect(Object.values(textOf(one, 'zh-Hans')).join('')).not.toMatch(/[會議錄記關資務發]/);
    }
  });

  it('is named by the SHA-256 of the canonical JSON of its words', () => {
    const { hash, texts } = writeNotice(facts);
    expect(hash).toBe(
      createHash('sha256')
        .update(canonical(storable(texts)), 'utf8')
        .digest('hex'),
    );
    const turned = Object.fromEntries(Object.entries(texts).reverse());
    expect(hashOfTexts({ ...texts, ...turned })).toBe(hash);
  });

  it('has another version when a word of it changes', () => {
    const words = createHash('sha256')
      .update(all.map((one) => writeNotice(one).hash).join())
      .digest('hex');
    // Different words: give `noticeVersion` another number and write both down here.
    expect({ version: noticeVersion, words }).toEqual({
      version: '2',
      words: 'eb92526a516a6c6afebea24ee9782de5df12cedfbfc0783faf1c9fd14b65156e',
    });
  });
});
