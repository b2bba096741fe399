import { describe, expect, it } from 'vitest';
import { realType, typeForBrowsers } from '../../../../src/chat/attachments/file-kind.js';
import { readRange } from '../../../../src/platform/byte-range.js';

describe('The type of a file is told by its bytes', () => {
  it.each([
    ['PDF', '%PDF-1.4\n', 'application/pdf'],
    ['a program for Windows', 'MZ\x90\0\x03\0\0\0\x04\0\0\0', 'application/x-msdownload'],
    ['an archive', 'PK\x05\x06'.padEnd(22, '\0'), 'application/zip'],
    ['text', 'Dear all,\n', 'text/plain'],
    ['Chinese text', '各位同事：', 'text/plain'],
    ['Chinese text that is cut in a character', Buffer.from('各位同事').subarray(0, 10), 'text/plain'],
    ['nothing', '', 'text/plain'],
    ['a page', '<!DOCTYPE html><p>', 'text/html'],
    ['a page after a remark', '\n<!-- hello -->  <!-- again --><HTML>', 'text/html'],
    ['a script', '<script>alert(1)</script>', 'text/html'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['SVG as XML', '<?xml version="1.0"?>\n<!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['XML', '<?xml version="1.0"?><feed/>', 'application/xml'],
    ['text about HTML', 'Use <html> as the first element', 'text/plain'],
    ['bytes without sense', Buffer.from([0, 1, 2, 3, 250, 251]), 'application/octet-stream'],
    ['text in Big5', Buffer.from([0xa7, 0x41, 0xa6, 0x6e]), 'application/octet-stream'],
  ])('%s', async (_what, content, type) => {
    expect(await realType(typeof content === 'string' ? Buffer.from(content, content.includes('\x90') ? 'latin1' : 'utf8') : content)).toBe(
      type,
    );
  });

  it('however many remarks stand before it, at once', async () => {
    expect(await realType(Buffer.from('<!--a-->'.repeat(8_000)))).toBe('text/plain');
    expect(await realType(Buffer.from('<!--'.repeat(16_000)))).toBe('text/plain');
  });

  it('and what could run in a browser is not called by its name there', () => {
    for (const type of ['text/html', 'image/svg+xml', 'application/xml', 'text/xml', 'application/xhtml+xml'])
      expect(typeForBrowsers(type)).toBe('application/octet-stream');
    expect(typeForBrowsers('image/png')).toBe('image/png');
  });
});

describe('A range', () => {
  it.each([
    [undefined, 'all'],
    ['bytes=0-9', { start: 0, end: 9 }],
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=90-500', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-500', { start: 0, end: 99 }],
    ['bytes=100-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=9-5', 'all'],
    ['bytes=-', 'all'],
    ['bytes=0-1,3-4', 'all'],
    ['lines=0-1', 'all'],
    ['bytes=a-b', 'all'],
    [`bytes=${'9'.repeat(400)}-`, 'all'],
  ] as const)('%j of a hundred bytes is %j', (header, range) => {
    expect(readRange(header, 100)).toEqual(range);
  });

  it('of an empty file has nothing in it', () => {
    expect(readRange('bytes=0-', 0)).toBe('none');
    expect(readRange('bytes=-5', 0)).toBe('none');
  });
});
