/**
 * Messages that nobody wrote: words of Traditional Chinese and of a made-up English, as often as words are
 * in real texts (the n-th word 1/n as often as the first), the same in each run.
 */
export class Corpus {
  /** The commonest first. */
  readonly chinese: readonly string[];
  readonly english: readonly string[];
  #state = 7;

  constructor() {
    const characters = this.#shuffled(bigFive());
    const character = () => skewed(characters, this.random() ** 2.5);
    const syllable = () => [onsets, vowels, codas].map((sounds) => skewed(sounds, this.random() ** 1.5)).join('');
    this.chinese = Array.from({ length: 30_000 }, (_, rank) => times(rank < 60 ? 1 : rank % 5 === 0 ? 3 : 2, character));
    this.english = Array.from({ length: 20_000 }, (_, rank) => times(rank < 100 ? 1 : 1 + Math.floor(this.random() * 3.5), syllable));
  }

  /** From 0 to 1 (mulberry32). */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** Two of three in Chinese, some of them with an English word; a few are long. */
  body(): string {
    const words = 2 + Math.floor(14 * this.random() ** 2) + (this.random() < 0.03 ? 60 : 0);
    if (this.random() > 0.65) return times(words, () => `${this.word(this.english)} `).trim();
    const text = times(words, () => this.word(this.chinese) + (this.random() < 0.12 ? '，' : ''));
    return this.random() < 0.2 ? `${text} ${this.word(this.english)}` : text;
  }

  word(words: readonly string[]): string {
    return words[Math.min(words.length - 1, Math.floor(Math.exp(this.random() * Math.log(words.length + 1)) - 1))] ?? '';
  }

  #shuffled(list: string[]): string[] {
    for (let at = list.length - 1; at > 0; at -= 1) {
      const other = Math.floor(this.random() * (at + 1));
      [list[at], list[other]] = [list[other] ?? '', list[at] ?? ''];
    }
    return list;
  }
}

const onsets = ['b', 'c', 'd', 'f', 'g', 'h', 'l', 'm', 'n', 'p', 'r', 's', 't', 'w', 'st', 'tr', 'pr', 'ch', ''];
const vowels = ['a', 'e', 'i', 'o', 'u', 'ea', 'ou'];
const codas = ['', 'n', 'r', 's', 't', 'l', 'ng', 'nt', 'ck', 'd'];

/** The 5,401 frequent characters of Big5. */
function bigFive(): string[] {
  const decoder = new TextDecoder('big5');
  const characters: string[] = [];
  for (let high = 0xa4; high <= 0xc6; high += 1) {
    for (let low = 0x40; low <= 0xfe; low += 1) {
      const character = low > 0x7e && low < 0xa1 ? '' : decoder.decode(Uint8Array.of(high, low));
      if (/^\p{Script=Han}$/u.test(character)) characters.push(character);
    }
  }
  return characters;
}

function skewed(list: readonly string[], place: number): string {
  return list[Math.floor(list.length * place)] ?? '';
}

function times(count: number, make: () => string): string {
  return Array.from({ length: count }, make).join('');
}
