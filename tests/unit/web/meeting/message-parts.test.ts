import { describe, expect, it } from 'vitest';
import { messageParts } from '../../../../web/src/meeting/message-parts';

const links = (body: string) => messageParts(body).flatMap((part) => (part.href === null ? [] : [part.href]));

describe('links in a message', () => {
  it('are addresses of http and https only', () => {
    expect(links('https://example.hk and http://example.com/a?b=c#d')).toEqual(['https://example.hk', 'http://example.com/a?b=c#d']);
    expect(links('javascript:alert(1) data:text/html,x ftp://example.hk file:///etc/passwd mailto:a@b.hk')).toEqual([]);
  });

  it('lose nothing of the text around them', () => {
    for (const body of ['plain', '', 'see https://a.hk, or not', '<b>https://a.hk</b>', '\n\nhttps://a.hk\n', '😀https://a.hk😀']) {
      expect(
        messageParts(body)
          .map((part) => part.text)
          .join(''),
      ).toBe(body);
    }
  });

  it('end before the punctuation of the sentence', () => {
    expect(links('Look at https://a.hk/b. And (https://a.hk/c), "https://a.hk/d"!')).toEqual([
      'https://a.hk/b',
      'https://a.hk/c',
      'https://a.hk/d',
    ]);
  });

  it('keep a bracket that belongs to them', () => {
    expect(links('(https://a.hk/wiki/Causeway_(Bay))')).toEqual(['https://a.hk/wiki/Causeway_(Bay)']);
  });

  it('end before Chinese punctuation', () => {
    expect(links('請看https://a.hk/b。謝謝，https://a.hk/c（中文）')).toEqual(['https://a.hk/b', 'https://a.hk/c']);
  });

  it('are not made of tags or quotes', () => {
    expect(links('https://a.hk/"onmouseover="alert(1)')).toEqual(['https://a.hk/']);
    expect(links('https://a.hk/<script>')).toEqual(['https://a.hk/']);
  });
});
