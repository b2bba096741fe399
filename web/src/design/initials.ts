/** What stands in an avatar: a Chinese name by its given name, any other by its first letters. */
export function initials(name: string): string {
  const trimmed = name.trim();
  // A name that is written in Han characters has the family name first: 陳大文 is known by 大文.
  const han = [...trimmed.replace(/[\s·・]/g, '')];
  if (han.length > 0 && han.every((character) => /\p{Script=Han}/u.test(character))) return han.slice(han.length > 2 ? -2 : -1).join('');
  const words = trimmed.split(/[\s_.-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = firstLetter(words[0]);
  const last = words.length > 1 ? firstLetter(words.at(-1)) : '';
  return `${first}${last}`.toLocaleUpperCase() || '?';
}

/** The same person has the same of `count` colours everywhere (FNV-1a). */
export function colourOf(id: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % count;
}

function firstLetter(word: string | undefined): string {
  return /[\p{L}\p{N}]/u.exec(word ?? '')?.[0] ?? '';
}
