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
import type { Holds, RecordingAccess, RecordingRows, Step } from '../ports.js';
import { Readings } from '../readings.js';
import type { Recording } from '../recording.js';
import { ActionItems, tellAssignee } from './action-items.js';
import { Material } from './material.js';
import { openEngine } from './open-engine.js';
import type { ChatOf, CorrectPost, NotifyAssignee, PostSummary, SummaryEvents } from './ports.js';
import { Posts } from './posts.js';
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
  readonly correct: CorrectPost;
  readonly notify: NotifyAssignee;
  readonly holds: Holds;
}

export interface SummaryPart {
  readonly step: Step;
  readonly events: Pick<EventEmitter<SummaryEvents>, 'on' | 'off'>;
  routes(app: HttpApp): void;
  /** Cuts what he said and wrote out of every version, in the transaction in which he is removed from the recording. `settlePosts` afterwards. */
  removePerson(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, personId: string): Promise<void>;
  /** A legal hold keeps what he took back: messages with words of his are recalled, and kept in the log alone. */
  keepBack(recording: Recording, personId: string): Promise<void>;
  /** Corrects messages that say what was taken back. Again is harmless. */
  settlePosts(recording: Recording): Promise<void>;
}

export async function openSummary(deps: SummaryDeps): Promise<SummaryPart> {
  const { config, database, log, jobs, rows } = deps;
  const events = new EventEmitter<SummaryEvents>();
  const material = new Material({ ...deps, timeZone: config.SUMMARY_TIME_ZONE });
  const writer = new SummaryWriter({ ...deps, material, engine: openEngine({ config, log }) });
  const messageCharacters = config.CHAT_BODY_CHARACTERS;
  const posts = new Posts({ ...deps, messageCharacters });
  const summaries = new Summaries({ ...deps, posts, readings: new Readings(deps), messageCharacters });
  const actions = new ActionItems({ ...deps, posts, events });
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
    removePerson: async (tx, recording, personId) => {
      const { orgId, id } = recording;
      await posts.mark(tx, recording, personId, true);
      for (const { id: action, assignee_id: person } of await prunePerson(tx, recording, personId))
        await deps.audit.record(tx, {
          orgId,
          actor: null,
          action: 'recording.action-removed',
          subject: { recording: id, action, ...(person === null ? {} : { person }) },
        });
    },
    keepBack: async (recording, personId) => {
      await posts.mark(database, recording, personId, false);
      await posts.settle(recording);
    },
    settlePosts: (recording) => posts.settle(recording),
  };
}
