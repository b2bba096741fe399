/** What a file really is, by its bytes; what its name and its sender say is only a claim. */
import { fileTypeFromBuffer } from 'file-type';

/** So much of the beginning is looked at. */
export const headBytes = 65_536;

/** Shown in the page when asked for; they run nothing. */
const shown: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
  'application/pdf',
]);
/** Could run script where a browser opens them: their type isn't told to it. */
const active = /^(text\/(html|xml)|application\/xml|.*\+xml)$/;

export async function realType(head: Uint8Array): Promise<string> {
  // Of a file that is cut or broken the library may say so by an error.
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (found && !found.mime.endsWith('/xml')) return found.mime;
  const text = textOf(head);
  if (text === null) return found?.mime ?? 'application/octet-stream';
  const start = withoutComments(text.slice(0, 4_096).toLowerCase());
  if (/<svg[\s>]/.test(start)) return 'image/svg+xml';
  if (/^<(!doctype html|html|head|body|script|iframe|meta|title)\b/.test(start)) return 'text/html';
  return found?.mime ?? 'text/plain';
}

export function maySee(type: string): boolean {
  return shown.has(type);
}

export function typeForBrowsers(type: string): string {
  if (active.test(type)) return 'application/octet-stream';
  return type === 'text/plain' ? 'text/plain; charset=utf-8' : type;
}

/** Of what stands before the first element. */
function withoutComments(text: string): string {
  let rest = text.trimStart();
  while (rest.startsWith('<!--')) {
    const end = rest.indexOf('-->');
    if (end < 0) return '';
    rest = rest.slice(end + 3).trimStart();
  }
  return rest;
}

/** UTF-8, perhaps cut in the middle of a character. */
function textOf(head: Uint8Array): string | null {
  if (head.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
  } catch {
    return null;
  }
}
