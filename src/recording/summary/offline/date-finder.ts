/**
 * Days that people name: "by next Wednesday", 下星期三前, 聽日之前, "the 20th", 月底. Dates and weekdays are read by
 * chrono-node; parsers of our own, in its form, add what offices say and it does not know, and Cantonese is
 * put into words that it knows first.
 */
import { type Component, en, type ParsedResult, type Parser, type ParsingContext, zh } from 'chrono-node';
import type { SpokenSentence } from './spoken-sentence.js';

export interface FoundDate {
  /** YYYY-MM-DD */
  readonly day: string;
  /** As it was said. */
  readonly text: string;
  /** In the sentence. */
  readonly begin: number;
  readonly end: number;
  /** It is said to be the end of a time: by, before, 前, 之內. */
  readonly deadline: boolean;
}

type Days = Partial<Record<Component, number>>;

const weekdays = 'mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?';
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ordinals: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
  eleventh: 11,
  twelfth: 12,
  thirteenth: 13,
  fourteenth: 14,
  fifteenth: 15,
  sixteenth: 16,
  seventeenth: 17,
  eighteenth: 18,
  nineteenth: 19,
  twentieth: 20,
  thirtieth: 30,
};
const ordinal = `(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|${Object.keys(ordinals).join('|')}`;
const monthName = 'january|february|march|april|may|june|july|august|september|october|november|december';

const english = en.GB.clone();
english.parsers.unshift(
  // "the 20th", "Monday the 18th", "the twentieth of June".
  parser(
    new RegExp(
      `(?:(?:${weekdays}),? )?the (?:(\\d{1,2})(?:st|nd|rd|th)|(${ordinal}))(?: of (${monthName}|this month|next month))?(?! (?:floor|quarter|time|one|item|half|version|option|draft|phase|round|part|year|month|week|day|point|thing|[a-z]+ (?:is|was)))\\b`,
      'i',
    ),
    (today, [, digits, words, month]) => dayOfMonth(today, digits ? Number(digits) : numberOf(words ?? ''), month),
  ),
  parser(
    new RegExp(`(${monthName}|(?:${months.join('|')})\\.?) (?:(\\d{1,2})(?:st|nd|rd|th)?|(${ordinal}))(?![\\d:])\\b`, 'i'),
    (today, [, month, digits, words]) => dayOfMonth(today, digits ? Number(digits) : numberOf(words ?? ''), month),
  ),
  parser(
    new RegExp(
      `(?:eod|cob|(?:the )?(?:close|end) of (?:the )?(?:business|day|today))(?! (?:on )?(?:${weekdays}|tomorrow|today|the|next|\\d))\\b`,
      'i',
    ),
    (today) => today,
  ),
  parser(/(?:later |early )?this (?:afternoon|evening)\b/i, (today) => today),
  parser(/(?:eow|(?:the )?end of (?:the |this )?week|this week)\b/i, (today) => fridayOf(today, 0)),
  parser(/(?:(?:the )?end of next week|(?:sometime )?(?<!early )next week)\b/i, (today) => fridayOf(today, 1)),
  parser(/(?:(?:the )?end of (?:the |this )?month|month[ -]end)\b/i, (today) => lastOfMonth(today, 0)),
  parser(/(?:(?:the )?end of )?next month\b/i, (today) => lastOfMonth(today, 1)),
  parser(new RegExp(`(?:the )?end of (${monthName})\\b`, 'i'), (today, [, month]) => endOf(today, month ?? '')),
);

const chinese = zh.hant.casual.clone();
const han = '[一二三四五六七八九十廿卅兩0-9]';
chinese.parsers.unshift(
  parser(new RegExp(`(?:(下個月|下月)|(?:今個月|這個月|本月))?(${han}{1,3})(?:號|日)(?!內|之內|後|前後|子)`), (today, [, next, number]) => {
    const day = hanNumber(number ?? '');
    return next ? inMonth(today, 1, day) : dayOfMonth(today, day, undefined);
  }),
  parser(/(下個月|下月)?(?:今個月|這個月|本月)?月?[底尾](?!下)/, (today, [text, next]) =>
    /月/.test(text ?? '') ? lastOfMonth(today, next ? 1 : 0) : null,
  ),
  parser(new RegExp(`(${han}{1,2})月(?:底|尾)`), (today, [, month]) => endOf(today, months[hanNumber(month ?? '') - 1] ?? '')),
  parser(/(?:今個|這個|本)?(?:星期|禮拜)(?:之內|內|底)|(?:今個|這個|本)(?:星期|禮拜)(?![一二三四五六日])/, (today) => fridayOf(today, 0)),
  parser(/下個?(?:星期|禮拜)(?![一二三四五六日頭初])(?:之?內)?/, (today) => fridayOf(today, 1)),
  parser(/(?:今個|這個|本)(?:星期|禮拜)([一二三四五六日])/, (today, [, day]) => ofThisWeek(today, '一二三四五六日'.indexOf(day ?? ''))),
  parser(/下個?(?:星期|禮拜)([一二三四五六日])/, (today, [, day]) => ofThisWeek(today, 7 + '一二三四五六日'.indexOf(day ?? ''))),
  parser(/等陣|陣間|等一陣|一陣間|一会兒?|一会儿|待会|等下(?!個|星期|周)/, (today) => today),
  parser(/收工|放工|下班/, (today) => today),
);

/** What chrono's Chinese reads, by what is said or written otherwise. Within the first character's place of each. */
const rewritings: readonly (readonly [RegExp, string])[] = [
  // What has passed is no day to do something on.
  [/上個?(?:星期|禮拜|周)[一二三四五六日天]?|上個?月[初中底尾]?|(?:寻|琴|昨)[日天晚]|前[日天](?=[^内之])|上次/g, '□'],
  [/(?:大后天|大后日)/g, '大後日'],
  [/后[天日]/g, '後日'],
  [/(?:听|明)[日天]|听朝|明早/g, '明日'],
  // The hour doesn't matter, and chrono takes a weekday with an hour for today.
  [/(?<=[日天号一二三四五六])(?:上午|下午|上昼|下昼|朝早|晏昼|夜晚|傍晚|中午|晚上|早上|晚|朝)/g, '□'],
  [/(?:今[天日朝晚]|今?下[昼午]|今次?晏昼)/g, '今日'],
  [/(?:这|今|本|呢)个?(?:周|星期|礼拜)(?=[一二三四五六日天])/g, '今個星期'],
  [/(?:这|今|本|呢)个?(?:周|星期|礼拜)/g, '今個星期'],
  [/下个?(?:周|星期|礼拜)/g, '下個星期'],
  [/(?:周|礼拜)(?=[一二三四五六日天])/g, '星期'],
  [/礼拜/g, '星期'],
  [/周末/g, '星期六'],
  [/(?<=[一二两三四五六七八九十0-9])个?(?:周|星期)(?=内|之内|后)/g, '個星期'],
  [/(?<=[一二两三四五六七八九十0-9])天(?=内|之内|后)/g, '日'],
  [/(?<=星期)天/g, '日'],
  [/(?:呢|这|今)个月/g, '今個月'],
  [/下个月/g, '下個月'],
  [/阵/g, '陣'],
  [/头/g, '頭'],
  [/间/g, '間'],
  [/两/g, '兩'],
  [/号/g, '號'],
  [/内/g, '內'],
  [/后/g, '後'],
  [/个/g, '個'],
];

const before =
  /(?:\b(?:by|before|until|till|no later than|not later than|due|within|latest|deadline(?: is)?)(?: the| at| on| close of business| cob| end of)?|最迟|赶(?:喺|在)|之内|最遲)\s*$/;
const after = /^\s*(?:之前|或之前|以前|前|内|之内|为止|到期|at the latest|latest|noon)/;
/** Said of something else: "the numbers from Monday", "since May". */
const other =
  /\b(?:from|since|after|of|last|until last|starting|from the|as of)\s*$|\b(?:meets|met|expires?|starts?|begins?|published?|launch(?:es)?|moved to|is on|are on)(?: on| at)?\s*$/;

/** Days that lie on or after the meeting's, in the order of the sentence. */
export function datesIn(
  { folded, text, chinese: inHan }: Pick<SpokenSentence, 'folded' | 'text' | 'chinese'>,
  at: Date,
  timeZone: string,
): FoundDate[] {
  const reference = noonOf(calendar(at, timeZone));
  const today = isoDay(calendar(at, timeZone));
  const working = inHan ? rewrite(folded) : { text: folded, places: null };
  const results = [
    ...(inHan ? chinese.parse(working.text, reference, { forwardDate: true }) : []),
    ...(/[a-z]|\d\/\d/.test(folded) ? english.parse(working.text, reference, { forwardDate: true }) : []),
  ];
  const found: FoundDate[] = [];
  for (const result of results) {
    const place = (index: number): number => working.places?.[index] ?? index;
    const [begin, end] = [
      place(result.index),
      working.places ? (working.places[result.index + result.text.length] ?? folded.length) : result.index + result.text.length,
    ];
    if (
      !isDay(result) ||
      /^(?:now|just now|right now)$|\b(?:minutes?|moments?)\b|\b(?:a|few|of|\d+|ten|thirty) seconds?\b/.test(result.text)
    )
      continue;
    const day = isoDay({ year: result.start.get('year') ?? 0, month: result.start.get('month') ?? 0, day: result.start.get('day') ?? 0 });
    if (day < today || found.some((one) => begin < one.end && one.begin < end)) continue;
    const [lead, tail] = [folded.slice(0, begin), folded.slice(end)];
    if ((other.test(lead) && !before.test(lead)) || /(?:约|约咗|约了|改到|改咗去|定于|定喺)\s*$/.test(lead)) continue;
    // "一点" is also "a little".
    if (inHan && /[点點时時半]/.test(result.text) && !/[日號天期月今明後]/.test(result.text)) continue;
    if (/^'s?\b/.test(tail) || /^(?:嗰|那)(?:次|个|場|场)/.test(tail)) continue;
    found.push({
      day,
      text: text
        .slice(begin, end)
        .replace(/^[\s，,、。]+/, '')
        .trim(),
      begin,
      end,
      deadline: before.test(lead) || after.test(tail) || /^(?:in|within) |内$/.test(result.text),
    });
  }
  return found.sort((a, b) => a.begin - b.begin);
}

/** The day by which something is to be done: what is said to be an end first, else the last that is named. */
export function dueDate(sentence: Pick<SpokenSentence, 'folded' | 'text' | 'chinese'>, at: Date, timeZone: string): FoundDate | null {
  const dates = datesIn(sentence, at, timeZone);
  const anchored = daysBefore(sentence, at, timeZone);
  return anchored ?? dates.find((date) => date.deadline) ?? dates[0] ?? null;
}

/** "The board meets on January 28, so I'll have it ready two days before." */
function daysBefore(
  { folded, text, chinese: inHan }: Pick<SpokenSentence, 'folded' | 'text' | 'chinese'>,
  at: Date,
  timeZone: string,
): FoundDate | null {
  const match = /\b(a|one|two|three|four|five|\d{1,2}) (day|week)s? (?:before|earlier|in advance)\b(?! (?:the|we|i|he|she|they|it)\b)/.exec(
    folded,
  );
  if (!match || inHan) return null;
  const number = ['', 'one', 'two', 'three', 'four', 'five'].indexOf(match[1] ?? '');
  const count = match[1] === 'a' ? 1 : number > 0 ? number : Number(match[1]);
  const [event] = english.parse(folded.slice(0, match.index), noonOf(calendar(at, timeZone)), { forwardDate: true });
  if (!event || !isDay(event)) return null;
  const day = shift(
    { year: event.start.get('year') ?? 0, month: event.start.get('month') ?? 0, day: event.start.get('day') ?? 0 },
    -count * (match[2] === 'week' ? 7 : 1),
  );
  const end = match.index + match[0].length;
  return { day: isoDay(day), text: text.slice(match.index, end), begin: match.index, end, deadline: true };
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A month alone, or an hour, is no day. */
function isDay({ start }: ParsedResult): boolean {
  return start.isCertain('day') || start.isCertain('weekday');
}

function parser(pattern: RegExp, find: (today: Day, match: RegExpMatchArray) => Day | null): Parser {
  return {
    pattern: () => pattern,
    extract: (context: ParsingContext, match: RegExpMatchArray): Days | null => {
      // Within a longer word: chrono leaves that to each parser.
      if (/[a-z]$/i.test(context.text.slice(0, match.index)) && /^[a-z]/i.test(match[0])) return null;
      const { refDate } = context;
      const day = find({ year: refDate.getFullYear(), month: refDate.getMonth() + 1, day: refDate.getDate() }, match);
      return day && { year: day.year, month: day.month, day: day.day };
    },
  };
}

/** A day of this month or, when it has passed, of the next one that has it. */
function dayOfMonth(today: Day, day: number, month: string | undefined): Day | null {
  if (day < 1 || day > 31) return null;
  if (month === 'next month') return inMonth(today, 1, day);
  const named = months.indexOf((month ?? '').slice(0, 3).toLowerCase());
  if (named >= 0) {
    const year = named + 1 < today.month || (named + 1 === today.month && day < today.day) ? today.year + 1 : today.year;
    return day <= lastDay(year, named + 1) ? { year, month: named + 1, day } : null;
  }
  return inMonth(today, day < today.day && month !== 'this month' ? 1 : 0, day);
}

function inMonth(today: Day, ahead: number, day: number): Day | null {
  const first = new Date(Date.UTC(today.year, today.month - 1 + ahead, 1));
  const [year, month] = [first.getUTCFullYear(), first.getUTCMonth() + 1];
  return day >= 1 && day <= lastDay(year, month) ? { year, month, day } : null;
}

function lastOfMonth(today: Day, ahead: number): Day {
  return fromDate(new Date(Date.UTC(today.year, today.month + ahead, 0)));
}

function endOf(today: Day, month: string): Day | null {
  const named = months.indexOf(month.slice(0, 3).toLowerCase());
  if (named < 0) return null;
  const year = named + 1 < today.month ? today.year + 1 : today.year;
  return { year, month: named + 1, day: lastDay(year, named + 1) };
}

/** The week ends on Friday for those who work; said on a Saturday, the next one is meant. */
function fridayOf(today: Day, weeks: number): Day {
  const weekday = (new Date(Date.UTC(today.year, today.month - 1, today.day)).getUTCDay() + 6) % 7;
  return shift(today, 4 - weekday + 7 * (weeks + (weekday > 4 && weeks === 0 ? 1 : 0)));
}

/** 0: this Monday. Weeks begin on Monday. */
function ofThisWeek(today: Day, index: number): Day | null {
  if (index < 0) return null;
  const weekday = (new Date(Date.UTC(today.year, today.month - 1, today.day)).getUTCDay() + 6) % 7;
  return shift(today, index - weekday);
}

function shift({ year, month, day }: Day, days: number): Day {
  return fromDate(new Date(Date.UTC(year, month - 1, day + days)));
}

function fromDate(date: Date): Day {
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isoDay({ year, month, day }: Day): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function calendar(at: Date, timeZone: string): Day {
  return fromDate(new Date(at.getTime() + offsetMinutes(at, timeZone) * 60_000));
}

/**
 * What chrono is asked with: some of its parsers read the clock of this process, whatever zone they are
 * given, and take the first hours of a day for the night before. So it is noon for them, here.
 */
function noonOf({ year, month, day }: Day): Date {
  return new Date(year, month - 1, day, 12);
}

/** What the clock on the wall is ahead of UTC then. */
function offsetMinutes(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return Math.round((wall - at.getTime()) / 60_000);
}

function numberOf(words: string): number {
  const [tens, ones] = words.toLowerCase().split(/[ -]/);
  if (ones === undefined) return ordinals[tens ?? ''] ?? 0;
  return (tens === 'twenty' ? 20 : 30) + (ordinals[ones] ?? 0);
}

/** 1 to 31: 十五, 二十, 廿一, 15. */
function hanNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const digits = '一二三四五六七八九';
  const digit = (character: string) => (character === '兩' ? 2 : digits.indexOf(character) + 1);
  const expanded = text.replace('廿', '二十').replace('卅', '三十');
  const [tens, ones] = expanded.split('十');
  if (ones === undefined) return digit(expanded);
  return (tens === '' ? 1 : digit(tens ?? '')) * 10 + (ones === '' ? 0 : digit(ones));
}

/** With the place in the sentence of each character that comes out. */
function rewrite(folded: string): { text: string; places: number[] } {
  let text = folded;
  let places = Array.from({ length: folded.length }, (_, index) => index);
  for (const [pattern, replacement] of rewritings) {
    let out = '';
    const next: number[] = [];
    let from = 0;
    for (const match of text.matchAll(pattern)) {
      out += text.slice(from, match.index) + replacement;
      next.push(...places.slice(from, match.index), ...Array.from({ length: replacement.length }, () => places[match.index] ?? 0));
      from = match.index + match[0].length;
    }
    text = out + text.slice(from);
    places = [...next, ...places.slice(from)];
  }
  return { text, places };
}
