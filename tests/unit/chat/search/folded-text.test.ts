import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldText, foldWithPlaces } from '../../../../src/chat/search/folded-text.js';
import { simplified } from '../../../../src/chat/search/simplified.js';

describe('Folded text', () => {
  const same: readonly (readonly [what: string, a: string, b: string])[] = [
    ['Traditional and Simplified', '預算報告寄給財務部', '预算报告寄给财务部'],
    ['the forms of Hong Kong and of Taiwan', '衞生署綫上裏着', '衛生署線上裡著'],
    ['characters that Simplified writes as one', '頭髮發展後天皇后', '头发发展后天皇后'],
    ['case', 'BUDGET Straße', 'budget straße'],
    ['width', 'ＡＢＣ１２３　ｶﾞ', 'abc123 ガ'],
    ['accents', 'Café Zoë İzmir', 'cafe zoe izmir'],
    ['composed and decomposed letters', 'e\u0301a\u0308 \u304b\u3099', '\u00e9\u00e4 \u304c'],
    ['composed and decomposed Hangul', '\u1112\u1161\u11ab', '\ud55c'],
    ['ligatures and units', 'ﬁle ㎏', 'file kg'],
    ['kinds of space', 'a \t\n\u00a0 b', 'a b'],
    ['what nobody sees', 'bud\u200bg\u00adet\ufeff', 'budget'],
    ['compatibility forms of characters', '\u{2F800}', '丽'],
  ];
  for (const [what, a, b] of same)
    it(`makes no difference between ${what}`, () => {
      expect(foldText(a)).toBe(foldText(b));
    });

  it('tells letters apart that marks make another letter', () => {
    expect(foldText('か')).not.toBe(foldText('が'));
  });

  it('makes of each character one that stays as it is', () => {
    for (const [character, folded] of simplified) {
      expect(simplified.has(folded), character).toBe(false);
      expect([...folded]).toHaveLength(1);
    }
  });

  it('knows for each of its units where in the original it came from', () => {
    const original = 'Ａ ㎏ e\u0301預𠮷';
    const { text, starts, ends } = foldWithPlaces(original);
    const from = (part: string) => {
      const at = text.indexOf(part);
      return original.slice(starts[at], ends[at + part.length - 1]);
    };
    expect([from('a'), from('kg'), from('g'), from('e'), from('预'), from('𠮷')]).toEqual(['Ａ', '㎏', '㎏', 'e\u0301', '預', '𠮷']);
  });

  it('covers the original in order, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (original) => {
        const { text, starts, ends } = foldWithPlaces(original);
        expect(text).toBe(foldText(original));
        expect([starts.length, ends.length]).toEqual([text.length, text.length]);
        const isInOrder = (start: number, at: number) =>
          start < ends[at]! && start >= (starts[at - 1] ?? 0) && ends[at]! <= original.length;
        expect(starts.every(isInOrder)).toBe(true);
      }),
    );
  });

  it('takes halves of surrogate pairs for nothing', () => {
    expect(foldText('a\ud83db\udc4d')).toBe('ab');
  });
});
