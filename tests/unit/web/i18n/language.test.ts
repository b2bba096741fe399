import { describe, expect, it } from 'vitest';
import { ofTag } from '@/i18n/language';

describe('the language for a tag of the browser', () => {
  it.each([
    ['en-HK', 'en'],
    ['zh-HK', 'zh-Hant'],
    ['zh-TW', 'zh-Hant'],
    ['zh-MO', 'zh-Hant'],
    ['zh-Hant-CN', 'zh-Hant'],
    ['yue', 'zh-Hant'],
    ['zh', 'zh-Hans'],
    ['zh-CN', 'zh-Hans'],
    ['zh-SG', 'zh-Hans'],
    ['zh-Hans-HK', 'zh-Hans'],
  ] as const)('of %s is %s', (tag, language) => {
    expect(ofTag(tag)).toBe(language);
  });

  it('is none where we speak none', () => {
    expect(ofTag('fr-CA')).toBeNull();
  });
});
