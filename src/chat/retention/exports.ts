/** Compliance exports as administrators ask for them, and the monthly backup. */
import type { Readable } from 'node:stream';
import type { Audit } from '../../platform/audit.js';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import type { ConversationFace } from '../ports.js';
import { assertAdministrator } from './administrators.js';
import { type ExportRecords, type ExportRow, keptDays, type NewExport, present } from './export-records.js';
import { ExportRunner, makeExport } from './export-runner.js';
import type { Policies } from './policies.js';
import type { Export, ExportScope } from './schema.js';

export interface ExportGuard {
  /** Whether this person may take a copy of the conversation out. @throws CHAT_DOMAIN_REFUSED */
  checkExport(by: Principal, conversation: ConversationFace): Promise<void>;
}

export interface ExportsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly records: ExportRecords;
  readonly runner: ExportRunner;
  readonly policies: Policies;
  readonly guard: ExportGuard;
}

export interface ExportWish {
  readonly scope: ExportScope;
  readonly since: Date | null;
  readonly until: Date | null;
  readonly format: 'json' | 'html';
  readonly reason: string;
}

export class Exports {
  readonly #deps: ExportsDeps;

  constructor(deps: ExportsDeps) {
    this.#deps = deps;
  }

  /** @throws AUTH_FORBIDDEN, CHAT_NOT_FOUND, PERSON_NOT_FOUND, CHAT_DOMAIN_NOT_FOUND, CHAT_DOMAIN_REFUSED, REQUEST_INVALID */
  async make(by: Principal, wish: ExportWish): Promise<Export> {
    assertAdministrator(by);
    if (wish.since && wish.until && wish.since >= wish.until)
      throw new CausewayError('REQUEST_INVALID', { field: 'until', fill: { detail: 'until: not after since' } });
    await this.#assertThere(by.orgId, wish.scope);
    await this.#checkDomains(by, wish.scope);
    return present(await this.#add(by.orgId, { ...wish, kind: 'export', madeBy: { id: by.personId, name: by.name } }));
  }

  /** @throws AUTH_FORBIDDEN */
  async list(by: Principal): Promise<Export[]> {
    assertAdministrator(by);
    return (await this.#deps.records.list(by.orgId)).map(present);
  }

  /** @throws AUTH_FORBIDDEN, CHAT_EXPORT_NOT_FOUND */
  async get(by: Principal, id: string): Promise<Export> {
    return present(await this.#find(by, id));
  }

  /** The ZIP. Whoever takes it is asked for by the rules, too, and written down. @throws AUTH_FORBIDDEN, CHAT_EXPORT_NOT_FOUND, CHAT_EXPORT_NOT_READY, CHAT_DOMAIN_REFUSED */
  async open(by: Principal, id: string): Promise<{ content: Readable; size: number }> {
    const row = await this.#find(by, id);
    if (row.status !== 'done') throw new CausewayError('CHAT_EXPORT_NOT_READY');
    await this.#checkDomains(by, row.scope);
    const content = await this.#deps.blobs.get(ExportRunner.fileKey(row.id));
    if (!content) throw notFound(row.kind);
    try {
      await this.#deps.audit.recordAlone({
        orgId: by.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'chat.export-taken',
        subject: { export: row.id },
        detail: { sha256: row.sha256?.toString('hex') ?? '' },
      });
    } catch (error) {
      content.destroy();
      throw error;
    }
    return { content, size: Number(row.size) };
  }

  /** Also one that is being made. @throws AUTH_FORBIDDEN, CHAT_EXPORT_NOT_FOUND */
  async remove(by: Principal, id: string): Promise<void> {
    const row = await this.#find(by, id);
    const { database, records, audit } = this.#deps;
    await database.transaction(async (tx) => {
      if (!(await records.markDeleting(tx, by.orgId, row.id))) return;
      await audit.record(tx, {
        orgId: by.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'chat.export-deleted',
        subject: { export: row.id },
        detail: { status: row.status },
      });
    });
    await this.tidyUp();
  }

  /** Deletes what has expired; blobs first, so that none is forgotten. What fails is tried again by the next. */
  async tidyUp(): Promise<void> {
    const { records, runner, log } = this.#deps;
    await records.markExpired();
    for (const id of await records.deleting()) {
      try {
        await runner.deleteBlobs(id);
        await records.forget(id);
      } catch (error) {
        log.warn({ err: error, export: id }, 'Exports | blobs could not be deleted; they are tried again');
      }
    }
  }

  /** Begins the backups that are due: of each month one, on its day or when a server runs again. */
  async makeBackups(): Promise<void> {
    const { database, policies, clock } = this.#deps;
    const organisations = await database.query<{ org_id: string }>('select org_id from retention_settings where backup_day is not null');
    for (const { org_id: orgId } of organisations) {
      await database.transaction(async (tx) => {
        // Of several nodes one makes it.
        await tx.query('select 1 from retention_settings where org_id = $1 for update', [orgId]);
        const { backup, backedUpAt } = await policies.settings(orgId, tx);
        if (!backup) return;
        const due = lastDue(new Date(clock.now()), backup);
        if (backedUpAt && backedUpAt >= due) return;
        await tx.query('update retention_settings set backed_up_at = $2 where org_id = $1', [orgId, due]);
        const wish = { scope: {}, since: null, until: null, format: backup.format, reason: 'Monthly backup' };
        await this.#addIn(tx, orgId, { ...wish, kind: 'backup', madeBy: null });
      });
    }
  }

  async #find(by: Principal, id: string): Promise<ExportRow> {
    assertAdministrator(by);
    const row = await this.#deps.records.find(by.orgId, id);
    if (!row) throw notFound('export');
    return row;
  }

  #add(orgId: string, wish: NewExport): Promise<ExportRow> {
    return this.#deps.database.transaction((tx) => this.#addIn(tx, orgId, wish));
  }

  async #addIn(tx: Query, orgId: string, wish: NewExport): Promise<ExportRow> {
    const { records, audit, jobs } = this.#deps;
    const row = await records.add(tx, orgId, wish);
    await jobs.enqueue(makeExport, { exportId: row.id }, { singletonKey: row.id, tx });
    await audit.record(tx, {
      orgId,
      actor: wish.madeBy,
      action: 'chat.export-made',
      subject: { export: row.id },
      detail: {
        kind: wish.kind,
        format: wish.format,
        ...wish.scope,
        since: wish.since?.toISOString() ?? null,
        until: wish.until?.toISOString() ?? null,
        reason: wish.reason,
        conversations: row.total - 1,
      },
    });
    return row;
  }

  async #assertThere(orgId: string, { conversationIds, personIds, domainId }: ExportScope): Promise<void> {
    const { database } = this.#deps;
    const there = async (sql: string, ids: readonly string[]) => {
      const wanted = new Set(ids);
      return (await database.query(sql, [orgId, [...wanted]])).length === wanted.size;
    };
    if (conversationIds && !(await there('select 1 from conversations where org_id = $1 and id = any($2)', conversationIds)))
      throw new CausewayError('CHAT_NOT_FOUND', { field: 'conversationIds' });
    // Also of somebody who is no more, such as a guest that was removed.
    const person = `select 1 from unnest($2::uuid[]) as t (id) where exists (select 1 from people p where p.org_id = $1 and p.id = t.id)
      or exists (select 1 from conversation_stays s where s.org_id = $1 and s.person_id = t.id)`;
    if (personIds && !(await there(person, personIds))) throw new CausewayError('PERSON_NOT_FOUND', { field: 'personIds' });
    if (domainId && !(await there('select 1 from domains where org_id = $1 and id = any($2)', [domainId])))
      throw new CausewayError('CHAT_DOMAIN_NOT_FOUND', { field: 'domainId' });
  }

  async #checkDomains(by: Principal, scope: ExportScope): Promise<void> {
    const { records, guard } = this.#deps;
    for (const conversation of await records.ofEachDomain(by.orgId, scope)) await guard.checkExport(by, conversation);
  }
}

/** The newest time, not after now, that is on this day of a month at this hour (UTC). Pure. */
export function lastDue(now: Date, { day, hour }: { day: number; hour: number }): Date {
  const ofMonth = (month: number) => new Date(Date.UTC(now.getUTCFullYear(), month, day, hour));
  const thisMonth = ofMonth(now.getUTCMonth());
  return thisMonth <= now ? thisMonth : ofMonth(now.getUTCMonth() - 1);
}

function notFound(kind: 'export' | 'backup'): CausewayError {
  return new CausewayError('CHAT_EXPORT_NOT_FOUND', { fill: { days: keptDays[kind] } });
}
