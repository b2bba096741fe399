/** The text of a page, whatever it is written in: what its header says, its byte order mark, or its own `meta`. */
import iconv from 'iconv-lite';

/** HTML standard, section 13.2.3.2 "Prescan a byte stream to determine its encoding": 1,024 bytes; many pages need more. */
const prescanned = 4_096;

export function pageText(body: Uint8Array, contentType: string): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return iconv.decode(bytes, charsetOf(bytes, contentType));
}

function charsetOf(bytes: Buffer, contentType: string): string {
  const marked = markOf(bytes);
  if (marked) return marked;
  const said = /;\s*charset\s*=\s*["']?([\w:.-]{1,40})/i.exec(contentType)?.[1];
  if (said && iconv.encodingExists(said)) return said;
  const start = bytes.subarray(0, prescanned).toString('latin1');
  for (const [, element = ''] of start.matchAll(/<meta\s([^>]{1,300})>/gi)) {
    const written = /charset\s*=\s*["']?([\w:.-]{1,40})/i.exec(element)?.[1];
    // It could not be read if it were UTF-16.
    if (written && iconv.encodingExists(written)) return /^utf-?16/i.test(written) ? 'utf-8' : written;
  }
  return 'utf-8';
}

function markOf(bytes: Buffer): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}
