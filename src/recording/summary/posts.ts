/**
 * What was said in the conversation from a recording: summaries that were posted, tasks of which assignees were
 * told. Whoever takes back what he said takes it back from there, too: the server itself writes the summary
 * anew without him, or recalls what can't be cut, and the log forgets the texts before. Under a legal hold the
 * message is recalled, and its words stay in the log until the hold is lifted.
 */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import type { Holds, RecordingRows } from '../ports.js';
import type { Recording } from '../recording.js';
import type { CorrectPost, PostedAt } from './ports.js';
import { shownOn } from './pruning.js';
import { actionsOf, type Of, summariesOf } from './summary-rows.js';
import { writeUp } from './write-up.js';

export interface PostsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly rows: Pick<RecordingRows, 'transcript'>;
  readonly holds: Holds;
  readonly correct: CorrectPost;
  /** Characters of a message. */
  readonly messageCharacters: number;
}

export interface NewPost {
  readonly what: 'summary' | 'action';
  readonly summaryNumber: number | null;
  /** Items that it lists, or tells of. */
  readonly actions: readonly string[];
  /** Whose words are in it; null: a model mixed them. */
  readonly people: readonly string[] | null;
  /** It says by now what was taken back. */
  readonly isStale: boolean;
}

interface Stale {
  readonly what: 'summary' | 'action';
  readonly conversationId: string;
  readonly number: number;
  readonly summaryNumber: number | null;
  readonly actions: readonly string[];
}

export class Posts {
  readonly #deps: PostsDeps;

  constructor(deps: PostsDeps) {
    this.#deps = deps;
  }

  async noted(tx: Query, { orgId, id }: Of, at: PostedAt, post: NewPost): Promise<void> {
    await tx.query(
      `insert into recording_posts (org_id, recording_id, conversation_id, message_number, what, summary_number, actions, people, posted_at, state)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (conversation_id, message_number) do nothing`,
      [
        orgId,
        id,
        at.conversationId,
        at.number,
        post.what,
        post.summaryNumber,
        post.actions,
        post.people,
        new Date(this.#deps.clock.now()),
        post.isStale ? 'stale' : 'current',
      ],
    );
  }

  /** This person took back what he said: messages with words of his are to be corrected. `heldToo`: the hold over them may be lifted. */
  async mark(tx: Query, { orgId, id }: Of, personId: string, heldToo: boolean): Promise<void> {
    await tx.query(
      `update recording_posts set state = 'stale' where org_id = $1 and recording_id = $2 and (people is null or $3 = any(people))
         and (state in ('current', 'corrected') or ($4 and state = 'held'))`,
      [orgId, id, personId, heldToo],
    );
  }

  /** Corrects what is to be corrected. Cut off at any moment, it is to be called again; again is harmless. */
  async settle(recording: Recording): Promise<void> {
    const { database, holds, correct } = this.#deps;
    const stale = await database.query<Stale>(
      `select what, conversation_id as "conversationId", message_number as number, summary_number as "summaryNumber", actions
       from recording_posts where org_id = $1 and recording_id = $2 and state = 'stale' order by posted_at, message_number`,
      [recording.orgId, recording.id],
    );
    for (const post of stale) {
      const heldBy = await holds.holdOf(database, recording);
      const text = heldBy === null ? await this.#text(recording, post) : null;
      const { conversationId, number } = post;
      const done = await correct({ orgId: recording.orgId, conversationId, number }, text, heldBy !== null);
      await this.#corrected(recording, post, done, heldBy);
    }
  }

  /** What may be said of it now; null: nothing. */
  async #text(recording: Recording, { what, summaryNumber, actions: listed }: Stale): Promise<string | null> {
    if (what === 'action') return null;
    const { database, rows, messageCharacters } = this.#deps;
    const version = (await summariesOf(database, recording)).find(({ number }) => number === summaryNumber);
    if (!version) return null;
    const shown = shownOn(await rows.transcript(recording));
    const { overview, decisions, questions } = shown.content(version.content);
    const actions = shown
      .actions(await actionsOf(database, recording))
      .filter(({ id, state }) => listed.includes(id) && (state === 'confirmed' || state === 'done'));
    if (overview.length + decisions.length + questions.length + actions.length === 0) return null;
    // Titles of topics are made of words that anybody said.
    const summary = { ...version, content: { overview, decisions, questions, topics: [] } };
    return writeUp({ recording, summary, actions, reviewer: version.posted?.by.name ?? '', mostCharacters: messageCharacters });
  }

  async #corrected(
    { orgId, id }: Recording,
    { what, conversationId, number }: Stale,
    done: 'rewritten' | 'recalled' | 'gone',
    heldBy: string | null,
  ): Promise<void> {
    const { database, audit, clock } = this.#deps;
    const state = heldBy !== null && done !== 'gone' ? 'held' : done === 'rewritten' ? 'corrected' : 'recalled';
    await database.transaction(async (tx) => {
      await tx.query(
        `update recording_posts set state = $4, changed_at = $5 where org_id = $1 and conversation_id = $2 and message_number = $3`,
        [orgId, conversationId, number, state, new Date(clock.now())],
      );
      await audit.record(tx, {
        orgId,
        actor: null,
        action: 'recording.post-corrected',
        subject: { recording: id, conversation: conversationId },
        detail: { what, message: number, done, ...(heldBy !== null && { heldBy }) },
      });
    });
  }
}
