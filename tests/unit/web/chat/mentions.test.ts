import { describe, expect, it } from 'vitest';
import { mentionAt, mentionedIn, mentionParts, mentionsEverybody } from '@/chat/mentions';

describe('mentions', () => {
  it('stand out by the longest name that fits', () => {
    expect(mentionParts('Hi @Chan Tai Man and @Chan!', ['Chan', 'Chan Tai Man']).filter(({ mention }) => mention)).toEqual([
      { text: '@Chan Tai Man', mention: true },
      { text: '@Chan', mention: true },
    ]);
  });

  it('leave everything else as it is', () => {
    const text = 'mail me @ noon, a@b.hk';
    expect(
      mentionParts(text, ['Ming'])
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });

  it('are looked for after an @ that begins a word', () => {
    expect(mentionAt('Hello @mi', 9)).toEqual({ from: 6, query: 'mi' });
    expect(mentionAt('早晨，@陳', 5)).toEqual({ from: 3, query: '陳' });
    expect(mentionAt('a@b.hk', 6)).toBeNull();
    expect(mentionAt('@', 1)).toEqual({ from: 0, query: '' });
  });

  it('are those whose names still stand in the text', () => {
    const chosen = new Map([
      ['1', 'Ming'],
      ['2', 'Pui'],
    ]);
    expect(mentionedIn('@Ming, please', chosen)).toEqual(['1']);
  });

  it.each([
    ['@all come here', true],
    ['請 @所有人 留意', true],
    ['@allison', false],
    ['mail@all.hk', false],
  ])('of everybody: %s', (text, expected) => {
    expect(mentionsEverybody(text)).toBe(expected);
  });
});
