/** What engines make of noise: a flood of letters, or one word for ever. */

/** Nobody says more; fast speech has about 20 letters in a second. */
const lettersPerSecond = 45;
/** Said that often in a row it is no speech. */
const repetitions = 8;

export function plausible(text: string, seconds: number): boolean {
  if (text.length > 20 + seconds * lettersPerSecond) return false;
  const words = text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}']+/gu) ?? [];
  // One word, or two or three in turn.
  return [1, 2, 3].every((period) => longestRun(words, period) < repetitions * period);
}

/** How many words in a row equal the one that stands `period` before. */
function longestRun(words: readonly string[], period: number): number {
  let longest = 0;
  let run = 0;
  for (const [index, word] of words.entries()) {
    run = index >= period && word === words[index - period] ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
