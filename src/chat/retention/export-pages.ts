/**
 * The files of an export: a conversation as JSON or as a page, written bit by bit.
 *
 * Pages are read on somebody's desk, by file:, far from this server and its headers. So everything that
 * people wrote is text there: escaped, in no attribute but a file's name; nothing is loaded, nothing
 * runs, and a policy in the page says so to the browser.
 */
import { createHash } from 'node:crypto';
import { htmlText as text } from '../../platform/html-text.js';
import type { ExportedConversation, ExportedMember, ExportedMessage } from './export-content.js';

export interface ConversationWriter {
  readonly extension: 'json' | 'html';
  begin(conversation: ExportedConversation, members: readonly ExportedMember[]): string;
  messages(page: readonly ExportedMessage[], isFirst: boolean): string;
  end(): string;
}

export const jsonWriter: ConversationWriter = {
  extension: 'json',
  begin: (conversation, members) =>
    `{\n"conversation": ${JSON.stringify(conversation)},\n"members": ${list(members.map((member) => JSON.stringify(member)))},\n"messages": [`,
  messages: (page, isFirst) => page.map((message, index) => `${isFirst && index === 0 ? '' : ','}\n${JSON.stringify(message)}`).join(''),
  end: () => '\n]\n}\n',
};

const style = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { text-align: start; padding: 0.2rem 1rem 0.2rem 0; vertical-align: top; }
article { border-top: 1px solid #8884; padding: 0.7rem 0; }
header, small, .note { color: #777; font-size: 0.85rem; } header b { color: CanvasText; font-size: 1rem; }
p, pre { margin: 0.2rem 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
.reply { margin-inline-start: 2rem; } .was { border-inline-start: 3px solid #8886; padding-inline-start: 0.7rem; }
ul { margin: 0.2rem 0; }
`;
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;

export const htmlWriter: ConversationWriter = {
  extension: 'html',
  begin: (conversation, members) =>
    `${head(conversation.title || conversation.kind)}
<h1>${bdi(conversation.title || conversation.kind)}</h1>
<p>${text(conversation.description)}</p>
<p class="note">${text(conversation.kind)} · ${bdi(conversation.domain)} · ${text(conversation.createdAt)} · ${text(conversation.id)}</p>
<h2>Members</h2>
<table><tr><th>Name</th><th>Joined</th><th>Left</th><th>Could read after number</th></tr>
${members.map((member) => `<tr><td>${bdi(member.name)}</td><td>${text(member.joinedAt)}</td><td>${text(member.leftAt ?? '')}</td><td>${member.readsAfter}</td></tr>`).join('\n')}
</table>
<h2>Messages</h2>
`,
  messages: (page) => page.map(article).join(''),
  end: () => foot,
};

/** The first page of an export of pages. */
export function indexPage(
  title: string,
  notes: readonly string[],
  conversations: readonly { id: string; title: string; messages: number }[],
): string {
  return `${head(title)}
<h1>${bdi(title)}</h1>
${notes.map((note) => `<p class="note">${text(note)}</p>`).join('\n')}
<table><tr><th>Conversation</th><th>Messages</th></tr>
${conversations.map(({ id, title, messages }) => `<tr><td><a href="conversations/${text(id)}.html">${bdi(title || id)}</a></td><td>${messages}</td></tr>`).join('\n')}
</table>
${foot}`;
}

function article(message: ExportedMessage): string {
  const { sender, sentAt, number, changes } = message;
  const notes = [
    message.urgent ? 'urgent' : '',
    message.byApp ? 'by an app' : '',
    message.replyTo === null ? '' : `answers ${message.replyTo}`,
    message.thread === null ? '' : `in the thread of ${message.thread}`,
    message.pinnedAt === null ? '' : `pinned ${message.pinnedAt}`,
    message.editedAt === null ? '' : `edited ${message.editedAt}`,
    message.recalledAt === null ? '' : `recalled ${message.recalledAt}`,
    message.forwarded ? `forwarded, from ${message.forwarded.senderName}` : '',
    message.mentionsAll ? 'mentions everybody' : '',
    message.mentions.length === 0 ? '' : `mentions ${message.mentions.map(({ name, id }) => name || id).join(', ')}`,
  ].filter(Boolean);
  const poll = message.poll?.options.map((option, index) => `<li>${text(option)}: ${message.poll?.votes[index] ?? 0}</li>`).join('');
  const files = message.attachments.map(
    (file) =>
      `<li><a href="../${text(file.path)}" download="${text(file.name)}">${bdi(file.name)}</a> <small>${text(file.type)}, ${file.size} bytes, SHA-256 ${text(file.sha256)}</small></li>`,
  );
  const cards = (message.cards ?? []).map((card) => `<li>${bdi(card.title)} <small>${text(card.url)}</small></li>`);
  const reactions = Object.entries(message.reactions).map(
    ([emoji, people]) => `${text(emoji)} ${people.map(({ name, id }) => bdi(name || id)).join(', ')}`,
  );
  const system = message.system
    ? `<p class="note">${text(message.system.what)} ${message.system.people.map(({ name }) => bdi(name)).join(', ')} ${bdi(message.system.text)}</p>`
    : '';
  return `<article id="m${number}"${message.thread === null ? '' : ' class="reply"'}>
<header><b>${bdi(sender.name)}</b> ${text(sentAt)} · ${number}${notes.map((note) => ` · ${bdi(note)}`).join('')}</header>
${message.text === '' ? '' : `<p dir="auto">${text(message.text)}</p>`}${system}
${poll ? `<ul>${poll}</ul>` : ''}${files.length > 0 ? `<ul>${files.join('')}</ul>` : ''}${cards.length > 0 ? `<ul>${cards.join('')}</ul>` : ''}${reactions.length > 0 ? `<p class="note">${reactions.join(' · ')}</p>` : ''}
${changes.map((change) => `<div class="was"><small>${text(change.kind)} · ${text(change.at)} · ${bdi(change.by.name)} · ${change.number}</small>${change.before === null ? '' : `<p dir="auto">${text(change.before)}</p>`}</div>`).join('\n')}
</article>
`;
}

function head(title: string): string {
  return `<!doctype html>
<html lang="mul">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width">
<title>${text(title)}</title>
<style>${style}</style>`;
}

const foot = '</html>\n';

/** Whatever direction it is written in, it leaves the rest of the line alone. */
function bdi(words: string): string {
  return `<bdi>${text(words)}</bdi>`;
}

function list(items: readonly string[]): string {
  return `[${items.map((item) => `\n${item}`).join(',')}\n]`;
}
