import { describe, expect, it } from 'vitest';
import { datesIn, dueDate } from '../../../../../src/recording/summary/offline/date-finder.js';
import { foldText } from '../../../../../src/recording/summary/offline/folded-text.js';
import { wednesday } from '../meeting.js';

const sentence = (text: string) => ({ text, folded: foldText(text), chinese: /\p{sc=Han}/u.test(text) });
const due = (text: string, at = wednesday, zone = 'Asia/Hong_Kong') => dueDate(sentence(text), at, zone)?.day ?? null;

describe('A day that is named in English, on Wednesday 4 March 2026', () => {
  it.each([
    ['by Friday', '2026-03-06'],
    ['by next Wednesday', '2026-03-11'],
    ['next Friday', '2026-03-13'],
    ['before the end of next week', '2026-03-13'],
    ['by the end of the week', '2026-03-06'],
    ['this week', '2026-03-06'],
    ['by the end of the month', '2026-03-31'],
    ['by the end of April', '2026-04-30'],
    ['by EOD', '2026-03-04'],
    ['by close of business Thursday', '2026-03-05'],
    ['tonight', '2026-03-04'],
    ['this afternoon', '2026-03-04'],
    ['tomorrow morning', '2026-03-05'],
    ['the day after tomorrow', '2026-03-06'],
    ['within three days', '2026-03-07'],
    ['in two weeks', '2026-03-18'],
    ['by the 20th', '2026-03-20'],
    ['by the 2nd', '2026-04-02'],
    ['by Monday the 16th', '2026-03-16'],
    ['on the twentieth of March', '2026-03-20'],
    ['BY THE TWENTY SECOND OF JUNE', '2026-06-22'],
    ['due on december fourth', '2026-12-04'],
    ['before May 7', '2026-05-07'],
    ['by 20/3', '2026-03-20'],
    ['the board meets on March 28, so two days before', '2026-03-26'],
  ])('"%s" is %s', (text, day) => {
    expect(due(text)).toBe(day);
  });

  it.each([
    'the first item',
    'in a second',
    'ten minutes',
    'I sent it yesterday',
    'since Monday',
    "Monday's outage",
    'in May',
    'one more thing',
  ])('"%s" is no day that something is due on', (text) => {
    expect(due(text)).toBeNull();
  });

  it('is taken from the end of a time where another day is named too', () => {
    expect(due('for the show next Monday I need it by Friday')).toBe('2026-03-06');
  });
});

describe('A day that is named in Chinese, on Wednesday 4 March 2026', () => {
  it.each([
    ['下星期三前', '2026-03-11'],
    ['下礼拜三之前', '2026-03-11'],
    ['下周三前', '2026-03-11'],
    ['下個星期一', '2026-03-09'],
    ['今個星期五之前', '2026-03-06'],
    ['周五前', '2026-03-06'],
    ['聽日之前', '2026-03-05'],
    ['聽朝', '2026-03-05'],
    ['明天下午', '2026-03-05'],
    ['礼拜四下午三点', '2026-03-05'],
    ['後日', '2026-03-06'],
    ['大后天', '2026-03-07'],
    ['今日之內', '2026-03-04'],
    ['今天下班前', '2026-03-04'],
    ['三天内', '2026-03-07'],
    ['兩個星期內', '2026-03-18'],
    ['十五號之前', '2026-03-15'],
    ['三月二十號', '2026-03-20'],
    ['下个月5号', '2026-04-05'],
    ['月底前', '2026-03-31'],
    ['三月尾', '2026-03-31'],
    ['本星期內', '2026-03-06'],
    ['下星期', '2026-03-13'],
  ])('%s is %s', (text, day) => {
    expect(due(text)).toBe(day);
  });

  it.each(['上星期五', '尋日', '上個月', '寫清楚一點', '約咗下星期三', '三分'])('%s is no day that something is due on', (text) => {
    expect(due(text)).toBeNull();
  });

  it('keeps how it was said, in the script it was written in', () => {
    const [found] = datesIn(sentence('國強，你負責聯絡報館，下星期三前要落實'), wednesday, 'Asia/Hong_Kong');
    expect(found).toMatchObject({ text: '下星期三', deadline: true });
  });
});

describe('Tomorrow', () => {
  it('is the day after the meeting on the wall of its zone, whatever the hour', () => {
    const lateInLondon = new Date('2026-03-04T23:30:00Z');
    expect(due('tomorrow', lateInLondon, 'Asia/Hong_Kong')).toBe('2026-03-06');
    expect(due('tomorrow', lateInLondon, 'Europe/London')).toBe('2026-03-05');
    expect(due('聽日', new Date('2026-03-03T16:10:00Z'), 'Asia/Hong_Kong')).toBe('2026-03-05');
  });

  it('at the end of a month or a year is in the next one', () => {
    expect(due('tomorrow', new Date('2026-12-31T12:00:00+08:00'))).toBe('2027-01-01');
    expect(due('by the 30th', new Date('2027-02-10T12:00:00+08:00'))).toBeNull();
  });
});
