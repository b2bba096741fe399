import { describe, expect, it } from 'vitest';
import { course, gradeName } from '../../../../web/src/pages/quality/grade';

describe('the grade of a call', () => {
  it('has a word', () => {
    expect([10, 7, 6.9, 4, 3.9, null].map(gradeName)).toEqual(['good', 'good', 'fair', 'fair', 'bad', 'none']);
  });

  it('is drawn from left to right, with gaps where nothing was reported', () => {
    expect(course([10, 5, null, 0, 10], 100, 20).path).toBe('M0 0L25 10M75 20L100 0');
  });

  it('shows a single minute between two gaps', () => {
    expect(course([null, 5, null], 100, 20)).toMatchObject({ path: '', dots: [{ x: 50, y: 10 }] });
    expect(course([10], 100, 20).dots).toEqual([{ x: 0, y: 0 }]);
  });

  it('knows its worst minute', () => {
    expect(course([9, 3, 8], 100, 20).lowest).toEqual({ grade: 3, minute: 1 });
    expect(course([null], 100, 20).lowest).toBeNull();
  });
});
