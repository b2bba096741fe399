/** A mail server (SMTP) that keeps what it is given. */
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly from: string;
  /** Header lines, unfolded. */
  readonly head: string;
  /** Its parts, decoded. */
  readonly text: string;
  readonly html: string;
  readonly subject: string;
}

export interface MailServer {
  readonly url: string;
  readonly received: ReceivedMail[];
  /** Refuses everything from now on. */
  refuse(): void;
  /** Takes everything again. */
  accept(): void;
  close(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  let refusing = false;
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    logger: false,
    onMailFrom: (_address, _session, callback) => callback(refusing ? new Error('not now') : null),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          ...read(Buffer.concat(chunks).toString('utf8')),
        });
        callback();
      });
    },
  });
  const { server: sockets } = server;
  server.listen(0, '127.0.0.1');
  await once(sockets, 'listening');
  const address = sockets.address();
  return {
    url: `smtp://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`,
    received,
    refuse: () => {
      refusing = true;
    },
    accept: () => {
      refusing = false;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Of a multipart/alternative as mailers write it (RFC 2046 section 5.1). */
function read(raw: string): Omit<ReceivedMail, 'to' | 'from'> {
  const [top = '', ...rest] = raw.split('\r\n\r\n');
  const head = unfolded(top);
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1] ?? '\0';
  const parts = rest.join('\r\n\r\n').split(`--${boundary}`);
  const part = (type: string) => {
    const found = parts.find((one) => one.toLowerCase().includes(`content-type: ${type}`)) ?? '';
    const [partHead = '', ...body] = found.trim().split('\r\n\r\n');
    return decoded(body.join('\r\n\r\n'), /transfer-encoding: (\S+)/i.exec(partHead)?.[1] ?? '7bit');
  };
  const subject = (/^Subject: (.*)$/m.exec(head)?.[1] ?? '').replace(/\?=\s+=\?/g, '?==?');
  return { head, text: part('text/plain'), html: part('text/html'), subject: words(subject) };
}

function unfolded(head: string): string {
  return head.replace(/\r\n[ \t]/g, ' ');
}

function decoded(body: string, encoding: string): string {
  if (encoding.toLowerCase() === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding.toLowerCase() !== 'quoted-printable') return body;
  return fromHex(body.replace(/=\r\n/g, ''));
}

/** RFC 2047. */
function words(text: string): string {
  return text.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, content: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(content, 'base64').toString('utf8') : fromHex(content.replaceAll('_', ' ')),
  );
}

function fromHex(text: string): string {
  const bytes = text.replace(/=([\dA-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
