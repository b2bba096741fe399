/**
 * Which parts of a piece of code are what, for their colours. The grammars are large: this file is
 * loaded when the first block of code is shown. It gives texts and names, never HTML. Pure.
 */
import { common, createLowlight } from 'lowlight';

export type CodeColour = 'comment' | 'keyword' | 'text' | 'value' | 'removed';

export interface CodePart {
  readonly text: string;
  readonly colour: CodeColour | null;
}

interface Branch {
  readonly children: readonly (Branch | Leaf | { readonly type: 'comment' | 'doctype' })[];
  readonly properties?: { readonly className?: unknown };
}

interface Leaf {
  readonly type: 'text';
  readonly value: string;
}

/** Its grammar of Markdown needs seconds for a few thousand brackets, and messages are Markdown anyway. */
const { markdown: _slow, ...quick } = common;
const grammars = createLowlight(quick);

/** Names of highlight.js, by what stands before a dot; what is not named keeps the colour of the text. */
const colours: Readonly<Record<string, CodeColour>> = {
  comment: 'comment',
  quote: 'comment',
  keyword: 'keyword',
  tag: 'keyword',
  name: 'keyword',
  'selector-tag': 'keyword',
  'selector-class': 'keyword',
  'selector-id': 'keyword',
  section: 'keyword',
  meta: 'keyword',
  string: 'text',
  regexp: 'text',
  char: 'text',
  link: 'text',
  addition: 'text',
  number: 'value',
  literal: 'value',
  symbol: 'value',
  bullet: 'value',
  type: 'value',
  built_in: 'value',
  attr: 'value',
  attribute: 'value',
  deletion: 'removed',
};

/** More than that is seldom read in a conversation, and takes the page's time. */
const longest = 8_000;

const cache = new Map<string, readonly CodePart[] | null>();
const cachedAtMost = 200;

/** The parts in order: together they are the text. Null: the language is not known, or there is too much of it. */
export function codeParts(text: string, language: string): readonly CodePart[] | null {
  const name = language.toLowerCase();
  if (text.length > longest || !grammars.registered(name)) return null;
  const key = `${name} ${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const parts: { text: string; colour: CodeColour | null }[] = [];
  collect(grammars.highlight(name, text), null, parts);
  // A grammar that lost a character would show something else than what was written.
  const whole = parts.map((part) => part.text).join('') === text ? parts : null;
  if (cache.size >= cachedAtMost) cache.clear();
  cache.set(key, whole);
  return whole;
}

function collect(branch: Branch, around: CodeColour | null, parts: { text: string; colour: CodeColour | null }[]): void {
  const colour = colourOf(branch.properties?.className) ?? around;
  for (const child of branch.children) {
    if ('children' in child) collect(child, colour, parts);
    else if (child.type === 'text') {
      const last = parts.at(-1);
      if (last?.colour === colour) last.text += child.value;
      else parts.push({ text: child.value, colour });
    }
  }
}

/** Of `['hljs-title', 'function_']` the first names the kind. */
function colourOf(className: unknown): CodeColour | null {
  const first: unknown = Array.isArray(className) ? className[0] : null;
  return typeof first === 'string' ? (colours[first.replace(/^hljs-/, '')] ?? null) : null;
}
