import { describe, expect, it } from 'vitest';
import { shownOn } from '../../../../src/recording/summary/pruning.js';
import { emptyContent, type Sentence } from '../../../../src/recording/summary/schema.js';

const said = (lineId: string, text: string): Sentence => ({ text, atMs: 0, lineId, origin: 'speech', personId: 'ada', speaker: 'Ada' });
const shown = (left: readonly string[], title: string, ...sentences: Sentence[]) =>
  shownOn(left.map((id) => ({ id, personId: 'ada', beginMs: 5_000, endMs: 6_000 }))).content({
    ...emptyContent,
    topics: [{ title, beginMs: 0, endMs: 1, sentences }],
  }).topics;

describe('a topic of which something was cut out', () => {
  it('is called after what is left: its title may have been made of what is gone', () => {
    const topics = shown(['b'], 'Merger with Lantau', said('a', 'We merge with Lantau.'), said('b', 'The cables come on Friday.'));
    expect(topics).toEqual([
      { title: 'The cables come on Friday.', beginMs: 0, endMs: 1, sentences: [said('b', 'The cables come on Friday.')] },
    ]);
  });

  it('gets no longer title than topics may have', () => {
    expect(shown(['b'], 'Merger', said('a', 'Gone.'), said('b', 'Cables '.repeat(60)))[0]?.title).toHaveLength(120);
  });

  it('goes with its last sentence', () => {
    expect(shown([], 'Merger with Lantau', said('a', 'We merge with Lantau.'))).toEqual([]);
  });

  it('keeps its title when nothing of it is gone, also where it never had a sentence', () => {
    expect(shown(['a'], 'Merger', said('a', 'We merge.'))[0]?.title).toBe('Merger');
    expect(shown([], 'Any other business')[0]?.title).toBe('Any other business');
  });
});
