/**
 * The lines of a recording, and what of it was listened to. A person whose lines were deleted for good gets
 * none any more of before he agreed again: whoever writes locks the recording's row for a moment, so that a
 * line that was still being written can't come after the deletion.
 */
import type { Database, Query } from '../../../platform/database/index.js';
import type { Recording, TranscriptLine } from '../../recording.js';

export type RecordingKey = Pick<Recording, 'orgId' | 'id'>;

export interface NewLine extends Omit<TranscriptLine, 'editedBy'> {
  readonly participantId: string;
}

/** Of one participant: from and until, since the recording's start. */
export interface Span {
  readonly participantId: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Choice {
  readonly personId: string;
  readonly optOut: boolean;
  readonly language: string;
}

export class TranscriptLines {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** When it began; null: there is no such recording any more. */
  async startOf({ orgId, id }: RecordingKey): Promise<number | null> {
    const [row] = await this.#database.query<{ started_at: Date }>(
      `select started_at from recordings where org_id = $1 and id = $2 and state <> 'deleted'`,
      [orgId, id],
    );
    return row ? row.started_at.getTime() : null;
  }

  /** Lines, and what is settled with them, together. Lines that are there already stay as they are. */
  async write(recording: RecordingKey, lines: readonly NewLine[], also?: (tx: Query) => Promise<void>): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const [row] = await tx.query(`select 1 from recordings where org_id = $1 and id = $2 and state <> 'deleted' for key share`, [
        recording.orgId,
        recording.id,
      ]);
      if (!row) return;
      for (const line of lines) await insert(tx, recording, line);
      await also?.(tx);
    });
  }

  async cover(
    { orgId, id }: RecordingKey,
    tapId: string,
    { participantId, fromMs, untilMs }: Span,
    tx: Query = this.#database,
  ): Promise<void> {
    await tx.query(
      `insert into caption_coverage (org_id, recording_id, tap_id, participant_id, from_ms, until_ms)
       select $1, $2, $3, $4, $5, $6 where exists (select 1 from recordings where org_id = $1 and id = $2)
       on conflict (recording_id, tap_id) do update set until_ms = greatest(caption_coverage.until_ms, excluded.until_ms)`,
      [orgId, id, tapId, participantId, Math.round(fromMs), Math.round(untilMs)],
    );
  }

  async leave({ orgId, id }: RecordingKey, lineId: string, { participantId, fromMs, untilMs }: Span): Promise<void> {
    await this.#database.query(
      `insert into caption_left (org_id, recording_id, id, participant_id, from_ms, until_ms)
       select $1, $2, $3, $4, $5, $6 where exists (select 1 from recordings where org_id = $1 and id = $2)
       on conflict (recording_id, id) do nothing`,
      [orgId, id, lineId, participantId, Math.round(fromMs), Math.round(untilMs)],
    );
  }

  /** What was left within the span is written now. `whole`: also what reaches beyond its end. */
  async settleLeft({ id }: RecordingKey, { participantId, fromMs, untilMs }: Span, whole: boolean, tx: Query): Promise<void> {
    await tx.query(
      `delete from caption_left where recording_id = $1 and participant_id = $2 and until_ms > $3
         and (until_ms <= $4 or ($5 and from_ms < $4))`,
      [id, participantId, Math.round(fromMs), Math.round(untilMs), whole],
    );
  }

  async covered({ orgId, id }: RecordingKey): Promise<{ covered: Span[]; left: Span[] }> {
    const spans = (table: 'caption_coverage' | 'caption_left') =>
      this.#database.query<{ participant_id: string; from_ms: number; until_ms: number }>(
        `select participant_id, from_ms, until_ms from ${table} where org_id = $1 and recording_id = $2 order by from_ms`,
        [orgId, id],
      );
    const [covered, left] = await Promise.all([spans('caption_coverage'), spans('caption_left')]);
    const span = (row: (typeof covered)[number]): Span => ({
      participantId: row.participant_id,
      fromMs: row.from_ms,
      untilMs: row.until_ms,
    });
    return { covered: covered.map(span), left: left.map(span) };
  }

  async choices({ orgId, id }: RecordingKey): Promise<Choice[]> {
    const rows = await this.#database.query<{ person_id: string; opt_out: boolean; language: string }>(
      'select person_id, opt_out, language from caption_choices where org_id = $1 and recording_id = $2',
      [orgId, id],
    );
    return rows.map((row) => ({ personId: row.person_id, optOut: row.opt_out, language: row.language }));
  }

  /** What he says between no and yes stays unwritten: it counts as listened to. */
  async choose({ orgId, id }: RecordingKey, personId: string, choice: { optOut: boolean; language: string }, at: Date): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const [before] = await tx.query<{ since: Date | null }>(
        'select opted_out_since as since from caption_choices where org_id = $1 and recording_id = $2 and person_id = $3 for update',
        [orgId, id, personId],
      );
      if (before?.since && !choice.optOut)
        await tx.query(
          `insert into caption_coverage (org_id, recording_id, tap_id, participant_id, from_ms, until_ms)
           select distinct $1::uuid, $2::uuid, 'opted-out:' || t.participant_id || ':' || $4::timestamptz, t.participant_id,
             greatest(0, extract(epoch from $4::timestamptz - r.started_at) * 1000)::integer,
             greatest(0, extract(epoch from $5::timestamptz - r.started_at) * 1000)::integer
           from recordings r join recording_tracks t on t.recording_id = r.id and t.person_id = $3
           where r.org_id = $1 and r.id = $2 on conflict do nothing`,
          [orgId, id, personId, before.since, at],
        );
      await tx.query(
        `insert into caption_choices (org_id, recording_id, person_id, opt_out, language, opted_out_since)
         select $1, $2, $3, $4, $5, case when $4 then $6::timestamptz end where exists (select 1 from recordings where org_id = $1 and id = $2)
         on conflict (recording_id, person_id) do update set opt_out = excluded.opt_out, language = excluded.language,
           opted_out_since = case when excluded.opt_out then coalesce(caption_choices.opted_out_since, excluded.opted_out_since) end`,
        [orgId, id, personId, choice.optOut, choice.language, at],
      );
    });
  }

  /** What live captions take somebody to speak, who has not said so himself: the meeting's language. */
  async spoke({ orgId, id }: RecordingKey, personId: string, language: string): Promise<void> {
    await this.#database.query(
      `insert into caption_choices (org_id, recording_id, person_id, language)
       select $1, $2, $3, $4 where exists (select 1 from recordings where org_id = $1 and id = $2)
       on conflict (recording_id, person_id) do update set language = excluded.language where caption_choices.language = ''`,
      [orgId, id, personId, language],
    );
  }

  /** What he said since he agreed again stays, and what he says is written down. */
  async removePerson(tx: Query, { orgId, id }: RecordingKey, personId: string): Promise<void> {
    await tx.query('select 1 from recordings where org_id = $1 and id = $2 for update', [orgId, id]);
    await tx.query(
      `insert into caption_choices (org_id, recording_id, person_id, removed)
       select $1, $2, $3, true where exists (select 1 from recordings where org_id = $1 and id = $2)
       on conflict (recording_id, person_id) do update set removed = true`,
      [orgId, id, personId],
    );
    await tx.query(
      `delete from transcript_lines l using recordings r
       where l.org_id = $1 and l.recording_id = $2 and l.person_id = $3 and r.id = l.recording_id
         and r.started_at + l.begin_ms * interval '1 millisecond' < coalesce(taken_back_until(l.recording_id, l.person_id), 'infinity')`,
      [orgId, id, personId],
    );
  }

  /** False: there is no such line. */
  async correct({ orgId, id }: RecordingKey, lineId: string, text: string, by: string, tx: Query): Promise<boolean> {
    const rows = await tx.query(
      'update transcript_lines set text = $4, edited_by = $5 where org_id = $1 and recording_id = $2 and id = $3 returning id',
      [orgId, id, lineId, text, by],
    );
    return rows.length > 0;
  }
}

async function insert(tx: Query, { orgId, id }: RecordingKey, line: NewLine): Promise<void> {
  await tx.query(
    `insert into transcript_lines (org_id, recording_id, id, track_id, person_id, speaker, begin_ms, end_ms, language, text, engine)
     select $1, $2, $3,
       (select t.id from recording_tracks t where t.org_id = $1 and t.recording_id = $2 and t.participant_id = $4
          and t.source = 'microphone' order by t.started_at desc limit 1),
       $5, $6, $7, $8, $9, $10, $11
     where not exists (select 1 from caption_choices c join recordings r on r.id = c.recording_id
                       where c.recording_id = $2 and c.person_id = $5 and c.removed
                         and r.started_at + $7::integer * interval '1 millisecond' < coalesce(taken_back_until($2, $5), 'infinity'))
     on conflict (id) do nothing`,
    [
      orgId,
      id,
      line.id,
      line.participantId,
      line.personId,
      line.speaker,
      Math.max(0, Math.round(line.beginMs)),
      Math.max(0, Math.round(line.endMs)),
      line.language,
      line.text,
      line.engine,
    ],
  );
}
