import { describe, expect, it } from 'vitest';
import { piecesOf, tokensOf } from '../../../../../src/recording/summary/server/pieces.js';
import { meeting } from '../meeting.js';

const lines = meeting(['Amy Wong'], ...Array.from({ length: 50 }, (_, index) => `Amy: sentence number ${index} of this meeting`)).lines;
const show = ({ text }: { text: string }) => text;

describe('A long transcript', () => {
  it('is divided into pieces that fit, and nothing is lost', () => {
    const pieces = piecesOf(lines, 100, show);
    expect(pieces.length).toBeGreaterThan(3);
    for (const piece of pieces) expect(piece.reduce((sum, line) => sum + tokensOf(line.text), 0)).toBeLessThanOrEqual(100);
    expect([...new Set(pieces.flat())]).toEqual(lines);
  });

  it('keeps a few lines of the piece before, so that a request and its answer are together', () => {
    const [first = [], second = []] = piecesOf(lines, 200, show);
    expect(second.slice(0, 4)).toEqual(first.slice(-4));
  });

  it('has a piece for a line that is too long alone', () => {
    const huge = { ...lines[0]!, text: '長'.repeat(5_000) };
    expect(piecesOf([huge, ...lines.slice(0, 2)], 100, show)[0]).toEqual([huge]);
    expect(piecesOf([], 100, show)).toEqual([]);
  });
});

it('A Chinese character counts for more than a letter', () => {
  expect(tokensOf('一二三四')).toBeGreaterThan(tokensOf('abcd'));
});
