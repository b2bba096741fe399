import { describe, expect, it } from 'vitest';
import { foldText } from '../../../../../src/recording/summary/offline/folded-text.js';
import { Roster } from '../../../../../src/recording/summary/offline/roster.js';

const people = (...names: readonly string[]) => names.map((name) => ({ id: name, name, aliases: [] }));
const named = (text: string, ...names: readonly string[]): string[] =>
  new Roster(people(...names)).in({ text, folded: foldText(text), cased: /\p{Ll}/u.test(text) }).map(({ personId }) => personId);

describe('A person is found by', () => {
  it.each([
    ['Peter sends it', 'Peter Chan'],
    ['ask PETER CHAN', 'Peter Chan'],
    ['Pete, can you', 'Peter Chan'],
    ['Steph, please', 'Stephanie Yip'],
    ['Mr Chan will do it', 'Peter Chan'],
    ['Ka Ming, could you', 'Lau Ka Ming'],
    ['Tai Man will', 'Chan Tai Man'],
    ['Sin Yee, your camera', 'Sin Yee Chow'],
    ['TK, please', 'T. K. Leung'],
    ['志明，海報', '黃志明'],
    ['黃志明負責', '黃志明'],
    ['志明負責', '黄志明'],
    ['阿輝去租', '林輝'],
    ['阿樂你處理', '關永樂'],
    ['陳生話', '陳大文'],
    ['羅醫生好', '羅啟賢'],
    ['歐陽小姐', '歐陽穎'],
    ['子健 follow', 'Jason Leung 梁子健'],
    ['Jason follow', 'Jason Leung 梁子健'],
  ])('"%s": %s', (text, name) => {
    expect(named(text, name)).toEqual([name]);
  });

  it('the first half of his e-mail address', () => {
    const roster = new Roster([{ id: 'x', name: '黃志明', aliases: ['kelvin'] }]);
    expect(roster.in({ text: 'Kelvin, please', folded: 'kelvin, please', cased: true })).toHaveLength(1);
  });
});

describe('Nobody is found', () => {
  it.each([
    ['I will mark it in May', ['Mark Thompson', 'May Ho']],
    ['i may not know', ['May Ho']],
    ['the manager', ['Man Chan']],
    ['Thomason called', ['Tom Fletcher']],
    ['we meet in Wong Tai Sin', ['Amy Wong']],
  ] as const)('in "%s"', (text, names) => {
    expect(named(text, ...names)).toEqual([]);
  });

  it('by a name that may mean two', () => {
    expect(named('Peter will do it', 'Peter Chan', 'Peter Wong')).toEqual([]);
    expect(named('Peter Wong will do it', 'Peter Chan', 'Peter Wong')).toEqual(['Peter Wong']);
  });
});

it('A name that is a word as well is one where it is called', () => {
  expect(named('Will, can you send it?', 'Will Baxter')).toEqual(['Will Baxter']);
  expect(named('Will you send it?', 'Will Baxter')).toEqual([]);
  expect(named('Then Grace, call them', 'Grace Lau')).toEqual(['Grace Lau']);
});
