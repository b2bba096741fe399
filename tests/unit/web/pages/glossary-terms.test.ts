import { describe, expect, it } from 'vitest';
import { heardOf, withoutTerm, withTerm } from '../../../../web/src/pages/admin/captions/glossary-terms';

const terms = [
  { term: 'Causeway', heard: ['cause way'] },
  { term: 'Kwun Tong', heard: [] },
];

describe('the glossary', () => {
  it('takes a term into its place in the alphabet', () => {
    expect(withTerm(terms, '', { term: 'Harbour', heard: [] }).map(({ term }) => term)).toEqual(['Causeway', 'Harbour', 'Kwun Tong']);
  });

  it('puts a changed term in the place of the old one, also under another name', () => {
    const changed = withTerm(terms, 'Kwun Tong', { term: 'Kwun Tong Line', heard: ['coon tong'] });
    expect(changed.map(({ term }) => term)).toEqual(['Causeway', 'Kwun Tong Line']);
  });

  it('has no term twice', () => {
    expect(withTerm(terms, 'Kwun Tong', { term: 'Causeway', heard: [] })).toEqual([{ term: 'Causeway', heard: [] }]);
  });

  it('loses a term', () => {
    expect(withoutTerm(terms, 'Causeway').map(({ term }) => term)).toEqual(['Kwun Tong']);
  });

  it('hears one thing a line, each once, without spaces around it', () => {
    expect(heardOf(' cause way \n\ncause  way\n觀糖\n')).toEqual(['cause way', '觀糖']);
  });
});
