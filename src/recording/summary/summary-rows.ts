/** The rows of summaries and of what is to be done. Contents are checked when they are read: they are stored JSON. */
import type { QueryResultRow } from 'pg';
import type { Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Recording } from '../recording.js';
import { type ActionItem, type ActionState, type Content, contentSchema, type FallBack, type Origin } from './schema.js';

export interface SummaryRow {
  readonly number: number;
  readonly recordingVersion: number;
  readonly engine: 'offline' | 'server';
  readonly model: string | null;
  readonly fellBack: FallBack | null;
  readonly language: string;
  readonly content: Content;
  readonly editedBy: { readonly id: string; readonly name: string } | null;
  readonly posted: { readonly by: { readonly id: string; readonly name: string }; readonly at: Date } | null;
  readonly createdAt: Date;
}

export interface ActionRow {
  readonly id: string;
  readonly recording_id: string;
  readonly state: ActionState;
  readonly what: string;
  readonly assignee_id: string | null;
  readonly assignee_name: string | null;
  readonly due_on: string | null;
  readonly due_text: string | null;
  readonly note: string;
  readonly at_ms: number | null;
  readonly line_id: string | null;
  readonly origin: Origin;
  readonly said_by: string | null;
  readonly said: string;
  readonly edited: boolean;
  /** A person has put it into words of his own. */
  readonly reworded: boolean;
  readonly revision: number;
  readonly decided_by: string | null;
}

/** What every row of a recording is found by. */
export type Of = Pick<Recording, 'orgId' | 'id'>;

interface StoredSummary extends QueryResultRow {
  number: number;
  recording_version: number;
  engine: 'offline' | 'server';
  model: string | null;
  fell_back: FallBack | null;
  language: string;
  content: unknown;
  edited_by: string | null;
  edited_by_name: string | null;
  posted_by: string | null;
  posted_by_name: string | null;
  posted_at: Date | null;
  created_at: Date;
}

/** Days as text: a date has no zone, and the driver would give it one. */
export const actionColumns = `id, recording_id, state, what, assignee_id, assignee_name, due_on::text as due_on, due_text, note, at_ms, line_id,
  origin, said_by, said, edited, reworded, revision, decided_by`;

/** Newest first. */
export async function summariesOf(tx: Query, { orgId, id }: Of): Promise<SummaryRow[]> {
  const rows = await tx.query<StoredSummary>(
    'select * from recording_summaries where org_id = $1 and recording_id = $2 order by number desc',
    [orgId, id],
  );
  return rows.map(toSummary);
}

/** @throws SUMMARY_NOT_FOUND */
export async function lastSummary(tx: Query, of: Of): Promise<SummaryRow> {
  const [row] = await tx.query<StoredSummary>(
    'select * from recording_summaries where org_id = $1 and recording_id = $2 order by number desc limit 1',
    [of.orgId, of.id],
  );
  if (!row) throw new CausewayError('SUMMARY_NOT_FOUND');
  return toSummary(row);
}

export async function insertSummary(tx: Query, { orgId, id }: Of, row: Omit<SummaryRow, 'posted'>): Promise<void> {
  await tx.query(
    `insert into recording_summaries (org_id, recording_id, number, recording_version, engine, model, fell_back, language, content,
       edited_by, edited_by_name, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      orgId,
      id,
      row.number,
      row.recordingVersion,
      row.engine,
      row.model,
      row.fellBack,
      row.language,
      JSON.stringify(row.content),
      row.editedBy?.id ?? null,
      row.editedBy?.name ?? null,
      row.createdAt,
    ],
  );
  await tx.query(`delete from recording_chapters where org_id = $1 and recording_id = $2 and origin = 'topic'`, [orgId, id]);
  await tx.query(
    `insert into recording_chapters (org_id, recording_id, at_ms, title, origin)
     select $1, $2, at_ms, title, 'topic' from unnest($3::int[], $4::text[]) as topic (at_ms, title) on conflict do nothing`,
    [orgId, id, row.content.topics.map((topic) => topic.beginMs), row.content.topics.map((topic) => topic.title)],
  );
}

/** Writers of one recording's summary wait here for each other. False: the recording is gone. */
export async function lockRecording(tx: Query, { orgId, id }: Of): Promise<boolean> {
  const rows = await tx.query(`select 1 from recordings where org_id = $1 and id = $2 and state <> 'deleted' for update`, [orgId, id]);
  return rows.length > 0;
}

export function actionsOf(tx: Query, { orgId, id }: Of): Promise<ActionRow[]> {
  return tx.query<ActionRow & QueryResultRow>(
    `select ${actionColumns} from action_items where org_id = $1 and recording_id = $2 order by at_ms nulls last, id`,
    [orgId, id],
  );
}

export function presentAction(row: ActionRow): ActionItem {
  return {
    id: row.id,
    recordingId: row.recording_id,
    state: row.state,
    what: row.what,
    assignee: row.assignee_id === null ? null : { id: row.assignee_id, name: row.assignee_name ?? '' },
    dueOn: row.due_on,
    dueText: row.due_text,
    note: row.note,
    atMs: row.at_ms,
    lineId: row.line_id,
    origin: row.origin,
    edited: row.edited,
  };
}

function toSummary(row: StoredSummary): SummaryRow {
  return {
    number: row.number,
    recordingVersion: row.recording_version,
    engine: row.engine,
    model: row.model,
    fellBack: row.fell_back,
    language: row.language,
    content: contentSchema.parse(row.content),
    editedBy: row.edited_by === null ? null : { id: row.edited_by, name: row.edited_by_name ?? '' },
    posted:
      row.posted_by === null || row.posted_at === null
        ? null
        : { by: { id: row.posted_by, name: row.posted_by_name ?? '' }, at: row.posted_at },
    createdAt: row.created_at,
  };
}
