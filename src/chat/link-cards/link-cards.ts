/**
 * Cards for the pages that messages link to. They are made after the message is durable and heard of,
 * beside everything else: what can't be fetched, or waits too long, has no card.
 */
import type { Clock } from '../../platform/clock.js';
import { CausewayError } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import { OutboundError, type OutboundHttp } from '../../platform/outbound/index.js';
import type { Change, Message, StoredCard } from '../message.js';
import { linksIn } from './links.js';
import { readHead } from './page-head.js';
import { pageText } from './page-text.js';

export interface LinkCardsDeps {
  readonly outbound: OutboundHttp;
  readonly clock: Clock;
  readonly log: Log;
  /** Our own pages say nothing to who is not signed in. */
  readonly ownHost: string | null;
  readonly setCards: (orgId: string, conversationId: string, number: number, cards: readonly StoredCard[]) => Promise<void>;
}

interface Kept {
  readonly card: Promise<StoredCard | null>;
  until: number;
}

const pageBytes = 524_288;
const pageMs = 5_000;
const redirects = 4;
const keepMs = 3_600_000;
/** A page that did not answer may do so soon. */
const keepFailureMs = 300_000;
const mostKept = 2_000;
const atOnce = 4;
/** Messages that wait for their cards. Those beyond have none. */
const mostWaiting = 500;
const html = /^(text\/html|application\/xhtml\+xml)\b/i;

export class LinkCards {
  readonly #deps: LinkCardsDeps;
  readonly #kept = new Map<string, Kept>();
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(deps: LinkCardsDeps) {
    this.#deps = deps;
  }

  posted(message: Message): void {
    if (message.kind === 'system' || message.recalledAt !== null) return;
    const links = linksIn(message.body);
    if (links.length > 0) this.#add(message, links);
  }

  /** An edit may take links away, or bring others. */
  changed(message: Message, change: Change): void {
    if (change.kind !== 'edit' || message.recalledAt !== null) return;
    const links = linksIn(message.body);
    if (links.length > 0 || message.extra?.cards?.length) this.#add(message, links);
  }

  /** Gives up what is being fetched. Idempotent. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#waiting.length = 0;
    await Promise.all(this.#running);
  }

  #add(message: Message, links: readonly string[]): void {
    if (this.#stopping.signal.aborted || this.#waiting.length >= mostWaiting) return;
    this.#waiting.push(() => this.#make(message, links));
    this.#next();
  }

  #next(): void {
    if (this.#running.size >= atOnce) return;
    const work = this.#waiting.shift()?.();
    if (!work) return;
    this.#running.add(work);
    void work.finally(() => {
      this.#running.delete(work);
      this.#next();
    });
  }

  /** Never rejects. */
  async #make({ orgId, conversationId, number, extra }: Message, links: readonly string[]): Promise<void> {
    const { log, setCards } = this.#deps;
    const found = await Promise.all(links.map((url) => this.#card(url)));
    if (this.#stopping.signal.aborted) return;
    const cards = found.flatMap((card) => (card ? [card] : []));
    if (cards.length === 0 && !extra?.cards?.length) return;
    await setCards(orgId, conversationId, number, cards).catch((error: unknown) => {
      // The message, or its conversation, is gone meanwhile.
      if (!(error instanceof CausewayError)) log.warn({ err: error }, 'link-cards: cards could not be kept');
    });
  }

  #card(url: string): Promise<StoredCard | null> {
    const now = this.#deps.clock.now();
    const known = this.#kept.get(url);
    if (known && known.until > now) return known.card;
    const kept: Kept = { card: this.#fetch(url), until: now + keepMs };
    this.#kept.delete(url);
    this.#kept.set(url, kept);
    void kept.card.then((card) => {
      if (card === null) kept.until = now + keepFailureMs;
    });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    return kept.card;
  }

  /** Never rejects. */
  async #fetch(url: string): Promise<StoredCard | null> {
    const { outbound, log, ownHost } = this.#deps;
    const { host, hostname } = new URL(url);
    if (host === ownHost) return null;
    try {
      const answer = await outbound.fetch(url, {
        maxBytes: pageBytes,
        tooLarge: 'cut',
        timeoutMs: pageMs,
        redirects,
        signal: this.#stopping.signal,
        headers: {
          accept: 'text/html,application/xhtml+xml',
          'accept-language': 'zh-HK,zh-Hant;q=0.9,zh;q=0.8,en;q=0.7',
          'user-agent': 'Mozilla/5.0 (compatible; Causeway link cards)',
        },
      });
      const type = answer.headers['content-type'] ?? '';
      if (answer.status !== 200 || !html.test(type)) return null;
      const head = readHead(pageText(answer.body, type));
      return head && { url, ...head, site: head.site || hostname };
    } catch (error) {
      if (!(error instanceof OutboundError)) log.warn({ err: error, host }, 'link-cards: a page could not be read');
      return null;
    }
  }
}
