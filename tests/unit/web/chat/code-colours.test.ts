import { describe, expect, it } from 'vitest';
import { type CodeColour, codeParts } from '@/chat/code-colours';

const coloured = (text: string, language: string, colour: CodeColour): string[] =>
  (codeParts(text, language) ?? []).filter((part) => part.colour === colour).map((part) => part.text);

describe('code', () => {
  it('is coloured by what its parts are', () => {
    const text = "// tide\nconst height = 2.4 + Number('3'); // metres";
    expect(coloured(text, 'ts', 'comment')).toEqual(['// tide', '// metres']);
    expect(coloured(text, 'ts', 'keyword')).toEqual(['const']);
    expect(coloured(text, 'ts', 'text')).toEqual(["'3'"]);
    expect(coloured(text, 'ts', 'value')).toContain('2.4');
  });

  it('knows the names that people write, in capitals too', () => {
    for (const name of ['js', 'TypeScript', 'sh', 'bash', 'py', 'html', 'yml', 'json', 'sql', 'c++', 'c#', 'go', 'rs', 'diff', 'toml'])
      expect(codeParts('x', name), name).not.toBeNull();
  });

  it('stays plain where the language is not known, or the text is very long', () => {
    expect(codeParts('x', 'klingon')).toBeNull();
    expect(codeParts('x', 'markdown')).toBeNull();
    expect(codeParts('x', 'constructor')).toBeNull();
    expect(codeParts('x'.repeat(8_001), 'js')).toBeNull();
  });

  it.each([
    ['js', '<script>alert(1)</script>`${`${"'],
    ['html', '<img src=x onerror="alert(1)"><!-- <script>'],
    ['diff', '--- a\r\n+++ b\r\n-old\u0000\u2028\n+新'],
    ['json', '{"a": [1, 2, {"b": "\\u0000 \\'],
    ['php', `<?php ${'/*'.repeat(2_000)}`],
    ['bash', `${'$(('.repeat(2_000)}\n<<EOF`],
    ['sql', "'".repeat(4_001)],
    ['xml', `${'<a '.repeat(2_500)}`],
    ['cpp', `${'a<'.repeat(4_000)}`],
  ])('in %s keeps every character, however wild it is', (language, text) => {
    const parts = codeParts(text, language);
    expect(parts?.map((part) => part.text).join('')).toBe(text);
  });
});
