/** Enough of a match to recognise it beside the message, and too little to use: A123•••(•) */
const shown = 4;
const longest = 40;

export function mask(match: string): string {
  const characters = [...match];
  const letters = characters.filter(isLetter).length;
  const keep = Math.min(shown, Math.floor(letters / 2));
  let seen = 0;
  const masked = characters.slice(0, longest).map((character) => {
    if (!isLetter(character)) return /\s/.test(character) ? ' ' : character;
    seen += 1;
    return seen <= keep ? character : '•';
  });
  return `${masked.join('')}${characters.length > longest ? '…' : ''}`;
}

function isLetter(character: string): boolean {
  return /[\p{L}\p{N}\p{M}]/u.test(character);
}
