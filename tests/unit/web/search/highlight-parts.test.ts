import { expect, test } from 'vitest';
import { parts } from '../../../../web/src/search/highlight-parts';

const shown = (text: string, ranges: [number, number][]) =>
  parts(text, ranges)
    .map((part) => (part.found ? `[${part.text}]` : part.text))
    .join('');

test('a text is cut where something was found', () => {
  expect(shown('请看明年的预算表', [[5, 7]])).toBe('请看明年的[预算]表');
  expect(shown('budget', [[0, 6]])).toBe('[budget]');
  expect(shown('nothing', [])).toBe('nothing');
});

test('ranges that overlap, lie outside or stand in another order lose nothing of the text', () => {
  expect(
    shown('abcdef', [
      [3, 5],
      [0, 4],
    ]),
  ).toBe('[abcd][e]f');
  expect(
    shown('abc', [
      [2, 90],
      [-5, 1],
      [7, 9],
      [1, 1],
    ]),
  ).toBe('[a]b[c]');
});
