import { describe, expect, it } from 'vitest';
import { isEmoji } from '../../../src/chat/emoji.js';

describe('An emoji', () => {
  it.each(['👍', '❤️', '👍🏽', '👨‍👩‍👧', '🇭🇰', '☺️', '✅', '1️⃣'])('is one, whatever it is made of: %s', (text) => {
    expect(isEmoji(text)).toBe(true);
  });

  it.each(['', ' ', 'a', '1', '#', '👍👍', '👍 ', '字', '<b>', '\u200d', '👍'.repeat(20)])('is nothing else: %j', (text) => {
    expect(isEmoji(text)).toBe(false);
  });
});
