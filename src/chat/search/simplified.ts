/// <reference path="./opencc-dictionaries.d.ts" />
/**
 * Han characters as a search compares them: Traditional and Simplified ones, and the forms of Hong Kong
 * and Taiwan, that are written for each other become one. Character by character, not by phrases as a
 * converter for readers does: what a character becomes must not depend on its neighbours, or a part of a
 * word would not be found in the word. The converter of the same library takes four times as long and
 * three times the memory.
 */
import hongKongForms from 'opencc-js/dict/HKVariants';
import simplifiedForms from 'opencc-js/dict/TSCharacters';
import taiwanForms from 'opencc-js/dict/TWVariants';

/** By character; those that stay as they are have no entry. */
export const simplified: ReadonlyMap<string, string> = derive();

function derive(): Map<string, string> {
  const next = new Map<string, string>();
  const end = (character: string): string => {
    const form = next.get(character);
    return form === undefined ? character : end(form);
  };
  // Simplified forms first: they are what the others lead to.
  for (const [from, to] of [simplifiedForms, hongKongForms, taiwanForms].flatMap(parse)) {
    const [a, b] = [end(from), end(to)];
    if (a !== b) next.set(a, b);
  }
  return new Map([...next.keys()].map((character) => [character, end(character)]));
}

function parse(pairs: string): [string, string][] {
  return pairs.split('|').map((pair) => {
    const [from = '', to = ''] = pair.split(' ');
    return [from, to];
  });
}
