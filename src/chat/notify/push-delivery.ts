/** From "this person is to be told of that message" to pushes on all of his devices, with no more in them than is allowed. */
import { z } from 'zod';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { Language } from '../../platform/errors.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Metrics } from '../../platform/metrics.js';
import { type NotificationSettingsStore, type Privacy, privacyFor } from './notification-settings.js';
import type { PushResult, PushSender } from './push-sender.js';
import type { PushSubscriptions, Subscription } from './push-subscriptions.js';

const kinds = ['message', 'mention', 'urgent', 'scheduled-refused'] as const;
const recordingKinds = ['shared', 'review-assigned', 'review-finished', 'review-withdrawn'] as const;
type PushKind = (typeof kinds)[number];
type RecordingPushKind = (typeof recordingKinds)[number];

/** That a person is told of a message. `number` 0: of none in particular. */
interface MessagePush {
  readonly orgId: string;
  readonly personId: string;
  readonly conversationId: string;
  readonly number: number;
  readonly kind: PushKind;
}

/** That a person is told something of a recording. */
export interface RecordingPush {
  readonly orgId: string;
  readonly personId: string;
  /** By which `recordingNews` knows what it is. */
  readonly newsId: string;
  readonly kind: RecordingPushKind;
}

export type PushNotice = MessagePush | RecordingPush;

/** What the service worker gets (web/public/push-worker.js). */
export type PushPayload = { readonly language: Language; readonly sender?: string; readonly title?: string; readonly text?: string } & (
  | { readonly kind: PushKind; readonly conversation: string; readonly number: number }
  | { readonly kind: `recording-${RecordingPushKind}`; readonly recording?: string }
);

/** As it is now; null: he is not to be told of it any more. */
export type RecordingNewsOf = (
  whose: { readonly orgId: string; readonly personId: string },
  newsId: string,
) => Promise<RecordingNews | null>;

export interface RecordingNews {
  /** Null: he does not see it any more. */
  readonly recording: { readonly id: string; readonly title: string } | null;
  readonly by: { readonly name: string };
}

export interface PushDeliveryDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly metrics: Metrics;
  readonly settings: NotificationSettingsStore;
  readonly subscriptions: PushSubscriptions;
  readonly sender: PushSender;
  readonly recordingNews: RecordingNewsOf;
}

interface Content {
  readonly sender: string;
  readonly title: string;
  readonly text: string;
}

interface Allowed {
  readonly privacy: (personId: string) => Privacy;
  readonly content: (notice: MessagePush) => Promise<Content | null>;
}

/** A push that its service could not take. Without content: that is looked up when it is tried again. */
const pushAgain: JobKind<{ subscriptionId: string; notice: PushNotice }> = {
  name: 'notify.push-again',
  schema: z.object({
    subscriptionId: z.uuid(),
    notice: z.union([
      z.object({ orgId: z.uuid(), personId: z.uuid(), conversationId: z.uuid(), number: z.number().int(), kind: z.enum(kinds) }),
      z.object({ orgId: z.uuid(), personId: z.uuid(), newsId: z.uuid(), kind: z.enum(recordingKinds) }),
    ]),
  }),
  retries: 6,
  expireSeconds: 60,
};

const atOnce = 16;
const againMs = 10_000;
const textCharacters = 240;

export class PushDelivery {
  readonly #deps: PushDeliveryDeps;
  readonly #count: (result: PushResult) => void;
  #stopped = false;

  constructor(deps: PushDeliveryDeps) {
    this.#deps = deps;
    const pushes = deps.metrics.counter({
      name: 'causeway_pushes_total',
      help: 'Pushes to devices, by what the push service answered.',
      labels: ['result'],
    });
    this.#count = (result) => pushes.inc({ result });
  }

  async start(): Promise<void> {
    await this.#deps.jobs.work(pushAgain, async ({ subscriptionId, notice }) => {
      const subscription = await this.#deps.subscriptions.one(notice.orgId, subscriptionId);
      if (!subscription || (await this.#isOver(notice))) return;
      const allowed = await this.#allowed(notice.orgId, [notice.personId]);
      if ((await this.#push(subscription, notice, allowed)) === 'later') throw new Error('The push service takes nothing now.');
    });
  }

  /** Resolves when each push service was asked. */
  async deliver(notices: readonly PushNotice[]): Promise<void> {
    const byPerson = new Map(notices.map((notice) => [notice.personId, notice]));
    const [first] = notices;
    if (!first) return;
    const open = await this.#deps.subscriptions.of(first.orgId, [...byPerson.keys()]);
    const allowed = await this.#allowed(first.orgId, [...byPerson.keys()]);
    const work = async () => {
      for (let next = open.pop(); next && !this.#stopped; next = open.pop()) {
        const notice = byPerson.get(next.personId);
        if (!notice || (await this.#push(next, notice, allowed)) !== 'later') continue;
        const again = new Date(this.#deps.clock.now() + againMs);
        await this.#deps.jobs.enqueue(pushAgain, { subscriptionId: next.id, notice }, { startAfter: again });
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, open.length) }, work));
  }

  /** Nobody else is told: the server goes down, and a crowd would hold it up. */
  stop(): void {
    this.#stopped = true;
  }

  async #push(subscription: Subscription, notice: PushNotice, allowed: Allowed): Promise<PushResult> {
    const { sender, subscriptions } = this.#deps;
    const payload =
      'newsId' in notice ? await this.#recordingPayload(subscription, notice, allowed) : await this.#payload(subscription, notice, allowed);
    const result = await sender.send(subscription, {
      payload: JSON.stringify(payload),
      urgent: notice.kind === 'urgent',
      topic: topicOf(notice),
    });
    this.#count(result);
    if (result === 'gone') await subscriptions.remove(subscription);
    else if (result !== 'sent') await subscriptions.failed(subscription);
    else if (subscription.failing) await subscriptions.worked(subscription);
    return result;
  }

  /** What may be shown to each of these people; each message is looked up once for all. */
  async #allowed(orgId: string, personIds: readonly string[]): Promise<Allowed> {
    const { settings } = this.#deps;
    const policy = await settings.policy(orgId);
    const wishes = await settings.ofPeople(orgId, personIds);
    const contents = new Map<number, Promise<Content | null>>();
    return {
      privacy: (personId) => {
        const wish = wishes.get(personId);
        return wish ? privacyFor(policy, wish) : 'ids';
      },
      content: (notice) => {
        const content = contents.get(notice.number) ?? this.#content(notice);
        contents.set(notice.number, content);
        return content;
      },
    };
  }

  async #payload({ language }: Subscription, notice: MessagePush, allowed: Allowed): Promise<PushPayload> {
    const { personId, conversationId: conversation, number, kind } = notice;
    const bare = { kind, conversation, number, language };
    const privacy = allowed.privacy(personId);
    if (privacy === 'ids' || number === 0) return bare;
    const content = await allowed.content(notice);
    if (!content) return bare;
    const { sender, title, text } = content;
    return { ...bare, sender, title, ...(privacy === 'text' && text !== '' ? { text } : {}) };
  }

  async #recordingPayload({ language }: Subscription, notice: RecordingPush, allowed: Allowed): Promise<PushPayload> {
    const { personId, newsId, kind } = notice;
    const news = await this.#deps.recordingNews(notice, newsId);
    const bare = { kind: `recording-${kind}`, language } as const;
    if (!news?.recording) return bare;
    const { id: recording, title } = news.recording;
    return allowed.privacy(personId) === 'ids' ? { ...bare, recording } : { ...bare, recording, sender: news.by.name, title };
  }

  /** As it is now: an edit or a recall counts. */
  async #content({ orgId, conversationId, number }: MessagePush): Promise<Content | null> {
    const [row] = await this.#deps.database.query<{ sender_name: string; title: string; body: string }>(
      `select m.sender_name, c.title, m.body from messages m join conversations c on c.id = m.conversation_id
       where m.org_id = $1 and m.conversation_id = $2 and m.number = $3 and m.recalled_at is null`,
      [orgId, conversationId, number],
    );
    return row ? { sender: row.sender_name, title: row.title, text: beginningOf(row.body) } : null;
  }

  /** He has read it, left the conversation, or it was recalled. */
  async #isOver(notice: PushNotice): Promise<boolean> {
    if ('newsId' in notice) return (await this.#deps.recordingNews(notice, notice.newsId)) === null;
    const { orgId, personId, conversationId, number, kind } = notice;
    if (number === 0) return false;
    const rows = await this.#deps.database.query(
      `select 1 from conversation_members c join messages m on m.conversation_id = c.conversation_id and m.number = $4
       where c.org_id = $1 and c.conversation_id = $2 and c.person_id = $3 and m.recalled_at is null
         and case when $5 then exists (
           select 1 from urgent_receipts r where r.conversation_id = $2 and r.number = $4 and r.person_id = $3 and r.confirmed_at is null)
         else c.read_number < $4 end`,
      [orgId, conversationId, personId, number, kind === 'urgent'],
    );
    return rows.length === 0;
  }
}

function topicOf(notice: PushNotice): string {
  if ('newsId' in notice) return `recording/${notice.newsId}`;
  return notice.kind === 'urgent' ? `${notice.conversationId}/${notice.number}` : notice.conversationId;
}

function beginningOf(body: string): string {
  const characters = [...body.replace(/\s+/gu, ' ').trim()];
  return characters.length > textCharacters ? `${characters.slice(0, textCharacters - 1).join('')}…` : characters.join('');
}
