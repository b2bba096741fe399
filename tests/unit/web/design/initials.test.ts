import { describe, expect, it } from 'vitest';
import { colourOf, initials } from '@/design/initials';

describe('initials', () => {
  it.each([
    ['陳大文', '大文'],
    ['李明', '明'],
    ['歐陽娜娜', '娜娜'],
    ['李', '李'],
  ])('of the Chinese name %s are its given name, %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });

  it.each([
    ['Chan Tai Man', 'CM'],
    ['olivia', 'O'],
    ['Priya (Partner Ltd)', 'PL'],
    ['  Zoë  Ångström ', 'ZÅ'],
    ['陳大文 Tim', '陳T'],
    ['😀', '?'],
    ['', '?'],
  ])('of %j are %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe('the colour of a person', () => {
  it('is the same each time, and uses all there are', () => {
    const ids = Array.from({ length: 200 }, (_, number) => `person-${number}`);
    expect(ids.map((id) => colourOf(id, 8))).toEqual(ids.map((id) => colourOf(id, 8)));
    expect(new Set(ids.map((id) => colourOf(id, 8)))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
  });
});
