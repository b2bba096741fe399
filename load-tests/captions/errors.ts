/** How much of what was said was not written so: changes that are needed, for each word or character that was said. */
export interface Errors {
  readonly wrong: number;
  readonly wanted: number;
}

export class ErrorCount {
  wrong = 0;
  wanted = 0;

  add({ wrong, wanted }: Errors): void {
    this.wrong += wrong;
    this.wanted += wanted;
  }

  get rate(): number {
    return this.wrong / this.wanted;
  }
}

export function wordErrors(written: string, said: string): Errors {
  return errors(wordsOf(written), wordsOf(said));
}

export function characterErrors(written: string, said: string): Errors {
  return errors([...wordsOf(written).join('')], [...wordsOf(said).join('')]);
}

/** Small letters, no marks; a hyphen parts words; Han characters are words. */
function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’']/g, '')
    .replace(/\bmr\b/g, 'mister');
  return plain.match(/\p{Script=Han}|[^\s\p{P}\p{S}\p{Script=Han}]+/gu) ?? [];
}

/** Levenshtein, over lists. */
function errors(written: readonly string[], said: readonly string[]): Errors {
  let row = said.map((_, index) => index + 1);
  row.unshift(0);
  for (const [index, word] of written.entries()) {
    const next = [index + 1];
    for (const [at, other] of said.entries()) {
      next.push(Math.min((row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1, (row[at] ?? 0) + (word === other ? 0 : 1)));
    }
    row = next;
  }
  return { wrong: row.at(-1) ?? 0, wanted: said.length };
}
