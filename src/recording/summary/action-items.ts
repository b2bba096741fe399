/** What is to be done after a meeting: a machine or a person proposes it, a host confirms it, its assignee does it. */
import type { EventEmitter } from 'node:events';
import type { QueryResultRow } from 'pg';
import type { Audit, AuditEntry } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingAccess, RecordingRows } from '../ports.js';
import type { ConfirmedAction, NotifyAssignee, PostedAt, SummaryEvents } from './ports.js';
import type { Posts } from './posts.js';
import { tellSchema } from './requests.js';
import { type ActionItem, type ActionPatch, bounds, type MyActions, type NewAction } from './schema.js';
import { type ActionRow, actionColumns, lockRecording, presentAction } from './summary-rows.js';

export interface ActionItemsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly jobs: Pick<Jobs, 'enqueue'>;
  readonly notify: NotifyAssignee;
  readonly events: EventEmitter<SummaryEvents>;
  readonly posts: Posts;
  readonly rows: Pick<RecordingRows, 'get'>;
}

export const tellAssignee: JobKind<{ orgId: string; actionId: string; revision: number }> = {
  name: 'recording.tell-assignee',
  schema: tellSchema,
};

type Found = ActionRow & QueryResultRow;
type Told = Found & { org_id: string; title: string; meeting_id: string; conversation_id: string };

export class ActionItems {
  readonly #deps: ActionItemsDeps;

  constructor(deps: ActionItemsDeps) {
    this.#deps = deps;
  }

  /** Confirmed, not done yet, the earliest due first. */
  async mine(by: Principal): Promise<MyActions['items']> {
    const rows = await this.#deps.database.query<Found & { title: string; meeting_id: string }>(
      `select ${actionColumns
        .split(',')
        .map((column) => `a.${column.trim()}`)
        .join(', ')}, r.title, r.meeting_id
       from action_items a join recordings r on r.org_id = a.org_id and r.id = a.recording_id
       where a.org_id = $1 and a.assignee_id = $2 and a.state = 'confirmed' and r.state <> 'deleted'
       order by a.due_on nulls last, a.id limit 500`,
      [by.orgId, by.personId],
    );
    return rows.map((row) => ({ ...presentAction(row), recordingTitle: row.title, meetingId: row.meeting_id }));
  }

  /** What the machine missed. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, PERSON_NOT_FOUND, ACTION_ITEMS_FULL */
  async add(by: Principal, recordingId: string, item: NewAction): Promise<ActionItem> {
    const { access, database, clock, audit } = this.#deps;
    const recording = await access.assert(by, recordingId, 'manage');
    const now = clock.now();
    return database.transaction(async (tx) => {
      const assigneeName = await nameOf(tx, by.orgId, item.assigneeId);
      const [count] = await tx.query<{ count: number }>(
        'select count(*)::int as count from action_items where org_id = $1 and recording_id = $2',
        [by.orgId, recordingId],
      );
      if ((count?.count ?? 0) >= bounds.items * 2) throw new CausewayError('ACTION_ITEMS_FULL', { fill: { limit: bounds.items * 2 } });
      const [row] = await tx.query<Found>(
        `insert into action_items (org_id, id, recording_id, state, what, assignee_id, assignee_name, due_on, note, at_ms, origin, said_by,
           edited, created_at)
         values ($1, $2, $3, 'proposed', $4, $5, $6, $7, $8, $9, 'person', null, true, $10) returning ${actionColumns}`,
        [by.orgId, newId(now), recording.id, item.what, item.assigneeId, assigneeName, item.dueOn, item.note, item.atMs, new Date(now)],
      );
      const added = row ?? missing();
      await audit.record(tx, { orgId: by.orgId, actor: actorOf(by), action: 'recording.action-added', subject: subjectOf(added) });
      return presentAction(added);
    });
  }

  /** @throws ACTION_ITEM_NOT_FOUND, RECORDING_FORBIDDEN, PERSON_NOT_FOUND */
  async change(by: Principal, id: string, patch: ActionPatch): Promise<ActionItem> {
    await this.#assertManages(by, id);
    return this.#act(by, id, 'recording.action-changed', async (tx, before) => {
      const assigneeId = patch.assigneeId === undefined ? before.assignee_id : patch.assigneeId;
      const next = {
        what: patch.what ?? before.what,
        assigneeId,
        assigneeName: assigneeId === before.assignee_id ? before.assignee_name : await nameOf(tx, by.orgId, assigneeId),
        dueOn: patch.dueOn === undefined ? before.due_on : patch.dueOn,
        note: patch.note ?? before.note,
      };
      const [row] = await tx.query<Found>(
        `update action_items set what = $3, reworded = reworded or what <> $3, assignee_id = $4, assignee_name = $5, due_on = $6, note = $7,
           edited = true, due_text = case when due_on is distinct from $6::date then null else due_text end, revision = revision + 1
         where org_id = $1 and id = $2 returning ${actionColumns}`,
        [by.orgId, id, next.what, next.assigneeId, next.assigneeName, next.dueOn, next.note],
      );
      return row ?? missing();
    });
  }

  /** Its assignee is told. Once more: nothing happens. @throws ACTION_ITEM_NOT_FOUND, RECORDING_FORBIDDEN */
  async confirm(by: Principal, id: string): Promise<ActionItem> {
    await this.#assertManages(by, id);
    return this.#decide(by, id, 'confirmed', 'recording.action-confirmed');
  }

  /** @throws ACTION_ITEM_NOT_FOUND, RECORDING_FORBIDDEN */
  async dismiss(by: Principal, id: string): Promise<ActionItem> {
    await this.#assertManages(by, id);
    return this.#decide(by, id, 'dismissed', 'recording.action-dismissed');
  }

  /** By its assignee, or by who manages the recording. @throws ACTION_ITEM_NOT_FOUND, RECORDING_FORBIDDEN, ACTION_ITEM_STATE */
  async done(by: Principal, id: string): Promise<ActionItem> {
    const item = await find(this.#deps.database, by.orgId, id);
    const own = item.assignee_id === by.personId && (item.state === 'confirmed' || item.state === 'done');
    if (!own) await this.#assertManages(by, id);
    return this.#decide(by, id, 'done', 'recording.action-done');
  }

  /** The job behind a confirmation. What changed meanwhile is told by a job of its own. */
  async tell({ orgId, actionId, revision }: { orgId: string; actionId: string; revision: number }): Promise<void> {
    const { database, notify, events, log } = this.#deps;
    const [row] = await database.query<Told>(
      `select a.*, a.due_on::text as due_on, r.title, r.meeting_id, r.conversation_id
       from action_items a join recordings r on r.org_id = a.org_id and r.id = a.recording_id
       where a.org_id = $1 and a.id = $2 and a.state = 'confirmed' and a.revision = $3 and r.state <> 'deleted'`,
      [orgId, actionId, revision],
    );
    if (!row) return;
    const action: ConfirmedAction = {
      orgId,
      id: row.id,
      recordingId: row.recording_id,
      meetingId: row.meeting_id,
      conversationId: row.conversation_id,
      recordingTitle: row.title,
      what: row.what,
      note: row.note,
      assigneeId: row.assignee_id,
      dueOn: row.due_on,
      confirmedBy: row.decided_by,
      revision,
    };
    const at = action.assigneeId === null || action.assigneeId === action.confirmedBy ? null : await notify(action.assigneeId, action);
    if (at) await this.#noted(row, at);
    try {
      events.emit('action.confirmed', action);
    } catch (error) {
      log.error({ err: error, action: action.id }, 'summary: a listener of action.confirmed threw');
    }
  }

  /** It was said what was to be done. Whoever said it in the meeting may have taken it back meanwhile. */
  async #noted(row: ActionRow & { readonly org_id: string }, at: PostedAt): Promise<void> {
    const { database, posts, rows } = this.#deps;
    const recording = await rows.get(row.org_id, row.recording_id);
    const isStale = await database.transaction(async (tx) => {
      if (!(await lockRecording(tx, recording))) return false;
      const [now] = await tx.query('select 1 from action_items where org_id = $1 and id = $2', [row.org_id, row.id]);
      const people = row.reworded || row.said_by === null ? [] : [row.said_by];
      await posts.noted(tx, recording, at, { what: 'action', summaryNumber: null, actions: [row.id], people, isStale: !now });
      return !now;
    });
    if (isStale) await posts.settle(recording);
  }

  #decide(by: Principal, id: string, state: 'confirmed' | 'dismissed' | 'done', action: string): Promise<ActionItem> {
    return this.#act(by, id, action, async (tx, before) => {
      if (before.state === state) return before;
      // What was refused, or never agreed on, was not done.
      if (state === 'done' && before.state !== 'confirmed') throw new CausewayError('ACTION_ITEM_STATE');
      const now = new Date(this.#deps.clock.now());
      const [row] = await tx.query<Found>(
        `update action_items set state = $3, done_at = case when $3 = 'done' then $4::timestamptz end,
           decided_by = case when $3 = 'done' then decided_by else $5::uuid end, decided_at = case when $3 = 'done' then decided_at else $4 end,
           revision = revision + 1
         where org_id = $1 and id = $2 returning ${actionColumns}`,
        [by.orgId, id, state, now, by.personId],
      );
      return row ?? missing();
    });
  }

  async #act(by: Principal, id: string, action: string, run: (tx: Query, before: Found) => Promise<Found>): Promise<ActionItem> {
    const { database, jobs, audit } = this.#deps;
    return database.transaction(async (tx) => {
      const before = await find(tx, by.orgId, id, true);
      const after = await run(tx, before);
      if (after.revision === before.revision) return presentAction(after);
      if (after.state === 'confirmed') {
        await jobs.enqueue(tellAssignee, { orgId: by.orgId, actionId: id, revision: after.revision }, { tx });
      }
      await audit.record(tx, { orgId: by.orgId, actor: actorOf(by), action, subject: subjectOf(after) });
      return presentAction(after);
    });
  }

  /** Whoever may not see the recording learns nothing of what is in it. */
  async #assertManages(by: Principal, id: string): Promise<void> {
    const item = await find(this.#deps.database, by.orgId, id);
    await this.#deps.access.assert(by, item.recording_id, 'manage').catch((error: unknown) => {
      const hidden = error instanceof CausewayError && error.code === 'RECORDING_NOT_FOUND' && item.assignee_id !== by.personId;
      throw hidden ? new CausewayError('ACTION_ITEM_NOT_FOUND') : error;
    });
  }
}

/** @throws ACTION_ITEM_NOT_FOUND */
async function find(tx: Query, orgId: string, id: string, lock = false): Promise<Found> {
  const [row] = await tx.query<Found>(
    `select ${actionColumns} from action_items where org_id = $1 and id = $2 ${lock ? 'for update' : ''}`,
    [orgId, id],
  );
  return row ?? missing();
}

function actorOf({ personId, name }: Principal): AuditEntry['actor'] {
  return { id: personId, name };
}

function subjectOf({ id, recording_id: recording, assignee_id: person }: Found): AuditEntry['subject'] {
  return { recording, action: id, ...(person === null ? {} : { person }) };
}

function missing(): never {
  throw new CausewayError('ACTION_ITEM_NOT_FOUND');
}

/** @throws PERSON_NOT_FOUND */
async function nameOf(tx: Query, orgId: string, personId: string | null): Promise<string | null> {
  if (personId === null) return null;
  const [person] = await tx.query<{ name: string }>('select name from people where org_id = $1 and id = $2', [orgId, personId]);
  if (!person) throw new CausewayError('PERSON_NOT_FOUND', { field: 'assigneeId' });
  return person.name;
}
