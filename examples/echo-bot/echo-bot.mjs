/**
 * A bot that answers every message with the same words. Plain Node, no dependencies.
 *
 * It shows all that a bot needs: a token by OAuth 2.0 client credentials, deliveries whose signature
 * is checked, and answers that are sent once however often a delivery comes.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const settings = {
  /** Where Causeway is, such as https://meet.example.hk. */
  server: required('CAUSEWAY_URL').replace(/\/$/, ''),
  clientId: required('CLIENT_ID'),
  clientSecret: required('CLIENT_SECRET'),
  /** Of the outgoing webhook. */
  webhookSecret: required('WEBHOOK_SECRET'),
  host: process.env.HOST ?? '127.0.0.1',
  port: Number(process.env.PORT ?? 8090),
};

/** A signature that is older may be one that somebody has kept to send it again. */
const toleranceSeconds = 300;
const mostBytes = 1_000_000;

const server = createServer(async (request, response) => {
  try {
    if (request.method !== 'POST') return answer(response, 405);
    const body = await read(request);
    if (body === null) return answer(response, 413);
    if (!isSigned(request.headers['causeway-signature'], body)) return answer(response, 401);
    await take(JSON.parse(body));
    answer(response, 204);
  } catch (error) {
    // Causeway tries again later. What it sends then has the same id, so nothing is said twice.
    console.error(`echo-bot: ${error.message}`);
    answer(response, 500);
  }
});
server.listen(settings.port, settings.host, () => {
  console.log(`echo-bot: listening on http://${settings.host}:${server.address().port}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());

async function take({ id, event, conversation, message }) {
  // Bots that answer bots never stop.
  if (event !== 'message.posted' || message.kind !== 'text' || message.sender.app || message.recalledAt !== null) return;
  // The id of the delivery is the client id of the answer: Causeway stores an answer once, even if it is sent twice.
  const answered = await call(`/api/conversations/${conversation.id}/messages`, {
    clientId: id,
    body: message.body,
    replyTo: message.number,
  });
  // What can never work is not tried again: the bot was put out, or the answer is not allowed there.
  if (!answered.ok && answered.status >= 500) throw new Error(`the answer was not taken: HTTP ${answered.status}`);
  if (!answered.ok && answered.status === 429) throw new Error('too many answers, later');
  if (!answered.ok) console.error(`echo-bot: refused: ${await answered.text()}`);
}

/** The token is kept until it is refused, or nearly too old. */
let token = { value: '', until: 0 };

async function call(path, body) {
  for (let tries = 0; ; tries += 1) {
    if (Date.now() >= token.until) token = await newToken();
    const answered = await fetch(`${settings.server}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.value}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answered.status !== 401 || tries > 0) return answered;
    token.until = 0;
  }
}

/** RFC 6749 section 4.4. */
async function newToken() {
  const credentials = [settings.clientId, settings.clientSecret].map(encodeURIComponent).join(':');
  const answered = await fetch(`${settings.server}/api/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'messages:write' }),
  });
  const told = await answered.json();
  if (!answered.ok) throw new Error(`no token: ${told.error}: ${told.error_description}`);
  return { value: told.access_token, until: Date.now() + (told.expires_in - 30) * 1000 };
}

/** `t=<seconds>,v1=<hex HMAC-SHA256 of "<seconds>.<body>">` */
function isSigned(header, body) {
  const [, time, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (time === undefined || Math.abs(Date.now() / 1000 - Number(time)) > toleranceSeconds) return false;
  const expected = createHmac('sha256', settings.webhookSecret).update(`${time}.${body}`).digest();
  return timingSafeEqual(expected, Buffer.from(mac, 'hex'));
}

async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response, status) {
  response.writeHead(status).end();
}

function required(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`echo-bot: set ${name} (see README.md).`);
  process.exit(1);
}
