/**
 * Tells admins by e-mail what rules that notify have done, several matches in one mail.
 *
 * Waits in memory, because it is a courtesy: a node that is killed forgets to tell. What must not be
 * forgotten is in the audit log.
 */
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { Language } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import { escapeHtml, type Mail, oneLine } from '../../platform/mail/index.js';
import { summary } from './compiled-rule.js';
import type { DlpMatch, Outcome } from './dlp-guard.js';

export interface AdminMailDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly mail: Mail;
  /** Matches that come this close together are in one mail, milliseconds. */
  readonly gatherMs?: number;
  /** An organisation gets no more than one in this time, milliseconds. */
  readonly everyMs?: number;
}

interface Waiting {
  readonly matches: DlpMatch[];
  count: number;
  sentAt: number | null;
  timer: NodeJS.Timeout | null;
}

/** The newest that are told one by one. */
const listed = 20;

/** In English and Chinese: the languages of people are not known here. */
const languages = ['en', 'zh-Hant'] as const satisfies readonly Language[];
const words: Readonly<
  Record<(typeof languages)[number], { subject: (count: number) => string; why: string; outcomes: Record<Outcome, string> }>
> = {
  en: {
    subject: (count) => `${count} ${count === 1 ? 'match' : 'matches'} of DLP rules`,
    why: 'Open the audit log of Causeway for all of them. You get this because you administer the organisation, and these rules tell administrators.',
    outcomes: { blocked: 'blocked', warned: 'sent in spite of the warning', reason: 'sent with a reason', noticed: 'sent' },
  },
  'zh-Hant': {
    subject: (count) => `防洩規則有 ${count} 項相符`,
    why: '請開啟 Causeway 的審計記錄查看全部。你是機構管理員，而這些規則會通知管理員，因此收到本電郵。',
    outcomes: { blocked: '已攔截', warned: '收到警告後仍傳送', reason: '說明原因後傳送', noticed: '已傳送' },
  },
};

export class AdminMail {
  readonly #deps: AdminMailDeps;
  readonly #waiting = new Map<string, Waiting>();
  readonly #sending = new Set<Promise<void>>();
  #closed = false;

  constructor(deps: AdminMailDeps) {
    this.#deps = deps;
  }

  tell(match: DlpMatch): void {
    const { mail, clock, gatherMs = 60_000, everyMs = 900_000 } = this.#deps;
    if (!mail.on || this.#closed) return;
    const { orgId } = match.by;
    const waiting = this.#waiting.get(orgId) ?? { matches: [], count: 0, sentAt: null, timer: null };
    this.#waiting.set(orgId, waiting);
    waiting.count += 1;
    waiting.matches.push(match);
    if (waiting.matches.length > listed) waiting.matches.shift();
    const rest = waiting.sentAt === null ? 0 : waiting.sentAt + everyMs - clock.now();
    waiting.timer ??= setTimeout(() => this.#send(orgId, waiting), Math.min(everyMs, Math.max(gatherMs, rest))).unref();
  }

  /** Lets mails end that are on their way. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#waiting.values()) if (timer) clearTimeout(timer);
    this.#waiting.clear();
    await Promise.all(this.#sending);
  }

  #send(orgId: string, waiting: Waiting): void {
    const text = textOf(waiting);
    const subject = languages.map((language) => words[language].subject(waiting.count)).join(' / ');
    waiting.timer = null;
    waiting.sentAt = this.#deps.clock.now();
    waiting.count = 0;
    waiting.matches.length = 0;
    const sending = this.#toAdmins(orgId, subject, text).catch((error: unknown) =>
      this.#deps.log.warn({ err: error }, 'dlp: admins could not be told by e-mail'),
    );
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }

  async #toAdmins(orgId: string, subject: string, text: string): Promise<void> {
    const admins = await this.#deps.database.query<{ name: string; email: string }>(
      `select name, email from people where org_id = $1 and role in ('owner', 'admin') and email is not null order by id`,
      [orgId],
    );
    for (const { name, email } of admins)
      await this.#deps.mail.send({
        to: { name, address: email },
        subject,
        text,
        html: `<pre style="white-space: pre-wrap">${escapeHtml(text)}</pre>`,
      });
  }
}

/** Who, by which rule, what kind was found; never what was written. */
function textOf({ matches, count }: Waiting): string {
  const parts = languages.map((language) => {
    const { subject, why, outcomes } = words[language];
    const lines = matches.map(
      ({ outcome, rule, by, found }) => `- ${oneLine(by.name)} · ${oneLine(rule.name)} · ${oneLine(summary(found))} · ${outcomes[outcome]}`,
    );
    return [subject(count), ...(count > matches.length ? ['…'] : []), ...lines, '', why].join('\n');
  });
  return parts.join('\n\n');
}
