/**
 * Consent that is taken back by HTTP, during a recording or years after. The row of the ledger, the audit
 * row and the job that removes what was taken are written in one transaction; a legal hold puts the
 * removal off, and whatever was put off or lost is found again every hour.
 */
import { z } from 'zod';
import type { Audit } from '../../platform/audit.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError, type Language } from '../../platform/errors.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import { pendingRemovals } from '../pending-removals.js';
import type { Holds, RecordingAccess, RecordingRows } from '../ports.js';
import type { Recording } from '../recording.js';
import type { ConsentLedger } from './ledger.js';
import type { Withdrawn } from './schema.js';

/** What a withdrawal does beyond the ledger. */
export interface ConsentHooks {
  /** The recording is on: resolves when nothing more of the person is taken. */
  cut(recording: Recording, personId: string): Promise<void>;
  /**
   * Removes what was taken of the person (tracks, lines) until he agreed once more, and has the next version made
   * without it. Called again until it resolves, and again when something is found to be left.
   */
  forget(recording: Recording, personId: string): Promise<void>;
  /** A legal hold puts the removal off: hides from others what they can see of it outside the recording. Again is harmless. */
  keepBack(recording: Recording, personId: string): Promise<void>;
}

export interface WithdrawalsDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly rows: Pick<RecordingRows, 'get'>;
  readonly access: RecordingAccess;
  readonly holds: Holds;
  readonly ledger: ConsentLedger;
  readonly hooks: ConsentHooks;
}

export interface Withdrawal {
  readonly everything: boolean;
  /** Another than the caller, who asked for it. */
  readonly personId: string | null;
  readonly language: Language;
  readonly client: string;
}

interface Forgotten {
  readonly orgId: string;
  readonly recordingId: string;
  readonly personId: string;
}

const forgetPerson: JobKind<Forgotten> = {
  name: 'recording.forget-person',
  schema: z.object({ orgId: z.uuid(), recordingId: z.uuid(), personId: z.uuid() }),
  retries: 10,
};
type Nothing = Record<string, never>;
const findForgotten: JobKind<Nothing> = { name: 'recording.find-forgotten', schema: z.record(z.string(), z.never()) };

export class Withdrawals {
  readonly #deps: WithdrawalsDeps;

  constructor(deps: WithdrawalsDeps) {
    this.#deps = deps;
  }

  async work(): Promise<void> {
    const { jobs } = this.#deps;
    await jobs.work(forgetPerson, (forgotten) => this.#forget(forgotten));
    await jobs.work(findForgotten, () => this.takeUp());
    await jobs.schedule(findForgotten, '25 * * * *', {});
  }

  /** Saying it twice changes nothing the second time. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN */
  async withdraw(by: Principal, id: string, { everything, personId, language, client }: Withdrawal): Promise<Withdrawn> {
    const { database, audit, jobs, rows, access, holds, ledger, hooks } = this.#deps;
    const { orgId } = by;
    const who = personId ?? by.personId;
    if (who !== by.personId) await access.assert(by, id, 'govern');
    const recording = await rows.get(orgId, id);
    if (recording.state === 'deleted') throw new CausewayError('RECORDING_NOT_FOUND');
    const withdrawn = await database.transaction(async (tx): Promise<Withdrawn> => {
      await ledger.lock(recording, tx);
      const before = await ledger.standingOf(recording, who, tx);
      if (!before) throw new CausewayError('RECORDING_NOT_FOUND');
      const heldBy = everything ? await holds.holdOf(tx, recording) : null;
      const isSaid = before.what === 'withdrawn-all' || (!everything && (before.what === 'withdrawn' || before.what === 'no'));
      if (isSaid) return { answer: before.what, heldBy };
      const { personName, noticeHash } = before;
      const answer = everything ? 'withdrawn-all' : 'withdrawn';
      await ledger.append(recording, [{ personId: who, personName, what: answer, noticeHash, language, client }], tx);
      if (everything) await jobs.enqueue(forgetPerson, { orgId, recordingId: id, personId: who }, { singletonKey: `${id}/${who}`, tx });
      await audit.record(tx, {
        orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.consent-withdrawn',
        subject: { recording: id, person: who },
        detail: { everything, ...(heldBy !== null && { heldBy }) },
      });
      return { answer, heldBy };
    });
    // Also when it was said before: the server may have gone down in between.
    if (recording.state === 'on' || recording.state === 'paused') await hooks.cut(recording, who);
    return withdrawn;
  }

  /** Removals that a hold put off, or that failed for good. */
  async takeUp(): Promise<void> {
    const { database, jobs, holds, hooks } = this.#deps;
    const left = await database.query<Forgotten>(pendingRemovals());
    for (const forgotten of left) {
      const { orgId, recordingId, personId } = forgotten;
      const recording = await this.#recording(orgId, recordingId);
      if (!recording) continue;
      if ((await holds.holdOf(database, recording)) === null)
        await jobs.enqueue(forgetPerson, forgotten, { singletonKey: `${recordingId}/${personId}` });
      else await hooks.keepBack(recording, personId);
    }
  }

  async #forget({ orgId, recordingId, personId }: Forgotten): Promise<void> {
    const { database, log, holds, ledger, hooks } = this.#deps;
    const recording = await this.#recording(orgId, recordingId);
    if (!recording) return;
    const said = (await ledger.list(recording, personId)).some(({ what }) => what === 'withdrawn-all');
    if (!said) return;
    // Also one that came in between: whoever looks every hour takes it up once that is lifted.
    if ((await holds.holdOf(database, recording)) !== null) return hooks.keepBack(recording, personId);
    await hooks.forget(recording, personId);
    log.info({ recording: recordingId, person: personId }, 'Withdrawals | what was taken of a person who withdrew is removed');
  }

  /** Null: it was deleted, and all that was taken of anybody with it. */
  async #recording(orgId: string, id: string): Promise<Recording | null> {
    try {
      const recording = await this.#deps.rows.get(orgId, id);
      return recording.state === 'deleted' ? null : recording;
    } catch (error) {
      if (error instanceof CausewayError && error.code === 'RECORDING_NOT_FOUND') return null;
      throw error;
    }
  }
}
