/**
 * Who watches. Each viewing has a secret that opens the stream for a few minutes, in a cookie that goes
 * to that stream alone; whoever goes on watching asks for more time, and what he may is looked at again.
 * The rows are the log of who has seen a recording.
 */

import type { z } from 'zod';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret, newId, newSecret } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import { pendingRemovals } from '../pending-removals.js';
import type { RecordingAccess, RecordingRows } from '../ports.js';
import type { Recording } from '../recording.js';
import { assertReady, type Files } from './files.js';
import type { Play, viewingsSchema } from './schema.js';

export interface ViewingsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly rows: Pick<RecordingRows, 'get'>;
  readonly files: Files;
}

/** Begun: the face of it, and what the cookie holds. */
export interface Begun {
  readonly play: Play;
  readonly secret: string;
}

interface NewViewing {
  readonly personId: string | null;
  readonly shareId: string | null;
  readonly name: string;
  readonly client: string;
}

export interface Granted {
  readonly id: string;
  readonly orgId: string;
  readonly recordingId: string;
  readonly shareId: string | null;
  readonly name: string;
}

/** How long the stream goes on without being asked for. */
const grantMs = 300_000;
/** Nobody watches one recording for longer without beginning anew. */
const viewingMs = 43_200_000;
const playlistName = 'hls/index.m3u8';
const listed = 500;

export class Viewings {
  readonly #deps: ViewingsDeps;

  constructor(deps: ViewingsDeps) {
    this.#deps = deps;
  }

  /** @throws RECORDING_NOT_FOUND, RECORDING_NOT_READY, RECORDING_FILE_NOT_FOUND */
  async begin(by: Principal, id: string, client: string): Promise<Begun> {
    const { access } = this.#deps;
    const recording = await access.assert(by, id, 'view');
    const { watermark } = await access.rights(by, recording);
    const text = watermark ? await this.#nameOf(by) : null;
    const viewing = { personId: by.personId, shareId: null, name: by.name, client };
    return this.open(recording, viewing, { playlist: `/api/recordings/${recording.id}/hls/index.m3u8`, watermark: text });
  }

  /** Also for visitors by a link, whose right was looked at before. */
  async open(
    recording: Recording,
    viewing: NewViewing,
    { playlist, watermark }: { readonly playlist: string | ((id: string) => string); readonly watermark: string | null },
  ): Promise<Begun> {
    const { database, clock, audit, files } = this.#deps;
    assertReady(recording);
    const silent = recording.kind === 'transcript';
    if (!silent) await files.file(recording, playlistName);
    const now = clock.now();
    const id = newId(now);
    const secret = newSecret();
    const { orgId } = recording;
    await database.transaction(async (tx) => {
      await tx.query(
        `insert into recording_viewings (org_id, id, recording_id, version, person_id, share_id, name, client, secret_hash, started_at, seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)`,
        [
          orgId,
          id,
          recording.id,
          recording.version,
          viewing.personId,
          viewing.shareId,
          viewing.name,
          viewing.client,
          hashSecret(secret),
          new Date(now),
          new Date(now + grantMs),
        ],
      );
      await audit.record(tx, {
        orgId,
        actor: viewing.personId === null ? null : { id: viewing.personId, name: viewing.name },
        action: 'recording.played',
        subject: { recording: recording.id, viewing: id, ...(viewing.shareId === null ? {} : { share: viewing.shareId }) },
        detail: { version: recording.version, ...(viewing.shareId === null ? {} : { visitor: viewing.name }) },
      });
    });
    const play: Play = {
      id,
      playlist: silent ? '' : typeof playlist === 'string' ? playlist : playlist(id),
      expiresAt: new Date(now + grantMs).toISOString(),
      beginMs: await files.beginMs(recording),
      watermark: watermark === null ? null : { text: watermark },
    };
    return { play, secret };
  }

  /** More time. @throws RECORDING_NOT_FOUND, RECORDING_NOT_READY, RECORDING_PLAY_ENDED */
  async renew(by: Principal, id: string, viewingId: string): Promise<Play> {
    const { access, files } = this.#deps;
    const recording = await access.assert(by, id, 'view');
    assertReady(recording);
    const expiresAt = await this.extend(recording, viewingId, 'person_id', by.personId);
    await this.#extendOthers(recording, by.personId, expiresAt);
    const { watermark } = await access.rights(by, recording);
    return {
      id: viewingId,
      playlist: recording.kind === 'transcript' ? '' : `/api/recordings/${recording.id}/hls/index.m3u8`,
      expiresAt: expiresAt.toISOString(),
      beginMs: await files.beginMs(recording),
      watermark: watermark ? { text: await this.#nameOf(by) } : null,
    };
  }

  /** @throws RECORDING_PLAY_ENDED */
  async extend(recording: Recording, viewingId: string, whose: 'person_id' | 'share_id', of: string): Promise<Date> {
    const { database, clock } = this.#deps;
    const now = clock.now();
    const expiresAt = new Date(now + grantMs);
    const rows = await database.query(
      `update recording_viewings set seen_at = $5, expires_at = $6
       where org_id = $1 and recording_id = $2 and id = $3 and ${whose} = $4 and version = $7 and started_at > $8 returning 1`,
      [recording.orgId, recording.id, viewingId, of, new Date(now), expiresAt, recording.version, new Date(now - viewingMs)],
    );
    if (rows.length === 0) throw new CausewayError('RECORDING_PLAY_ENDED');
    return expiresAt;
  }

  /** A browser has one cookie for all its pages of a recording: the one that came last, of whichever page. */
  async #extendOthers({ orgId, id, version }: Recording, personId: string, expiresAt: Date): Promise<void> {
    await this.#deps.database.query(
      `update recording_viewings set expires_at = $5 where org_id = $1 and recording_id = $2 and person_id = $3 and version = $4 and expires_at > $6`,
      [orgId, id, personId, version, expiresAt, new Date(this.#deps.clock.now())],
    );
  }

  /** Of what the secret opens now. @throws RECORDING_PLAY_ENDED */
  async granted(secret: string | undefined, place: { readonly recordingId: string } | { readonly viewingId: string }): Promise<Granted> {
    const { database, clock } = this.#deps;
    const [row] =
      secret === undefined
        ? []
        : await database.query<Granted>(
            `select v.id, v.org_id as "orgId", v.recording_id as "recordingId", v.share_id as "shareId", v.name
             from recording_viewings v join recordings r on r.id = v.recording_id
             where v.secret_hash = $1 and ${'recordingId' in place ? 'v.recording_id = $2 and v.person_id is not null' : 'v.id = $2 and v.share_id is not null'}
               and v.expires_at > $3 and r.state = 'ready' and r.version = v.version
               and (not exists (${pendingRemovals('v.recording_id')})
                    or exists (select 1 from people p where p.id = v.person_id and p.role in ('owner', 'admin')))
               and not exists (select 1 from recording_shares s where s.id = v.share_id
                               and (s.withdrawn_at is not null or s.expires_at <= $3))`,
            [hashSecret(secret), 'recordingId' in place ? place.recordingId : place.viewingId, new Date(clock.now())],
          );
    if (!row) throw new CausewayError('RECORDING_PLAY_ENDED');
    return row;
  }

  /** Who has watched, newest first. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN */
  async list(by: Principal, id: string): Promise<z.output<typeof viewingsSchema>> {
    const { database, access } = this.#deps;
    const recording = await access.assert(by, id, 'manage');
    const rows = await database.query<{
      id: string;
      personId: string | null;
      shareId: string | null;
      shareName: string | null;
      name: string;
      client: string;
      startedAt: Date;
      seenAt: Date;
    }>(
      `select v.id, v.person_id as "personId", v.share_id as "shareId", s.name as "shareName", v.name, v.client,
         v.started_at as "startedAt", v.seen_at as "seenAt"
       from recording_viewings v left join recording_shares s on s.id = v.share_id
       where v.org_id = $1 and v.recording_id = $2 order by v.started_at desc, v.id desc limit $3`,
      [recording.orgId, recording.id, listed],
    );
    return {
      viewings: rows.map((row) => ({
        id: row.id,
        person: row.personId === null ? null : { id: row.personId, name: row.name },
        link: row.shareId === null ? null : { id: row.shareId, name: row.shareName ?? '' },
        name: row.name,
        client: row.client,
        startedAt: row.startedAt.toISOString(),
        seenAt: row.seenAt.toISOString(),
      })),
    };
  }

  /** Everybody's stream ends now; who may still watch gets more time when his page asks. */
  async end(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>): Promise<void> {
    await tx.query('update recording_viewings set expires_at = $3 where org_id = $1 and recording_id = $2 and expires_at > $3', [
      recording.orgId,
      recording.id,
      new Date(this.#deps.clock.now()),
    ]);
  }

  /** As it stands over the picture: two people of one name are told apart. */
  async #nameOf({ orgId, personId, name }: Principal): Promise<string> {
    const [row] = await this.#deps.database.query<{ email: string | null }>('select email from people where org_id = $1 and id = $2', [
      orgId,
      personId,
    ]);
    return row?.email ? `${name} · ${row.email}` : name;
  }
}
