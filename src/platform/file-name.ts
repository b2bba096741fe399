/** Names of files as they are shown and saved: one line, no path, nothing that turns text around. */

/** As in text.ts, and what some system takes for a path or a wildcard. */
const unwanted = /[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff<>:"|?*]/gu;
/** Names that Windows keeps for devices, with any ending. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
/** Bytes in UTF-8: most file systems take 255, and somebody will put "(1)" behind it. */
const mostBytes = 200;
const mostEndingBytes = 20;

/** Never empty. */
export function harmlessName(given: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replace(unwanted, '')
    .replace(/\s+/gu, ' ')
    // A leading dot hides a file, a dot or space at the end is cut off by Windows.
    .replace(/^[. ]+|[. ]+$/g, '')
    .replace(device, '_$1');
  return shorten(clean) || 'file';
}

/** Cuts between characters and keeps the ending. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= mostBytes) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && Buffer.byteLength(name.slice(dot)) <= mostEndingBytes ? name.slice(dot) : '';
  const room = mostBytes - Buffer.byteLength(ending);
  let stem = '';
  let bytes = 0;
  for (const character of name.slice(0, name.length - ending.length)) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    stem += character;
  }
  return stem.trimEnd() + ending;
}

/** RFC 6266 with RFC 8187: the name in UTF-8, and one in ASCII for those that don't read it. */
export function contentDisposition(kind: 'attachment' | 'inline', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|[%"\\]/g, '_');
  // RFC 8187 section 3.2.1: encodeURIComponent leaves these, which are no attr-char.
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
