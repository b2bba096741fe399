/** Splits what somebody wrote into text and addresses, so that only http(s) becomes a link. Pure. */

export interface MessagePart {
  readonly text: string;
  /** Null: plain text. */
  readonly href: string | null;
}

const address = /https?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uffef]+/giu;
/** Belongs to the sentence rather than to the address. */
const trailing = /[.,;:!?)\]}'"]+$/u;

export function messageParts(body: string): readonly MessagePart[] {
  const parts: MessagePart[] = [];
  let end = 0;
  for (const match of body.matchAll(address)) {
    const text = withoutTrailing(match[0]);
    if (!isWebAddress(text)) continue;
    if (match.index > end) parts.push({ text: body.slice(end, match.index), href: null });
    parts.push({ text, href: text });
    end = match.index + text.length;
  }
  if (end < body.length) parts.push({ text: body.slice(end), href: null });
  return parts;
}

/** "(see https://example.hk/a_(b))" keeps its last bracket inside the address. */
function withoutTrailing(text: string): string {
  let kept = text;
  for (;;) {
    const tail = trailing.exec(kept)?.[0];
    if (!tail) return kept;
    const last = tail.at(-1);
    if (last === ')' && count(kept, '(') >= count(kept, ')')) return kept;
    kept = kept.slice(0, -1);
  }
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && hostname !== '';
}
