/**
 * Links for downloads that a browser does by itself: straight to the disk, with its own progress, going on after
 * a break. It sends no access token then. So a link is for one person on one device, for one file of one version,
 * and works together with a cookie that goes to downloads alone: its address says nothing to whoever finds it in a
 * log or a history. It ends after minutes unless bytes flow. Whoever uses it is looked at again, each time and while
 * they flow: signed out, or without the right, he gets no more.
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { hashSecret, newId, newSecret } from '../platform/ids.js';
import type { Log } from '../platform/log.js';
import type { Principal } from '../platform/principal.js';
import type { DownloadSource, Offer } from './ports.js';
import type { DownloadLink, DownloadWish } from './schema.js';
import type { Takings } from './takings.js';

export interface DownloadLinksDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly takings: Takings;
  /** Who that is now. @throws AUTH_SIGNED_OUT */
  readonly stillIn: (claims: Pick<Principal, 'orgId' | 'personId' | 'signInId' | 'expiresAt'>) => Promise<Principal>;
  /** How often somebody is looked at to whom bytes flow. Default: a minute. */
  readonly lookMs?: number;
}

interface Row {
  orgId: string;
  id: string;
  recordingId: string;
  version: number;
  personId: string;
  signInId: string;
  what: DownloadWish['what'];
  name: string;
  sha256: string;
  expiresAt: Date;
}

/** What a link opens. */
export interface Opened extends Offer {
  /** Writes it down, once for the link. */
  readonly taken: () => Promise<void>;
}

/** How long nobody may use it until it ends. */
const idleMs = 300_000;
/** Nobody downloads one file for longer. */
const wholeMs = 43_200_000;
const usualLookMs = 60_000;

export class DownloadLinks {
  readonly #deps: DownloadLinksDeps;
  readonly #sources = new Map<DownloadWish['what'], DownloadSource>();

  constructor(deps: DownloadLinksDeps) {
    this.#deps = deps;
  }

  /** Parts that are opened later say what there is of theirs. */
  offer(what: DownloadWish['what'], source: DownloadSource): void {
    this.#sources.set(what, source);
  }

  /**
   * `known`: the secret that the browser has already; its other downloads go on with it. @throws what the part
   * throws whose file it is: RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, ...
   */
  async make(by: Principal, wish: DownloadWish, known: string | undefined): Promise<{ link: DownloadLink; secret: string }> {
    const { database, clock } = this.#deps;
    const name = wish.what === 'file' ? wish.name : wish.what === 'copy' ? wish.downloadId : '';
    const { recording, bytes, sha256, saveAs } = await this.#source(wish.what)(by, wish.recordingId, name);
    const now = clock.now();
    const id = newId(now);
    const secret = known !== undefined && /^[\w-]{43}$/.test(known) ? known : newSecret();
    const expiresAt = new Date(now + idleMs);
    await database.query(
      `insert into recording_download_links (org_id, id, recording_id, version, person_id, sign_in_id, what, name, sha256, secret_hash, made_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        recording.orgId,
        id,
        recording.id,
        recording.version,
        by.personId,
        by.signInId,
        wish.what,
        name,
        sha256,
        hashSecret(secret),
        new Date(now),
        expiresAt,
      ],
    );
    return { link: { url: `/api/recording-downloads/${id}`, name: saveAs, bytes, expiresAt: expiresAt.toISOString() }, secret };
  }

  /** @throws RECORDING_DOWNLOAD_NOT_FOUND, AUTH_SIGNED_OUT, and what the part throws whose file it is */
  async open(id: string, secret: string | undefined): Promise<Opened> {
    const row = await this.#row(id, secret);
    const offer = await this.#look(row);
    const taken = () => this.#deps.takings.note(offer, row.id, false);
    return { ...offer, taken, read: async (range) => this.#followed(row, await offer.read(range)) };
  }

  async tidy(): Promise<void> {
    await this.#deps.database.query('delete from recording_download_links where expires_at <= $1', [new Date(this.#deps.clock.now())]);
  }

  /** Unknown, of another browser, ended: nobody learns which. @throws RECORDING_DOWNLOAD_NOT_FOUND */
  async #row(id: string, secret: string | undefined): Promise<Row> {
    const { database, clock } = this.#deps;
    const [row] =
      secret === undefined
        ? []
        : await database.query<Row>(
            `select org_id as "orgId", id, recording_id as "recordingId", version, person_id as "personId", sign_in_id as "signInId",
               what, name, sha256, expires_at as "expiresAt"
             from recording_download_links where id = $1 and secret_hash = $2 and expires_at > $3`,
            [id, hashSecret(secret), new Date(clock.now())],
          );
    if (!row) throw new CausewayError('RECORDING_DOWNLOAD_NOT_FOUND');
    return row;
  }

  /** The person as he is now, with what he may now, and the file if it is the same. */
  async #look({ orgId, recordingId, version, personId, signInId, what, name, sha256, expiresAt }: Row): Promise<Offer> {
    const by = await this.#deps.stillIn({ orgId, personId, signInId, expiresAt: expiresAt.getTime() });
    const offer = await this.#source(what)(by, recordingId, name);
    // Of a version before: it may show what was cut out since.
    if (offer.recording.version !== version || offer.sha256 !== sha256) throw new CausewayError('RECORDING_DOWNLOAD_NOT_FOUND');
    return offer;
  }

  /** Bytes that flow keep the link open, for who may have them. */
  #followed(row: Row, content: Readable | null): Readable | null {
    if (!content) return null;
    const { log, lookMs = usualLookMs } = this.#deps;
    const looking = setInterval(() => {
      this.#look(row)
        .then(() => this.#extend(row))
        .catch((error: unknown) => {
          log.info({ err: error, recording: row.recordingId, link: row.id }, 'recording: a download is cut off');
          content.destroy();
        });
    }, lookMs);
    content.once('close', () => {
      clearInterval(looking);
      // Broken off after an hour, it can be gone on with.
      this.#extend(row).catch((error: unknown) => log.debug({ err: error }, 'recording: a link could not be kept open'));
    });
    return content;
  }

  async #extend({ orgId, id }: Row): Promise<void> {
    const now = this.#deps.clock.now();
    await this.#deps.database.query(
      `update recording_download_links set expires_at = least($3, made_at + $5 * interval '1 millisecond')
       where org_id = $1 and id = $2 and expires_at < $3 and made_at > $4`,
      [orgId, id, new Date(now + idleMs), new Date(now - wholeMs), wholeMs],
    );
  }

  #source(what: DownloadWish['what']): DownloadSource {
    const source = this.#sources.get(what);
    if (!source) throw new CausewayError('RECORDING_FILE_NOT_FOUND');
    return source;
  }
}
