/** What a page says of itself: title, description, name of the site. Text and nothing else. */
import { Parser } from 'htmlparser2';

export interface PageHead {
  readonly title: string;
  readonly description: string;
  readonly site: string;
}

const pieceCharacters = 16_384;
const titleCharacters = 200;
const descriptionCharacters = 400;
const siteCharacters = 80;
/** No head has as many. The parser's own list of open elements grows slow beyond. */
const mostElements = 3_000;
/** Control characters, halves of pairs, and what turns or hides text, as in platform/text.ts. */
const unwanted = /[\p{Cc}\p{Cs}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Null: neither title nor description. Reads no further than to the body of the page. */
export function readHead(html: string): PageHead | null {
  const said = new Map<string, string>();
  let title = '';
  let inTitle = false;
  let ended = false;
  let elements = 0;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      elements += 1;
      if (name === 'body' || elements > mostElements) ended = true;
      if (ended) return;
      if (name === 'title' && title === '') inTitle = true;
      if (name !== 'meta') return;
      const property = (attributes.property ?? attributes.name ?? '').toLowerCase();
      // The first one counts, as with everybody who reads these.
      if (property !== '' && attributes.content !== undefined && !said.has(property)) said.set(property, attributes.content);
    },
    ontext: (text) => {
      if (inTitle && title.length < 10 * titleCharacters) title += text;
    },
    onclosetag: (name) => {
      if (name === 'title') inTitle = false;
      if (name === 'head') ended = true;
    },
  });
  for (let at = 0; at < html.length && !ended; at += pieceCharacters) parser.write(html.slice(at, at + pieceCharacters));
  const pick = (...names: string[]) => names.map((name) => said.get(name) ?? '').find((text) => text.trim() !== '') ?? '';
  const head = {
    title: line(pick('og:title', 'twitter:title') || title, titleCharacters),
    description: line(pick('og:description', 'description', 'twitter:description'), descriptionCharacters),
    site: line(pick('og:site_name', 'application-name'), siteCharacters),
  };
  return head.title === '' && head.description === '' ? null : head;
}

function line(text: string, characters: number): string {
  const clean = text
    .slice(0, 10 * characters)
    .replace(/\s+/gu, ' ')
    .replace(unwanted, '')
    .trim();
  const all = [...clean];
  return all.length <= characters
    ? clean
    : `${all
        .slice(0, characters - 1)
        .join('')
        .trimEnd()}…`;
}
