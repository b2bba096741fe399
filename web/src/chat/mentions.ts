/** Words of a text that name somebody who is mentioned. Pure. */

export interface MentionPart {
  readonly text: string;
  readonly mention: boolean;
}

/** How everybody is called, whoever wrote it in which language. */
export const everybody: readonly string[] = ['all', '所有人'];

/** `names`: of those who are mentioned, `everybody` among them where all are. */
export function mentionParts(text: string, names: readonly string[]): readonly MentionPart[] {
  if (!text.includes('@') || names.length === 0) return [{ text, mention: false }];
  // The longest first: "@Chan Tai Man" is not "@Chan".
  const byLength = [...names].filter((name) => name !== '').sort((a, b) => b.length - a.length);
  const parts: MentionPart[] = [];
  let plainFrom = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const name = byLength.find((candidate) => text.startsWith(candidate, at + 1));
    if (name === undefined) continue;
    if (at > plainFrom) parts.push({ text: text.slice(plainFrom, at), mention: false });
    parts.push({ text: text.slice(at, at + 1 + name.length), mention: true });
    plainFrom = at + 1 + name.length;
  }
  if (plainFrom < text.length) parts.push({ text: text.slice(plainFrom), mention: false });
  return parts;
}

/** What is being looked for at the caret: the words after an @ that begins a word. Null: nobody. */
export function mentionAt(text: string, caret: number): { readonly from: number; readonly query: string } | null {
  const before = text.slice(Math.max(0, caret - 40), caret);
  const match = /(?:^|[\s(（、，。])@([^\s@]{0,30}(?: [^\s@]{0,20})?)$/u.exec(before);
  if (!match) return null;
  const query = match[1] ?? '';
  return { from: caret - query.length - 1, query };
}

/** The ids of those whose names stand in the text; of two with one name only who was chosen. */
export function mentionedIn(text: string, chosen: ReadonlyMap<string, string>): readonly string[] {
  return [...chosen].filter(([, name]) => text.includes(`@${name}`)).map(([id]) => id);
}

export function mentionsEverybody(text: string): boolean {
  return everybody.some((name) => new RegExp(`(?:^|[\\s(（、，。])@${name}(?![\\p{L}\\p{N}])`, 'u').test(text));
}
