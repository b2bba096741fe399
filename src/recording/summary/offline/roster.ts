/**
 * Who is meant by a name. People are called by first names, nicknames, Chinese names or a part of them,
 * surname and title; a name that may mean two people means nobody.
 */
import type { MeetingPerson } from '../meeting-text.js';
import { foldText } from './folded-text.js';
import type { SpokenSentence } from './spoken-sentence.js';

export interface NamedPerson {
  readonly personId: string;
  /** In the sentence. */
  readonly begin: number;
  readonly end: number;
}

interface Alias {
  readonly personId: string;
  readonly folded: string;
  /** Also a common word: it counts as a name only where it looks like one. */
  readonly word: boolean;
}

/** Surnames as Hong Kong and the mainland write them in Latin letters, which nobody is called by alone. */
const surnames: ReadonlySet<string> = new Set(
  `au aw bai cai cao chan chang chao chau chen cheng cheung chi chin chiu choi chong chow choy chu chui chun chung dai deng ding dong du fan fang
  feng fok fong fu fung gao gu guo han hau he ho hon hong hou hsu hu hua huang hui hung ip jiang jin kam kan kang ko kong koo kung kwan kwok kwong
  lai lam lau law lee leung li liang liao lin ling liu lo long lu lui luk luo lung ma mak mao mau mo mok ng ngai ngan nie pan pang peng poon pun
  qian qin qiu shao shek shen shi shum sin siu so song su suen sun sung sze szeto tai tam tan tang tao tian ting to tong tsai tsang tse tsang tsoi
  tsui tung wan wang wei wen wong woo wu xia xiao xie xiong xu xue yam yan yang yao yau ye yeung yi yim yin ying yip yiu yu yuan yue yuen yung zeng
  zhang zhao zheng zhong zhou zhu zou`.split(/\s+/),
);

/** Names that are words as well. */
const alsoWords: ReadonlySet<string> = new Set(
  `angel april art august bill cat chase chip christian dale dawn dean don drew eve faith frank gene grace grant guy hope iris ivy jack joy june
  king ken lily man mark may miles nick pat penny ray rich rob rose ruby sky sue summer sunny will win young`.split(/\s+/),
);

const nicknames: readonly (readonly [full: string, ...short: string[]])[] = [
  ['alexander', 'alex'],
  ['andrew', 'andy'],
  ['anthony', 'tony'],
  ['benjamin', 'ben'],
  ['catherine', 'cat', 'cathy', 'kate'],
  ['christopher', 'chris'],
  ['daniel', 'dan', 'danny'],
  ['david', 'dave'],
  ['edward', 'ed', 'eddie'],
  ['elizabeth', 'liz', 'beth'],
  ['james', 'jim', 'jimmy'],
  ['jennifer', 'jen', 'jenny'],
  ['jonathan', 'jon'],
  ['joseph', 'joe'],
  ['katherine', 'kate', 'kathy'],
  ['kenneth', 'ken'],
  ['margaret', 'maggie'],
  ['matthew', 'matt'],
  ['michael', 'mike'],
  ['mohamed', 'mo'],
  ['mohammed', 'mo'],
  ['nicholas', 'nick'],
  ['patricia', 'pat'],
  ['peter', 'pete'],
  ['rebecca', 'becky'],
  ['richard', 'rich', 'rick'],
  ['robert', 'rob', 'bob', 'bobby'],
  ['samantha', 'sam'],
  ['samuel', 'sam'],
  ['stephanie', 'steph'],
  ['stephen', 'steve'],
  ['steven', 'steve'],
  ['susan', 'sue'],
  ['thomas', 'tom'],
  ['timothy', 'tim'],
  ['victoria', 'vicky'],
  ['william', 'will', 'bill'],
];

const doubleSurnames = /^(欧阳|司徒|诸葛|上官|司马|夏侯|皇甫|尉迟)/;
const titles = '先生|女士|小姐|太太|生|太|姑娘|经理|总|主任|主席|老师|医生|校长|律师|师傅|工|董|院长|教授|博士|sir';

export class Roster {
  /** By their first two characters: a large meeting has thousands, and every sentence is looked through. */
  readonly #aliases: ReadonlyMap<string, readonly Alias[]>;

  constructor(people: readonly MeetingPerson[]) {
    const owners = new Map<string, Set<string>>();
    for (const person of people) {
      for (const name of namesOf(person)) {
        const folded = foldText(name).trim();
        if (folded.length < 2) continue;
        const set = owners.get(folded) ?? new Set();
        owners.set(folded, set.add(person.id));
      }
    }
    const aliases = new Map<string, Alias[]>();
    for (const [folded, ids] of owners) {
      const [personId] = ids;
      if (personId === undefined || ids.size > 1) continue;
      const begin = folded.slice(0, 2);
      aliases.set(begin, [...(aliases.get(begin) ?? []), { personId, folded, word: alsoWords.has(folded) }]);
    }
    this.#aliases = aliases;
  }

  /** In the order of the sentence. */
  in(sentence: Pick<SpokenSentence, 'text' | 'folded' | 'cased'>): NamedPerson[] {
    const { folded } = sentence;
    const all: NamedPerson[] = [];
    for (let begin = 0; begin + 1 < folded.length; begin += 1) {
      for (const alias of this.#aliases.get(folded.slice(begin, begin + 2)) ?? []) {
        const end = begin + alias.folded.length;
        if (folded.startsWith(alias.folded, begin) && isName(alias, sentence, begin, end))
          all.push({ personId: alias.personId, begin, end });
      }
    }
    // "Peter Chan" is one, and not a Peter beside a Chan.
    all.sort((a, b) => b.end - b.begin - (a.end - a.begin) || a.begin - b.begin);
    const found: NamedPerson[] = [];
    for (const one of all) if (!found.some((other) => one.begin < other.end && other.begin < one.end)) found.push(one);
    return found.sort((a, b) => a.begin - b.begin);
  }
}

function isName(
  { folded, word }: Alias,
  { text, folded: all, cased }: Pick<SpokenSentence, 'text' | 'folded' | 'cased'>,
  begin: number,
  end: number,
): boolean {
  if (!/^[a-z]/.test(folded)) return true;
  if (/[a-z0-9]/.test(all[begin - 1] ?? '') || /[a-z0-9]/.test(all[end] ?? '')) return false;
  if (!word) return true;
  const [lead, tail] = [all.slice(0, begin), all.slice(end)];
  const addressed = /^\s*(?:[,，]|你|(?:can|could|please|would)\b)/.test(tail);
  if (addressed) return true;
  if (!cased) return /^\s*you\b/.test(tail) && folded !== 'will';
  // "in May", "by June 3": a month.
  if (
    /\b(?:in|by|of|on|before|after|since|until|till|end|early|late|next|last|this|from|to|mid|\d+(?:st|nd|rd|th)?)[ -]$/.test(lead) ||
    /^ \d/.test(tail)
  )
    return false;
  const first = /^[^a-z\p{sc=Han}]*$/u.test(lead) || /[.!?。]\s*$/.test(lead);
  // A sentence begins with a capital in any case.
  return /\p{Lu}/u.test(text[begin] ?? '') && (!first || folded !== 'will');
}

function namesOf({ name, aliases }: MeetingPerson): Set<string> {
  const names = new Set<string>([name, ...aliases]);
  const han = name.match(/\p{sc=Han}{2,5}/u)?.[0];
  if (han) for (const alias of hanNames(foldText(han))) names.add(alias);
  const latin = name
    .replace(/\p{sc=Han}+/gu, ' ')
    .split(/[\s,()（）]+/)
    .map((part) => part.toLowerCase())
    .filter((part) => /^[a-z]/.test(part));
  for (const alias of latinNames(latin)) names.add(alias);
  return names;
}

function latinNames(parts: readonly string[]): string[] {
  const names: string[] = [];
  const initials = parts.filter((part) => /^[a-z]\.?$/.test(part)).map((part) => part.charAt(0));
  if (initials.length > 1) names.push(initials.join(''), initials.join(' '), `${initials.join('.')}.`, initials.join('.'));
  const long = parts.filter((part) => part.length > 1 && !/^[a-z]\.$/.test(part));
  if (long.length < 2) return [...names, ...long];
  // The surname stands first or last. Where both could be one, both readings are kept: the wrong one is nobody's name.
  const [first = '', last = ''] = [long[0], long.at(-1)];
  const leads = surnames.has(first);
  const trails = surnames.has(last) && (!leads || long.length > 2);
  const readings = [...(leads ? [long.slice(1)] : []), ...(trails || !leads ? [long.slice(0, -1)] : [])];
  names.push(long.join(' '));
  for (const surname of [...(leads ? [first] : []), ...(trails || !leads ? [last] : [])])
    for (const title of ['mr', 'ms', 'miss', 'mrs', 'dr', 'mr.', 'ms.', 'mrs.', 'dr.']) names.push(`${title} ${surname}`);
  for (const given of readings) names.push(given.join(' '), given.join(''), ...givenNames(given));
  return names;
}

function givenNames(given: readonly string[]): string[] {
  const names: string[] = [];
  for (const part of given) {
    // "Ka" of "Ka Ming" is nobody; "Ming" may be.
    if (given.length > 1 && part.length < 4) continue;
    names.push(part);
    for (const [full, ...short] of nicknames) if (full === part) names.push(...short);
  }
  return names;
}

function hanNames(full: string): string[] {
  const double = doubleSurnames.exec(full)?.[0];
  const surname = full.length <= 2 && !double ? full.slice(0, 1) : (double ?? full.slice(0, 1));
  const given = full.slice(surname.length);
  const last = given.slice(-1);
  const names = [full, `阿${surname}`, `老${surname}`, `小${surname}`, ...titles.split('|').map((title) => `${surname}${title}`)];
  if (given.length >= 2) names.push(given);
  if (last !== '') names.push(`阿${last}`, `${last}哥`, `${last}姐`, `${last}仔`);
  return names;
}
