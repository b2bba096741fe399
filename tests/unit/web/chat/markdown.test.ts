import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MarkdownNode, parseMarkdown, plainText, safeHref } from '@/chat/markdown';

function all(nodes: readonly MarkdownNode[]): readonly MarkdownNode[] {
  return nodes.flatMap((node) => ('children' in node ? [node, ...all(node.children)] : [node]));
}

const links = (body: string) => all(parseMarkdown(body)).flatMap((node) => (node.kind === 'link' ? [node.href] : []));

describe('what somebody wrote', () => {
  it('keeps tags as the words that they are', () => {
    const text = '<img src=x onerror=alert(1)> <b>bold</b>';
    expect(plainText(text)).toBe(text);
    expect(all(parseMarkdown(text)).every(({ kind }) => kind === 'paragraph' || kind === 'text')).toBe(true);
  });

  it.each([
    ['[a](javascript:alert(1))', []],
    ['[a](JaVaScRiPt:alert(1))', []],
    ['[a](data:text/html,x)', []],
    ['[a](vbscript:x)', []],
    ['[a](/settings)', []],
    ['[a](file:///etc/passwd)', []],
    ['https://example.hk/a_(b)', ['https://example.hk/a_(b)']],
    ['(see https://example.hk/a).', ['https://example.hk/a']],
    ['見 https://example.hk/路徑 。', ['https://example.hk/%E8%B7%AF%E5%BE%91']],
    ['report.md is in the folder', []],
  ])('makes links of web addresses alone: %s', (body, expected) => {
    expect(links(body)).toEqual(expected);
  });

  it('shows no pictures of elsewhere', () => {
    expect(all(parseMarkdown('![x](https://example.hk/x.png)')).map(({ kind }) => kind)).not.toContain('image');
  });

  it('has code, lists, quotes and emphasis', () => {
    const kinds = new Set(all(parseMarkdown('**a** _b_ ~~c~~ `d`\n\n- e\n\n1. f\n\n> g\n\n```ts\nh\n```')).map(({ kind }) => kind));
    for (const kind of ['strong', 'em', 'strike', 'code', 'list', 'numbered', 'quote', 'block']) expect(kinds).toContain(kind);
  });

  it('keeps the numbers of a list and the lines of a text', () => {
    expect(parseMarkdown('3. a\n4. b')[0]).toMatchObject({ kind: 'numbered', start: 3 });
    expect(all(parseMarkdown('one\ntwo')).map(({ kind }) => kind)).toContain('break');
  });

  it('is read whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (body) => {
        for (const href of links(body)) expect(safeHref(href)).toBe(href);
        plainText(body);
      }),
    );
  });

  it('is read soon where it is made to be slow', () => {
    for (const piece of ['[', '*_', '> ', '`', '![](', '<', '| a ', '~~', 'https://', '((((']) {
      const nodes = parseMarkdown(piece.repeat(Math.floor(8_000 / piece.length)));
      expect(nodes.length).toBeGreaterThan(0);
    }
  });
});
