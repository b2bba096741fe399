/**
 * Sends scheduled messages at their time, as their senders, exactly once: the message keeps its client id,
 * so that a job that runs again after a crash finds the message sent already. What is refused then is
 * kept with the reason, and the sender is told.
 */
import { z } from 'zod';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { OrganisationRole, Principal } from '../../platform/principal.js';
import type { Draft } from '../draft.js';
import { type Scheduled, type ScheduledRow, scheduledColumns, toScheduled } from './scheduled.js';

export interface ScheduledSenderDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: Jobs;
  /** Checks all that is checked of a message that is sent now. */
  readonly send: (principal: Principal, draft: Draft) => Promise<unknown>;
  /** It was not sent. */
  readonly refused: (scheduled: Scheduled) => void;
}

interface ScheduledId {
  readonly orgId: string;
  readonly id: string;
}

const sendScheduled: JobKind<ScheduledId> = {
  name: 'notify.scheduled',
  schema: z.object({ orgId: z.uuid(), id: z.uuid() }),
  retries: 8,
  expireSeconds: 60,
};
/** Every minute, once over all nodes: whatever a job should have sent and none will. */
const lookForLate: JobKind<Record<string, never>> = { name: 'notify.scheduled-late', schema: z.record(z.string(), z.never()) };
const lateMs = 90_000;
/** A token would be good for so long; nobody holds this one. */
const principalMs = 60_000;

export class ScheduledSender {
  readonly #deps: ScheduledSenderDeps;

  constructor(deps: ScheduledSenderDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { jobs, clock } = this.#deps;
    await jobs.work(sendScheduled, (which) => this.#send(which));
    await jobs.work(lookForLate, () => this.#planLate(clock.now() - lateMs));
    await jobs.schedule(lookForLate, '* * * * *', {});
    // A node that was killed while it sent need not be missed for as long as its job may take.
    await this.#planLate(clock.now());
  }

  readonly plan = async ({ orgId, id }: ScheduledId, at: Date, tx?: Query): Promise<void> => {
    await this.#deps.jobs.enqueue(sendScheduled, { orgId, id }, { startAfter: at, ...(tx ? { tx } : {}) });
  };

  async #planLate(before: number): Promise<void> {
    const rows = await this.#deps.database.query<{ org_id: string; id: string }>(
      `select org_id, id from scheduled_messages where state <> 'refused' and send_at <= $1 order by send_at limit 1000`,
      [new Date(before)],
    );
    for (const { org_id: orgId, id } of rows) await this.#deps.jobs.enqueue(sendScheduled, { orgId, id }, { singletonKey: `late/${id}` });
  }

  async #send({ orgId, id }: ScheduledId): Promise<void> {
    const { database, clock, send } = this.#deps;
    // Who changes or deletes it from now on is told that it is too late. One that is being sent was left so by a crash.
    const [row] = await database.query<ScheduledRow>(
      `update scheduled_messages set state = 'sending'
       where org_id = $1 and id = $2 and state <> 'refused' and send_at <= $3 returning ${scheduledColumns}`,
      [orgId, id, new Date(clock.now())],
    );
    if (!row) return this.#putOff({ orgId, id });
    const scheduled = toScheduled(row);
    try {
      if (await this.#isSent(scheduled)) return this.#forget(scheduled);
      await send(await this.#sender(scheduled), {
        conversationId: scheduled.conversationId,
        clientId: scheduled.clientId,
        body: scheduled.body,
        mentions: scheduled.mentions,
        mentionsAll: scheduled.mentionsAll,
        acknowledged: scheduled.acknowledged,
        reason: scheduled.reason,
        ...(scheduled.thread === null ? {} : { thread: scheduled.thread }),
      });
    } catch (error) {
      if (!(error instanceof CausewayError) || error.entry.retryable) throw error;
      return this.#refuse(scheduled, error);
    }
    await this.#forget(scheduled);
  }

  /** Before a crash: whatever would be refused now was not then. */
  async #isSent({ orgId, personId, clientId }: Scheduled): Promise<boolean> {
    const rows = await this.#deps.database.query('select 1 from messages where org_id = $1 and sender_id = $2 and client_id = $3', [
      orgId,
      personId,
      clientId,
    ]);
    return rows.length > 0;
  }

  async #forget({ orgId, id }: Scheduled): Promise<void> {
    await this.#deps.database.query('delete from scheduled_messages where org_id = $1 and id = $2', [orgId, id]);
  }

  /** Its time may have been changed since the job was made, which then has a job of its own; or the clocks differ. */
  async #putOff({ orgId, id }: ScheduledId): Promise<void> {
    const soon = this.#deps.clock.now() + principalMs;
    const [row] = await this.#deps.database.query<{ send_at: Date }>(
      `select send_at from scheduled_messages where org_id = $1 and id = $2 and state = 'waiting' and send_at <= $3`,
      [orgId, id, new Date(soon)],
    );
    if (row) await this.plan({ orgId, id }, new Date(row.send_at.getTime() + 1_000));
  }

  /** The person as he is now. @throws CHAT_NOT_FOUND when he is nobody any more */
  async #sender({ orgId, personId, id }: Scheduled): Promise<Principal> {
    const [row] = await this.#deps.database.query<{ name: string; role: OrganisationRole; guest_of: string | null }>(
      'select name, role, guest_of from people where org_id = $1 and id = $2',
      [orgId, personId],
    );
    if (!row) throw new CausewayError('CHAT_NOT_FOUND');
    const { name, role, guest_of: guestOf } = row;
    return { orgId, personId, name, role, signInId: id, expiresAt: this.#deps.clock.now() + principalMs, ...(guestOf ? { guestOf } : {}) };
  }

  async #refuse(scheduled: Scheduled, error: CausewayError): Promise<void> {
    const { database, log, refused } = this.#deps;
    log.info({ code: error.code, scheduled: scheduled.id }, 'scheduled: a message was refused');
    const rows = await database.query(
      `update scheduled_messages set state = 'refused', refused_code = $3, refused_fill = $4, body = case when $5 then '' else body end
       where org_id = $1 and id = $2 returning 1`,
      // Blocked content is kept nowhere.
      [scheduled.orgId, scheduled.id, error.code, JSON.stringify(error.fill), error.code === 'CHAT_DLP_BLOCKED'],
    );
    if (rows.length > 0) refused(scheduled);
  }
}
