/** Has a summary written by an engine, and stores it. The step after a recording, and what runs when somebody wants another one. */
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { newId } from '../../platform/ids.js';
import type { Step, StepTools } from '../ports.js';
import type { Recording } from '../recording.js';
import type { Material } from './material.js';
import type { Draft, FoundAction, SummaryEngine } from './meeting-text.js';
import { dropModelWritten, pruneToLines } from './pruning.js';
import { bounds } from './schema.js';
import { type ActionRow, actionsOf, insertSummary, lockRecording, summariesOf } from './summary-rows.js';

export interface SummaryWriterDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly material: Material;
  readonly engine: SummaryEngine;
}

export class SummaryWriter implements Step {
  readonly name = 'summarize';
  readonly #deps: SummaryWriterDeps;

  constructor(deps: SummaryWriterDeps) {
    this.#deps = deps;
  }

  /**
   * Of a version that has one already there is nothing to do, and what a person wrote isn't hidden behind a
   * machine's: it only loses what the transcript has lost.
   */
  async run(recording: Recording, { signal, progress, version }: Pick<StepTools, 'signal' | 'progress' | 'version'>): Promise<void> {
    const meeting = await this.#deps.material.read(recording);
    const last = await this.#deps.database.transaction(async (tx) => {
      await lockRecording(tx, recording);
      await dropModelWritten(tx, recording, version);
      await pruneToLines(tx, recording, meeting.lines);
      const [newest] = await summariesOf(tx, recording);
      return newest;
    });
    signal.throwIfAborted();
    if (!last || (last.editedBy === null && last.recordingVersion < version)) {
      const draft = await this.#deps.engine.summarize(meeting, { signal, progress });
      signal.throwIfAborted();
      await this.#store(recording, version, draft);
    }
    progress(1);
  }

  /** Because somebody asked for it. */
  async again(recording: Recording, signal: AbortSignal): Promise<void> {
    const meeting = await this.#deps.material.read(recording);
    const draft = await this.#deps.engine.summarize(meeting, { signal, progress: () => {} });
    signal.throwIfAborted();
    await this.#store(recording, recording.version, draft);
  }

  async #store(recording: Recording, version: number, draft: Draft): Promise<void> {
    const { database, clock, material } = this.#deps;
    await database.transaction(async (tx) => {
      if (!(await lockRecording(tx, recording))) return;
      const [newest] = await summariesOf(tx, recording);
      await insertSummary(tx, recording, {
        number: (newest?.number ?? 0) + 1,
        recordingVersion: version,
        engine: draft.engine,
        model: draft.model,
        fellBack: draft.fellBack,
        language: draft.language,
        content: draft.content,
        editedBy: null,
        createdAt: new Date(clock.now()),
      });
      await this.#storeActions(tx, recording, draft.actions);
    });
    // Somebody may have withdrawn, or a message been recalled, while the engine worked.
    const { lines } = await material.read(recording);
    await database.transaction(async (tx) => {
      if (await lockRecording(tx, recording)) await pruneToLines(tx, recording, lines);
    });
  }

  async #storeActions(tx: Query, { orgId, id }: Recording, found: readonly FoundAction[]): Promise<void> {
    await tx.query(`delete from action_items where org_id = $1 and recording_id = $2 and state = 'proposed' and not edited`, [orgId, id]);
    const kept = await actionsOf(tx, { orgId, id });
    const now = this.#deps.clock.now();
    const people = await tx.query<{ id: string; name: string }>('select id, name from people where org_id = $1 and id = any($2)', [
      orgId,
      found.flatMap((action) => action.assigneeId ?? []),
    ]);
    for (const action of found.slice(0, bounds.items)) {
      if (kept.some((item) => isSame(item, action))) continue;
      const assignee = people.find((person) => person.id === action.assigneeId);
      await tx.query(
        `insert into action_items (org_id, id, recording_id, state, what, assignee_id, assignee_name, due_on, due_text, at_ms, line_id,
           origin, said_by, said, created_at)
         values ($1, $2, $3, 'proposed', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
        [
          orgId,
          newId(now),
          id,
          action.what,
          assignee?.id ?? null,
          assignee?.name ?? null,
          action.dueOn,
          action.dueText,
          action.said.atMs,
          action.said.lineId,
          action.said.origin,
          action.said.personId,
          action.said.text,
          new Date(now),
        ],
      );
    }
  }
}

/** A person has decided on it, or changed it, already. */
function isSame(item: ActionRow, { said }: FoundAction): boolean {
  return item.line_id !== null && item.line_id === said.lineId && Math.abs((item.at_ms ?? 0) - said.atMs) < 5_000;
}
