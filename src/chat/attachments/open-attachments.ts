/** Constructs the files of chat. */
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { HttpApp } from '../../platform/http/index.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Members } from '../members.js';
import type { Guard } from '../ports.js';
import { Attachments, type AttachmentsDeps } from './attachments.js';
import { BlobDesk, clearBlobs } from './blob-desk.js';
import { Previews } from './previews.js';
import { attachmentRoutes } from './routes.js';
import { Uploads } from './uploads.js';

export interface AttachmentPartDeps {
  readonly config: Pick<Config, 'CHAT_ATTACHMENT_BYTES' | 'CHAT_UNSENT_BYTES' | 'CHAT_FILE_BYTES_PER_PERSON' | 'CHAT_UPLOAD_PIECE_BYTES'>;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly members: Pick<Members, 'of'>;
  /** Asked at the beginning of an upload, and at its end with the real type. May grow later. */
  readonly guards: readonly Guard[];
  /** Default: nothing is held. */
  readonly held?: AttachmentsDeps['held'];
}

export interface AttachmentPart {
  /** The files of messages, for Chat. */
  readonly desk: Attachments;
  readonly uploads: Uploads;
  /** What a job does every hour: removes what was not sent, what no hold keeps any more, and blobs without a row. */
  tidyUp(): Promise<void>;
  routes(app: HttpApp): void;
  /** Waits for uploads that are being completed and for the picture that is being drawn. Idempotent. */
  close(): Promise<void>;
}

const tidyUpHourly: JobKind<Record<string, never>> = { name: 'attachments.tidy-up', schema: z.object({}).strict() };

export async function openAttachments(deps: AttachmentPartDeps): Promise<AttachmentPart> {
  const { config, database, blobs, jobs, clock, log, members, guards } = deps;
  const desk = new BlobDesk({ database, blobs, clock, jobs });
  const previews = new Previews({ database, desk, clock, log });
  const maxBytes = config.CHAT_ATTACHMENT_BYTES;
  const uploads = new Uploads({
    database,
    desk,
    clock,
    members,
    guards,
    previews,
    maxBytes,
    unsentBytes: config.CHAT_UNSENT_BYTES,
    personBytes: config.CHAT_FILE_BYTES_PER_PERSON,
    minPieceBytes: config.CHAT_UPLOAD_PIECE_BYTES,
  });
  const attachments = new Attachments({ database, desk, clock, members, held: deps.held ?? (async () => false) });

  await jobs.work(clearBlobs, (_data, { signal }) => desk.clear(signal));
  const tidyUp = async (signal?: AbortSignal): Promise<void> => {
    await uploads.removeUnsent();
    await attachments.dropRecalled();
    await desk.clear(signal);
  };
  await jobs.work(tidyUpHourly, (_data, { signal }) => tidyUp(signal));
  await jobs.schedule(tidyUpHourly, '7 * * * *', {});
  return {
    desk: attachments,
    uploads,
    tidyUp: () => tidyUp(),
    routes: (app) => attachmentRoutes(app, { uploads, attachments, maxBytes }),
    close: async () => {
      await uploads.close();
      await previews.close();
    },
  };
}
