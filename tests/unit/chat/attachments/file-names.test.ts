import { describe, expect, it } from 'vitest';
import { contentDisposition, harmlessName } from '../../../../src/platform/file-name.js';

describe('The name of a file', () => {
  it.each([
    ['plan.pdf', 'plan.pdf'],
    ['年度報告 2026（最終）.docx', '年度報告 2026（最終）.docx'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\system32\\cmd.exe', 'cmd.exe'],
    ['/', 'file'],
    ['', 'file'],
    ['...', 'file'],
    ['.htaccess', 'htaccess'],
    ['a\0b\r\nc\td.txt', 'abcd.txt'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['a\u200b\ufeff\u2066b.txt', 'ab.txt'],
    ['half \ud800 pair.txt', 'half pair.txt'],
    ['a   b.txt', 'a b.txt'],
    ['what? <really>: "yes" | no*.txt', 'what really yes no.txt'],
    ['CON.txt', '_CON.txt'],
    ['aux', '_aux'],
    ['concert.txt', 'concert.txt'],
    ['name. . ', 'name'],
    ['<script>alert(1)</script>.png', 'script.png'],
    ['cafe\u0301.txt', 'café.txt'],
  ])('%j becomes %j', (given, harmless) => {
    expect(harmlessName(given)).toBe(harmless);
  });

  it('is cut between characters to what file systems take, and keeps its ending', () => {
    const name = harmlessName(`${'報'.repeat(500)}.xlsx`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    expect(name).toMatch(/^報+\.xlsx$/);
    expect(harmlessName(`${'😀'.repeat(300)}`)).toMatch(/^(😀)+$/u);
    expect(Buffer.byteLength(harmlessName(`a.${'x'.repeat(3_000)}`))).toBeLessThanOrEqual(200);
  });

  it('is said in a header so that no header can be smuggled in it', () => {
    for (const name of ['a";b.txt', "it's (1)*.txt", '報告.pdf', '100%.txt', 'a\\b.txt'])
      expect(contentDisposition('attachment', name)).toMatch(
        /^attachment; filename="[ !#$&-[\]-~]*"; filename\*=UTF-8''[\w%!#$&+.^`|~-]+$/,
      );
    expect(contentDisposition('inline', '報.pdf')).toBe(`inline; filename="_.pdf"; filename*=UTF-8''%E5%A0%B1.pdf`);
  });
});
