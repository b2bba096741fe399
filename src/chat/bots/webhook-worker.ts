/**
 * Delivers the log to outgoing webhooks: each entry at least once, and in order per conversation. A
 * cursor for each webhook and conversation says how far it has come; it moves after the receiver has
 * answered, so a node that is killed loses nothing, and another goes on when its lease ends. Events
 * of chat only wake the worker; what it delivers it reads from the log.
 *
 * A conversation waits while something of it is tried again. After enough tries that becomes a dead
 * letter, and the conversation goes on.
 */
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { derivedId, newId } from '../../platform/ids.js';
import type { Log } from '../../platform/log.js';
import type { Metrics } from '../../platform/metrics.js';
import { OutboundError, type OutboundHttp } from '../../platform/outbound/index.js';
import type { Message } from '../message.js';
import { describeEntry, type LogEntry, readEntries } from './log-entries.js';
import type { WebhookEvent } from './schema.js';
import { signedHeaders } from './signature.js';
import type { Failure, Letter, Pair, Position, WebhookQueue } from './webhook-queue.js';

export interface WebhookWorkerDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly outbound: OutboundHttp;
  readonly queue: WebhookQueue;
  readonly tries: number;
  /** Before the second try; doubles. */
  readonly retryMs: number;
  readonly timeoutMs: number;
}

type Telling = LogEntry & { readonly event: WebhookEvent; readonly message: Message };

/** How often a node looks for what another node's messages, or a time that has come, made due. */
const pollMs = 2_000;
/** Messages come by the thousand; one look serves all of this time. */
const gatherMs = 50;
/** Conversations that are looked at one by one; of more, all are. */
const mostWoken = 1_000;
const longestRetryMs = 3_600_000;
/** At the same time, on this node, and of these for one webhook: a receiver that hangs holds up its own. */
const mostAtOnce = 32;
const mostOfOne = 4;
const batch = 50;
const keptAnswerBytes = 500;

export class WebhookWorker {
  readonly #deps: WebhookWorkerDeps;
  readonly #running = new Map<string, { readonly pair: Pair; readonly done: Promise<void> }>();
  readonly #stop = new AbortController();
  readonly #count;
  /** Conversations in which something has happened. */
  #woken = new Set<string>();
  /** Anything may have. */
  #wokenAll = true;
  /** Something was left out because too much ran already. */
  #crowded = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #looking: Promise<void> | null = null;
  #nextPoll = 0;

  constructor(deps: WebhookWorkerDeps) {
    this.#deps = deps;
    this.#count = deps.metrics.counter({
      name: 'causeway_webhook_tries_total',
      help: 'Tries to deliver to outgoing webhooks.',
      labels: ['outcome'],
    });
  }

  start(): void {
    this.#schedule();
  }

  /** There may be something to deliver; in this conversation, or anywhere. */
  wake(conversationId?: string): void {
    if (conversationId === undefined || this.#woken.size >= mostWoken) this.#wokenAll = true;
    else this.#woken.add(conversationId);
    this.#schedule();
  }

  /** Gives up what is being tried: it is tried again after the start. Idempotent. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #schedule(): void {
    if (this.#stop.signal.aborted || this.#looking) return;
    const now = performance.now();
    const wait = this.#wokenAll || this.#woken.size > 0 ? gatherMs : pollMs;
    const at = Math.min(now + wait, Math.max(now, this.#nextPoll));
    // What comes later does not put off what is to be looked at already.
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
        this.#schedule();
      });
    }, at - now);
  }

  async #look(): Promise<void> {
    const { queue, log, retryMs } = this.#deps;
    const all = this.#wokenAll || performance.now() >= this.#nextPoll;
    const among = all ? null : [...this.#woken];
    this.#wokenAll = false;
    this.#woken = new Set();
    if (all) {
      this.#nextPoll = performance.now() + Math.min(pollMs, retryMs);
      this.#crowded = false;
    }
    if (this.#running.size >= mostAtOnce) {
      this.#crowded = true;
      return;
    }
    try {
      const pairs = await queue.pairs(mostOfOne, mostAtOnce, among);
      // There may be more of the same webhook than are given at a time.
      if (pairs.length >= mostOfOne) this.#crowded = true;
      for (const pair of pairs) this.#begin(pair);
    } catch (error) {
      log.warn({ err: error }, 'WebhookWorker | what is to be delivered could not be found out');
    }
  }

  #begin(pair: Pair): void {
    const key = `${pair.webhookId}/${pair.conversationId}`;
    if (this.#stop.signal.aborted || this.#running.has(key)) return;
    const ofThis = [...this.#running.values()].filter((running) => running.pair.webhookId === pair.webhookId).length;
    if (this.#running.size >= mostAtOnce || ofThis >= mostOfOne) {
      this.#crowded = true;
      return;
    }
    const done = this.#run(pair)
      .then(
        // Others may have waited for the place; and what came in while it ended found the lease taken.
        () => this.wake(this.#crowded ? undefined : pair.conversationId),
        // The next poll tries again.
        (error: unknown) => this.#deps.log.warn({ err: error, ...pair }, 'WebhookWorker | delivering broke off'),
      )
      .finally(() => this.#running.delete(key));
    this.#running.set(key, { pair, done });
  }

  async #run(pair: Pair): Promise<void> {
    const { queue } = this.#deps;
    const lease = newId();
    if (!(await queue.claim(pair, lease))) return;
    try {
      await this.#replay(pair, lease);
      while (await this.#deliver(pair, lease));
    } finally {
      await queue.release(pair, lease);
    }
  }

  /** Delivers what comes next. False: there is nothing, or not now. */
  async #deliver(pair: Pair, lease: string): Promise<boolean> {
    const { database, queue } = this.#deps;
    let at = await queue.position(pair, lease);
    if (!at?.due || this.#stop.signal.aborted) return false;
    const { latest } = at;
    const entries = await readEntries(database, at.conversation, at.number + 1, batch);
    let passed = at.number;
    for (const entry of entries) {
      if (isWanted(entry, at)) {
        if (entry !== entries[0]) at = await queue.position(pair, lease);
        if (!at || this.#stop.signal.aborted || !isWanted(entry, at)) return false;
        const failure = await this.#try(at, entry);
        if (failure === 'given up') return false;
        if (failure && !(await this.#failed(pair, lease, at, entry, failure))) return false;
        if (!failure) await queue.advance(pair, lease, entry.number);
      }
      passed = entry.number;
    }
    const more = entries.length === batch;
    // What the log no longer holds (retention) is passed, also at its end.
    await queue.advance(pair, lease, more ? passed : Math.max(passed, latest));
    return more;
  }

  /** True: it was parked, and what comes after it may go on. */
  async #failed(pair: Pair, lease: string, at: Position, entry: Telling, failure: Failure): Promise<boolean> {
    const { queue, tries, retryMs } = this.#deps;
    if (at.tries + 1 < tries) {
      const doubled = Math.min(longestRetryMs, retryMs * 2 ** at.tries);
      // Half of it at random, so that what failed together is not tried together (full jitter would allow no wait at all).
      const wait = doubled * (0.5 + Math.random() / 2);
      await queue.failed(pair, lease, failure, Math.round(Math.max(wait, Math.min(longestRetryMs, failure.retryAfterMs ?? 0))));
      return false;
    }
    await queue.park(pair, lease, at, { id: deliveryOf(pair, entry.number), number: entry.number, event: entry.event }, failure);
    this.#count.inc({ outcome: 'parked' });
    return true;
  }

  async #replay(pair: Pair, lease: string): Promise<void> {
    const { database, queue } = this.#deps;
    for (;;) {
      const letters = await queue.replays(pair, batch);
      for (const letter of letters) {
        const at = await queue.position(pair, lease);
        if (!at || this.#stop.signal.aborted) return;
        const entry = await entryOf(database, at, letter);
        const failure = entry && (await this.#try(at, entry));
        if (failure === 'given up') return;
        if (failure) await queue.replayFailed(letter, failure);
        else await queue.replayed(letter);
      }
      if (letters.length < batch) return;
    }
  }

  /** Null: the receiver has it. */
  async #try(at: Position, entry: Telling): Promise<Failure | 'given up' | null> {
    const { clock, outbound, queue, timeoutMs } = this.#deps;
    const pair = { webhookId: at.webhookId, conversationId: at.conversation.id };
    const delivery = deliveryOf(pair, entry.number);
    const body = JSON.stringify(describeEntry(entry, { delivery, webhookId: at.webhookId, conversation: at.conversation }));
    try {
      const answer = await outbound.fetch(at.url, {
        method: 'POST',
        headers: signedHeaders({ secret: at.secret, body, delivery, event: entry.event, now: clock.now() }),
        body,
        // Only the status counts; a receiver that talks too much has still received.
        maxBytes: keptAnswerBytes,
        tooLarge: 'cut',
        timeoutMs,
        signal: this.#stop.signal,
      });
      if (answer.status >= 200 && answer.status < 300) {
        this.#count.inc({ outcome: 'delivered' });
        await queue.succeeded(pair);
        return null;
      }
      this.#count.inc({ outcome: 'failed' });
      return {
        status: answer.status,
        error: `HTTP ${answer.status}`,
        answer: readable(answer.body),
        retryAfterMs: waitOf(answer.headers['retry-after'], clock.now()),
      };
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      if (this.#stop.signal.aborted) return 'given up';
      this.#count.inc({ outcome: 'failed' });
      return { status: null, error: `${error.code}: ${error.message}`, answer: '' };
    }
  }
}

function isWanted(entry: LogEntry, at: Position): entry is Telling {
  const { event, message } = entry;
  // An app that was told of what it does itself would soon answer itself.
  return event !== null && message !== null && message.number > at.visibleAfter && entry.actorId !== at.appId && at.events.includes(event);
}

/** Null: it was deleted since, or the app may not read it any more. */
async function entryOf(database: Database, at: Position, letter: Letter): Promise<Telling | null> {
  const [entry] = await readEntries(database, at.conversation, letter.number, 1);
  if (entry?.number !== letter.number || entry.event === null || entry.message === null) return null;
  return entry.message.number > at.visibleAfter ? { ...entry, event: entry.event, message: entry.message } : null;
}

function deliveryOf({ webhookId, conversationId }: Pair, number: number): string {
  return derivedId('webhook', webhookId, conversationId, number);
}

/** PostgreSQL's text holds no NUL, and an administrator's screen needs no other control characters. */
function readable(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/\p{Cc}+/gu, ' ');
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function waitOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
