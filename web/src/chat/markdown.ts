/**
 * What somebody wrote, as a tree of a few known kinds of nodes. It never becomes HTML: the page makes
 * elements of the nodes, and whatever looks like a tag is text. Pure.
 */
import MarkdownIt, { type Token } from 'markdown-it';

export type MarkdownNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'rule' }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'block'; readonly text: string; readonly language: string }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly MarkdownNode[] }
  | {
      readonly kind:
        | 'strong'
        | 'em'
        | 'strike'
        | 'paragraph'
        | 'heading'
        | 'quote'
        | 'list'
        | 'item'
        | 'table'
        | 'row'
        | 'cell'
        | 'head-cell';
      readonly children: readonly MarkdownNode[];
    }
  | { readonly kind: 'numbered'; readonly start: number; readonly children: readonly MarkdownNode[] };

type Container = Exclude<MarkdownNode, { kind: 'text' | 'break' | 'rule' | 'code' | 'block' | 'link' | 'numbered' }>['kind'];

/** Pictures stay links: nothing is fetched from elsewhere because somebody wrote a message. */
const parser = new MarkdownIt('default', { html: false, linkify: true, breaks: true, maxNesting: 24 }).disable([
  'image',
  'reference',
  'html_block',
  'entity',
]);
// "report.md" and "mail@example.hk" are words more often than addresses; what is meant begins with http.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });

const containers: Readonly<Record<string, Container>> = {
  strong: 'strong',
  em: 'em',
  s: 'strike',
  paragraph: 'paragraph',
  heading: 'heading',
  blockquote: 'quote',
  bullet_list: 'list',
  list_item: 'item',
  table: 'table',
  tr: 'row',
  td: 'cell',
  th: 'head-cell',
};

const cache = new Map<string, readonly MarkdownNode[]>();
const cachedAtMost = 600;

export function parseMarkdown(body: string): readonly MarkdownNode[] {
  const known = cache.get(body);
  if (known) return known;
  const nodes = treeOf(parser.parse(body, {}));
  if (cache.size >= cachedAtMost) for (const key of [...cache.keys()].slice(0, cachedAtMost / 2)) cache.delete(key);
  cache.set(body, nodes);
  return nodes;
}

/** One line without signs: for lists and notices. */
export function plainText(body: string, atMost = 200): string {
  const text = parseMarkdown(body.length > atMost * 8 ? body.slice(0, atMost * 8) : body)
    .map(textOf)
    .join(' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return text.length > atMost ? `${text.slice(0, atMost)}…` : text;
}

function textOf(node: MarkdownNode): string {
  if (node.kind === 'text' || node.kind === 'code' || node.kind === 'block') return node.text;
  if (node.kind === 'break' || node.kind === 'rule') return ' ';
  const isInline =
    node.kind === 'strong' || node.kind === 'em' || node.kind === 'strike' || node.kind === 'link' || node.kind === 'paragraph';
  return node.children.map(textOf).join(isInline ? '' : ' ');
}

interface Open {
  readonly close: string;
  readonly finish: (children: readonly MarkdownNode[]) => readonly MarkdownNode[];
  readonly children: MarkdownNode[];
}

function treeOf(tokens: readonly Token[]): readonly MarkdownNode[] {
  const root: Open = { close: '', finish: (children) => children, children: [] };
  const stack: Open[] = [root];
  for (const token of tokens) {
    const top = stack.at(-1) ?? root;
    if (token.nesting === 1) stack.push(opened(token));
    else if (token.nesting === -1) {
      if (stack.length < 2) continue;
      stack.pop();
      (stack.at(-1) ?? root).children.push(...top.finish(top.children));
    } else if (token.type === 'inline') top.children.push(...treeOf(token.children ?? []));
    else top.children.push(...leaf(token));
  }
  // Nothing that was written is lost, whatever the parser thinks of it.
  while (stack.length > 1) {
    const last = stack.pop();
    if (last) (stack.at(-1) ?? root).children.push(...last.finish(last.children));
  }
  return root.children;
}

function opened(token: Token): Open {
  const name = token.type.replace(/_open$/, '');
  const children: MarkdownNode[] = [];
  const close = `${name}_close`;
  if (name === 'link') {
    const href = safeHref(String(token.attrGet('href') ?? ''));
    return { close, children, finish: (inner) => (href === null ? inner : [{ kind: 'link', href, children: inner }]) };
  }
  if (name === 'ordered_list') {
    const start = Number(token.attrGet('start') ?? 1);
    return { close, children, finish: (inner) => [{ kind: 'numbered', start: Number.isSafeInteger(start) ? start : 1, children: inner }] };
  }
  const kind = containers[name];
  // The paragraphs of a tight list have no gaps between them.
  if (!kind || (kind === 'paragraph' && token.hidden)) return { close, children, finish: (inner) => inner };
  return { close, children, finish: (inner) => [{ kind, children: inner }] };
}

function leaf(token: Token): readonly MarkdownNode[] {
  switch (token.type) {
    case 'softbreak':
    case 'hardbreak':
      return [{ kind: 'break' }];
    case 'hr':
      return [{ kind: 'rule' }];
    case 'code_inline':
      return [{ kind: 'code', text: token.content }];
    case 'fence':
    case 'code_block':
      return [{ kind: 'block', text: token.content.replace(/\n$/, ''), language: /^[\w+#.-]{1,24}/u.exec(token.info)?.[0] ?? '' }];
    default:
      return token.content === '' ? [] : [{ kind: 'text', text: token.content }];
  }
}

/** Only the web and mail; everything else stays the words that it was. */
export function safeHref(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const { protocol, hostname } = new URL(href);
  if (protocol === 'mailto:') return href;
  return (protocol === 'https:' || protocol === 'http:') && hostname !== '' ? href : null;
}
