/** With whom a recording is shared: people, conversations, whoever has a link. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret, newId, newSecret } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingAccess } from '../ports.js';
import type { Recording } from '../recording.js';
import type { ConversationsOf, Passwords } from './ports.js';
import type { Share, ShareBody } from './schema.js';
import type { Telling } from './telling.js';
import type { Viewings } from './viewings.js';

export interface SharesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly passwords: Passwords;
  readonly conversationsOf: ConversationsOf;
  readonly viewings: Viewings;
  readonly telling: Telling;
}

interface Row {
  id: string;
  kind: 'person' | 'conversation' | 'link';
  target_id: string | null;
  name: string;
  download: boolean;
  password_hash: string | null;
  expires_at: Date | null;
  created_by: string;
  created_by_name: string;
  created_at: Date;
  withdrawn_at: Date | null;
  visits: number;
  last_visit_at: Date | null;
}

const limit = 200;
const longestMs = 366 * 86_400_000;
const columns = `s.id, s.kind, s.target_id, s.name, s.download, s.password_hash, s.expires_at, s.created_by, s.created_by_name, s.created_at,
  s.withdrawn_at, (select count(*)::int from recording_viewings v where v.share_id = s.id) as visits,
  (select max(v.seen_at) from recording_viewings v where v.share_id = s.id) as last_visit_at`;

export class Shares {
  readonly #deps: SharesDeps;

  constructor(deps: SharesDeps) {
    this.#deps = deps;
  }

  /** Newest first, ended ones too. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN */
  async list(by: Principal, id: string): Promise<Share[]> {
    const recording = await this.#deps.access.assert(by, id, 'manage');
    const rows = await this.#deps.database.query<Row>(
      `select ${columns} from recording_shares s where s.org_id = $1 and s.recording_id = $2 order by s.created_at desc, s.id desc`,
      [recording.orgId, recording.id],
    );
    return rows.map((row) => this.#present(row));
  }

  /**
   * With the same person or conversation again: what was said last counts. The secret of a link is given
   * this once. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, SHARE_PERSON, RECORDING_LIMIT, REQUEST_INVALID
   */
  async add(by: Principal, id: string, body: ShareBody): Promise<{ share: Share; secret: string | null }> {
    const { database, access, audit, clock, passwords, telling } = this.#deps;
    const recording = await access.assert(by, id, 'manage');
    // Who manages a recording gives out no more than its policy lets people have.
    const { govern } = await access.rights(by, recording);
    if (body.download && !recording.policy.download && !govern) throw new CausewayError('RECORDING_FORBIDDEN', { field: 'download' });
    const now = clock.now();
    const expiresAt = expiry(body.expiresAt, now);
    const name = body.kind === 'link' ? body.name : await this.#nameOf(by, body);
    const secret = body.kind === 'link' ? newSecret() : null;
    const password = body.kind === 'link' && body.password !== null ? await passwords.hash(body.password) : null;
    const wishedId = newId(now);
    const share = await database.transaction(async (tx) => {
      await tx.query('select 1 from recordings where org_id = $1 and id = $2 for update', [recording.orgId, recording.id]);
      // One that has expired is over: sharing once more is another share, of which is told again.
      await tx.query(
        `update recording_shares set withdrawn_at = expires_at where org_id = $1 and recording_id = $2 and target_id = $3
           and withdrawn_at is null and expires_at <= $4`,
        [recording.orgId, recording.id, body.kind === 'link' ? null : body.targetId, new Date(now)],
      );
      const [count] = await tx.query<{ n: number }>(
        `select count(*)::int as n from recording_shares where org_id = $1 and recording_id = $2 and withdrawn_at is null
           and (expires_at is null or expires_at > $3)`,
        [recording.orgId, recording.id, new Date(now)],
      );
      if ((count?.n ?? 0) >= limit) throw new CausewayError('RECORDING_LIMIT', { fill: { limit } });
      const [made] = await tx.query<{ id: string }>(
        `insert into recording_shares (org_id, id, recording_id, kind, target_id, name, download, secret_hash, password_hash, expires_at,
           created_by, created_by_name, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (recording_id, target_id) where withdrawn_at is null and target_id is not null
           do update set name = excluded.name, download = excluded.download, expires_at = excluded.expires_at,
             created_by = excluded.created_by, created_by_name = excluded.created_by_name, created_at = excluded.created_at
         returning id`,
        [
          recording.orgId,
          wishedId,
          recording.id,
          body.kind,
          body.kind === 'link' ? null : body.targetId,
          name,
          body.download,
          secret === null ? null : hashSecret(secret),
          password,
          expiresAt,
          by.personId,
          by.name,
          new Date(now),
        ],
      );
      const shareId = made?.id ?? '';
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.shared',
        subject: { recording: recording.id, share: shareId, ...(body.kind === 'link' ? {} : { [body.kind]: body.targetId }) },
        detail: {
          kind: body.kind,
          name,
          download: body.download,
          password: password !== null,
          expiresAt: expiresAt?.toISOString() ?? null,
        },
      });
      if (shareId === wishedId && body.kind === 'person')
        await telling.people(tx, { recording, kind: 'shared', subjectId: shareId, by }, [body.targetId]);
      if (shareId === wishedId && body.kind === 'conversation') await telling.conversation(tx, { orgId: recording.orgId, shareId });
      return this.#one(tx, recording, shareId);
    });
    if (body.kind === 'person') telling.heard([body.targetId]);
    return { share, secret };
  }

  /** Streams that it opened end at once. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, SHARE_NOT_FOUND */
  async withdraw(by: Principal, id: string, shareId: string): Promise<Share> {
    const { database, access, audit, clock, viewings, telling } = this.#deps;
    const recording = await access.assert(by, id, 'manage');
    const { share, told } = await database.transaction(async (tx) => {
      const rows = await tx.query<Row>(
        `update recording_shares set withdrawn_at = $4 where org_id = $1 and recording_id = $2 and id = $3 and withdrawn_at is null returning 1`,
        [recording.orgId, recording.id, shareId, new Date(clock.now())],
      );
      if (rows.length === 0) throw new CausewayError('SHARE_NOT_FOUND');
      await viewings.end(tx, recording);
      const told = await telling.takeBack(tx, recording.orgId, shareId, 'shared');
      const share = await this.#one(tx, recording, shareId);
      await audit.record(tx, {
        orgId: recording.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.share-withdrawn',
        subject: { recording: recording.id, share: shareId },
        detail: { kind: share.kind, name: share.name, visits: share.visits },
      });
      return { share, told };
    });
    telling.heard(told.map(({ personId }) => personId));
    return share;
  }

  /** What shares let somebody do with a recording. */
  async rights(principal: Principal, recording: Pick<Recording, 'orgId' | 'id'>): Promise<{ view: boolean; download: boolean }> {
    const rows = await this.#deps.database.query<Pick<Row, 'kind' | 'download'> & { target_id: string }>(
      `select kind, target_id, download from recording_shares where org_id = $1 and recording_id = $2 and kind <> 'link'
         and withdrawn_at is null and (expires_at is null or expires_at > $3)`,
      [recording.orgId, recording.id, new Date(this.#deps.clock.now())],
    );
    const isIn = rows.some(({ kind }) => kind === 'conversation')
      ? new Set((await this.#deps.conversationsOf(principal)).map(({ id }) => id))
      : new Set();
    const mine = rows.filter(({ kind, target_id }) => (kind === 'person' ? target_id === principal.personId : isIn.has(target_id)));
    return { view: mine.length > 0, download: mine.some(({ download }) => download) };
  }

  /** Ids of all recordings that are shared with somebody. */
  async sharedWith(principal: Principal): Promise<string[]> {
    const conversations = (await this.#deps.conversationsOf(principal)).map(({ id }) => id);
    const rows = await this.#deps.database.query<{ id: string }>(
      `select distinct recording_id as id from recording_shares where org_id = $1 and target_id = any($2::uuid[])
         and withdrawn_at is null and (expires_at is null or expires_at > $3)`,
      [principal.orgId, [principal.personId, ...conversations], new Date(this.#deps.clock.now())],
    );
    return rows.map(({ id }) => id);
  }

  /** @throws SHARE_PERSON */
  async #nameOf(by: Principal, { kind, targetId }: Exclude<ShareBody, { kind: 'link' }>): Promise<string> {
    if (kind === 'conversation') {
      const found = (await this.#deps.conversationsOf(by)).find(({ id }) => id === targetId);
      if (!found) throw new CausewayError('SHARE_PERSON', { field: 'targetId' });
      return found.title;
    }
    const [person] = await this.#deps.database.query<{ name: string }>(
      `select name from people where org_id = $1 and id = $2 and role in ('owner', 'admin', 'member')`,
      [by.orgId, targetId],
    );
    if (!person) throw new CausewayError('SHARE_PERSON', { field: 'targetId' });
    return person.name;
  }

  /** @throws SHARE_NOT_FOUND */
  async #one(tx: Query, recording: Pick<Recording, 'orgId' | 'id'>, shareId: string): Promise<Share> {
    const [row] = await tx.query<Row>(
      `select ${columns} from recording_shares s where s.org_id = $1 and s.recording_id = $2 and s.id = $3`,
      [recording.orgId, recording.id, shareId],
    );
    if (!row) throw new CausewayError('SHARE_NOT_FOUND');
    return this.#present(row);
  }

  #present(row: Row): Share {
    return {
      id: row.id,
      kind: row.kind,
      targetId: row.target_id,
      name: row.name,
      download: row.download,
      password: row.password_hash !== null,
      expiresAt: row.expires_at?.toISOString() ?? null,
      createdBy: { id: row.created_by, name: row.created_by_name },
      createdAt: row.created_at.toISOString(),
      ended: row.withdrawn_at !== null || (row.expires_at !== null && row.expires_at.getTime() <= this.#deps.clock.now()),
      visits: row.visits,
      lastVisitAt: row.last_visit_at?.toISOString() ?? null,
    };
  }
}

/** @throws REQUEST_INVALID */
function expiry(wished: string | null, now: number): Date | null {
  if (wished === null) return null;
  const at = new Date(wished);
  if (at.getTime() <= now || at.getTime() > now + longestMs)
    throw new CausewayError('REQUEST_INVALID', {
      field: 'expiresAt',
      fill: { detail: 'expiresAt: in the past, or more than a year ahead' },
    });
  return at;
}
