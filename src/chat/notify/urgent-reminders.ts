/**
 * Reminds everybody who has not confirmed an urgent message, again and again, each time by more ways:
 * push, then also e-mail, then also the organisation's webhook.
 *
 * One durable job for each message, at the time when the next reminder of anybody is due. What was due while
 * no server ran is made up for at the next start. At least once: a server that is killed between a reminder
 * and its entry reminds again.
 */

import { z } from 'zod';
import type { causeway } from '#proto';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import type { Language } from '../../platform/errors.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Mail } from '../../platform/mail/index.js';
import { type NotificationSettingsStore, type Policy, privacyFor, silentUntil } from './notification-settings.js';
import type { PushDelivery } from './push-delivery.js';
import type { NotificationSettings } from './schema.js';
import { urgentMail } from './urgent-mail.js';
import type { UrgentWebhook } from './urgent-webhook.js';

export interface UrgentRemindersDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: Jobs;
  readonly mail: Mail;
  readonly webhook: UrgentWebhook;
  readonly settings: NotificationSettingsStore;
  readonly delivery: PushDelivery;
  readonly tell: (personIds: readonly string[], notice: causeway.ChatNotice.$Properties) => void;
  /** Where people open the page; null: not known. */
  readonly pageUrl: string | null;
  /** Since the message, milliseconds. */
  readonly pushMs: number;
  readonly mailMs: number;
  readonly webhookMs: number;
  readonly repeatMs: number;
  readonly most: number;
}

/** Where an urgent message stands. */
export interface UrgentPlace {
  readonly orgId: string;
  readonly conversationId: string;
  readonly number: number;
}

/** Somebody whose reminder is due. */
interface Waiting {
  person_id: string;
  name: string;
  email: string | null;
  reminders: number;
}

interface Step {
  readonly person: Waiting;
  readonly settings: NotificationSettings;
  readonly silentUntil: number | null;
}

const remind: JobKind<UrgentPlace> = {
  name: 'notify.urgent',
  schema: z.object({ orgId: z.uuid(), conversationId: z.uuid(), number: z.number().int() }),
  retries: 10,
};
/** Every minute, once over all nodes: whatever a job should have done and none will. */
const lookForLate: JobKind<Record<string, never>> = { name: 'notify.urgent-late', schema: z.record(z.string(), z.never()) };
const lateMs = 120_000;

export class UrgentReminders {
  readonly #deps: UrgentRemindersDeps;

  constructor(deps: UrgentRemindersDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { jobs, clock } = this.#deps;
    await jobs.work(remind, (place) => this.#remind(place));
    await jobs.work(lookForLate, () => this.#planLate(clock.now() - lateMs));
    await jobs.schedule(lookForLate, '* * * * *', {});
    await this.#planLate(clock.now());
  }

  /** When the first reminder of a message is due; null: none is wanted. */
  firstDue(sentAt: number): Date | null {
    return this.#deps.most > 0 ? new Date(sentAt + this.#deps.pushMs) : null;
  }

  /** In the transaction of what makes it due. */
  async plan({ orgId, conversationId, number }: UrgentPlace, at: Date, tx?: Query): Promise<void> {
    await this.#deps.jobs.enqueue(
      remind,
      { orgId, conversationId, number },
      { startAfter: at, singletonKey: `${conversationId}/${number}`, ...(tx ? { tx } : {}) },
    );
  }

  async #planLate(before: number): Promise<void> {
    const rows = await this.#deps.database.query<{ org_id: string; conversation_id: string; number: number }>(
      `select distinct r.org_id, r.conversation_id, r.number from urgent_receipts r
       where r.confirmed_at is null and r.due_at <= $1 limit 1000`,
      [new Date(before)],
    );
    for (const { org_id: orgId, conversation_id: conversationId, number } of rows)
      await this.plan({ orgId, conversationId, number }, new Date(this.#deps.clock.now()));
  }

  async #remind(place: UrgentPlace): Promise<void> {
    const { database, clock, settings } = this.#deps;
    const { orgId, conversationId, number } = place;
    const now = clock.now();
    const people = await database.query<Waiting>(
      `select r.person_id, p.name, p.email, r.reminders from urgent_receipts r
       join people p on p.id = r.person_id
       join conversation_members c on c.conversation_id = r.conversation_id and c.person_id = r.person_id
       join messages m on m.conversation_id = r.conversation_id and m.number = r.number and m.recalled_at is null
       where r.org_id = $1 and r.conversation_id = $2 and r.number = $3 and r.confirmed_at is null and r.due_at <= $4`,
      [orgId, conversationId, number, new Date(now)],
    );
    const policy = await settings.policy(orgId);
    const wishes = await settings.ofPeople(
      orgId,
      people.map(({ person_id }) => person_id),
    );
    const steps = people.flatMap((person): Step[] => {
      const wish = wishes.get(person.person_id);
      return wish ? [{ person, settings: wish, silentUntil: silentUntil(policy, wish, true, now) }] : [];
    });
    await this.#callOn(
      place,
      policy,
      steps.filter((step) => step.silentUntil === null),
    );
    await this.#write(place, steps, now);
  }

  /** By every way whose turn it is. What fails is tried again with the next reminder. */
  async #callOn(place: UrgentPlace, policy: Policy, steps: readonly Step[]): Promise<void> {
    if (steps.length === 0) return;
    const { tell, delivery, webhook, log } = this.#deps;
    const { conversationId, number } = place;
    const ids = steps.map(({ person }) => person.person_id);
    tell(ids, { urgent: { conversationId, number, confirmed: false } });
    const ways = [delivery.deliver(ids.map((personId) => ({ ...place, personId, kind: 'urgent' })))];
    ways.push(
      this.#mail(
        place,
        policy,
        steps.filter(({ person, settings }) => person.reminders >= 1 && settings.email),
      ),
    );
    const late = steps.filter(({ person }) => person.reminders >= 2);
    if (late.length > 0) {
      const reminder = Math.max(...late.map(({ person }) => person.reminders)) + 1;
      ways.push(
        webhook.call(
          policy,
          place,
          late.map(({ person }) => person.person_id),
          reminder,
        ),
      );
    }
    for (const result of await Promise.allSettled(ways))
      if (result.status === 'rejected') log.warn({ err: result.reason, conversation: conversationId, number }, 'urgent: a reminder failed');
  }

  async #mail(place: UrgentPlace, policy: Policy, steps: readonly Step[]): Promise<void> {
    const { mail, log, pageUrl } = this.#deps;
    const reachable = steps.filter(({ person }) => person.email !== null);
    if (!mail.on || reachable.length === 0) return;
    const content = await this.#content(place);
    for (const { person, settings } of reachable) {
      const privacy = privacyFor(policy, settings);
      const language: Language | null = settings.language;
      const shown = {
        ...(privacy !== 'ids' && { sender: content.sender, title: content.title }),
        ...(privacy === 'text' && { text: content.text }),
      };
      const { conversationId, number } = place;
      const link = pageUrl === null ? null : `${pageUrl}/chat/${conversationId}/${number}`;
      await mail
        .send({ to: { name: person.name, address: person.email ?? '' }, ...urgentMail(language, shown, link) })
        .catch((error: unknown) => log.warn({ err: error, person: person.person_id }, 'urgent: an e-mail was not taken'));
    }
  }

  async #content({ orgId, conversationId, number }: UrgentPlace): Promise<{ sender: string; title: string; text: string }> {
    const [row] = await this.#deps.database.query<{ sender_name: string; title: string; body: string }>(
      `select m.sender_name, c.title, m.body from messages m join conversations c on c.id = m.conversation_id
       where m.org_id = $1 and m.conversation_id = $2 and m.number = $3`,
      [orgId, conversationId, number],
    );
    return { sender: row?.sender_name ?? '', title: row?.title ?? '', text: row?.body ?? '' };
  }

  /** What was done, and the job of the next reminder, in one transaction. */
  async #write(place: UrgentPlace, steps: readonly Step[], now: number): Promise<void> {
    const { orgId, conversationId, number } = place;
    const done = steps.map(({ person, silentUntil: until }) => {
      const reminders = until === null ? person.reminders + 1 : person.reminders;
      const due = until ?? this.#nextDue(reminders, now);
      return { personId: person.person_id, reminders, due: due === null ? null : new Date(due) };
    });
    await this.#deps.database.transaction(async (tx) => {
      await tx.query(
        `update urgent_receipts r set reminders = q.reminders, due_at = q.due, reminded_at = case when q.reminders > r.reminders then $4 else r.reminded_at end
         from unnest($5::uuid[], $6::int[], $7::timestamptz[]) as q (person_id, reminders, due)
         where r.org_id = $1 and r.conversation_id = $2 and r.number = $3 and r.person_id = q.person_id and r.confirmed_at is null`,
        [
          orgId,
          conversationId,
          number,
          new Date(now),
          done.map(({ personId }) => personId),
          done.map(({ reminders }) => reminders),
          done.map(({ due }) => due),
        ],
      );
      // Whoever has left, and everybody where the message is recalled or deleted, is not reminded any more.
      await tx.query(
        `update urgent_receipts set due_at = null
         where org_id = $1 and conversation_id = $2 and number = $3 and due_at <= $4 and person_id <> all($5)`,
        [orgId, conversationId, number, new Date(now), done.map(({ personId }) => personId)],
      );
      const [next] = await tx.query<{ at: Date | null }>(
        `select min(r.due_at) as at from urgent_receipts r
         join conversation_members c on c.conversation_id = r.conversation_id and c.person_id = r.person_id
         join messages m on m.conversation_id = r.conversation_id and m.number = r.number and m.recalled_at is null
         where r.org_id = $1 and r.conversation_id = $2 and r.number = $3 and r.confirmed_at is null`,
        [orgId, conversationId, number],
      );
      if (next?.at) await this.plan(place, next.at, tx);
    });
  }

  /** After so many reminders; null: it was the last. From now on, so that a server that was down does not remind three times in a row. */
  #nextDue(reminders: number, now: number): number | null {
    const { pushMs, mailMs, webhookMs, repeatMs, most } = this.#deps;
    if (reminders >= most) return null;
    const gap = reminders === 1 ? mailMs - pushMs : reminders === 2 ? webhookMs - mailMs : repeatMs;
    return now + Math.max(gap, 1_000);
  }
}
