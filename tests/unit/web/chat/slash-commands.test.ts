import { describe, expect, it } from 'vitest';
import { commandIn } from '@/chat/slash-commands';

const known = [{ name: 'weather', description: '', hint: '' }];

describe('a command in the field', () => {
  it('is its name and what stands after it', () => {
    expect(commandIn(' /weather  Kowloon\nand Sha Tin ', known)).toEqual({ command: 'weather', text: 'Kowloon\nand Sha Tin' });
    expect(commandIn('/weather', known)).toEqual({ command: 'weather', text: '' });
  });

  it('is a message where it is not known, or not at the beginning', () => {
    for (const text of ['/tide', '/Weather', 'see /weather', '/weatherx', '/', '', '/etc/hosts', '/weather/now'])
      expect(commandIn(text, known), text).toBeNull();
  });
});
