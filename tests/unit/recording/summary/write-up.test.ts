import { describe, expect, it } from 'vitest';
import type { Sentence } from '../../../../src/recording/summary/schema.js';
import { escapeMarkdown, type WriteUp, writeUp } from '../../../../src/recording/summary/write-up.js';

const sentence = (text: string, atMs = 61_000): Sentence => ({ text, atMs, lineId: 'l', origin: 'speech', personId: 'p', speaker: 'Amy' });
const summary: WriteUp['summary'] = {
  language: 'en',
  engine: 'offline',
  model: null,
  editedBy: null,
  content: {
    overview: [sentence('It went well.')],
    topics: [{ title: 'Budget', beginMs: 3_661_000, endMs: 3_700_000, sentences: [] }],
    decisions: [sentence('We go with three plans.')],
    questions: [sentence('Who pays?')],
  },
};
const base: WriteUp = {
  recording: { title: 'Weekly *sync*' },
  summary,
  actions: [{ what: 'Send the report', assignee_name: 'Bob', due_on: '2026-03-06' }],
  reviewer: 'Olivia',
  mostCharacters: 8_000,
};

describe('The message of a summary', () => {
  it('says that it is made by a machine, and who reviewed it', () => {
    const text = writeUp(base);
    expect(text).toContain('Made by machine from the recording, reviewed by Olivia');
    expect(text).toContain('- Send the report · Bob · 2026-03-06');
    expect(text).toContain('- 1:01 We go with three plans.');
    expect(text).toContain('- 1:01:01 Budget');
    expect(writeUp({ ...base, summary: { ...summary, engine: 'server', model: 'qwen' } })).toContain('(qwen)');
  });

  it('is in the language of the meeting', () => {
    expect(writeUp({ ...base, summary: { ...summary, language: 'zh-HK' } })).toContain('由電腦根據錄影撰寫，經 Olivia 審閱');
    expect(writeUp({ ...base, summary: { ...summary, language: 'yue' } })).toContain('跟進事項');
    expect(writeUp({ ...base, summary: { ...summary, language: 'zh-CN' } })).toContain('由计算机根据录像撰写，经 Olivia 审阅');
  });

  it('holds no markup of what was said', () => {
    const evil = '[click](https://evil.example) **b** <b>x</b> `c` @all\n# h';
    const text = writeUp({ ...base, summary: { ...summary, content: { ...summary.content, overview: [sentence(evil)] } } });
    expect(text).not.toContain('](https://');
    expect(text).not.toMatch(/(?<!\\)<b>/);
    expect(text).not.toContain('\n# h');
    expect(text).toContain('Weekly \\*sync\\*');
  });

  it('fits into a message, and says where the rest is', () => {
    const many = Array.from({ length: 100 }, (_, index) => sentence(`Sentence ${index} that goes on for quite a while.`));
    const text = writeUp({ ...base, mostCharacters: 1_000, summary: { ...summary, content: { ...summary.content, overview: many } } });
    expect(text.length).toBeLessThanOrEqual(1_000);
    expect(text).toContain('The rest is on the page');
    expect(text).toContain('reviewed by Olivia');
  });
});

it('What begins a list or a link is escaped', () => {
  expect(escapeMarkdown('1. one')).toBe('1\\. one');
  expect(escapeMarkdown('- one')).toBe('\\- one');
  expect(escapeMarkdown('http://x.example www.x.example')).toBe('http\\://x.example www\\.x.example');
});
