import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldText, foldWithPlaces } from '../../../../src/chat/search/folded-text.js';
import { findNeedle, joinRanges, readQuery } from '../../../../src/chat/search/query.js';
import { termsOfText } from '../../../../src/chat/search/terms.js';

/** What is highlighted; null: not found. Asserts that the index would have proposed the message exactly for what is found. */
function find(body: string, query: string): string[] | null {
  const terms = new Set<number>();
  termsOfText(foldText(body), (term) => terms.add(term));
  const places = foldWithPlaces(body);
  const ranges = readQuery(query).map((needle) => {
    const found = findNeedle(places, needle);
    if (found)
      expect(
        needle.terms.filter((term) => !terms.has(term)),
        'terms that the index lacks',
      ).toEqual([]);
    return found;
  });
  if (ranges.some((found) => found === null)) return null;
  return joinRanges(ranges.flatMap((found) => found ?? [])).map(([start, end]) => body.slice(start, end));
}

describe('A query', () => {
  it('finds words, and parts of words of three letters and more', () => {
    expect(find('The Budgets are done', 'budget')).toEqual(['Budget']);
    expect(find('The Budgets are done', 'udg')).toEqual(['udg']);
    expect(find('The Budgets are done', 'THE')).toEqual(['The']);
  });

  it('finds one and two letters alone only as a word', () => {
    expect(find('Ask IT, it is their item', 'it')).toEqual(['IT', 'it']);
    expect(find('an item', 'it')).toBeNull();
    expect(find('plan B', 'b')).toEqual(['B']);
  });

  it('finds Chinese words, parts of words, and single characters', () => {
    expect(find('請看預算報告', '預算')).toEqual(['預算']);
    expect(find('請看預算報告', '算報')).toEqual(['算報']);
    expect(find('請看預算報告', '算')).toEqual(['算']);
    expect(find('請看預算報告', '報預')).toBeNull();
  });

  it('finds Traditional by Simplified and the other way round', () => {
    expect(find('請看預算報告', '预算报告')).toEqual(['預算報告']);
    expect(find('请看预算报告', '預算報告')).toEqual(['预算报告']);
  });

  it('wants every piece between spaces, in any order', () => {
    expect(find('Budget for the harbour', 'harbour budget')).toEqual(['Budget', 'harbour']);
    expect(find('Budget for the harbour', 'harbour bridge')).toBeNull();
    expect(find('週五開會討論預算', '預算　週五')).toEqual(['週五', '預算']);
  });

  it('takes words in quotes as whole words, in this order', () => {
    for (const query of ['"quarterly report"', '“quarterly report”', '「quarterly report」', '"quarterly report']) {
      expect(find('our quarterly\nreport', query)).toEqual(['quarterly\nreport']);
      expect(find('report quarterly', query)).toBeNull();
      expect(find('quarterly reports', query)).toBeNull();
    }
    expect(find('he is there', '"the"')).toBeNull();
    expect(find('請看預算報告', '"算報"')).toEqual(['算報']);
  });

  it('finds what is of both scripts', () => {
    expect(find('Q3預算v2', 'q3預算')).toEqual(['Q3預算']);
    expect(find('the budget預算', 'get預')).toEqual(['get預']);
    expect(find('FAQ3預算', 'Q3預')).toEqual(['Q3預']);
  });

  it('compares signs that stand between letters', () => {
    expect(find('see foo-bar.txt', 'foo-bar.txt')).toEqual(['foo-bar.txt']);
    expect(find('see foo bar txt', 'foo-bar.txt')).toBeNull();
    expect(find('written in C++', 'c++')).toEqual(['C++']);
    expect(find('written in C', 'c++')).toBeNull();
    expect(find('50% of $1,000', '1,000')).toEqual(['1,000']);
  });

  it('finds emoji and other signs that are no punctuation', () => {
    expect(find('done 👍🏽', '👍')).toEqual(['👍']);
    expect(find('€50', '€')).toEqual(['€']);
  });

  it('finds scripts without spaces', () => {
    expect(find('会議は東京タワーで', 'タワー')).toEqual(['タワー']);
    expect(find('서울에서 회의', '서울')).toEqual(['서울']);
    expect(find('ประชุมวันจันทร์', 'วันจันทร์')).toEqual(['วันจันทร์']);
  });

  it('is nothing without letters, and has no terms with signs alone', () => {
    expect(readQuery('')).toEqual([]);
    expect(readQuery(' " " \u200b')).toEqual([]);
    expect(readQuery('-> !!').map(({ terms }) => terms)).toEqual([[], []]);
  });

  it('takes a pattern of a regular expression for text', () => {
    expect(find('aaaa(a+)+$ aaaa', '(a+)+$')).toEqual(['(a+)+$']);
    expect(find('anything at all', '.*')).toBeNull();
  });

  it('finds any part of a text that is three letters or one character long, by terms that the index has', () => {
    const letters = fc.stringMatching(/^[a-cé]{1,12}$/);
    const characters = fc.string({ unit: fc.constantFrom('預', '算', '报', '告', '衞', '👍', '𠮷'), minLength: 1, maxLength: 8 });
    const body = fc.array(fc.oneof(letters, characters, fc.constantFrom(' ', ', ', '\n', '-')), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(body, fc.nat(), fc.nat(), (parts, from, length) => {
        const all = [...parts.join('').normalize('NFC')];
        const start = from % all.length;
        const needle = all.slice(start, start + 3 + (length % 6)).join('');
        fc.pre(!/\s/.test(needle) && /[a-cé]{3}|[^\sa-cé,-]/u.test(needle));
        expect(find(all.join(''), needle)).not.toBeNull();
      }),
    );
  });

  it('takes no long time for a hostile text', () => {
    const body = 'a'.repeat(100_000);
    expect(find(body, 'aaa')).toEqual(['a'.repeat(102)]);
    expect(find(body, `${'a'.repeat(199)}b`)).toBeNull();
    expect(find('\u0301'.repeat(100_000), 'abc')).toBeNull();
  });
});
