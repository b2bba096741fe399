/**
 * Tells people what the archive wants of them: a push to their devices, an e-mail, a line in a conversation.
 * What is told is a row (news.ts) in the transaction of the act, and a durable job beside it; what was taken back
 * or seen before the job runs is told by nobody. A row says by which ways it went, so that a job that runs again
 * tells nobody twice.
 */
import { z } from 'zod';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError, type Language } from '../../platform/errors.js';
import { derivedId } from '../../platform/ids.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Mail } from '../../platform/mail/index.js';
import type { Recording } from '../recording.js';
import type { NewsKind } from '../schema.js';
import type { NewNews, News } from './news.js';
import { newsMail } from './news-mail.js';
import type { ToldOutside } from './ports.js';
import type { NewsFace } from './schema.js';

export interface TellingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly mail: Mail;
  readonly news: News;
  readonly outside: ToldOutside;
  /** Where people open the page; null: not known. */
  readonly pageUrl: string | null;
  readonly tellMs: number;
}

interface Told {
  readonly orgId: string;
  readonly personId: string;
  readonly id: string;
}

interface Shared {
  readonly orgId: string;
  readonly shareId: string;
}

interface SharedRow {
  recording_id: string;
  kind: Recording['kind'];
  target_id: string;
  created_by: string;
  created_by_name: string;
}

const tell: JobKind<Told> = {
  name: 'recording.tell',
  schema: z.object({ orgId: z.uuid(), personId: z.uuid(), id: z.uuid() }),
  retries: 8,
  expireSeconds: 120,
};
const tellConversation: JobKind<Shared> = {
  name: 'recording.tell-conversation',
  schema: z.object({ orgId: z.uuid(), shareId: z.uuid() }),
  retries: 8,
  expireSeconds: 300,
};

export class Telling {
  readonly #deps: TellingDeps;

  constructor(deps: TellingDeps) {
    this.#deps = deps;
  }

  async work(): Promise<void> {
    const { jobs } = this.#deps;
    await jobs.work(tell, (told) => this.#tell(told));
    await jobs.work(tellConversation, (shared) => this.#tellConversation(shared));
  }

  /** In the transaction of what they are told; `heard` after its commit. */
  async people(tx: Query, news: NewNews, personIds: readonly string[]): Promise<void> {
    const { jobs, tellMs } = this.#deps;
    // Real time, by which jobs are run.
    const startAfter = new Date(Date.now() + tellMs);
    for (const { id, personId } of await this.#deps.news.add(tx, news, personIds))
      await jobs.enqueue(tell, { orgId: news.recording.orgId, personId, id }, { tx, startAfter });
  }

  /** The same for a share with all members of a conversation. */
  async conversation(tx: Query, { orgId, shareId }: Shared): Promise<void> {
    await this.#deps.jobs.enqueue(tellConversation, { orgId, shareId }, { tx, singletonKey: shareId });
  }

  /** It is no longer so: nobody is told of that. Gives who knew of it, and whether he was told. */
  async takeBack(tx: Query, orgId: string, subjectId: string, kind: NewsKind): Promise<{ personId: string; knows: boolean }[]> {
    return this.#deps.news.drop(tx, orgId, subjectId, kind);
  }

  /** The pages of these people look again. After the commit. */
  heard(personIds: readonly string[]): void {
    if (personIds.length > 0) this.#deps.outside.changed(personIds);
  }

  async #tell(told: Told): Promise<void> {
    const { news, outside, jobs, mail } = this.#deps;
    const one = await news.one(told, told.id);
    if (!one) return;
    const { email, language, named, silentUntil } = await outside.wishes(told.orgId, told.personId);
    // It waits for the end of his quiet hours; by then he may have seen it.
    if (silentUntil !== null) {
      await jobs.enqueue(tell, told, { startAfter: new Date(silentUntil), singletonKey: told.id });
      return;
    }
    await this.#once(told, 'pushed_at', () =>
      outside.push({ orgId: told.orgId, personId: told.personId, newsId: told.id, kind: one.kind }),
    );
    if (email && mail.on) await this.#once(told, 'mailed_at', () => this.#mail(told, one, { language, named }));
  }

  async #mail({ orgId, personId }: Told, news: NewsFace, how: { language: Language | null; named: boolean }): Promise<void> {
    const { database, mail, pageUrl } = this.#deps;
    const [person] = await database.query<{ name: string; email: string | null }>(
      'select name, email from people where org_id = $1 and id = $2',
      [orgId, personId],
    );
    if (person?.email) await mail.send({ to: { name: person.name, address: person.email }, ...newsMail(news, { ...how, pageUrl }) });
  }

  async #once(told: Told, way: 'pushed_at' | 'mailed_at', go: () => Promise<void>): Promise<void> {
    const { news } = this.#deps;
    if (!(await news.claim(told, way))) return;
    try {
      await go();
    } catch (error) {
      await news.release(told, way);
      throw error;
    }
  }

  /** A line there, once, and the mark on the pages of all members. */
  async #tellConversation({ orgId, shareId }: Shared): Promise<void> {
    const { database, outside, news, log } = this.#deps;
    const [share] = await this.#standing(database, orgId, shareId);
    if (!share) return;
    const by = { personId: share.created_by, name: share.created_by_name };
    const line = { conversationId: share.target_id, recordingId: share.recording_id, kind: share.kind };
    try {
      await outside.line({ ...line, orgId, by, clientId: derivedId('recording-share', shareId) });
    } catch (error) {
      // He may not write there, or is no longer in it: the share stands all the same.
      if (!(error instanceof CausewayError) || error.entry.retryable) throw error;
      log.info({ err: error, share: shareId }, 'archive: no line says that a recording was shared');
    }
    const members = await outside.membersOf(orgId, share.target_id);
    const recording = { orgId, id: share.recording_id };
    await database.transaction(async (tx) => {
      // Whoever takes it back in this moment waits, and then takes these along.
      const [stands] = await this.#standing(tx, orgId, shareId, 'for share of s');
      if (stands) await news.add(tx, { recording, kind: 'shared', subjectId: shareId, by }, members);
    });
    outside.changed(members);
  }

  #standing(tx: Query, orgId: string, shareId: string, lock = ''): Promise<SharedRow[]> {
    return tx.query<SharedRow>(
      `select s.recording_id, r.kind, s.target_id, s.created_by, s.created_by_name from recording_shares s
       join recordings r on r.id = s.recording_id and r.state <> 'deleted'
       where s.org_id = $1 and s.id = $2 and s.kind = 'conversation' and s.withdrawn_at is null
         and (s.expires_at is null or s.expires_at > $3) ${lock}`,
      [orgId, shareId, new Date(this.#deps.clock.now())],
    );
  }
}
