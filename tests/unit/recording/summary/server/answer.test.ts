import { describe, expect, it } from 'vitest';
import { harmless, readAnswer } from '../../../../../src/recording/summary/server/answer.js';
import { ModelError } from '../../../../../src/recording/summary/server/model-error.js';
import { referencesOf } from '../../../../../src/recording/summary/server/prompt.js';
import { meeting } from '../meeting.js';

const text = meeting(
  ['Amy Wong', 'Bob Chiu'],
  'Amy: See https://wiki.example/plan please.',
  'Bob: I will send the report.',
  'Amy: Thanks.',
);
const references = referencesOf(text);
const shown = new Set(['L1', 'L2']);
const empty = { overview: [], topics: [], decisions: [], questions: [], actions: [] };
const read = (answer: unknown) => readAnswer(typeof answer === 'string' ? answer : JSON.stringify(answer), references, shown, '2026-03-04');

describe('An answer of a model', () => {
  it('is read with the lines that it names', () => {
    const { content, actions } = read({
      overview: [{ text: 'They plan.', line: 'L1' }],
      topics: [{ title: 'Plan', from: 'L1', to: 'L2', sentences: [{ text: 'A report comes.', line: 'l2' }] }],
      decisions: [],
      questions: [],
      actions: [{ what: 'Send the report', who: 'P2', due: '2026-03-06', line: 'L2' }],
    });
    expect(content.overview).toEqual([
      { text: 'They plan.', atMs: 0, lineId: 'l1', origin: 'speech', personId: 'Amy Wong', speaker: 'Amy Wong' },
    ]);
    expect(content.topics[0]).toMatchObject({ title: 'Plan', beginMs: 0, endMs: 9_500 });
    expect(actions[0]).toMatchObject({
      assigneeId: 'Bob Chiu',
      dueOn: '2026-03-06',
      said: { lineId: 'l2', text: 'I will send the report.' },
    });
  });

  it('loses what stands on a line that there is not, or that it was not shown', () => {
    const { content } = read({
      ...empty,
      overview: [
        { text: 'A', line: 'L99' },
        { text: 'B', line: 'L3' },
        { text: 'C', line: 'L1' },
      ],
    });
    expect(content.overview.map((sentence) => sentence.text)).toEqual(['C']);
  });

  it('in which nothing stands on a line is rubbish', () => {
    expect(() => read({ ...empty, overview: [{ text: 'A', line: 'L99' }] })).toThrow(ModelError);
    expect(() => read(empty)).toThrow(expect.objectContaining({ reason: 'nothing' }));
  });

  it.each([
    ['no JSON', 'I am sorry, but as a language model I can not.'],
    ['a list', '[1, 2]'],
    ['half of it', '{"overview": [{"text": "A"'],
    ['another shape', '{"summary": "all good"}'],
    ['wrong types', '{"overview": "yes", "topics": [], "decisions": [], "questions": [], "actions": []}'],
  ])('that is %s is rubbish', (_, answer) => {
    expect(() => read(answer)).toThrow(expect.objectContaining({ reason: 'rubbish' }));
  });

  it('may be thought aloud and stand in a fence', () => {
    const json = JSON.stringify({ ...empty, decisions: [{ text: 'Go', line: 'L1' }] });
    expect(read(`<think>{"x": 1} hm</think>\n\`\`\`json\n${json}\n\`\`\``).content.decisions).toHaveLength(1);
  });

  it('names only people who are there and days that can be', () => {
    const action = (over: object) => read({ ...empty, actions: [{ what: 'Do', who: null, due: null, line: 'L2', ...over }] }).actions[0];
    expect(action({ who: 'P9' })?.assigneeId).toBeNull();
    expect(action({ who: 'Bob' })?.assigneeId).toBeNull();
    for (const due of ['2026-02-30', 'Friday', '2026-03-03', '2126-01-01', '']) expect(action({ due })?.dueOn).toBeNull();
  });
});

describe('What a model writes', () => {
  const lines = references.lines;

  it('is text on one line, without what nobody sees', () => {
    expect(harmless('a\u202eb\u200b\n\n c\u0000\u{e0041}', 100, lines)).toBe('ab c');
  });

  it('has no tags, no markup of links, and no address that nobody said', () => {
    expect(harmless('<img src=x onerror=alert(1)>Hi <b>you</b>', 100, lines)).toBe('Hi you');
    expect(harmless('see [here](https://evil.example/?q=secret) now', 100, lines)).toBe('see here now');
    expect(harmless('![x](http://evil.example/a.png) http://evil.example/b javascript:alert(1) end', 100, lines)).toBe('x end');
    expect(harmless('see https://wiki.example/plan', 100, lines)).toBe('see https://wiki.example/plan');
  });

  it('is cut where it is too long, between characters', () => {
    expect(harmless('👍'.repeat(100), 21, lines).length).toBeLessThanOrEqual(21);
  });
});
