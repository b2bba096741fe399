/** Constructs recording: the core, then the parts around it. What one part needs of another is handed over here. */
import { rm } from 'node:fs/promises';
import type { Config } from '../config.js';
import type { Audit } from '../platform/audit.js';
import type { BlobStore } from '../platform/blobs/index.js';
import type { Clock } from '../platform/clock.js';
import type { Cluster } from '../platform/cluster/index.js';
import type { Database } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import type { HttpApp } from '../platform/http/index.js';
import { derivedId } from '../platform/ids.js';
import type { Jobs } from '../platform/jobs/index.js';
import type { Log } from '../platform/log.js';
import type { Mail } from '../platform/mail/index.js';
import type { Metrics } from '../platform/metrics.js';
import type { Principal } from '../platform/principal.js';
import { Access, type AccessDeps } from './access.js';
import {
  type Archive,
  type ConversationsOf,
  openArchive,
  type PageShared,
  type Passwords,
  type ToldOutside,
  warnByMail,
} from './archive/index.js';
import { type Captions, openCaptions } from './captions/index.js';
import { engineSpecs } from './captions/schema.js';
import { dropTracks, type Recorder, removePerson, sealStep } from './capture/index.js';
import { Ffmpeg } from './compose/ffmpeg.js';
import { composeStep, openTrackAudio, workFolder } from './compose/index.js';
import { openConsent } from './consent/index.js';
import { type DeskDeps, RecordingDesk } from './desk.js';
import { DownloadLinks, type DownloadLinksDeps } from './download-links.js';
import { downloadRoutes } from './download-routes.js';
import { type EvidenceSources, openEvidence } from './evidence/index.js';
import { forgetWords } from './forget-words.js';
import { Library } from './library.js';
import type { Holds, Step } from './ports.js';
import { Processing } from './processing.js';
import type { Recording } from './recording.js';
import { Recordings } from './recordings.js';
import { recordingRoutes } from './routes.js';
import { type ChatOf, type CorrectPost, escapeMarkdown, openSummary, type PostedAt } from './summary/index.js';
import { Takings } from './takings.js';
import { tidyWork } from './tidy-work.js';

export interface RecordingPartDeps {
  readonly config: Config;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly cluster: Cluster;
  /** Of this node. */
  readonly recorder: Recorder;
  /** Of this Causeway, as manifests name it. */
  readonly software: string;
  readonly standing: AccessDeps['standing'];
  readonly holds: Holds;
  readonly clientOf: DeskDeps['clientOf'];
  readonly stillIn: DownloadLinksDeps['stillIn'];
  /** A line in the meeting's conversation. */
  readonly announce: (
    recording: Recording,
    by: Pick<Principal, 'personId' | 'name'>,
    what: 'recording-started' | 'recording-paused' | 'recording-resumed' | 'recording-stopped' | 'recording-ready',
  ) => Promise<void>;
  readonly meetingOf: EvidenceSources['meetingOf'];
  /** The chat of the meeting, for its summary. */
  readonly minutes: RecordingMinutes;
  /** For links to recordings. */
  readonly passwords: Passwords;
  /** With all of whose members a recording may be shared. */
  readonly conversationsOf: ConversationsOf;
  readonly mail: Mail;
  /** Ways to people that others have. */
  readonly outside: ToldOutside;
  /** The meeting may be on: nothing more of the person is taken when it resolves. */
  readonly cut: (recording: Recording, personId: string) => Promise<void>;
}

/** What summaries need of the chat. */
export interface RecordingMinutes {
  between(place: { orgId: string; conversationId: string }, from: Date, to: Date): ReturnType<ChatOf>;
  post(by: Principal, conversationId: string, body: string, clientId: string): Promise<PostedAt>;
  assign(
    place: { orgId: string; conversationId: string },
    by: string,
    to: string,
    what: { readonly text: string; readonly clientId: string },
  ): Promise<PostedAt>;
  correct: CorrectPost;
}

export interface RecordingPart {
  readonly desk: RecordingDesk;
  readonly captions: Pick<Captions, 'sink' | 'events'>;
  readonly recordings: Recordings;
  /** What somebody is told of a recording, as long as he may know it and has not seen it. */
  news(whose: Pick<Principal, 'orgId' | 'personId'>, id: string): ReturnType<Archive['news']['one']>;
  /** Adds the HTTP API of recording and its parts. */
  routes(app: HttpApp, shared: PageShared): void;
  /** Gives up what is under way; it goes on after a restart. Idempotent. */
  close(): Promise<void>;
}

const sweepMs = 15_000;
const tidyMs = 600_000;

export async function openRecording(deps: RecordingPartDeps): Promise<RecordingPart> {
  const { config, database, blobs, jobs, clock, audit, cluster, recorder, holds, minutes } = deps;
  const log = deps.log.child({ part: 'recording' });
  const recordings = new Recordings({ database, blobs, clock });
  const access = new Access({ recordings, standing: deps.standing });
  const takings = new Takings({ database, clock, audit });
  const downloadLinks = new DownloadLinks({ database, clock, log, takings, stillIn: deps.stillIn });

  const consent = await openConsent({
    database,
    clock,
    audit,
    jobs,
    log,
    rows: recordings,
    access,
    holds,
    hooks: {
      cut: deps.cut,
      forget: (recording, personId) => forget(recording, personId),
      keepBack: (recording, personId) => summary.keepBack(recording, personId),
    },
    outside: config.SUMMARY_URL !== undefined || config.CAPTIONS_TRANSLATION !== '' || speechGoesOut(config.CAPTIONS_ENGINES),
  });

  const audio = openTrackAudio({ rows: recordings, blobs });
  const captions = await openCaptions({
    config,
    database,
    clock,
    log,
    metrics: deps.metrics,
    audit,
    access,
    rows: recordings,
    audio,
  });

  const summary = await openSummary({
    config,
    database,
    clock,
    log,
    audit,
    jobs,
    rows: recordings,
    access,
    chatOf: (recording) => minutes.between(recording, recording.startedAt, recording.stoppedAt ?? new Date(clock.now())),
    post: (recording, { by, text, clientId }) => minutes.post(by, recording.conversationId, text, clientId),
    correct: (at, text, keeps) => minutes.correct(at, text, keeps),
    holds,
    notify: async (personId, action) => {
      if (action.confirmedBy === null) return null;
      const due = action.dueOn === null ? '' : ` · ${action.dueOn}`;
      const clientId = derivedId('action', action.id, action.revision);
      return minutes.assign(action, action.confirmedBy, personId, { text: `☑ ${escapeMarkdown(action.what)}${due}`, clientId });
    },
  });

  const evidence = openEvidence({
    database,
    blobs,
    clock,
    audit,
    access,
    takings,
    software: deps.software,
    rows: recordings,
    ledger: consent.ledger,
    notices: consent.notices,
    meetingOf: deps.meetingOf,
    summaryOf: (recording) => latestSummary(database, recording),
    editsOf: (recording) => archive.editsForEvidence(recording),
  });

  let wake = (): void => undefined;
  const archive = await openArchive({
    config,
    database,
    blobs,
    jobs,
    clock,
    log,
    audit,
    rows: recordings,
    access,
    takings,
    holds,
    passwords: deps.passwords,
    conversationsOf: deps.conversationsOf,
    ffmpeg: () => Ffmpeg.find(config),
    warn: warnByMail({ database, mail: deps.mail }),
    mail: deps.mail,
    outside: deps.outside,
    forget: forgetWords,
    dropped: async ({ id }, trackIds) => {
      await dropTracks({ cluster, log, recorder }, id, trackIds);
      await rm(workFolder(config.DATA_DIR, id), { recursive: true, force: true });
    },
    wake: () => wake(),
  });
  access.extend((principal, recording) => archive.rights(principal, recording));
  downloadLinks.offer('file', archive.offers.file);
  downloadLinks.offer('copy', archive.offers.copy);
  downloadLinks.offer('evidence', evidence.offer);

  const steps: readonly Step[] = [
    sealStep({ config, database, cluster, clock, log, recorder }),
    captions.transcribe,
    composeStep({
      config,
      database,
      blobs,
      rows: recordings,
      files: recordings,
      log,
      editsOf: (recording) => archive.editsOf(recording),
    }),
    summary.step,
    evidence.step,
  ];
  const processing = new Processing({ database, clock, log, nodeId: cluster.nodeId, recordings, steps });
  wake = () => processing.wake();
  processing.on('ready', (recording, before) => {
    archive.ready(recording).catch((error: unknown) => log.warn({ err: error }, 'recording: the storage could not be looked at'));
    if (before > 0) return;
    deps
      .announce(recording, { personId: recording.startedBy, name: recording.startedByName }, 'recording-ready')
      .catch((error: unknown) => log.warn({ err: error, recording: recording.id }, 'recording: nobody was told that it is ready'));
  });

  /**
   * What was taken of somebody until he agreed again goes, and what was made of it is made anew without it. In
   * one transaction nobody sees it any more and nothing more is made of it; then what there is of it is deleted.
   */
  const forget = async (recording: Recording, personId: string): Promise<void> => {
    const version = await database.transaction(async (tx) => {
      await captions.removePerson(tx, recording, personId);
      await recordings.removeTracks(tx, recording, personId);
      await summary.removePerson(tx, recording, personId);
      await archive.removePerson(tx, recording, personId);
      return recordings.again(tx, recording, 'withdrawal');
    });
    await summary.settlePosts(recording);
    await removePerson({ database, blobs, cluster, clock, log, recorder }, recording, personId);
    if (version !== null) await recordings.dropFiles(recording, version);
    processing.wake();
  };
  const library = new Library({
    database,
    blobs,
    audit,
    recordings,
    access,
    sharedWith: (principal) => archive.sharedWith(principal),
    toReview: (principal) => archive.toReview(principal),
    newsFor: (principal) => archive.news.unseen(principal),
    wake: () => processing.wake(),
  });

  const desk = new RecordingDesk({
    recordings,
    policyOf: (orgId, kind) => consent.policies.get(orgId, kind),
    noticeFor: (meeting, kind, policy) => consent.notices.of(meeting.orgId, { meetingKind: meeting.kind, kind, policy }),
    notice: async (orgId, hash, policy) => {
      const [notice] = await consent.notices.get(orgId, [hash]);
      if (!notice) throw new CausewayError('SERVER_FAULT');
      return { ...notice, asks: policy.consent !== 'inform' };
    },
    standing: (recording) => consent.ledger.standing(recording),
    write: async (recording, entries) => {
      await consent.ledger.append(
        recording,
        entries.map((entry) => ({ ...entry, noticeHash: recording.noticeHash })),
      );
    },
    assertRoom: (orgId) => archive.assertRoom(orgId),
    happened: async (what, recording, by) => {
      const who = by ?? { personId: recording.startedBy, name: recording.startedByName };
      await audit.recordAlone({
        orgId: recording.orgId,
        actor: by && { id: by.personId, name: by.name },
        action: `recording.${what}`,
        subject: { recording: recording.id, meeting: recording.meetingId },
        detail: { kind: recording.kind, notice: recording.noticeHash },
      });
      // It has happened all the same.
      await deps
        .announce(recording, who, `recording-${what}`)
        .catch((error: unknown) => log.warn({ err: error, recording: recording.id }, 'recording: the conversation was not told'));
    },
    stopped: () => processing.wake(),
    clientOf: deps.clientOf,
    captionLanguages: () => {
      const { languages, detects } = captions.languages();
      return detects ? [...languages, 'auto'] : languages;
    },
    chose: (recording, personId, choice) => captions.choose(recording, personId, choice),
  });

  const sweep = async () => {
    for (const recording of await recordings.leftOn()) await desk.stop(recording, null);
  };
  const sweeping = setInterval(
    () => sweep().catch((error: unknown) => log.warn({ err: error }, 'recording: could not look for what was left on')),
    sweepMs,
  ).unref();
  const tidy = () =>
    Promise.all([tidyWork(config.DATA_DIR, database), downloadLinks.tidy(), takings.tidy()]).catch((error: unknown) =>
      log.warn({ err: error }, 'recording: could not delete what was left of work'),
    );
  await tidy();
  const tidying = setInterval(() => void tidy(), tidyMs).unref();

  return {
    desk,
    captions,
    recordings,
    news: (whose, id) => archive.news.one(whose, id),
    routes: (app, shared) => {
      recordingRoutes(app, library);
      consent.routes(app);
      captions.routes(app);
      summary.routes(app);
      evidence.routes(app);
      archive.routes(app, shared);
      downloadRoutes(app, { links: downloadLinks, secureCookies: shared.secureCookies });
    },
    close: async () => {
      clearInterval(sweeping);
      clearInterval(tidying);
      await processing.close();
      await captions.close();
    },
  };
}

/** What stands in a manifest of the summary; null: there is none. */
async function latestSummary(database: Database, { orgId, id }: Recording): Promise<unknown> {
  const [row] = await database.query(
    `select number, engine, model, language, content, edited_by_name as "editedBy" from recording_summaries
     where org_id = $1 and recording_id = $2 order by number desc limit 1`,
    [orgId, id],
  );
  return row ?? null;
}

/** Whether an engine for captions is another service than this server. */
function speechGoesOut(setting: string): boolean {
  return setting !== '' && engineSpecs.parse(JSON.parse(setting)).some((spec) => spec.engine === 'http' && !isLoopback(spec.url));
}

function isLoopback(url: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
