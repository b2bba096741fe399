import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelledMeetings, meetingText } from '../../../../../load-tests/summary/labelled-meetings.js';
import { judge, type Part, precision, recall, type Score, sum } from '../../../../../load-tests/summary/score.js';
import { OfflineEngine } from '../../../../../src/recording/summary/offline/offline-engine.js';
import { contentSchema } from '../../../../../src/recording/summary/schema.js';
import { meeting, summarize, work } from '../meeting.js';

const meetings = labelledMeetings();

describe('The labelled meetings', () => {
  it('are at least twenty, in English, both Chinese scripts and mixed, a part of them held out', () => {
    const count = (prefix: string) => meetings.filter(({ name }) => name.startsWith(prefix)).length;
    expect(meetings.length).toBeGreaterThanOrEqual(20);
    for (const prefix of ['en-', 'zh-hant-', 'zh-hans-', 'mixed-']) expect(count(prefix)).toBeGreaterThan(1);
    expect(meetings.filter(({ set }) => set === 'held-out').length).toBeGreaterThanOrEqual(8);
  });

  it('name only lines and people that are there', () => {
    for (const { name, people, lines, expected } of meetings) {
      const ids = new Set(lines.map(({ id }) => id));
      const all = [...expected.actions, ...expected.decisions, ...expected.questions];
      expect(
        all.flatMap((label) => label.lines).filter((id) => !ids.has(id)),
        name,
      ).toEqual([]);
      expect(
        lines.filter(({ who }) => !people.some(({ id }) => id === who)),
        name,
      ).toEqual([]);
      expect(
        expected.actions.filter(({ who }) => who !== null && !people.some(({ id }) => id === who)),
        name,
      ).toEqual([]);
    }
  });

  // Below what was measured (docs/performance.md): a rule that breaks others is noticed, one that costs a single item is not.
  it.each([
    ['develop', 0.93],
    ['held-out', 0.8],
  ] as const)('of the set %s are read well enough', async (set, least) => {
    const scores: Score[] = [];
    for (const one of meetings.filter((candidate) => candidate.set === set))
      scores.push(judge(one, await summarize(meetingText(one))).score);
    for (const part of ['action_items', 'assignees'] satisfies Part[]) {
      expect(precision(sum(scores, part)), part).toBeGreaterThan(least);
      expect(recall(sum(scores, part)), part).toBeGreaterThan(least);
    }
  });
});

describe('A summary without a server', () => {
  it('has the items of the agenda as topics, from when they were talked about, and finds others where there was none', async () => {
    const text = meetingText(meetings.find(({ name }) => name === 'en-product-weekly')!);
    const at = (line: number) => text.lines[line]?.beginMs ?? 0;
    const turns = [
      { atMs: -60_000, title: 'Welcome' },
      { atMs: at(10) - 500, title: 'Plans 2027' },
      { atMs: at(18) - 500, title: 'Passed' },
      { atMs: at(18) - 200, title: 'The rest' },
    ];
    const { content } = await summarize({ ...text, agenda: { titles: [], turns } });
    expect(content.topics.map(({ title, beginMs }) => [title, beginMs])).toEqual([
      ['Welcome', 0],
      ['Plans 2027', at(10) - 500],
      ['The rest', at(18) - 200],
    ]);
    for (const [index, { beginMs, sentences }] of content.topics.entries()) {
      const end = content.topics[index + 1]?.beginMs ?? Number.POSITIVE_INFINITY;
      expect(sentences.length).toBeGreaterThan(0);
      for (const { atMs } of sentences) expect(atMs >= beginMs && atMs < end).toBe(true);
    }
    const open = await summarize({ ...text, agenda: { titles: ['Never'], turns: [{ atMs: at(18), title: null }] } });
    expect(open.content.topics.map(({ title }) => title)).not.toContain('Never');
  });

  it('of nothing is empty', async () => {
    expect(await summarize(meeting(['Amy Wong']))).toMatchObject({
      engine: 'offline',
      content: { overview: [], topics: [], decisions: [], questions: [] },
      actions: [],
    });
  });

  it('has topics in order, with sentences of their time, each on a line of the meeting', async () => {
    for (const one of meetings) {
      const text = meetingText(one);
      const { content } = await summarize(text);
      expect(content.topics.length).toBeGreaterThan(0);
      const ids = new Set(text.lines.map(({ id }) => id));
      let before = -1;
      for (const { title, beginMs, endMs, sentences } of content.topics) {
        expect(title).not.toBe('');
        expect(beginMs).toBeGreaterThan(before);
        before = beginMs;
        for (const sentence of sentences) {
          expect(ids).toContain(sentence.lineId);
          expect(sentence.atMs).toBeGreaterThanOrEqual(beginMs);
          expect(sentence.atMs).toBeLessThanOrEqual(endMs);
        }
      }
    }
  });

  it('puts what was voted into the topic of its time', async () => {
    const text = meetingText(meetings.find(({ name }) => name === 'en-product-weekly') ?? meetings[0]!);
    const poll = { ...text.lines[9]!, id: 'poll-1', text: 'Which plan? Slider: 1, Three plans: 3', origin: 'poll' as const };
    const { content } = await summarize({ ...text, lines: [...text.lines.slice(0, 10), poll, ...text.lines.slice(10)] });
    expect(content.topics.flatMap((topic) => topic.sentences).find(({ lineId }) => lineId === 'poll-1')).toMatchObject({ origin: 'poll' });
  });

  it('writes what a speech engine shouted in small letters', async () => {
    const { content, actions } = await summarize(meetingText(meetings.find(({ name }) => name === 'en-asr-uppercase') ?? meetings[0]!));
    expect(content.decisions.map(({ text }) => text).join()).not.toMatch(/[A-Z]{4}/);
    expect(actions.map(({ what }) => what).join()).not.toMatch(/[A-Z]{4}/);
  });

  it('is made of any text at all, and fits the shape that is stored', async () => {
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.string({ unit: 'grapheme', maxLength: 80 }),
      fc.constantFrom(
        '我'.repeat(5_000),
        'i will '.repeat(2_000),
        'by friday '.repeat(800),
        ',,,,????',
        '👨‍👩‍👧',
        `i will send 👍${'👍'.repeat(700)} by friday`,
        `x${'😀'.repeat(800)}`,
        '下下下星期三三三前前前',
        'Bob, can you '.repeat(500),
        'okay so and '.repeat(1_000),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(odd, { maxLength: 6 }), async (said) => {
        const empty = meeting(['Amy Wong', '李國強']);
        const lines = said.map((text, index) => ({
          ...meeting(['Amy Wong'], 'Amy: x').lines[0]!,
          id: `l${index}`,
          text,
          beginMs: index,
          endMs: index,
        }));
        const { content, actions } = await summarize({ ...empty, lines });
        contentSchema.parse(content);
        // PostgreSQL keeps no half of a character.
        if (said.every((text) => !/\p{Cs}/u.test(text))) expect(JSON.stringify({ content, actions })).not.toMatch(/\\ud[89a-f]/);
        for (const { what, said: on } of actions) {
          expect(what.length).toBeLessThanOrEqual(240);
          expect(on.lineId).toMatch(/^l\d$/);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of a day of meetings is bounded, and gives way to others while it is made', async () => {
    const long = meetings.flatMap((one, index) => meetingText(one).lines.map((line) => ({ ...line, id: `${index}-${line.id}` })));
    const lines = Array.from({ length: 4 }, (_, round) =>
      long.map((line) => ({ ...line, id: `${round}-${line.id}`, beginMs: line.beginMs + round * 1_000_000 })),
    ).flat();
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 0);
    const text = { ...meeting([]), people: meetings.flatMap((one) => meetingText(one).people), lines };
    const { actions, content } = await summarize(text).finally(() => clearInterval(ticking));
    expect(turns).toBeGreaterThan(5);
    expect(actions.length).toBeLessThanOrEqual(200);
    expect(content.topics.length).toBeLessThanOrEqual(40);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    stop.abort(new Error('The server goes down.'));
    await expect(new OfflineEngine().summarize(meetingText(meetings[0]!), work(stop.signal))).rejects.toThrow('The server goes down.');
  });
});
