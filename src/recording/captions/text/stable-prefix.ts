/**
 * What of a partial line will not change any more: what two guesses in a row agree about (local agreement,
 * Liu et al., Interspeech 2020), without the last word, which is often half of one. A later guess that
 * thinks otherwise does not change what was said to be stable; the final line may.
 */
export class StablePrefix {
  #before: readonly string[] = [];
  #stable: readonly string[] = [];

  /** The line to show, and how many UTF-16 units of it are stable. */
  next(guess: string): { readonly text: string; readonly stable: number } {
    const words = tokens(guess);
    let agreed = 0;
    while (agreed < words.length && words[agreed] === this.#before[agreed]) agreed += 1;
    this.#before = words;
    if (agreed - 1 > this.#stable.length && startsWith(words, this.#stable)) this.#stable = words.slice(0, agreed - 1);
    const stable = this.#stable.join('');
    return { text: stable + words.slice(this.#stable.length).join(''), stable: stable.length };
  }
}

/** Words with the space before them; Chinese, Japanese and Korean signs one by one. */
function tokens(text: string): string[] {
  return (
    text.match(
      /\s*(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+)/gu,
    ) ?? []
  );
}

function startsWith(words: readonly string[], start: readonly string[]): boolean {
  return start.every((word, index) => words[index] === word);
}
