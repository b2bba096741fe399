/** Summaries as people read, edit and post them. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { derivedId } from '../../platform/ids.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingAccess, RecordingRows } from '../ports.js';
import type { Readings } from '../readings.js';
import type { Recording, TranscriptLine } from '../recording.js';
import type { PostSummary } from './ports.js';
import type { Posts } from './posts.js';
import { shownOn } from './pruning.js';
import { againSchema } from './requests.js';
import type { Content, NewSentence, Sentence, Summary, SummaryBody } from './schema.js';
import {
  type ActionRow,
  actionsOf,
  insertSummary,
  lastSummary,
  lockRecording,
  presentAction,
  type SummaryRow,
  summariesOf,
} from './summary-rows.js';
import { writeUp } from './write-up.js';

export interface SummariesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly rows: Pick<RecordingRows, 'transcript'>;
  readonly readings: Readings;
  readonly jobs: Pick<Jobs, 'enqueue'>;
  readonly post: PostSummary;
  readonly posts: Posts;
  /** Characters of a message. */
  readonly messageCharacters: number;
}

/** A request that is older has failed for good, milliseconds. */
const requestMs = 3_600_000;

export const writeAgain: JobKind<{ orgId: string; recordingId: string }> = {
  name: 'recording.summarize-again',
  schema: againSchema,
  retries: 2,
  expireSeconds: 7_200,
};

export class Summaries {
  readonly #deps: SummariesDeps;

  constructor(deps: SummariesDeps) {
    this.#deps = deps;
  }

  /** The last version, or the one that is asked for. @throws RECORDING_NOT_FOUND, SUMMARY_NOT_FOUND */
  async get(by: Principal, id: string, number?: number): Promise<Summary> {
    const { access, readings } = this.#deps;
    const recording = await access.assert(by, id, 'view');
    const { manage } = await access.rights(by, recording);
    const summary = await this.#present(recording, manage, number);
    await readings.by(by, recording, 'summary', { number: summary.number });
    return summary;
  }

  /** @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, SUMMARY_NOT_FOUND, SUMMARY_CHANGED, REQUEST_INVALID */
  async edit(by: Principal, id: string, body: SummaryBody): Promise<Summary> {
    const { access, database, clock, rows, audit } = this.#deps;
    const recording = await access.assert(by, id, 'manage');
    const lines = await rows.transcript(recording);
    await database.transaction(async (tx) => {
      await lockRecording(tx, recording);
      const last = await lastSummary(tx, recording);
      if (last.number !== body.number) throw new CausewayError('SUMMARY_CHANGED');
      const known = new Map<string, Omit<Sentence, 'text'>>();
      for (const line of lines) {
        known.set(line.id, { lineId: line.id, atMs: line.beginMs, origin: 'speech', personId: line.personId, speaker: line.speaker });
      }
      for (const sentence of sentencesOf(last.content)) {
        // Of a line that is there its own moment is nearer than the line's beginning; one of a line that was cut out is gone.
        if (sentence.lineId !== null && (sentence.origin !== 'speech' || known.has(sentence.lineId))) known.set(sentence.lineId, sentence);
      }
      const content: Content = {
        overview: read(body.overview, 'overview', known),
        topics: body.topics.map(({ title, beginMs, endMs, sentences }, index) => ({
          title,
          beginMs,
          endMs: Math.max(beginMs, endMs),
          sentences: read(sentences, `topics.${index}.sentences`, known),
        })),
        decisions: read(body.decisions, 'decisions', known),
        questions: read(body.questions, 'questions', known),
      };
      await insertSummary(tx, recording, {
        ...last,
        number: last.number + 1,
        content,
        editedBy: { id: by.personId, name: by.name },
        createdAt: new Date(clock.now()),
      });
      await audit.record(tx, {
        orgId: by.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.summary-edited',
        subject: { recording: id },
        detail: { number: last.number + 1 },
      });
    });
    return this.#present(recording, true);
  }

  /** Another one is written; what people wrote stays as an earlier version. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_NOT_READY */
  async again(by: Principal, id: string): Promise<void> {
    const { access, database, clock, jobs, audit } = this.#deps;
    const recording = await access.assert(by, id, 'manage');
    if (recording.state !== 'ready') throw new CausewayError('RECORDING_NOT_READY');
    const now = clock.now();
    await database.transaction(async (tx) => {
      const asked = await tx.query(
        `insert into recording_summary_requests (org_id, recording_id, asked_by, asked_at) values ($1, $2, $3, $4)
         on conflict (recording_id) do update set asked_by = excluded.asked_by, asked_at = excluded.asked_at
         where recording_summary_requests.asked_at < $5 returning 1`,
        [by.orgId, id, by.personId, new Date(now), new Date(now - requestMs)],
      );
      // It is being written.
      if (asked.length === 0) return;
      await jobs.enqueue(writeAgain, { orgId: by.orgId, recordingId: id }, { tx });
      await audit.record(tx, {
        orgId: by.orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.summary-again',
        subject: { recording: id },
      });
    });
  }

  /** Into the meeting's conversation, in the name of who read it. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, SUMMARY_NOT_FOUND, SUMMARY_CHANGED, SUMMARY_POSTED */
  async post(by: Principal, id: string, number: number): Promise<Summary> {
    const { access, database, clock, audit, rows, posts, messageCharacters } = this.#deps;
    const recording = await access.assert(by, id, 'manage');
    const [last] = await this.#visible(recording);
    if (!last) throw new CausewayError('SUMMARY_NOT_FOUND');
    if (last.number !== number) throw new CausewayError('SUMMARY_CHANGED');
    if (last.posted) throw new CausewayError('SUMMARY_POSTED');
    const lines = await rows.transcript(recording);
    const actions = shownOn(lines)
      .actions(await actionsOf(database, recording))
      .filter((item) => item.state === 'confirmed' || item.state === 'done');
    const text = writeUp({ recording, summary: last, actions, reviewer: by.name, mostCharacters: messageCharacters });
    // First said, then noted: the client id keeps a second try from saying it twice.
    const clientId = derivedId('recording.summary', id, number, last.createdAt.getTime());
    const at = await this.#deps.post(recording, { by, text, clientId });
    const isStale = await database.transaction(async (tx) => {
      if (!(await lockRecording(tx, recording))) return false;
      // Somebody may have taken back what he said while it was posted.
      const [now] = (await this.#visible(recording)).filter((version) => version.number === number);
      const left = new Set((await actionsOf(tx, recording)).map((item) => item.id));
      const changed = JSON.stringify(now?.content) !== JSON.stringify(last.content) || actions.some((item) => !left.has(item.id));
      await posts.noted(tx, recording, at, {
        what: 'summary',
        summaryNumber: number,
        actions: actions.map((item) => item.id),
        people: peopleIn(last, lines, actions),
        isStale: changed,
      });
      const noted = await tx.query(
        `update recording_summaries set posted_by = $4, posted_by_name = $5, posted_at = $6
         where org_id = $1 and recording_id = $2 and number = $3 and posted_at is null returning 1`,
        [by.orgId, id, number, by.personId, by.name, new Date(clock.now())],
      );
      if (noted.length > 0)
        await audit.record(tx, {
          orgId: by.orgId,
          actor: { id: by.personId, name: by.name },
          action: 'recording.summary-posted',
          subject: { recording: id, conversation: recording.conversationId },
          detail: { number, engine: last.engine },
        });
      return changed;
    });
    if (isStale) await posts.settle(recording);
    return this.#present(recording, true);
  }

  /** Newest first, without what is not in the recording any more, even before the step was here. */
  async #visible(recording: Recording): Promise<SummaryRow[]> {
    const { database, rows } = this.#deps;
    const [versions, lines] = [await summariesOf(database, recording), await rows.transcript(recording)];
    const shown = shownOn(lines);
    // What a model wrote can't be cut: while the recording is put together anew, it isn't shown.
    const stale = ({ engine, editedBy, recordingVersion }: SummaryRow) =>
      engine === 'server' && editedBy === null && recording.state === 'processing' && recordingVersion <= recording.version;
    return versions.filter((version) => !stale(version)).map((version) => ({ ...version, content: shown.content(version.content) }));
  }

  async #present(recording: Recording, mayManage: boolean, number?: number): Promise<Summary> {
    const { database, clock, rows } = this.#deps;
    const versions = await this.#visible(recording);
    const shown = number === undefined ? versions[0] : versions.find((version) => version.number === number);
    if (!shown) throw new CausewayError('SUMMARY_NOT_FOUND');
    const actions = shownOn(await rows.transcript(recording)).actions(await actionsOf(database, recording));
    const making = await database.query(
      'select 1 from recording_summary_requests where org_id = $1 and recording_id = $2 and asked_at >= $3',
      [recording.orgId, recording.id, new Date(clock.now() - requestMs)],
    );
    return {
      recordingId: recording.id,
      number: shown.number,
      engine: shown.engine,
      model: shown.model,
      fellBack: shown.fellBack,
      language: shown.language,
      madeAt: shown.createdAt.toISOString(),
      editedBy: shown.editedBy,
      posted: shown.posted && { by: shown.posted.by, at: shown.posted.at.toISOString() },
      content: shown.content,
      // What nobody has looked at yet, or was refused, is for those who decide on it.
      actionItems: actions.filter((item) => mayManage || item.state !== 'dismissed').map(presentAction),
      making: making.length > 0,
      mayManage,
      versions: versions.map(presentVersion),
    };
  }
}

function presentVersion({ number, createdAt, editedBy, engine, posted }: SummaryRow): Summary['versions'][number] {
  return { number, madeAt: createdAt.toISOString(), editedBy, engine, posted: posted !== null };
}

function sentencesOf({ overview, topics, decisions, questions }: Content): Sentence[] {
  return [...overview, ...topics.flatMap((topic) => topic.sentences), ...decisions, ...questions];
}

/** Whose words a version and its items are made of, titles of topics included. Null: a model has mixed them. */
function peopleIn(
  { engine, editedBy, content }: SummaryRow,
  lines: readonly Pick<TranscriptLine, 'personId'>[],
  actions: readonly ActionRow[],
): string[] | null {
  if (engine === 'server' && editedBy === null) return null;
  const said = [...sentencesOf(content), ...lines].flatMap(({ personId }) => personId ?? []);
  return [...new Set([...said, ...actions.flatMap((item) => (item.reworded ? [] : (item.said_by ?? [])))])];
}

/** @throws REQUEST_INVALID where a sentence stands on a line that there isn't */
function read(sentences: readonly NewSentence[], field: string, known: ReadonlyMap<string, Omit<Sentence, 'text'>>): Sentence[] {
  return sentences.map(({ text, lineId, atMs }, index) => {
    if (lineId === null) return { text, atMs, lineId, origin: 'person', personId: null, speaker: null };
    const place = known.get(lineId);
    if (!place) {
      const where = `${field}.${index}.lineId`;
      throw new CausewayError('REQUEST_INVALID', { field: where, fill: { detail: `${where}: there is no such line` } });
    }
    return { ...place, text };
  });
}
