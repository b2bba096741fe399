import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNeedles, presentFound } from '../../../../src/chat/search/found-message.js';
import { readQuery } from '../../../../src/chat/search/query.js';
import { message } from './message.js';

const conversation = { id: '0198a000-0000-7000-8000-000000000001', kind: 'group', title: 'Weekly' } as const;

function present(body: string, query: string, files: readonly string[] = []) {
  const found = message(body, files);
  const finds = findNeedles(found, readQuery(query));
  return finds && presentFound(found, finds, conversation);
}

describe('A found message', () => {
  it('is shown whole where it is short', () => {
    expect(present('the budget', 'budget')?.snippet).toEqual({ text: 'the budget', start: 0, highlights: [[4, 10]] });
  });

  it('is shown around the first find where it is long, never with half a character', () => {
    const filling = fc.string({ unit: fc.constantFrom('👍', 'e\u0301', '預', 'a', ' ', '👨‍👩‍👧'), maxLength: 400 });
    fc.assert(
      fc.property(filling, filling, (before, after) => {
        const body = `${before} needle ${after}`;
        const found = present(body, 'needle');
        const { text = '', start = 0, highlights = [] } = found?.snippet ?? {};
        expect(body.slice(start, start + text.length)).toBe(text);
        expect(text.length).toBeLessThanOrEqual(240);
        expect(highlights.map(([from, to]) => text.slice(from, to))).toContain('needle');
        // Throws for half a surrogate pair.
        expect(() => encodeURIComponent(text)).not.toThrow();
        expect(text).not.toMatch(/^[\u0301\u200d]/);
      }),
    );
  });

  it('is shown from its beginning where only the name of a file was found', () => {
    const found = present('x'.repeat(1_000), 'report', ['one.pdf', 'Report.pdf']);
    expect(found?.snippet).toEqual({ text: 'x'.repeat(240), start: 0, highlights: [] });
    expect(found?.highlights).toEqual([]);
    expect(found?.attachments.map(({ highlights }) => highlights)).toEqual([[], [[0, 6]]]);
  });

  it('may have one piece in its text and the other in the name of a file, but not half of one', () => {
    expect(present('the budget', 'budget report', ['report.pdf'])).not.toBeNull();
    expect(present('the bud', 'budget', ['get.pdf'])).toBeNull();
  });

  it('has no more highlights than a page can use', () => {
    expect(present('ab '.repeat(2_000), 'ab')?.highlights).toHaveLength(100);
  });
});
