/** Constructs summaries: the step, the API, the jobs. */
import { EventEmitter } from 'node:events';
import type { Config } from '../../config.js';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { HttpApp } from '../../platform/http/index.js';
import type { Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { RecordingAccess, RecordingRows, Step } from '../ports.js';
import { Readings } from '../readings.js';
import type { Recording } from '../recording.js';
import { ActionItems, tellAssignee } from './action-items.js';
import { Material } from './material.js';
import { openEngine } from './open-engine.js';
import type { ChatOf, NotifyAssignee, PostSummary, SummaryEvents } from './ports.js';
import { prunePerson } from './pruning.js';
import { summaryRoutes } from './routes.js';
import { Summaries, writeAgain } from './summaries.js';
import { SummaryWriter } from './summary-writer.js';

export interface SummaryDeps {
  readonly config: Pick<
    Config,
    | 'SUMMARY_URL'
    | 'SUMMARY_MODEL'
    | 'SUMMARY_API_KEY'
    | 'SUMMARY_TIMEOUT_MS'
    | 'SUMMARY_CONTEXT_TOKENS'
    | 'SUMMARY_TIME_ZONE'
    | 'CHAT_BODY_CHARACTERS'
  >;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly rows: Pick<RecordingRows, 'get' | 'transcript'>;
  readonly access: RecordingAccess;
  readonly chatOf: ChatOf;
  readonly post: PostSummary;
  readonly notify: NotifyAssignee;
}

export interface SummaryPart {
  readonly step: Step;
  readonly events: Pick<EventEmitter<SummaryEvents>, 'on' | 'off'>;
  routes(app: HttpApp): void;
  /** Cuts what he said and wrote out of every version, in the transaction in which he is removed from the recording. */
  removePerson(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, personId: string): Promise<void>;
}

export async function openSummary(deps: SummaryDeps): Promise<SummaryPart> {
  const { config, database, log, jobs, rows } = deps;
  const events = new EventEmitter<SummaryEvents>();
  const material = new Material({ ...deps, timeZone: config.SUMMARY_TIME_ZONE });
  const writer = new SummaryWriter({ ...deps, material, engine: openEngine({ config, log }) });
  const summaries = new Summaries({ ...deps, readings: new Readings(deps), messageCharacters: config.CHAT_BODY_CHARACTERS });
  const actions = new ActionItems({ ...deps, events });
  await jobs.work(tellAssignee, (data) => actions.tell(data));
  await jobs.work(writeAgain, async ({ orgId, recordingId }, { signal }) => {
    const recording = await rows.get(orgId, recordingId).catch((error: unknown) => {
      if (error instanceof CausewayError && error.code === 'RECORDING_NOT_FOUND') return null;
      throw error;
    });
    if (recording && recording.state !== 'deleted') await writer.again(recording, signal);
    await database.query('delete from recording_summary_requests where org_id = $1 and recording_id = $2', [orgId, recordingId]);
  });
  return {
    step: writer,
    events,
    routes: (app) => summaryRoutes(app, { summaries, actions }),
    removePerson: (tx, recording, personId) => prunePerson(tx, recording, personId),
  };
}
