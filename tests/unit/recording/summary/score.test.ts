import { describe, expect, it } from 'vitest';
import type { LabelledMeeting } from '../../../../load-tests/summary/labelled-meetings.js';
import { judge, precision, recall } from '../../../../load-tests/summary/score.js';
import type { Draft, FoundAction } from '../../../../src/recording/summary/meeting-text.js';
import type { Sentence } from '../../../../src/recording/summary/schema.js';

const said = (lineId: string): Sentence => ({ text: 'x', atMs: 0, lineId, origin: 'speech', personId: 'a', speaker: 'A' });
const found = (lineId: string, over: Partial<FoundAction> = {}): FoundAction => ({
  what: 'Send the report',
  assigneeId: 'a',
  dueOn: '2026-03-06',
  dueText: null,
  said: said(lineId),
  ...over,
});
const meeting: LabelledMeeting = {
  name: 'one',
  set: 'develop',
  language: 'en',
  title: 'One',
  startedAt: '2026-03-04T10:00:00+08:00',
  people: [
    { id: 'a', name: 'A' },
    { id: 'b', name: 'B' },
  ],
  lines: [],
  expected: {
    actions: [
      { lines: ['l1', 'l2'], who: 'a', dueOn: '2026-03-06', what: ['report'] },
      { lines: ['l5'], who: null, dueOn: null, what: ['room'] },
    ],
    decisions: [{ lines: ['l3'] }],
    questions: [],
  },
};
const score = (actions: readonly FoundAction[], decisions: readonly Sentence[] = []) => {
  const draft: Draft = {
    engine: 'offline',
    model: null,
    fellBack: null,
    language: 'en',
    content: { overview: [], topics: [], decisions: [...decisions], questions: [] },
    actions,
  };
  return judge(meeting, draft).score;
};

describe('The score of a summary', () => {
  it('counts an item on any line of its label, once', () => {
    expect(score([found('l2')]).action_items).toEqual({ right: 1, found: 1, there: 2 });
    expect(score([found('l1'), found('l2')]).action_items).toEqual({ right: 1, found: 2, there: 2 });
    expect(score([found('l9')]).action_items).toEqual({ right: 0, found: 1, there: 2 });
  });

  it('counts assignees and days of right items as right, and all that were found', () => {
    expect(score([found('l1', { assigneeId: 'b' }), found('l9')]).assignees).toEqual({ right: 0, found: 2, there: 1 });
    expect(score([found('l1'), found('l5')]).due_dates).toEqual({ right: 1, found: 2, there: 1 });
    expect(score([found('l1', { dueOn: null })]).due_dates).toEqual({ right: 0, found: 0, there: 1 });
  });

  it('of nothing found is all right, and nothing of what is there', () => {
    const { action_items: items, decisions } = score([]);
    expect([precision(items), recall(items), recall(decisions)]).toEqual([1, 0, 0]);
    expect(score([], [said('l3'), said('l4')]).decisions).toEqual({ right: 1, found: 2, there: 1 });
  });
});
