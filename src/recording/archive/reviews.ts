/** Reviews for compliance: somebody is told to watch a recording, marks passages, and says how it came out. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Audit } from '../../platform/audit.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingAccess, RecordingRows } from '../ports.js';
import { blobPrefix, type Recording } from '../recording.js';
import { assertReady } from './files.js';
import type { ReportFonts } from './report-fonts.js';
import type { FinishBody, Mark, MarkBody, Review, ReviewBody } from './schema.js';
import type { Telling } from './telling.js';

export interface ReviewsDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly rows: Pick<RecordingRows, 'get'>;
  readonly fonts: ReportFonts;
  readonly timeZone: string;
  readonly telling: Telling;
}

interface Row {
  id: string;
  org_id: string;
  recording_id: string;
  title: string;
  started_at: Date;
  reviewer_id: string;
  reviewer_name: string;
  task: string;
  due_on: string | null;
  assigned_by: string;
  assigned_by_name: string;
  created_at: Date;
  withdrawn_at: Date | null;
  outcome: Review['outcome'];
  conclusion: string;
  finished_at: Date | null;
  report_key: string | null;
  report_sha256: string | null;
  marks: Mark[];
}

const reviewsLimit = 100;
const marksLimit = 1_000;
const found = `select v.*, v.due_on::text as due_on, r.title, r.started_at,
    (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'fromMs', m.from_ms, 'toMs', m.to_ms, 'label', m.label, 'note', m.note)
       order by m.from_ms, m.id), '[]') from recording_review_marks m where m.review_id = v.id) as marks
  from recording_reviews v join recordings r on r.id = v.recording_id and r.state <> 'deleted'
  where v.org_id = $1 and v.withdrawn_at is null`;

export class Reviews {
  readonly #deps: ReviewsDeps;

  constructor(deps: ReviewsDeps) {
    this.#deps = deps;
  }

  /** @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, SHARE_PERSON, RECORDING_LIMIT */
  async assign(by: Principal, id: string, { reviewerId, task, dueOn }: ReviewBody): Promise<Review> {
    const { database, access, audit, clock, telling } = this.#deps;
    const recording = await access.assert(by, id, 'govern');
    const now = clock.now();
    const assigned = await database.transaction(async (tx) => {
      const [reviewer] = await tx.query<{ name: string }>(
        `select name from people where org_id = $1 and id = $2 and role in ('owner', 'admin', 'member')`,
        [by.orgId, reviewerId],
      );
      if (!reviewer) throw new CausewayError('SHARE_PERSON', { field: 'reviewerId' });
      const [count] = await tx.query<{ n: number }>(
        'select count(*)::int as n from recording_reviews where org_id = $1 and recording_id = $2',
        [recording.orgId, recording.id],
      );
      if ((count?.n ?? 0) >= reviewsLimit) throw new CausewayError('RECORDING_LIMIT', { fill: { limit: reviewsLimit } });
      const reviewId = newId(now);
      await tx.query(
        `insert into recording_reviews (org_id, id, recording_id, reviewer_id, reviewer_name, task, due_on, assigned_by, assigned_by_name, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [recording.orgId, reviewId, recording.id, reviewerId, reviewer.name, task, dueOn, by.personId, by.name, new Date(now)],
      );
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.review-assigned',
        subject: { recording: recording.id, review: reviewId, person: reviewerId },
        detail: { reviewer: reviewer.name, dueOn },
      });
      await telling.people(tx, { recording, kind: 'review-assigned', subjectId: reviewId, by }, [reviewerId]);
      return present(await this.#get(tx, by, reviewId), by);
    });
    telling.heard([reviewerId]);
    return assigned;
  }

  /** All of them for who governs, his own for a reviewer. @throws RECORDING_NOT_FOUND */
  async list(by: Principal, id: string): Promise<Review[]> {
    const { database, access } = this.#deps;
    const recording = await access.assert(by, id, 'view');
    const { govern } = await access.rights(by, recording);
    const rows = await database.query<Row>(
      `${found} and v.recording_id = $2 and ($3::uuid is null or v.reviewer_id = $3) order by v.created_at desc, v.id desc`,
      [recording.orgId, recording.id, govern ? null : by.personId],
    );
    return rows.map((row) => present(row, by));
  }

  /** What somebody is to review, and has reviewed: open ones first. */
  async mine(by: Principal): Promise<Review[]> {
    const rows = await this.#deps.database.query<Row>(
      `${found} and v.reviewer_id = $2 order by v.finished_at is not null, v.due_on nulls last, v.created_at desc limit 200`,
      [by.orgId, by.personId],
    );
    return rows.map((row) => present(row, by));
  }

  /** @throws REVIEW_NOT_FOUND */
  async one(by: Principal, reviewId: string): Promise<Review> {
    return present(await this.#readable(this.#deps.database, by, reviewId), by);
  }

  /** @throws REVIEW_NOT_FOUND, RECORDING_FORBIDDEN */
  async withdraw(by: Principal, reviewId: string): Promise<void> {
    const { database, audit, clock, telling } = this.#deps;
    const row = await this.#readable(database, by, reviewId);
    if (!governs(by)) throw new CausewayError('RECORDING_FORBIDDEN');
    const concerned = [row.reviewer_id, row.assigned_by];
    await database.transaction(async (tx) => {
      const asked = await telling.takeBack(tx, by.orgId, reviewId, 'review-assigned');
      await telling.takeBack(tx, by.orgId, reviewId, 'review-finished');
      // A reviewer who was not told of it yet hears nothing of it at all.
      const unknowing = new Set(asked.filter(({ knows }) => !knows).map(({ personId }) => personId));
      const news = { recording: { orgId: by.orgId, id: row.recording_id }, kind: 'review-withdrawn', subjectId: reviewId, by } as const;
      await telling.people(
        tx,
        news,
        concerned.filter((id) => !unknowing.has(id)),
      );
      await tx.query('update recording_reviews set withdrawn_at = $3 where org_id = $1 and id = $2', [
        by.orgId,
        reviewId,
        new Date(clock.now()),
      ]);
      await audit.record(tx, {
        orgId: by.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.review-withdrawn',
        subject: { recording: row.recording_id, review: reviewId, person: row.reviewer_id },
        detail: { outcome: row.outcome },
      });
    });
    telling.heard(concerned);
  }

  /** @throws REVIEW_NOT_FOUND, REVIEW_FINISHED, RECORDING_LIMIT, REQUEST_INVALID */
  async mark(by: Principal, reviewId: string, mark: MarkBody): Promise<Review> {
    const now = this.#deps.clock.now();
    return this.#change(by, reviewId, 'recording.review-marked', async (tx, row) => {
      if (row.marks.length >= marksLimit) throw new CausewayError('RECORDING_LIMIT', { fill: { limit: marksLimit } });
      const recording = await this.#deps.rows.get(by.orgId, row.recording_id);
      if (mark.fromMs > (recording.stoppedAt?.getTime() ?? now) - recording.startedAt.getTime())
        throw new CausewayError('REQUEST_INVALID', { field: 'fromMs', fill: { detail: 'fromMs: after the end of the recording' } });
      const id = newId(now);
      await tx.query(
        `insert into recording_review_marks (org_id, id, review_id, from_ms, to_ms, label, note, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [by.orgId, id, reviewId, mark.fromMs, mark.toMs, mark.label, mark.note, new Date(now)],
      );
      return { mark: id, fromMs: mark.fromMs, toMs: mark.toMs };
    });
  }

  /** @throws REVIEW_NOT_FOUND, REVIEW_FINISHED */
  async changeMark(by: Principal, reviewId: string, markId: string, mark: MarkBody): Promise<Review> {
    return this.#change(by, reviewId, 'recording.review-marked', async (tx) => {
      const rows = await tx.query(
        `update recording_review_marks set from_ms = $4, to_ms = $5, label = $6, note = $7 where org_id = $1 and review_id = $2 and id = $3 returning 1`,
        [by.orgId, reviewId, markId, mark.fromMs, mark.toMs, mark.label, mark.note],
      );
      if (rows.length === 0) throw new CausewayError('REVIEW_NOT_FOUND');
      return { mark: markId, fromMs: mark.fromMs, toMs: mark.toMs };
    });
  }

  /** @throws REVIEW_NOT_FOUND, REVIEW_FINISHED */
  async removeMark(by: Principal, reviewId: string, markId: string): Promise<Review> {
    return this.#change(by, reviewId, 'recording.review-unmarked', async (tx) => {
      const rows = await tx.query('delete from recording_review_marks where org_id = $1 and review_id = $2 and id = $3 returning 1', [
        by.orgId,
        reviewId,
        markId,
      ]);
      if (rows.length === 0) throw new CausewayError('REVIEW_NOT_FOUND');
      return { mark: markId };
    });
  }

  /** Its report is written, and nothing of it is changed any more. @throws REVIEW_NOT_FOUND, REVIEW_FINISHED, RECORDING_NOT_READY */
  async finish(by: Principal, reviewId: string, { outcome, conclusion, language }: FinishBody): Promise<Review> {
    const { database, blobs, clock, rows, fonts, timeZone, telling } = this.#deps;
    const { review, recording } = await this.#open(database, by, reviewId);
    assertReady(recording);
    const at = new Date(clock.now());
    const [organisation] = await database.query<{ name: string }>('select name from organisations where id = $1', [by.orgId]);
    const finished: Review = { ...present(review, by), outcome, conclusion, finishedAt: at.toISOString() };
    const { drawReport } = await import('./review-report.js');
    const report = await drawReport({ review: finished, recording, organisation: organisation?.name ?? '', language, fonts, timeZone });
    const sha256 = createHash('sha256').update(report).digest('hex');
    const key = `${blobPrefix(recording)}/reviews/${reviewId}.pdf`;
    const done = await this.#change(by, reviewId, 'recording.review-finished', async (tx, row) => {
      // A mark that came in between would not be in the report.
      if (
        JSON.stringify(row.marks) !== JSON.stringify(review.marks) ||
        (await rows.get(by.orgId, row.recording_id)).version !== recording.version
      )
        throw new CausewayError('RECORDING_NOT_READY');
      await blobs.put(key, report);
      await tx.query(
        `update recording_reviews set outcome = $3, conclusion = $4, finished_at = $5, version = $6, report_key = $7, report_sha256 = $8
         where org_id = $1 and id = $2`,
        [by.orgId, reviewId, outcome, conclusion, at, recording.version, key, sha256],
      );
      await telling.takeBack(tx, by.orgId, reviewId, 'review-assigned');
      await telling.people(tx, { recording, kind: 'review-finished', subjectId: reviewId, by }, [row.assigned_by]);
      return { outcome, marks: row.marks.length, version: recording.version, report: sha256 };
    });
    telling.heard([by.personId, review.assigned_by]);
    return done;
  }

  /** For who governs, and for the reviewer. @throws REVIEW_NOT_FOUND, REVIEW_OPEN */
  async report(by: Principal, reviewId: string): Promise<{ content: Readable; name: string }> {
    const { database, blobs, audit } = this.#deps;
    const row = await this.#readable(database, by, reviewId);
    if (row.report_key === null) throw new CausewayError('REVIEW_OPEN');
    const content = await blobs.get(row.report_key);
    if (!content) throw new CausewayError('REVIEW_NOT_FOUND');
    await audit.recordAlone({
      orgId: by.orgId,
      actor: { id: by.personId, name: by.name },
      action: 'recording.review-report-taken',
      subject: { recording: row.recording_id, review: reviewId },
      detail: { sha256: row.report_sha256 },
    });
    return { content, name: `${row.title} ${row.started_at.toISOString().slice(0, 10)} review.pdf` };
  }

  /** Whether somebody sees a recording because he is to review it. */
  async isReviewer(principal: Principal, recording: Pick<Recording, 'orgId' | 'id'>): Promise<boolean> {
    const rows = await this.#deps.database.query(
      `select 1 from recording_reviews where org_id = $1 and recording_id = $2 and reviewer_id = $3 and withdrawn_at is null and finished_at is null`,
      [recording.orgId, recording.id, principal.personId],
    );
    return rows.length > 0;
  }

  /** Ids of recordings that he is to review. */
  async toReview(principal: Principal): Promise<string[]> {
    const rows = await this.#deps.database.query<{ id: string }>(
      `select distinct recording_id as id from recording_reviews where org_id = $1 and reviewer_id = $2 and withdrawn_at is null and finished_at is null`,
      [principal.orgId, principal.personId],
    );
    return rows.map(({ id }) => id);
  }

  async #change(
    by: Principal,
    reviewId: string,
    action: string,
    act: (tx: Query, row: Row) => Promise<Readonly<Record<string, unknown>>>,
  ): Promise<Review> {
    const { database, audit } = this.#deps;
    return database.transaction(async (tx) => {
      await tx.query('select 1 from recording_reviews where org_id = $1 and id = $2 for update', [by.orgId, reviewId]);
      const { review } = await this.#open(tx, by, reviewId);
      const detail = await act(tx, review);
      const after = present(await this.#get(tx, by, reviewId), by);
      await audit.record(tx, {
        orgId: by.orgId,
        actor: { id: by.personId, name: by.name },
        action,
        subject: { recording: review.recording_id, review: reviewId },
        detail,
      });
      return after;
    });
  }

  /** The caller's own, as long as it is under way. @throws REVIEW_NOT_FOUND, REVIEW_FINISHED */
  async #open(tx: Query, by: Principal, reviewId: string): Promise<{ review: Row; recording: Recording }> {
    const review = await this.#readable(tx, by, reviewId);
    if (review.reviewer_id !== by.personId) throw new CausewayError('RECORDING_FORBIDDEN');
    if (review.finished_at !== null) throw new CausewayError('REVIEW_FINISHED');
    return { review, recording: await this.#deps.rows.get(by.orgId, review.recording_id) };
  }

  /** @throws REVIEW_NOT_FOUND */
  async #readable(tx: Query, by: Principal, reviewId: string): Promise<Row> {
    const row = await this.#get(tx, by, reviewId);
    if (row.reviewer_id !== by.personId && !governs(by)) throw new CausewayError('REVIEW_NOT_FOUND');
    return row;
  }

  /** @throws REVIEW_NOT_FOUND */
  async #get(tx: Query, by: Principal, reviewId: string): Promise<Row> {
    const [row] = await tx.query<Row>(`${found} and v.id = $2`, [by.orgId, reviewId]);
    if (!row) throw new CausewayError('REVIEW_NOT_FOUND');
    return row;
  }
}

function governs({ role }: Principal): boolean {
  return role === 'owner' || role === 'admin';
}

function present(row: Row, by: Principal): Review {
  return {
    id: row.id,
    recordingId: row.recording_id,
    recordingTitle: row.title,
    recordedAt: row.started_at.toISOString(),
    reviewer: { id: row.reviewer_id, name: row.reviewer_name },
    assignedBy: { id: row.assigned_by, name: row.assigned_by_name },
    task: row.task,
    dueOn: row.due_on,
    createdAt: row.created_at.toISOString(),
    outcome: row.outcome,
    conclusion: row.conclusion,
    finishedAt: row.finished_at?.toISOString() ?? null,
    reportSha256: row.report_sha256,
    marks: row.marks,
    mine: row.reviewer_id === by.personId,
  };
}
