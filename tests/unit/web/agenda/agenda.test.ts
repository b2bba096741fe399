import type { AgendaItem } from '@server/signaling/meeting-state';
import { describe, expect, it } from 'vitest';
import { type DraftItem, fromDraft, isSame, moved, toDraft } from '../../../../web/src/agenda/draft';
import { nextOf } from '../../../../web/src/agenda/next-of';

const item = (id: string, spentMs = 0): AgendaItem => ({ id, title: id.toUpperCase(), minutes: null, spentMs });
const draft = (id: string, title: string, minutes = ''): DraftItem => ({ id, title, minutes });

describe('An agenda that is written', () => {
  it('leaves out what nobody gave a title, and takes minutes as they are meant', () => {
    const items = [draft('a', ' Budget ', '15'), draft('b', '  '), draft('c', 'Move', '0'), draft('d', 'Party', '999')];
    expect(fromDraft(items)).toEqual([
      { id: 'a', title: 'Budget', minutes: 15 },
      { id: 'c', title: 'Move', minutes: null },
      { id: 'd', title: 'Party', minutes: 600 },
    ]);
  });

  it('is the same as what is there, until something of it is other', () => {
    const there = [item('a'), { ...item('b'), minutes: 5 }];
    expect(isSame([...toDraft(there), draft('c', '')], there)).toBe(true);
    expect(isSame(moved(toDraft(there), 1, 0), there)).toBe(false);
    expect(isSame(toDraft(there.slice(1)), there)).toBe(false);
  });
});

describe('What comes next', () => {
  const items = [item('a', 9), item('b'), item('c')];

  it('is the item after the current one, or nothing after the last', () => {
    expect(nextOf({ items, currentId: 'b' })?.id).toBe('c');
    expect(nextOf({ items, currentId: 'c' })).toBeNull();
  });

  it('is the first after what was talked about, when nothing is now', () => {
    expect(nextOf({ items, currentId: null })?.id).toBe('b');
    expect(nextOf({ items: items.map(({ id }) => item(id)), currentId: null })?.id).toBe('a');
    expect(nextOf({ items: [item('a', 3)], currentId: null })).toBeNull();
  });
});
