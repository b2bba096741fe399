/** Search within a transcript: every place where the words stand, in order. */

export interface Hit {
  readonly lineId: string;
  /** Within its line. */
  readonly at: number;
}

export interface Piece {
  readonly text: string;
  /** Its number among all hits; null: it is none. */
  readonly hit: number | null;
}

export function findHits(lines: readonly { readonly id: string; readonly text: string }[], query: string): Hit[] {
  const wanted = fold(query.trim());
  if (wanted === '') return [];
  const hits: Hit[] = [];
  for (const { id, text } of lines) {
    const folded = fold(text);
    for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + wanted.length)) hits.push({ lineId: id, at });
  }
  return hits;
}

/** A line's text, cut where hits begin and end. `first` is the number of its first hit. */
export function cutText(text: string, query: string, hits: readonly Hit[], first: number): Piece[] {
  const { length } = query.trim();
  const pieces: Piece[] = [];
  let done = 0;
  hits.forEach(({ at }, index) => {
    if (at > done) pieces.push({ text: text.slice(done, at), hit: null });
    pieces.push({ text: text.slice(at, at + length), hit: first + index });
    done = at + length;
  });
  if (done < text.length) pieces.push({ text: text.slice(done), hit: null });
  return pieces;
}

/** Letters alone are folded, and only where the length stays: places in the folded text are those of the text. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}
