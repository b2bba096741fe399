import { describe, expect, it } from 'vitest';
import { linksIn } from '../../../../src/chat/link-cards/links.js';

describe('Links of a message', () => {
  it.each([
    ['nothing to see', []],
    ['see https://a.example/x?y=1#z.', ['https://a.example/x?y=1#z']],
    ['(http://a.example/x), and "https://b.example"!', ['http://a.example/x', 'https://b.example']],
    ['[plan](https://a.example/plan) and [more](https://b.example/a_(b) "title")', ['https://a.example/plan', 'https://b.example/a_(b)']],
    ['[a](https://a.example)b', ['https://a.example']],
    ['<https://a.example/x>', ['https://a.example/x']],
    ['**https://a.example/x**', ['https://a.example/x']],
    ['https://zh.example/wiki/香港_(城市)', ['https://zh.example/wiki/香港_(城市)']],
    ['請看https://a.example/計劃。謝謝', ['https://a.example/計劃']],
    ['（https://a.example/x）、https://b.example/y，', ['https://a.example/x', 'https://b.example/y']],
    ['HTTPS://A.example/x', ['HTTPS://A.example/x']],
    ['https://a.example https://a.example https://b.example', ['https://a.example', 'https://b.example']],
    [
      'https://1.example https://2.example https://3.example https://4.example',
      ['https://1.example', 'https://2.example', 'https://3.example'],
    ],
    ['ftp://a.example javascript:alert(1) file:///etc/passwd www.a.example', []],
    ['xhttps://a.example', []],
    ['https:// http://? https://[', []],
    [`https://a.example/${'x'.repeat(3_000)}`, []],
  ])('%j', (text, links) => {
    expect(linksIn(text)).toEqual(links);
  });

  it.each([
    ['in a span', 'use `https://a.example` here, not https://b.example'],
    ['in a span of two marks', '``code ` https://a.example`` https://b.example'],
    ['in a block', '```\nhttps://a.example\n```\nhttps://b.example'],
    ['in a block with a language', '```sh\ncurl https://a.example\n```\nhttps://b.example'],
    ['in a block of waves', '~~~\nhttps://a.example\n```\nhttps://a.example\n~~~\nhttps://b.example'],
    ['in a longer block', '````\n```\nhttps://a.example\n```\n````\nhttps://b.example'],
    ['in a block that is not closed', 'https://b.example\n```\nhttps://a.example'],
    ['over lines', '`a\nhttps://a.example` https://b.example'],
  ])('are none %s', (_where, text) => {
    expect(linksIn(text)).toEqual(['https://b.example']);
  });

  it('are found where backticks stand alone', () => {
    expect(linksIn('a ` https://a.example')).toEqual(['https://a.example']);
    expect(linksIn('`` https://a.example `')).toEqual(['https://a.example']);
  });

  it('are found at once in texts that are made to take long', () => {
    for (const text of [
      '`'.repeat(100_000),
      '` `` ``` '.repeat(10_000),
      'https://'.repeat(10_000),
      '['.repeat(100_000),
      `https://a.example/${')'.repeat(90_000)}`,
      '~~~\n'.repeat(20_000),
    ])
      expect(linksIn(text).length).toBeLessThanOrEqual(3);
  });
});
