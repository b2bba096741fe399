import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../../../web/src/i18n');
const languages = ['en', 'zh-Hant', 'zh-Hans'] as const;
type Language = (typeof languages)[number];
type Words = { readonly [key: string]: string | Words };

const namespaces = readdirSync(path.join(root, 'en')).map((file) => path.basename(file, '.json'));
const read = (language: Language, namespace: string): Words =>
  JSON.parse(readFileSync(path.join(root, language, `${namespace}.json`), 'utf8')) as Words;

/** `a.b` -> sentence. */
function flatten(words: Words, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === 'string' ? [[`${prefix}${key}`, value] as const] : [...flatten(value, `${prefix}${key}.`)],
    ),
  );
}

const plural = /_(zero|one|two|few|many|other)$/;

/** Keys as the page asks for them: the forms of a plural are one. */
function keys(language: Language, namespace: string): string[] {
  return [...new Set([...flatten(read(language, namespace)).keys()].map((key) => key.replace(plural, '')))].sort();
}

function places(sentence: string): string[] {
  return [...new Set([...sentence.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? ''))].sort();
}

describe.each(namespaces)('the words of %s', (namespace) => {
  it.each(['zh-Hant', 'zh-Hans'] as const)('say everything in %s too', (language) => {
    expect(keys(language, namespace)).toEqual(keys('en', namespace));
  });

  it.each(languages)('have every form of a plural that %s needs, and no other', (language) => {
    const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const forms = new Map<string, Set<string>>();
    for (const key of flatten(read(language, namespace)).keys()) {
      const form = plural.exec(key)?.[1];
      if (form === undefined) continue;
      const stem = key.replace(plural, '');
      forms.set(stem, (forms.get(stem) ?? new Set()).add(form));
    }
    for (const [stem, found] of forms) expect([...found].sort(), stem).toEqual([...needed].sort());
  });

  it.each(['zh-Hant', 'zh-Hans'] as const)('fill the same places in %s as in English', (language) => {
    const english = flatten(read('en', namespace));
    for (const [key, sentence] of flatten(read(language, namespace))) {
      const original = english.get(key);
      if (original !== undefined) expect(places(sentence), key).toEqual(places(original));
    }
  });

  it('are written in the characters of their own', () => {
    // Common characters that only one of the two has: a slip into the other shows in any longer text.
    const simplifiedOnly = /[这们说话请输码邮录设备会议员时间发连网页无显击机关闭开处进谁让见过还给]/u;
    const traditionalOnly = /[這們說話請輸碼郵錄設備會議員時間發連網頁無顯擊機關閉開處後進誰讓見過還沒給]/u;
    for (const [key, sentence] of flatten(read('zh-Hant', namespace)))
      expect(simplifiedOnly.test(sentence), `${key}: ${sentence}`).toBe(false);
    for (const [key, sentence] of flatten(read('zh-Hans', namespace)))
      expect(traditionalOnly.test(sentence), `${key}: ${sentence}`).toBe(false);
  });
});
