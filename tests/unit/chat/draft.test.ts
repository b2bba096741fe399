import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkAttachmentIds, checkBody, checkMentions, checkOptions } from '../../../src/chat/draft.js';

const refusal = (code: string) => expect.objectContaining({ code });

describe('What somebody wants to say', () => {
  it('loses the white space around it and what the database can not hold', () => {
    expect(checkBody(' \n hello\0 there \t', 100, false)).toBe('hello there');
  });

  it('is counted in characters, not in their halves', () => {
    expect(checkBody('𨋢'.repeat(10), 10, false)).toHaveLength(20);
    expect(() => checkBody('𨋢'.repeat(11), 10, false)).toThrow(refusal('CHAT_TOO_LONG'));
  });

  it('may be empty only where something else is there', () => {
    expect(() => checkBody('\0', 10, false)).toThrow(refusal('CHAT_EMPTY'));
    expect(checkBody('', 10, true)).toBe('');
  });

  it('mentions a person once, and few', () => {
    const id = randomUUID();
    expect(checkMentions([id, id.toUpperCase()])).toEqual([id]);
    expect(() => checkMentions(['nobody'])).toThrow(refusal('CHAT_MENTIONS'));
    expect(() => checkMentions(Array.from({ length: 51 }, () => id))).toThrow(refusal('CHAT_MENTIONS'));
  });

  it('has ten files at most', () => {
    expect(() => checkAttachmentIds(Array.from({ length: 11 }, () => randomUUID()))).toThrow(refusal('CHAT_ATTACHMENT'));
    expect(() => checkAttachmentIds(['../../etc'])).toThrow(refusal('CHAT_ATTACHMENT'));
  });

  it('asks with 2 to 20 different options', () => {
    expect(checkOptions([' Peak ', 'Beach'])).toEqual(['Peak', 'Beach']);
    for (const options of [[], ['one'], ['same', 'same '], ['', 'x'], Array.from({ length: 21 }, (_, i) => `${i}`), ['x'.repeat(201), 'y']])
      expect(() => checkOptions(options)).toThrow(refusal('REQUEST_INVALID'));
  });
});
