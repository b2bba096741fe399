import { describe, expect, it } from 'vitest';
import { toParticipant } from '../../../../src/signaling/meeting-state.js';
import { duration } from '../../../../web/src/meeting/duration';
import { coverageOf } from '../../../../web/src/meeting/recording/coverage';
import { noticeIn } from '../../../../web/src/meeting/recording/notice-text';

const here = [
  toParticipant({ id: '1', personId: 'anna', name: 'Anna' }),
  toParticipant({ id: '2', personId: 'ben', name: 'Ben' }),
  toParticipant({ id: '3', personId: 'ben', name: 'Ben' }),
  toParticipant({ id: '4', personId: 'me', name: 'Me' }),
];

describe('whom a recording covers', () => {
  it('are persons, whatever the number of their devices, oneself first', () => {
    const { recorded, others } = coverageOf(here, new Set(['ben', 'me']), 'me');
    expect(recorded.map(({ name }) => name)).toEqual(['Me', 'Ben']);
    expect(others.map(({ name }) => name)).toEqual(['Anna']);
  });

  it('are those who are here: who has left is not counted', () => {
    const { recorded, others } = coverageOf(here, new Set(['gone']), undefined);
    expect([recorded.length, others.length]).toEqual([0, 3]);
  });
});

describe('the notice', () => {
  const texts = { en: { title: 'This meeting is to be recorded' }, 'zh-Hant': { title: '本會議將會錄影' } };

  it('is read in the language of the page, which the answer names', () => {
    expect(noticeIn({ texts }, 'zh-Hant')).toEqual({ language: 'zh-Hant', text: texts['zh-Hant'] });
  });

  it('is read in English where the language of the page is missing, else in any', () => {
    expect(noticeIn({ texts }, 'zh-Hans')?.language).toBe('en');
    expect(noticeIn({ texts: { 'zh-Hant': texts['zh-Hant'] } }, 'zh-Hans')?.language).toBe('zh-Hant');
    expect(noticeIn({}, 'en')).toBeNull();
  });
});

describe('the time since the start', () => {
  it('has hours only where there are some, and never runs below nothing', () => {
    expect([-5, 0, 61_000, 3_600_000, 36_061_999].map(duration)).toEqual(['00:00', '00:00', '01:01', '1:00:00', '10:01:01']);
  });
});
