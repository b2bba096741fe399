/** Tells administrators by e-mail that storage for recordings gets scarce. */
import type { Database } from '../../platform/database/index.js';
import { escapeHtml, type Mail } from '../../platform/mail/index.js';
import type { Scarce, Warn } from './ports.js';

/** In English and Chinese: the languages of people are not known here. */
export function warnByMail({ database, mail }: { readonly database: Database; readonly mail: Mail }): Warn {
  return async (orgId, scarce) => {
    if (!mail.on) return;
    const { subject, text } = quotaMail(scarce);
    const admins = await database.query<{ name: string; email: string }>(
      `select name, email from people where org_id = $1 and role in ('owner', 'admin') and email is not null order by id`,
      [orgId],
    );
    for (const { name, email } of admins)
      await mail.send({
        to: { name, address: email },
        subject,
        text,
        html: `<pre style="white-space: pre-wrap">${escapeHtml(text)}</pre>`,
      });
  };
}

export function quotaMail({ percent, usedBytes, quotaBytes }: Scarce): { subject: string; text: string } {
  const of = `${gigabytes(usedBytes)} / ${gigabytes(quotaBytes)} GB`;
  const full = percent >= 100;
  const en = full
    ? `The storage for recordings is full (${of}). No meeting can be recorded until recordings are deleted or the quota is raised.`
    : `The storage for recordings is ${percent} % full (${of}). Delete recordings that are not needed, or raise the quota.`;
  const zh = full
    ? `錄影儲存空間已滿（${of}）。刪除錄影或提高配額前，會議不可錄影。`
    : `錄影儲存空間已使用 ${percent}%（${of}）。請刪除不需要的錄影，或提高配額。`;
  const subject = full
    ? 'Storage for recordings is full / 錄影儲存空間已滿'
    : `Storage for recordings: ${percent} % / 錄影儲存空間：${percent}%`;
  return { subject, text: `${en}\n\n${zh}\n` };
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0);
}
