/** E-mail by the operator's own mail server (SMTP). Without one nothing is sent, and whoever asks is told so. */
import { createTransport } from 'nodemailer';
import type { Config } from '../../config.js';
import type { Log } from '../log.js';

export interface MailMessage {
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  /** Everything in it that a person wrote is escaped by whoever made it. */
  readonly html: string;
}

export interface Mail {
  /** Whether there is a mail server. */
  readonly on: boolean;
  /** Resolves when the mail server has taken it. Without one it does nothing. */
  send(message: MailMessage): Promise<void>;
  /** Greets the server and signs in. @throws when it does not answer, or refuses. */
  check(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

const answerMs = 20_000;

export function openMail(config: Pick<Config, 'SMTP_URL' | 'MAIL_FROM'>, log: Log): Mail {
  const { SMTP_URL: url, MAIL_FROM: address } = config;
  if (url === undefined || address === undefined)
    return { on: false, send: async () => undefined, check: async () => undefined, close: async () => undefined };
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: answerMs,
    greetingTimeout: answerMs,
    socketTimeout: answerMs,
    // What a mail says comes from people: nothing of it names a file or an address to read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // Without a listener an idle connection that the mail server ends would end the process.
  transport.on('error', (error) => log.debug({ err: error }, 'mail: an idle connection was lost'));
  return {
    on: true,
    send: async ({ to, subject, text, html }) => {
      await transport.sendMail({
        from: { name: 'Causeway', address },
        to,
        subject,
        text,
        html,
        // RFC 3834 section 5: no out-of-office note comes back.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    },
    check: async () => {
      await transport.verify();
    },
    close: async () => transport.close(),
  };
}
