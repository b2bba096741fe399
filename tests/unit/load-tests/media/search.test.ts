import { describe, expect, it } from 'vitest';
import { largestThatWorks } from '../../../../load-tests/media/search.js';
import { slope } from '../../../../load-tests/media/trend.js';
import { chooseViews } from '../../../../load-tests/media/views.js';
import { limitOf } from '../../../../load-tests/media/window.js';

describe('the search', () => {
  it('finds the largest number that works, from below and from above', async () => {
    for (const start of [1, 100, 5_000]) {
      const most = await largestThatWorks({ start, most: 10_000, within: 0.01, works: async (count) => count <= 437 });
      expect(most).toBeLessThanOrEqual(437);
      expect(most).toBeGreaterThanOrEqual(432);
    }
  });

  it('ends at the most that it may try, and at nothing', async () => {
    expect(await largestThatWorks({ start: 10, most: 64, within: 0.05, works: async () => true })).toBe(64);
    expect(await largestThatWorks({ start: 10, most: 64, within: 0.05, works: async () => false })).toBe(0);
  });
});

describe('the limit', () => {
  const calm = { busiestWorker: 0.5, busiestGenerator: 0.5, machine: 0.5, ours: 0.5, total: { dropped: 0 } };

  it.each([
    ['a media worker', { busiestWorker: 0.97, machine: 1, ours: 0.9 }],
    ['the load generator', { busiestGenerator: 0.95 }],
    ['the load generator', { total: { dropped: 3 } }],
    ['the machine, which the load generator shares', { machine: 1, ours: 0.95 }],
    ['other programs on the machine', { machine: 1, ours: 0.3, total: { dropped: 3 } }],
    ['not known', {}],
  ])('is %s', (limit, over) => {
    expect(limitOf({ ...calm, ...over })).toBe(limit);
  });
});

describe('a trend', () => {
  it('is the slope of the line through the points', () => {
    expect(slope([0, 1, 2, 3].map((x) => ({ x, y: 5 + 2 * x })))).toBeCloseTo(2);
    expect(() => slope([{ x: 1, y: 1 }])).toThrow(RangeError);
  });
});

describe('views of a large meeting', () => {
  const cameras = Array.from({ length: 40 }, (_, at) => ({ owner: at + 1, producerId: `camera ${at + 1}` }));
  const people = cameras.map(({ owner }) => owner);

  it('are the same first pictures for most, never oneself', () => {
    const views = chooseViews({ cameras, people, shown: 9, browsing: 0 });
    expect(views.get(30)).toEqual(cameras.slice(0, 9).map(({ producerId }) => producerId));
    expect(views.get(3)).not.toContain('camera 3');
    expect(views.get(3)).toHaveLength(9);
  });

  it('are others for those who have turned the page', () => {
    const views = chooseViews({ cameras, people, shown: 9, browsing: 10 });
    const first = views.get(1);
    expect([...views.values()].filter((view) => view.at(-1) !== first?.at(-1) && view.length > 0).length).toBeGreaterThanOrEqual(3);
  });
});
