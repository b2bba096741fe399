/** Cards of links, from real servers on loopback that the operator has let in. */
import { createServer, type RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LinkCards } from '../../../../src/chat/link-cards/index.js';
import type { Change, Message, StoredCard } from '../../../../src/chat/message.js';
import { CausewayError } from '../../../../src/platform/errors.js';
import { createOutbound } from '../../../../src/platform/outbound/index.js';
import type { SignedIn } from '../../../support/api.js';
import { makeConversation, readAll, say } from '../../../support/chat.js';
import { testConfig, testLog, waitFor } from '../../../support/index.js';
import { startTestServer, type TestServer } from '../../../support/server.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Site {
  readonly url: string;
  readonly paths: string[];
}

async function site(listener: RequestListener): Promise<Site> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, paths };
}

const page =
  (title: string): RequestListener =>
  (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<title>${title}</title>`);

/** What was set, by number of the message. */
class Cards {
  readonly set: { number: number; cards: readonly StoredCard[] }[] = [];
  now = Date.now();
  readonly cards: LinkCards;

  constructor(over: { allow?: string; ownHost?: string; gone?: boolean } = {}) {
    this.cards = new LinkCards({
      outbound: createOutbound({ config: testConfig({ OUTBOUND_ALLOW: over.allow ?? '127.0.0.1' }), log: testLog() }),
      clock: { now: () => this.now },
      log: testLog(),
      ownHost: over.ownHost ?? null,
      setCards: async (_orgId, _conversationId, number, cards) => {
        this.set.push({ number, cards });
        if (over.gone) throw new CausewayError('CHAT_MESSAGE_NOT_FOUND');
      },
    });
    closers.push(() => this.cards.close());
  }

  /** Waits until a later message has its cards: one that comes after in the same queue. */
  async until(number: number): Promise<readonly StoredCard[]> {
    const { cards } = await waitFor(() => this.set.find((one) => one.number === number), `cards of ${number}`);
    return cards;
  }
}

function message(number: number, body: string, over: Partial<Message> = {}): Message {
  return {
    orgId: 'o',
    conversationId: 'c',
    senderId: 'p',
    senderName: 'Ada',
    clientId: 'x',
    body,
    kind: 'text',
    thread: null,
    replyTo: null,
    mentions: [],
    mentionsAll: false,
    urgent: false,
    byApp: false,
    extra: null,
    number,
    sentAt: new Date(),
    changed: number,
    editedAt: null,
    recalledAt: null,
    pinnedAt: null,
    reactions: {},
    replies: 0,
    ...over,
  };
}

const edit: Change = { number: 9, kind: 'edit', actorId: 'p', actorName: 'Ada', at: new Date(), before: '', detail: null };

describe('A message with links', () => {
  it('gets a card for each page that says something, in their order', async () => {
    const { url } = await site((request, response) => {
      if (request.url === '/gone') return response.writeHead(404, { 'content-type': 'text/html' }).end('<title>Not here</title>');
      return page(`Title of ${request.url}`)(request, response);
    });
    const world = new Cards();
    world.cards.posted(message(1, `${url}/a then ${url}/gone then ${url}/b and ${url}/fourth`));
    expect(await world.until(1)).toEqual([
      { url: `${url}/a`, title: 'Title of /a', description: '', site: '127.0.0.1' },
      { url: `${url}/b`, title: 'Title of /b', description: '', site: '127.0.0.1' },
    ]);
  });

  it('keeps its own address in the card when the page is elsewhere', async () => {
    const { url } = await site((request, response) =>
      request.url === '/old' ? response.writeHead(301, { location: '/new' }).end() : page('Moved')(request, response),
    );
    const world = new Cards();
    world.cards.posted(message(1, `${url}/old`));
    expect(await world.until(1)).toEqual([expect.objectContaining({ url: `${url}/old`, title: 'Moved' })]);
  });

  it('asks for a page once an hour, however many link to it', async () => {
    const { url, paths } = await site(page('One'));
    const world = new Cards();
    for (const number of [1, 2, 3]) world.cards.posted(message(number, `${url}/a`));
    for (const number of [1, 2, 3]) expect(await world.until(number)).toHaveLength(1);
    expect(paths).toEqual(['/a']);
    world.now += 3_600_001;
    world.cards.posted(message(4, `${url}/a`));
    await world.until(4);
    expect(paths).toEqual(['/a', '/a']);
  });

  it('gets others when it is edited, and loses them with its links', async () => {
    const { url } = await site((request, response) => page(request.url ?? '')(request, response));
    const world = new Cards();
    world.cards.changed(message(1, `${url}/b`), edit);
    const cards = await world.until(1);
    expect(cards).toEqual([expect.objectContaining({ title: '/b' })]);
    world.cards.changed(message(2, 'no link any more', { extra: { cards } }), edit);
    expect(await world.until(2)).toEqual([]);
  });

  it('gets none of pages that are private, no pages, too slow to begin, or our own', async () => {
    const { url, paths } = await site((request, response) => {
      if (request.url === '/json') return response.writeHead(200, { 'content-type': 'application/json' }).end('{"title":"x"}');
      if (request.url === '/picture') return response.writeHead(200, { 'content-type': 'image/png' }).end('<title>x</title>');
      if (request.url === '/inside') return response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
      return page('last')(request, response);
    });
    const own = await site(page('own'));
    const world = new Cards({ allow: '127.0.0.1', ownHost: new URL(own.url).host });
    world.cards.posted(message(1, 'http://169.254.169.254/latest/meta-data/ http://10.0.0.1/ http://[::1]/'));
    world.cards.posted(message(2, `${url}/json ${url}/picture ${url}/inside`));
    world.cards.posted(message(3, `${own.url}/m/abc-defg-hjk http://127.0.0.1:1/ https://localhost.`));
    world.cards.posted(message(4, `\`${url}/code\``));
    world.cards.posted(message(5, `${url}/x`, { kind: 'system' }));
    world.cards.posted(message(6, `${url}/last`));
    await world.until(6);
    await world.cards.close();
    expect(world.set.map(({ number }) => number)).toEqual([6]);
    expect(paths.filter((path) => path === '/code' || path === '/x')).toEqual([]);
    expect(own.paths).toEqual([]);
  });

  it('has the beginning of a page that never ends', async () => {
    const { url } = await site((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write('<title>Endless</title>');
      const more = () => {
        while (response.write('x'.repeat(16_384)));
        response.once('drain', more);
      };
      more();
    });
    const world = new Cards();
    world.cards.posted(message(1, url));
    expect(await world.until(1)).toEqual([expect.objectContaining({ title: 'Endless' })]);
  });

  it('that is deleted meanwhile harms nobody', async () => {
    const { url } = await site(page('One'));
    const world = new Cards({ gone: true });
    world.cards.posted(message(1, url));
    await world.until(1);
    world.cards.posted(message(2, `${url}/2`));
    await world.until(2);
  });

  it('is not waited for at the end', async () => {
    const { url, paths } = await site(() => undefined);
    const world = new Cards();
    for (let number = 1; number <= 20; number += 1) world.cards.posted(message(number, `${url}/${number}`));
    await waitFor(() => paths.length >= 4, 'requests that hang');
    await world.cards.close();
    await world.cards.close();
    expect([world.set, paths.length]).toEqual([[], 4]);
  });
});

describe('In a conversation', () => {
  let server: TestServer;
  let ada: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ LINK_CARDS: true, OUTBOUND_ALLOW: '127.0.0.1' });
    ada = await server.setUpOwner('Ada');
  });
  afterAll(() => server?.close());

  it('a message is acknowledged at once, and its card comes as a change', async () => {
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { url } = await site((request, response) => {
      void asked.then(() => page('Budget &lt;b&gt;2027&lt;/b&gt;')(request, response));
    });
    const { id } = await makeConversation(server, ada, []);
    const socket = await server.connect(ada.accessToken);
    try {
      const number = await say(socket, id, `see ${url}/budget`);
      expect((await readAll(socket, id)).find((one) => one.number === number)?.cards ?? []).toEqual([]);
      answer();
      const cards = await waitFor(async () => {
        const found = (await readAll(socket, id)).find((one) => one.number === number);
        return found?.cards?.length ? found.cards : null;
      }, 'the card');
      expect(cards).toEqual([expect.objectContaining({ url: `${url}/budget`, title: 'Budget <b>2027</b>', site: '127.0.0.1' })]);
    } finally {
      socket.close();
    }
  });
});
