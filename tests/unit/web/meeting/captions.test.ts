import { describe, expect, it } from 'vitest';
import type { CaptionEntry } from '../../../../web/src/core';
import { linesNow, nextEnd, saidLines, splitStable, translationFor } from '../../../../web/src/meeting/captions/caption-lines';
import { scriptFor, toCaptionSettings } from '../../../../web/src/meeting/captions/caption-settings';

const line = (over: Partial<CaptionEntry>): CaptionEntry => ({
  id: 'l',
  participantId: 'p',
  personId: 'anna',
  name: 'Anna',
  text: 'Good morning.',
  final: true,
  language: 'en',
  beginMs: 0,
  stable: 0,
  translations: {},
  changedAt: 0,
  ...over,
});
const ids = (lines: readonly CaptionEntry[]) => lines.map(({ id }) => id);

describe('captions on the stage', () => {
  it('are the last three', () => {
    const lines = ['1', '2', '3', '4'].map((id) => line({ id, changedAt: 1_000 }));
    expect(ids(linesNow(lines, 1_500))).toEqual(['2', '3', '4']);
  });

  it('stay as long as it takes to read them', () => {
    const short = line({ id: 'short', text: 'Yes.' });
    const long = line({ id: 'long', text: 'x'.repeat(100) });
    expect(ids(linesNow([short, long], 5_000))).toEqual(['long']);
    expect(linesNow([short, long], 60_000)).toEqual([]);
  });

  it('say when the next of them goes', () => {
    const lines = [line({ changedAt: 1_000, text: 'Yes.' }), line({ changedAt: 9_000 })];
    expect(linesNow(lines, nextEnd(lines)!)).toHaveLength(1);
    expect(nextEnd([])).toBeNull();
  });

  it('tell what stays from what may become something else, and never divide a character', () => {
    expect(splitStable('good mor', 5)).toEqual(['good ', 'mor']);
    expect(splitStable('good', 99)).toEqual(['good', '']);
    expect(splitStable('good', -1)).toEqual(['', 'good']);
    expect(splitStable('a𠮷b', 2)).toEqual(['a', '𠮷b']);
  });

  it('are translated for those who read another language, Chinese being one', () => {
    const translations = { en: 'Good morning', 'zh-Hant': '早晨' };
    expect(translationFor(line({ language: 'en', translations }), 'zh-Hant')).toBe('早晨');
    expect(translationFor(line({ language: 'en-HK', translations }), 'en')).toBeNull();
    expect(translationFor(line({ language: 'yue', translations }), 'zh-Hant')).toBeNull();
    expect(translationFor(line({ language: 'cmn', translations }), 'en')).toBe('Good morning');
    expect(translationFor(line({ language: 'ja' }), 'en')).toBeNull();
  });
});

describe('what was said', () => {
  it('is what is finished, by the time at which it was said', () => {
    const lines = [line({ id: 'late', beginMs: 2 }), line({ id: 'early', beginMs: 1 }), line({ id: 'now', beginMs: 3, final: false })];
    expect(ids(saidLines(lines, ''))).toEqual(['early', 'late']);
  });

  it('is found by words and by names', () => {
    const lines = [line({ id: '1', text: 'The Budget' }), line({ id: '2', name: '陳大文', text: '早晨' })];
    expect(ids(saidLines(lines, ' budget '))).toEqual(['1']);
    expect(ids(saidLines(lines, '大文'))).toEqual(['2']);
    expect(saidLines(lines, 'nothing')).toEqual([]);
  });
});

describe('how captions are read', () => {
  it('is as it was chosen, and as usual where something else stands', () => {
    const chosen = { shown: false, size: 'large', place: 'top', script: 'hans', translate: false };
    expect(toCaptionSettings(JSON.stringify(chosen))).toEqual(chosen);
    const usual = { shown: true, size: 'medium', place: 'bottom', script: null, translate: true };
    for (const stored of [null, '', '{', '7', 'null', '[]', '{"size":"huge","place":3,"script":"jp","shown":"no"}'])
      expect(toCaptionSettings(stored), String(stored)).toEqual(usual);
  });

  it('is in the characters of the page, else in those of the reader', () => {
    expect(scriptFor('zh-Hans', [])).toBe('hans');
    expect(scriptFor('zh-Hant', ['zh-CN'])).toBe('hant');
    expect(scriptFor('en', ['en-GB', 'zh-CN'])).toBe('hans');
    expect(scriptFor('en', ['en', 'yue'])).toBe('hant');
    expect(scriptFor('en', ['en-GB'])).toBe('hant');
  });
});
