/** Cuts a text where it is too long, and never through a character: PostgreSQL keeps no half of a surrogate pair. */
export function cutText(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/\p{Cs}$/u, '');
}
