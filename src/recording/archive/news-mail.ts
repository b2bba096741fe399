/** The e-mail that tells somebody of a recording: in his language, or in English and Chinese where it isn't known. */
import type { Language } from '../../platform/errors.js';
import { escapeHtml, oneLine } from '../../platform/mail/index.js';
import type { NewsKind } from '../schema.js';
import type { NewsFace } from './schema.js';

interface Words {
  /** By what it is about. `by`: empty where no name may leave the server. */
  readonly said: Readonly<Record<NewsKind, (by: string) => string>>;
  readonly recording: string;
  readonly open: string;
  readonly withoutLink: string;
  readonly why: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    said: {
      shared: (by) => (by ? `${by} shared a recording with you` : 'A recording was shared with you'),
      'review-assigned': (by) => (by ? `${by} asks you to review a recording` : 'A recording waits for your review'),
      'review-finished': (by) => (by ? `${by} finished a review that you gave out` : 'A review that you gave out is finished'),
      'review-withdrawn': (by) => (by ? `${by} withdrew a review` : 'A review was withdrawn'),
    },
    recording: 'Recording',
    open: 'Open it',
    withoutLink: 'Open the archive of Causeway to see it.',
    why: 'E-mails can be switched off in the notification settings.',
  },
  'zh-Hant': {
    said: {
      shared: (by) => (by ? `${by} 與你分享了錄影` : '有人與你分享了錄影'),
      'review-assigned': (by) => (by ? `${by} 請你覆核錄影` : '有錄影等待你覆核'),
      'review-finished': (by) => (by ? `${by} 已完成你指派的覆核` : '你指派的覆核已完成'),
      'review-withdrawn': (by) => (by ? `${by} 撤回了覆核` : '一項覆核已撤回'),
    },
    recording: '錄影',
    open: '開啟',
    withoutLink: '請於 Causeway 的錄影庫查看。',
    why: '可於通知設定關閉電郵。',
  },
  'zh-Hans': {
    said: {
      shared: (by) => (by ? `${by} 与你分享了录像` : '有人与你分享了录像'),
      'review-assigned': (by) => (by ? `${by} 请你复核录像` : '有录像等待你复核'),
      'review-finished': (by) => (by ? `${by} 已完成你指派的复核` : '你指派的复核已完成'),
      'review-withdrawn': (by) => (by ? `${by} 撤回了复核` : '一项复核已撤回'),
    },
    recording: '录像',
    open: '打开',
    withoutLink: '请在 Causeway 的录像库查看。',
    why: '可在通知设置中关闭邮件。',
  },
};

export interface HowToMail {
  readonly language: Language | null;
  /** Names and titles may leave the server. */
  readonly named: boolean;
  /** Where people open the page; null: not known. */
  readonly pageUrl: string | null;
}

export function newsMail(news: NewsFace, { language, named, pageUrl }: HowToMail): { subject: string; text: string; html: string } {
  const languages: readonly Language[] = language ? [language] : ['en', 'zh-Hant'];
  const parts = languages.map((lang) => ({ lang, ...words[lang] }));
  const by = named ? oneLine(news.by.name) : '';
  const title = named && news.recording ? oneLine(news.recording.title) : '';
  const link = pageUrl === null || news.recording === null ? null : `${pageUrl}${placeOf(news.kind, news.recording.id)}`;
  // Where there is nothing to open, nothing is offered.
  const way = (part: Words): string | null => (news.recording === null ? null : link === null ? part.withoutLink : `${part.open}: ${link}`);
  return {
    subject: parts.map(({ said }) => `${said[news.kind](by)}${title ? `: ${title}` : ''}`).join(' / '),
    text: [
      ...parts.map((part) =>
        [part.said[news.kind](by), ...(title ? [`${part.recording}: ${title}`] : []), way(part)].filter((line) => line !== null).join('\n'),
      ),
      parts.map(({ why }) => why).join('\n'),
    ].join('\n\n'),
    html: [
      ...parts.map((part) => {
        const opens = link === null ? way(part) : `<a href="${escapeHtml(link)}">${escapeHtml(part.open)}</a>`;
        return `<div lang="${part.lang}"><p>${escapeHtml(part.said[news.kind](by))}</p>${
          title ? `<p>${escapeHtml(part.recording)}: ${escapeHtml(title)}</p>` : ''
        }${opens === null ? '' : `<p>${opens}</p>`}</div>`;
      }),
      `<p><small>${parts.map(({ why }) => escapeHtml(why)).join('<br>')}</small></p>`,
    ].join('\n'),
  };
}

/** Where the page shows it. */
function placeOf(kind: NewsKind, recordingId: string): string {
  return `/archive/${recordingId}${kind === 'shared' ? '' : '?tab=review'}`;
}
