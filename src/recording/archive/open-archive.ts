/** Constructs the archive: its parts, its jobs, its routes. */
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { Audit } from '../../platform/audit.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import type { HttpApp } from '../../platform/http/index.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Mail } from '../../platform/mail/index.js';
import type { Principal } from '../../platform/principal.js';
import type { DownloadSource, Holds, RecordingAccess } from '../ports.js';
import { Readings } from '../readings.js';
import type { Recording } from '../recording.js';
import type { Takings } from '../takings.js';
import { Comments } from './comments.js';
import { Deletion, type DeletionDeps } from './deletion.js';
import { Downloads } from './downloads.js';
import { type Edit, Edits } from './edits.js';
import { Files } from './files.js';
import { Keeping } from './keeping.js';
import { keepingRoutes } from './keeping-routes.js';
import { Links } from './links.js';
import { News } from './news.js';
import { newsRoutes } from './news-routes.js';
import { Originals } from './originals.js';
import { offeredFile, playRoutes } from './play-routes.js';
import type { ArchivedRows, ConversationsOf, FfmpegRunner, PageShared, Passwords, ToldOutside, Warn } from './ports.js';
import { Quotas } from './quotas.js';
import { ReportFonts } from './report-fonts.js';
import { Reviews } from './reviews.js';
import { shareRoutes } from './share-routes.js';
import { Shares } from './shares.js';
import { commentRoutes, reviewRoutes } from './talk-routes.js';
import { Telling } from './telling.js';
import { Viewings } from './viewings.js';

export interface ArchiveDeps {
  readonly config: Pick<
    Config,
    'DATA_DIR' | 'COMPOSE_FONT' | 'SUMMARY_TIME_ZONE' | 'RECORDING_QUOTA_BYTES' | 'SIGN_IN_PER_MINUTE' | 'PUBLIC_URL' | 'RECORDING_TELL_MS'
  >;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly rows: ArchivedRows;
  readonly access: RecordingAccess;
  readonly takings: Takings;
  readonly holds: Holds;
  readonly passwords: Passwords;
  readonly conversationsOf: ConversationsOf;
  readonly ffmpeg: () => Promise<FfmpegRunner>;
  readonly warn: Warn;
  readonly mail: Mail;
  readonly outside: ToldOutside;
  readonly forget: DeletionDeps['forget'];
  readonly dropped: DeletionDeps['dropped'];
  /** There is something to be put together. */
  readonly wake: () => void;
}

export interface Archive {
  /** For `Access.extend`. */
  rights(principal: Principal, recording: Recording): Promise<{ view?: boolean; download?: boolean }>;
  /** Ids of recordings that somebody sees beside those of his meetings. */
  sharedWith(principal: Principal): Promise<readonly string[]>;
  /** Ids of recordings that somebody is to review. */
  toReview(principal: Principal): Promise<readonly string[]>;
  readonly news: Pick<News, 'one' | 'unseen'>;
  /** What is cut out: for compose. */
  editsOf(recording: Pick<Recording, 'orgId' | 'id'>): Promise<readonly Edit[]>;
  /** The same for manifests: who cut it out, and why. */
  editsForEvidence(recording: Pick<Recording, 'orgId' | 'id'>): Promise<readonly unknown[]>;
  /** What of it can be downloaded. */
  readonly offers: { readonly file: DownloadSource; readonly copy: DownloadSource };
  /** @throws RECORDING_QUOTA */
  assertRoom(orgId: string): Promise<void>;
  /** It was put together: looks whether storage gets scarce. */
  ready(recording: Pick<Recording, 'orgId'>): Promise<void>;
  /** What he said of it goes, and copies that show him, in the transaction in which he is removed from the recording. */
  removePerson(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, personId: string): Promise<void>;
  /** What is done each night: deletes what is past its time, and originals that are due. */
  tidy(signal: AbortSignal): Promise<void>;
  routes(app: HttpApp, shared: PageShared): void;
}

type Nothing = Record<string, never>;
const nothing: z.ZodType<Nothing> = z.record(z.string(), z.never());
const nightly: JobKind<Nothing> = { name: 'recording.delete-old', schema: nothing, expireSeconds: 18_000 };
const hourly: JobKind<Nothing> = { name: 'recording.tidy-downloads', schema: nothing };

export async function openArchive(deps: ArchiveDeps): Promise<Archive> {
  const { config, log, jobs, rows, access } = deps;
  const files = new Files(deps);
  const viewings = new Viewings({ ...deps, files });
  const downloads = new Downloads({ ...deps, files });
  const news = new News(deps);
  const { PUBLIC_URL: publicUrl, RECORDING_TELL_MS: tellMs } = config;
  const telling = new Telling({ ...deps, news, pageUrl: publicUrl === undefined ? null : new URL(publicUrl).origin, tellMs });
  const shares = new Shares({ ...deps, viewings, telling });
  const links = new Links({ ...deps, files, viewings, readings: new Readings(deps) });
  const comments = new Comments(deps);
  const fonts = new ReportFonts({ wished: config.COMPOSE_FONT, log });
  const reviews = new Reviews({ ...deps, fonts, timeZone: config.SUMMARY_TIME_ZONE, telling });
  const originals = new Originals(deps);
  const edits = new Edits({ ...deps, viewings, downloads, originalsDays: (orgId) => originals.days(orgId) });
  const deletion = new Deletion(deps);
  const keeping = new Keeping({ ...deps, deletion });
  const quotas = new Quotas({ ...deps, fallbackBytes: config.RECORDING_QUOTA_BYTES });

  await downloads.work();
  await telling.work();
  await deletion.work();
  const tidy = async (signal: AbortSignal) => {
    await keeping.tidy(signal);
    await originals.tidy(signal);
  };
  await jobs.work(nightly, (_data, { signal }) => tidy(signal));
  // At night in Hong Kong, apart from the deletion of messages.
  await jobs.schedule(nightly, '10 19 * * *', {});
  await jobs.work(hourly, (_data, { signal }) => downloads.tidy(signal));
  await jobs.schedule(hourly, '11 * * * *', {});

  return {
    rights: async (principal, recording) => {
      const [shared, reviewer] = await Promise.all([shares.rights(principal, recording), reviews.isReviewer(principal, recording)]);
      return { view: shared.view || reviewer, download: shared.download };
    },
    sharedWith: async (principal) => [...new Set([...(await shares.sharedWith(principal)), ...(await reviews.toReview(principal))])],
    toReview: (principal) => reviews.toReview(principal),
    news,
    editsOf: (recording) => edits.of(recording),
    editsForEvidence: (recording) => edits.evidenceOf(recording),
    offers: {
      file: (by, id, name) => offeredFile({ access, files }, by, id, name),
      copy: (by, id, downloadId) => downloads.file(by, id, downloadId),
    },
    assertRoom: (orgId) => quotas.assertRoom(orgId),
    ready: ({ orgId }) => quotas.look(orgId),
    removePerson: async (tx, recording, personId) => {
      await comments.removePerson(tx, recording, personId);
      await edits.removePerson(tx, recording, personId);
      await viewings.end(tx, recording);
      await downloads.expire(tx, recording);
    },
    tidy,
    routes: (app, shared) => {
      playRoutes(app, { access, rows, files, viewings, downloads, takings: deps.takings, shared });
      shareRoutes(app, { shares, links, files, opensPerMinute: config.SIGN_IN_PER_MINUTE, shared });
      commentRoutes(app, comments);
      reviewRoutes(app, reviews);
      newsRoutes(app, { news, telling });
      keepingRoutes(app, { edits, originals, keeping, deletion, quotas });
    },
  };
}
