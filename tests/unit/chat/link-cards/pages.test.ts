import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { readHead } from '../../../../src/chat/link-cards/page-head.js';
import { pageText } from '../../../../src/chat/link-cards/page-text.js';

describe('What a page says of itself', () => {
  it('is its Open Graph title, description and site, or else its own title and description', () => {
    expect(
      readHead(`<html><head><title>Own</title><meta name="description" content="own words">
        <meta property="og:title" content="Graph &amp; title"><meta property="og:description" content="graph words"><meta property="og:site_name" content="Site"></head>`),
    ).toEqual({ title: 'Graph & title', description: 'graph words', site: 'Site' });
    expect(readHead('<title> Own\n  title </title><meta NAME=Description CONTENT="own words">')).toEqual({
      title: 'Own title',
      description: 'own words',
      site: '',
    });
  });

  it('is nothing when it says nothing', () => {
    for (const html of [
      '',
      'just text',
      '<html><head></head><body><h1>Hello</h1></body>',
      '<title> </title>',
      '<meta property="og:title" content="">',
      '<body><title>late</title>',
    ])
      expect(readHead(html)).toBeNull();
  });

  it('is text: no element, no hidden direction, no endless line', () => {
    expect(readHead('<title>a &lt;script&gt;alert(1)&lt;/script&gt; \u202eevil\u0007\u200b</title>')?.title).toBe(
      'a <script>alert(1)</script> evil',
    );
    const long = readHead(`<title>${'長'.repeat(5_000)}</title><meta name="description" content="${'words '.repeat(5_000)}">`);
    expect([...(long?.title ?? '')]).toHaveLength(200);
    expect(long?.title.endsWith('…')).toBe(true);
    expect([...(long?.description ?? '')].length).toBeLessThanOrEqual(400);
    expect([...(readHead(`<title>${'😀'.repeat(300)}</title>`)?.title ?? '')]).toHaveLength(200);
  });

  it('is read to the body and no further, and the first of each counts', () => {
    expect(readHead('<head><title>One</title><title>Two</title></head><meta property="og:title" content="after">')?.title).toBe('One');
    expect(readHead(`<head><title>One</title><body>${'<meta property="og:title" content="late">'.repeat(50_000)}`)?.title).toBe('One');
  });

  it('can be read from what is broken, cut or hostile', () => {
    expect(readHead('<html><head><title>Cut')?.title).toBe('Cut');
    expect(readHead('<meta property="og:title" content="x')).toBeNull();
    expect(readHead('<title>a<b>c</title>')?.title).toBe('a<b>c');
    expect(readHead(`${'<div>'.repeat(1_000)}<title>deep</title>`)?.title).toBe('deep');
    expect(readHead(`<title>t</title>${'<b>'.repeat(170_000)}`)?.title).toBe('t');
    expect(readHead(`<title>t</title>${'<meta name="x'.repeat(50_000)}`)?.title).toBe('t');
    expect(readHead('<meta property="__proto__" content="x"><meta name="constructor" content="y"><title>t</title>')?.title).toBe('t');
  });
});

describe('The text of a page', () => {
  const words = '香港辦公室：預算';
  const page = (charset: string) => `<html><head><meta charset="${charset}"><title>${words}</title></head>`;

  it.each(['big5', 'gbk', 'gb18030', 'utf-8', 'gb2312'])('is read in %s, said by the header or by the page', (charset) => {
    const text = charset.startsWith('gb') ? words.replaceAll('辦', '办').replaceAll('預', '预') : words;
    const bytes = iconv.encode(page(charset).replace(words, text), charset);
    expect(readHead(pageText(bytes, `text/html; charset=${charset}`))?.title).toBe(text);
    expect(readHead(pageText(bytes, 'text/html'))?.title).toBe(text);
  });

  it('has the characters of Hong Kong, which are in Big5 as browsers know it', () => {
    const bytes = iconv.encode(page('big5').replace(words, '佢哋喺邊度嘅'), 'big5-hkscs');
    expect(readHead(pageText(bytes, 'text/html'))?.title).toBe('佢哋喺邊度嘅');
  });

  it('is told by the older form of meta, and by the byte order mark before all', () => {
    const old = `<meta http-equiv="Content-Type" content="text/html; charset=big5"><title>${words}</title>`;
    expect(readHead(pageText(iconv.encode(old, 'big5'), 'text/html'))?.title).toBe(words);
    const marked = iconv.encode(`<title>${words}</title>`, 'utf-16le', { addBOM: true });
    expect(readHead(pageText(marked, 'text/html; charset=big5'))?.title).toBe(words);
    expect(readHead(pageText(Buffer.from(`\ufeff<title>${words}</title>`), 'text/html; charset=big5'))?.title).toBe(words);
  });

  it('is taken for UTF-8 where nothing sensible is said', () => {
    for (const type of ['text/html', 'text/html; charset=nonsense', 'text/html; charset=', `text/html; charset=${'x'.repeat(9_000)}`])
      expect(readHead(pageText(Buffer.from(`<title>${words}</title>`), type))?.title).toBe(words);
    expect(readHead(pageText(Buffer.from(`<meta charset="utf-16"><title>${words}</title>`), 'text/html'))?.title).toBe(words);
    expect(pageText(Buffer.from([0x41, 0xff, 0xfe, 0x42]), 'text/html')).toBe('A\ufffd\ufffdB');
  });
});
