/** Summaries on a real database with real jobs and HTTP. What the rest of the house does is written down. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../../../../src/config.js';
import { FolderBlobs } from '../../../../src/platform/blobs/folder-blobs.js';
import { createHttp, type Http } from '../../../../src/platform/http/index.js';
import { type Jobs, openJobs } from '../../../../src/platform/jobs/index.js';
import { createMetrics } from '../../../../src/platform/metrics.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { Access } from '../../../../src/recording/access.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { Recordings } from '../../../../src/recording/recordings.js';
import {
  type ChatLine,
  type ConfirmedAction,
  openSummary,
  type PollOutcome,
  type SummaryPart,
} from '../../../../src/recording/summary/index.js';
import { type ActionItem, type Summary, summarySchema } from '../../../../src/recording/summary/schema.js';
import { type TemporaryFolder, temporaryFolder, testConfig, testLog } from '../../../support/index.js';
import { Office } from '../../chat/office.js';

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** The rest of the house. */
class House {
  readonly posts: { readonly by: string; readonly text: string; readonly clientId: string }[] = [];
  /** What the server itself has put in the place of messages. */
  readonly corrected: { readonly number: number; readonly text: string | null; readonly keeps: boolean }[] = [];
  hold: string | null = null;
  readonly told: { readonly personId: string; readonly action: ConfirmedAction }[] = [];
  readonly chat: { messages: ChatLine[]; polls: PollOutcome[] } = { messages: [], polls: [] };
  /** Refuses to tell anybody, so many times. */
  deaf = 0;
  /** Refuses to post, so many times. */
  mute = 0;

  /** Runs while something is posted. */
  meanwhile: () => Promise<void> = async () => undefined;

  async post(by: Principal, text: string, clientId: string): Promise<number> {
    if (this.mute > 0) {
      this.mute -= 1;
      throw new Error('The conversation is not to be had.');
    }
    if (!this.posts.some((post) => post.clientId === clientId)) this.posts.push({ by: by.name, text, clientId });
    await this.meanwhile();
    return this.posts.length;
  }

  notify(personId: string, action: ConfirmedAction): void {
    if (this.deaf > 0) {
      this.deaf -= 1;
      throw new Error('Nobody listens.');
    }
    this.told.push({ personId, action });
  }
}

export class SummaryWorld {
  readonly confirmed: ConfirmedAction[] = [];
  readonly #principals = new Map<string, Principal>();
  #http: Http | null = null;
  #base = '';

  private constructor(
    readonly house: House,
    readonly office: Office,
    readonly jobs: Jobs,
    readonly recordings: Recordings,
    readonly folder: TemporaryFolder,
    readonly olivia: Principal,
    readonly peter: Principal,
    readonly mei: Principal,
    readonly stranger: Principal,
    readonly recordingId: string,
    readonly summary: SummaryPart,
  ) {}

  static async open(over: Partial<Config> = {}): Promise<SummaryWorld> {
    const office = await Office.open();
    const folder = await temporaryFolder();
    const jobs = await openJobs({ database: office.database, log: testLog(), pollMs: 100, retryDelaySeconds: 1 });
    const recordings = new Recordings({ database: office.database, blobs: await FolderBlobs.open(folder.path), clock: office.clock });
    const [olivia, peter, mei, stranger] = [
      await office.person('Olivia Ng'),
      await office.person('Peter Chan'),
      await office.person('陳美玲'),
      await office.person('Sam Stranger'),
    ];
    const meetingId = randomUUID();
    const recordingId = randomUUID();
    const conversation = await office.conversation([olivia, peter, mei]);
    await office.database.query(
      `insert into meetings (org_id, id, code, title, status, host_id, conversation_id, lobby, guests, chat_history, created_at)
       values ($1, $2, 'abc-defg-hjk', 'Weekly', 'ended', $3, $4, 'off', false, true, now())`,
      [office.orgId, meetingId, olivia.personId, conversation.id],
    );
    for (const [person, role] of [
      [olivia, 'host'],
      [peter, 'attendee'],
      [mei, 'attendee'],
    ] as const) {
      await office.database.query(
        `insert into meeting_members (org_id, meeting_id, person_id, role, admission) values ($1, $2, $3, $4, 'admitted')`,
        [office.orgId, meetingId, person.personId, role],
      );
    }
    await office.database.query(
      `insert into consent_notices (org_id, hash, version, texts, created_at) values ($1, 'h', '1', '{}', now())`,
      [office.orgId],
    );
    const policy = {
      consent: 'ask',
      starters: 'host',
      keepDays: null,
      viewers: 'participants',
      download: true,
      watermark: false,
      contact: 'x',
    };
    await office.database.query(
      `insert into recordings (org_id, id, meeting_id, conversation_id, kind, state, title, started_by, started_by_name, started_at, stopped_at,
         notice_hash, policy, version, created_at)
       values ($1, $2, $3, $4, 'recording', 'ready', 'Weekly', $5, 'Olivia Ng', $6, $7, 'h', $8, 1, now())`,
      [
        office.orgId,
        recordingId,
        meetingId,
        conversation.id,
        olivia.personId,
        new Date('2026-03-04T02:00:00Z'),
        new Date('2026-03-04T02:30:00Z'),
        JSON.stringify(policy),
      ],
    );
    const house = new House();
    const summary = await openSummary({
      config: testConfig(over),
      database: office.database,
      clock: office.clock,
      log: testLog(),
      audit: office.audit,
      jobs,
      rows: recordings,
      access: new Access({
        recordings,
        standing: async (_org, _meeting, personId) =>
          personId === olivia.personId ? 'moderator' : personId === peter.personId || personId === mei.personId ? 'participant' : null,
      }),
      chatOf: async () => house.chat,
      post: async (_recording, { by, text, clientId }) => ({
        conversationId: conversation.id,
        number: await house.post(by, text, clientId),
      }),
      notify: async (personId, action) => {
        house.notify(personId, action);
        return { conversationId: conversation.id, number: 1_000 + house.told.length };
      },
      correct: async ({ number }, text, keeps) => {
        house.corrected.push({ number, text, keeps });
        return text === null ? 'recalled' : 'rewritten';
      },
      holds: { holdOf: async () => house.hold },
    });
    const world = new SummaryWorld(house, office, jobs, recordings, folder, olivia, peter, mei, stranger, recordingId, summary);
    summary.events.on('action.confirmed', (action) => world.confirmed.push(action));
    await world.#listen();
    return world;
  }

  recording(): Promise<Recording> {
    return this.recordings.get(this.office.orgId, this.recordingId);
  }

  /** Final lines, five seconds each. */
  async says(...lines: readonly (readonly [by: Principal, text: string])[]): Promise<string[]> {
    const ids: string[] = [];
    const [row] = await this.office.database.query<{ count: number }>('select count(*)::int as count from transcript_lines');
    for (const [index, [by, text]] of lines.entries()) {
      const id = randomUUID();
      const begin = ((row?.count ?? 0) + index) * 5_000;
      await this.office.database.query(
        `insert into transcript_lines (org_id, recording_id, id, person_id, speaker, begin_ms, end_ms, language, text, engine)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'test')`,
        [by.orgId, this.recordingId, id, by.personId, by.name, begin, begin + 4_000, /\p{sc=Han}/u.test(text) ? 'zh-HK' : 'en', text],
      );
      ids.push(id);
    }
    return ids;
  }

  async run(version = 1, signal = new AbortController().signal): Promise<void> {
    await this.summary.step.run(await this.recording(), { signal, progress: () => {}, version });
  }

  async call(by: Principal, method: string, path: string, body?: unknown): Promise<Answered> {
    this.#principals.set(by.personId, by);
    const answer = await fetch(`${this.#base}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${by.personId}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  }

  async read(by: Principal = this.olivia, query = ''): Promise<Summary> {
    const { status, body } = await this.call(by, 'GET', `/recordings/${this.recordingId}/summary${query}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return summarySchema.parse(body);
  }

  async item(words: string): Promise<ActionItem> {
    const found = (await this.read()).actionItems.find(({ what }) => what.includes(words));
    if (!found) throw new Error(`There is no action item with "${words}".`);
    return found;
  }

  async #listen(): Promise<void> {
    this.#http = await createHttp({
      config: testConfig({ HTTP_REQUESTS_PER_MINUTE: 100_000 }),
      log: testLog(),
      metrics: createMetrics(),
      version: '0',
      socketOrigins: () => [],
      page: this.folder.path,
      authenticate: async (token) => {
        const principal = this.#principals.get(token);
        if (!principal) throw new Error('Nobody has this token.');
        return principal;
      },
      health: async () => ({}),
    });
    this.summary.routes(this.#http.app);
    this.#base = `http://127.0.0.1:${(await this.#http.listen()).port}`;
  }

  async close(): Promise<void> {
    await this.#http?.close();
    await this.jobs.close();
    await this.office.database.close();
    await this.folder.remove();
  }
}
