/**
 * Visitors who come by a link. Its secret is 256 random bits behind the # of the address, which browsers
 * send to no server and servers write into no log; here is a hash of it. A password is checked in the same time
 * whether or not there is such a link.
 */
import type { Audit, AuditEntry } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret } from '../../platform/ids.js';
import { chaptersOf } from '../chapters.js';
import { removalPends } from '../pending-removals.js';
import type { RecordingRows } from '../ports.js';
import type { Readings } from '../readings.js';
import type { Recording } from '../recording.js';
import type { Takings } from '../takings.js';
import type { ArchivedFile, Files } from './files.js';
import type { Passwords } from './ports.js';
import type { Visit } from './schema.js';
import type { Viewings } from './viewings.js';

export interface LinksDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly rows: Pick<RecordingRows, 'get' | 'transcript'>;
  readonly passwords: Passwords;
  readonly files: Files;
  readonly viewings: Viewings;
  readonly readings: Readings;
  readonly takings: Takings;
}

interface ShareRow {
  id: string;
  orgId: string;
  recordingId: string;
  name: string;
  download: boolean;
  passwordHash: string | null;
  organisation: string;
}

/** Wrong passwords within the window, whatever addresses they come from. */
const guesses = 10;
const windowMs = 600_000;
/** What a visitor who may not download gets besides the stream. */
const shownKinds: readonly string[] = ['thumbnail', 'waveform'];

export class Links {
  readonly #deps: LinksDeps;

  constructor(deps: LinksDeps) {
    this.#deps = deps;
  }

  /** @throws SHARE_NOT_FOUND, SHARE_PASSWORD, REQUEST_RATE, RECORDING_NOT_READY, RECORDING_FILE_NOT_FOUND */
  async open(
    { secret, password, name }: { readonly secret: string; readonly password: string; readonly name: string | null },
    client: string,
  ): Promise<{ visit: Visit; secret: string }> {
    const { database, rows, viewings } = this.#deps;
    const share = await this.#find(secret);
    await this.#checkPassword(share, password);
    if (!share) throw new CausewayError('SHARE_NOT_FOUND');
    const recording = await rows.get(share.orgId, share.recordingId).catch((error: unknown) => {
      throw error instanceof CausewayError && error.code === 'RECORDING_NOT_FOUND' ? new CausewayError('SHARE_NOT_FOUND') : error;
    });
    if (await removalPends(database, recording)) throw new CausewayError('RECORDING_NOT_READY');
    const visitor = name ?? share.name;
    const begun = await viewings.open(
      recording,
      { personId: null, shareId: share.id, name: visitor, client },
      { playlist: (id) => `/api/recording-links/${id}/hls/index.m3u8`, watermark: recording.policy.watermark ? visitor : null },
    );
    return { visit: await this.#present(recording, share, begun.play), secret: begun.secret };
  }

  /** More time. @throws RECORDING_PLAY_ENDED */
  async renew(viewingId: string, secret: string | undefined): Promise<Visit> {
    const { viewings, files } = this.#deps;
    const { recording, share, name } = await this.#visit(viewingId, secret);
    const expiresAt = await viewings.extend(recording, viewingId, 'share_id', share.id);
    return this.#present(recording, share, {
      id: viewingId,
      playlist: recording.kind === 'transcript' ? '' : `/api/recording-links/${viewingId}/hls/index.m3u8`,
      expiresAt: expiresAt.toISOString(),
      beginMs: await files.beginMs(recording),
      watermark: recording.policy.watermark ? { text: name } : null,
    });
  }

  /** @throws RECORDING_PLAY_ENDED */
  async transcript(viewingId: string, secret: string | undefined) {
    const { rows, readings } = this.#deps;
    const { recording, share, name } = await this.#visit(viewingId, secret);
    const lines = await rows.transcript(recording);
    if (lines.length > 0) await readings.byLink({ viewingId, shareId: share.id, name }, recording, 'transcript');
    return { lines: lines.map(({ id, speaker, beginMs, endMs, language, text }) => ({ id, speaker, beginMs, endMs, language, text })) };
  }

  /** A piece of the stream. @throws RECORDING_PLAY_ENDED, RECORDING_FILE_NOT_FOUND */
  async stream(viewingId: string, secret: string | undefined, name: string): Promise<ArchivedFile> {
    const { recording } = await this.#visit(viewingId, secret);
    return this.#deps.files.file(recording, `hls/${name}`);
  }

  /** @throws RECORDING_PLAY_ENDED, RECORDING_FILE_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_WATERMARK */
  async file(
    viewingId: string,
    secret: string | undefined,
    name: string,
  ): Promise<{ recording: Recording; file: ArchivedFile; taken?: (begins: boolean) => Promise<void> }> {
    const { files, takings } = this.#deps;
    const visit = await this.#visit(viewingId, secret);
    const { recording, share } = visit;
    const file = await files.file(recording, name);
    if (shownKinds.includes(file.kind)) return { recording, file };
    if (!share.download || file.kind === 'report') throw new CausewayError('RECORDING_FORBIDDEN');
    // Nobody knows who a visitor is: his name in the picture would prove nothing.
    if (recording.policy.watermark) throw new CausewayError('RECORDING_WATERMARK');
    const entry: AuditEntry = {
      orgId: recording.orgId,
      actor: null,
      action: 'recording.downloaded',
      subject: { recording: recording.id, share: share.id, viewing: viewingId },
      detail: { file: file.name, bytes: file.bytes, sha256: file.sha256, version: recording.version, visitor: visit.name },
    };
    const taken = (begins: boolean) => takings.note({ recording, what: `file ${file.name}`, entry }, viewingId, begins);
    return { recording, file, taken };
  }

  async #find(secret: string): Promise<ShareRow | null> {
    const [row] = await this.#deps.database.query<ShareRow>(
      `select s.id, s.org_id as "orgId", s.recording_id as "recordingId", s.name, s.download, s.password_hash as "passwordHash", o.name as organisation
       from recording_shares s join organisations o on o.id = s.org_id
       where s.secret_hash = $1 and s.kind = 'link' and s.withdrawn_at is null and s.expires_at > $2`,
      [hashSecret(secret), new Date(this.#deps.clock.now())],
    );
    return row ?? null;
  }

  /** @throws SHARE_PASSWORD, REQUEST_RATE */
  async #checkPassword(share: ShareRow | null, password: string): Promise<void> {
    const { passwords, audit } = this.#deps;
    if (share?.passwordHash == null) {
      if (password !== '') await passwords.check(null, password);
      return;
    }
    // The page asks for it only when it is told that there is one.
    if (password === '') throw new CausewayError('SHARE_PASSWORD');
    await this.#countGuess(share.id);
    if (!(await passwords.check(share.passwordHash, password))) {
      await audit.recordAlone({
        orgId: share.orgId,
        actor: null,
        action: 'recording.link-refused',
        subject: { recording: share.recordingId, share: share.id },
        detail: { name: share.name },
      });
      throw new CausewayError('SHARE_PASSWORD');
    }
    await this.#deps.database.query('update recording_shares set failures = greatest(0, failures - 1) where id = $1', [share.id]);
  }

  /** As failed, before it is made: of many at the same moment none slips through. @throws REQUEST_RATE */
  async #countGuess(shareId: string): Promise<void> {
    const now = this.#deps.clock.now();
    const [row] = await this.#deps.database.query<{ failures: number }>(
      `update recording_shares set
         failures = case when failures_since is null or failures_since <= $3 then 1 else least(failures, $4) + 1 end,
         failures_since = case when failures_since is null or failures_since <= $3 then $2 else failures_since end
       where id = $1 returning failures`,
      [shareId, new Date(now), new Date(now - windowMs), guesses],
    );
    if (row && row.failures > guesses) throw new CausewayError('REQUEST_RATE');
  }

  /** @throws RECORDING_PLAY_ENDED */
  async #visit(viewingId: string, secret: string | undefined): Promise<{ recording: Recording; share: ShareRow; name: string }> {
    const { database, rows, viewings } = this.#deps;
    const { orgId, recordingId, shareId, name } = await viewings.granted(secret, { viewingId });
    const [share] = await database.query<ShareRow>(
      `select s.id, s.org_id as "orgId", s.recording_id as "recordingId", s.name, s.download, s.password_hash as "passwordHash", o.name as organisation
       from recording_shares s join organisations o on o.id = s.org_id where s.org_id = $1 and s.id = $2`,
      [orgId, shareId],
    );
    if (!share) throw new CausewayError('RECORDING_PLAY_ENDED');
    return { recording: await rows.get(orgId, recordingId), share, name };
  }

  async #present(recording: Recording, share: ShareRow, play: Visit | Omit<Visit, 'recording' | 'download'>): Promise<Visit> {
    const { database } = this.#deps;
    const download = share.download && !recording.policy.watermark;
    const chapters = await chaptersOf(database, recording);
    const files = await database.query<Visit['recording']['files'][number]>(
      `select name, kind, media_type as "mediaType", bytes::float8 as bytes from recording_files
       where org_id = $1 and recording_id = $2 and version = $3 and kind = any($4) order by name`,
      [recording.orgId, recording.id, recording.version, download ? [...shownKinds, 'video', 'audio'] : shownKinds],
    );
    return {
      ...play,
      recording: {
        title: recording.title,
        organisation: share.organisation,
        startedAt: recording.startedAt.toISOString(),
        stoppedAt: recording.stoppedAt?.toISOString() ?? null,
        chapters,
        files,
      },
      download,
    };
  }
}
