/** The e-mail that brings a guest his invitation: who invites him, to what, and the link. */
import type { Database } from '../../platform/database/index.js';
import { CausewayError, type Language, languages } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import { escapeHtml, type Mail, type MailMessage, oneLine } from '../../platform/mail/index.js';
import type { Principal } from '../../platform/principal.js';
import type { guestMails } from './schema.js';

export interface GuestMailDeps {
  readonly database: Database;
  readonly log: Log;
  readonly mail: Mail;
  /**
   * The address that the operator set; null: none. The one that a request came by is no substitute:
   * whoever invites could write another into it, and the mail would lead strangers there in our name.
   */
  readonly pageUrl: string | null;
  /** Whoever invites waits for the mail server no longer than this. */
  readonly waitMs?: number;
}

export interface GuestLetter {
  readonly email: string;
  readonly conversationId: string;
  readonly expiresAt: string;
  /** Of whoever invites; null: unknown. */
  readonly language: Language | null;
  /** Of the page of the invitation, with the secret in its fragment. */
  readonly path: string;
}

interface Place {
  organisation: string;
  title: string;
  language: string | null;
}

interface Facts {
  readonly inviter: string;
  readonly organisation: string;
  readonly title: string;
}

interface Words {
  readonly subject: (facts: Facts) => string;
  readonly body: (facts: Facts) => string;
  readonly open: string;
  readonly until: (time: string) => string;
  readonly why: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    subject: ({ inviter, title }) => `${inviter} invites you to “${title}”`,
    body: ({ inviter, organisation, title }) =>
      `${inviter} of ${organisation} invites you as a guest to the conversation “${title}” on Causeway. You will see what is written there from then on, and nothing else.`,
    open: 'Open the invitation',
    until: (time) => `The link works once, until ${time} UTC. Pass it on to nobody: whoever opens it first takes your place.`,
    why: 'If you expected no invitation, you need do nothing.',
  },
  'zh-Hant': {
    subject: ({ inviter, title }) => `${inviter} 邀請你加入「${title}」`,
    body: ({ inviter, organisation, title }) =>
      `${organisation} 的 ${inviter} 邀請你以訪客身分加入 Causeway 的對話「${title}」。你只會看到加入後在該對話傳送的內容。`,
    open: '開啟邀請',
    until: (time) => `連結只可使用一次，有效至 ${time}（UTC）。請勿轉發：最先開啟的人會取代你的位置。`,
    why: '如你沒有預期收到邀請，無須理會。',
  },
  'zh-Hans': {
    subject: ({ inviter, title }) => `${inviter} 邀请你加入“${title}”`,
    body: ({ inviter, organisation, title }) =>
      `${organisation} 的 ${inviter} 邀请你以访客身份加入 Causeway 的对话“${title}”。你只会看到加入后在该对话发送的内容。`,
    open: '打开邀请',
    until: (time) => `链接只能使用一次，有效期至 ${time}（UTC）。请勿转发：最先打开的人会取代你的位置。`,
    why: '如你没有预期收到邀请，无须理会。',
  },
};

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', 'zh-Hant': 'zh-HK', 'zh-Hans': 'zh-CN' };

export class GuestMail {
  readonly #deps: GuestMailDeps;

  constructor(deps: GuestMailDeps) {
    this.#deps = deps;
  }

  /** Never throws: the invitation is made, and its link can be handed over. */
  async send(by: Principal, letter: GuestLetter): Promise<(typeof guestMails)[number]> {
    const { mail, log, pageUrl, waitMs = 8_000 } = this.#deps;
    if (!mail.on || pageUrl === null) return 'none';
    let timer: NodeJS.Timeout | undefined;
    const sent = this.#send(by, letter, pageUrl).then(
      () => 'sent' as const,
      (error: unknown) => {
        log.warn({ err: error, conversation: letter.conversationId }, 'guests: the e-mail with an invitation was not taken');
        return 'failed' as const;
      },
    );
    const late = new Promise<'failed'>((resolve) => {
      timer = setTimeout(() => resolve('failed'), waitMs);
    });
    try {
      return await Promise.race([sent, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #send(by: Principal, letter: GuestLetter, pageUrl: string): Promise<void> {
    const { email, conversationId, expiresAt } = letter;
    const [place] = await this.#deps.database.query<Place>(
      `select o.name as organisation, c.title,
              (select s.language from people p join notification_settings s on s.org_id = p.org_id and s.person_id = p.id
               where p.org_id = c.org_id and p.email = $3 and p.role = 'guest') as language
       from conversations c join organisations o on o.id = c.org_id where c.org_id = $1 and c.id = $2`,
      [by.orgId, conversationId, email],
    );
    if (!place) throw new CausewayError('CHAT_NOT_FOUND');
    const language = languages.find((one) => one === place.language) ?? letter.language;
    const facts = { inviter: oneLine(by.name), organisation: oneLine(place.organisation), title: oneLine(place.title) };
    await this.#deps.mail.send({
      // A name would be one that somebody else gave him.
      to: { name: '', address: email },
      ...guestMail(language, facts, `${pageUrl}${letter.path}`, new Date(expiresAt)),
    });
  }
}

/** In English and Chinese where the language isn't known. */
export function guestMail(language: Language | null, facts: Facts, link: string, expiresAt: Date): Omit<MailMessage, 'to'> {
  const parts = (language ? [language] : (['en', 'zh-Hant'] as const)).map((lang) => {
    const { subject, body, open, until, why } = words[lang];
    const time = new Intl.DateTimeFormat(locales[lang], { dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23', timeZone: 'UTC' });
    return { lang, subject: subject(facts), body: body(facts), open, until: until(time.format(expiresAt)), why };
  });
  return {
    subject: parts.map(({ subject }) => subject).join(' / '),
    text: parts.map(({ body, open, until, why }) => [body, `${open}: ${link}`, until, why].join('\n')).join('\n\n'),
    html: parts
      .map(
        ({ lang, body, open, until, why }) =>
          `<div lang="${lang}"><p>${escapeHtml(body)}</p><p><a href="${escapeHtml(link)}">${escapeHtml(open)}</a></p><p>${escapeHtml(until)}<br><small>${escapeHtml(why)}</small></p></div>`,
      )
      .join('\n'),
  };
}
