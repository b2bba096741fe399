/** The e-mail about an urgent message: in the person's language, or in English and Chinese where it isn't known. */
import type { Language } from '../../platform/errors.js';
import { escapeHtml, oneLine } from '../../platform/mail/index.js';

/** What may be shown; what is not here stays on the server. */
export interface UrgentShown {
  readonly sender?: string;
  readonly title?: string;
  readonly text?: string;
}

interface Words {
  readonly subject: (sender: string | undefined) => string;
  readonly body: string;
  readonly from: string;
  readonly where: string;
  readonly open: string;
  readonly withoutLink: string;
  readonly why: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    subject: (sender) => (sender ? `Urgent message from ${sender}: please confirm` : 'An urgent message waits for your confirmation'),
    body: 'An urgent message waits for your confirmation.',
    from: 'From',
    where: 'In',
    open: 'Read and confirm it',
    withoutLink: 'Open Causeway to read and confirm it.',
    why: 'You get this because you have not confirmed the message. E-mails can be switched off in the notification settings.',
  },
  'zh-Hant': {
    subject: (sender) => (sender ? `${sender} 發出的緊急訊息：請確認` : '有一則緊急訊息等待你確認'),
    body: '有一則緊急訊息等待你確認。',
    from: '寄件人',
    where: '對話',
    open: '閱讀並確認',
    withoutLink: '請開啟 Causeway 閱讀並確認。',
    why: '你尚未確認此訊息，因此收到本電郵。可於通知設定關閉電郵。',
  },
  'zh-Hans': {
    subject: (sender) => (sender ? `${sender} 发出的紧急消息：请确认` : '有一条紧急消息等待你确认'),
    body: '有一条紧急消息等待你确认。',
    from: '发件人',
    where: '对话',
    open: '阅读并确认',
    withoutLink: '请打开 Causeway 阅读并确认。',
    why: '你尚未确认此消息，因此收到本邮件。可在通知设置中关闭邮件。',
  },
};

/** Lines of plain text that a mail program shows as they are. */
const textCharacters = 2_000;

export function urgentMail(
  language: Language | null,
  shown: UrgentShown,
  link: string | null,
): { subject: string; text: string; html: string } {
  const languages: readonly Language[] = language ? [language] : ['en', 'zh-Hant'];
  const parts = languages.map((one) => ({ lang: one, ...words[one] }));
  const sender = shown.sender === undefined ? undefined : oneLine(shown.sender);
  const body = shown.text === undefined ? null : [...shown.text].slice(0, textCharacters).join('');
  return {
    subject: parts.map((part) => part.subject(sender)).join(' / '),
    text: [
      ...parts.map((part) =>
        [
          part.body,
          ...(sender ? [`${part.from}: ${sender}`] : []),
          ...(shown.title ? [`${part.where}: ${oneLine(shown.title)}`] : []),
          link ? `${part.open}: ${link}` : part.withoutLink,
        ].join('\n'),
      ),
      ...(body ? [body] : []),
      parts.map(({ why }) => why).join('\n'),
    ].join('\n\n'),
    html: [
      ...parts.map(
        (part) =>
          `<div lang="${part.lang}"><p>${escapeHtml(part.body)}</p>${
            sender ? `<p>${escapeHtml(part.from)}: ${escapeHtml(sender)}</p>` : ''
          }${shown.title ? `<p>${escapeHtml(part.where)}: ${escapeHtml(oneLine(shown.title))}</p>` : ''}<p>${
            link ? `<a href="${escapeHtml(link)}">${escapeHtml(part.open)}</a>` : escapeHtml(part.withoutLink)
          }</p></div>`,
      ),
      ...(body ? [`<blockquote style="white-space: pre-wrap">${escapeHtml(body)}</blockquote>`] : []),
      `<p><small>${parts.map(({ why }) => escapeHtml(why)).join('<br>')}</small></p>`,
    ].join('\n'),
  };
}
