/** Links in Markdown that lead to pages: not those in code, which are examples. */

const mostLinks = 3;
const longestLink = 2_000;
/** Ends where a browser's eye would end it: at space, quotes, brackets of Chinese text. */
const link = /\bhttps?:\/\/[^\s<>"'`|\\^{}\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+/giu;

/** The first three, each once. */
export function linksIn(markdown: string): string[] {
  const found = new Set<string>();
  for (const [text] of withoutCode(markdown).matchAll(link)) {
    const url = trimmed(text);
    if (url.length > longestLink || !URL.canParse(url) || new URL(url).hostname === '') continue;
    found.add(url);
    if (found.size === mostLinks) break;
  }
  return [...found];
}

/** CommonMark sections 4.5 (fenced code blocks) and 6.1 (code spans), each line looked at once. */
function withoutCode(markdown: string): string {
  const kept: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split('\n')) {
    const [, marks = ''] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence !== null) {
      if (marks.startsWith(fence) && line.trim() === marks) fence = null;
    } else if (marks !== '' && !(marks.startsWith('`') && line.trim().slice(marks.length).includes('`'))) fence = marks;
    else kept.push(line);
  }
  return withoutSpans(kept.join('\n'));
}

function withoutSpans(text: string): string {
  const pieces = text.split(/(`+)/);
  // From the end: where the next run of so many backticks is.
  const nextOf = new Map<string, number>();
  const closing = pieces.map(() => -1);
  for (let index = pieces.length - 2; index > 0; index -= 2) {
    const marks = pieces[index] ?? '';
    closing[index] = nextOf.get(marks) ?? -1;
    nextOf.set(marks, index);
  }
  let kept = '';
  for (let index = 0; index < pieces.length; index += 1) {
    const end = closing[index] ?? -1;
    if (index % 2 === 0) kept += pieces[index];
    else if (end > 0) {
      kept += ' ';
      index = end;
    }
  }
  return kept;
}

/** Without the punctuation of the sentence, and without the bracket of `[text](link)`. */
function trimmed(text: string): string {
  let end = text.length;
  const count = (sign: string) => text.slice(0, end).split(sign).length - 1;
  const unclosed = (close: string, open: string) => text[end - 1] === close && count(close) > count(open);
  for (let steps = 0; steps < 10; steps += 1) {
    if (/[.,:;!?*_~]/.test(text[end - 1] ?? '') || unclosed(')', '(') || unclosed(']', '[')) end -= 1;
    else break;
  }
  // `[text](https://a.example "title")` and `[text](https://a.example)more`
  const bracket = text.slice(0, end).indexOf(')');
  if (bracket > 0 && !text.slice(0, bracket).includes('(')) end = bracket;
  return text.slice(0, end);
}
