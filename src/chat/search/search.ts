/**
 * Finds messages. The index gives candidates; what is shown was read from the messages themselves, by
 * somebody who is a member now, and has every needle in its text. So an index that is behind, or a hash
 * that two words share, never shows what should not be seen.
 */
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { Message } from '../message.js';
import { indexedPlaces, type Place, recentPlaces, type Scope } from './candidates.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { attachmentsOf, type Finds, findNeedles, presentFound } from './found-message.js';
import { readQuery } from './query.js';
import { conversationNames, readMessages } from './readable-messages.js';
import type { Found, SearchQuery } from './schema.js';
import { everybodyTerm, fileTerm, mentionTerm, senderTerm } from './terms.js';

interface Candidates {
  readonly places: readonly Place[];
  /** Where to go on when they are not a full batch; null: that was all. */
  readonly lookedTo: Place | null;
}

interface Find {
  readonly message: Message;
  readonly finds: Finds;
}

/** Candidates that are looked at together; twice as many each time, where they prove to be something else. */
const firstBatch = 100;
const largestBatch = 800;
/** Times that one request asks for candidates, at most; the next page goes on from there. */
const mostRounds = 6;
/** A long query is found by fewer of its terms; its text is compared in any case. */
const mostTerms = 64;

export class Search {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws CHAT_NOT_FOUND for a conversation of which the person is no member, CHAT_SEARCH_EMPTY, REQUEST_INVALID for a cursor */
  async find(principal: Principal, query: SearchQuery): Promise<Found> {
    const needles = readQuery(query.q);
    let after = query.cursor === undefined ? null : decodeCursor(query.cursor);
    const scope = await this.#scope(principal, query, [...new Set(needles.flatMap(({ terms }) => terms))].slice(0, mostTerms));
    // Signs alone are in no index. Of one conversation, everything can be looked through, page by page.
    const aimless = scope.terms.length + scope.anyTerms.length === 0;
    if (aimless && query.q.trim() !== '' && query.conversation === undefined) throw new CausewayError('CHAT_SEARCH_EMPTY', { field: 'q' });

    const finds: Find[] = [];
    const page = async (next: Place | null): Promise<Found> => ({
      messages: await this.#present(principal, finds),
      cursor: next && encodeCursor(next),
    });
    if (scope.conversationIds.length === 0) return page(null);
    let last = after;
    let rare = false;
    for (let round = 0; round < mostRounds; round += 1) {
      const batch = Math.min(largestBatch, firstBatch * 2 ** round);
      const { places, lookedTo } = await this.#candidates(scope, after, rare, batch);
      const messages = await readMessages(this.#database, principal, places);
      for (const [index, message] of messages.entries()) {
        const found = message && fits(message, query, principal) ? findNeedles(message, needles) : null;
        if (!message || !found) continue;
        if (finds.length === query.limit) return page(last);
        finds.push({ message, finds: found });
        last = places[index] ?? null;
      }
      const isFull = places.length === batch;
      after = isFull ? (places.at(-1) ?? null) : lookedTo;
      if (!after) return page(null);
      rare ||= !isFull && !aimless;
    }
    return page(after);
  }

  async #candidates(scope: Scope, after: Place | null, rare: boolean, batch: number): Promise<Candidates> {
    if (!rare) return recentPlaces(this.#database, scope, after, batch);
    return { places: await indexedPlaces(this.#database, scope, after, batch), lookedTo: null };
  }

  /** @throws CHAT_NOT_FOUND */
  async #scope({ orgId, personId }: Principal, query: SearchQuery, terms: readonly number[]): Promise<Scope> {
    const memberships = await this.#database.query<{ conversation_id: string; visible_after: number }>(
      `select conversation_id, visible_after from conversation_members
       where org_id = $1 and person_id = $2 and ($3::uuid is null or conversation_id = $3)`,
      [orgId, personId, query.conversation ?? null],
    );
    if (query.conversation !== undefined && memberships.length === 0) throw new CausewayError('CHAT_NOT_FOUND', { field: 'conversation' });
    return {
      orgId,
      conversationIds: memberships.map((row) => row.conversation_id),
      hidden: new Map(memberships.filter((row) => row.visible_after > 0).map((row) => [row.conversation_id, row.visible_after])),
      terms: [
        ...terms,
        ...(query.from === undefined ? [] : [senderTerm(query.from.toLowerCase())]),
        ...(query.has === 'file' ? [fileTerm] : []),
      ],
      anyTerms: query.mentions === 'me' ? [mentionTerm(personId), everybodyTerm] : [],
      since: query.since ?? null,
      until: query.until ?? null,
    };
  }

  async #present(principal: Principal, finds: readonly Find[]): Promise<Found['messages']> {
    const ids = [...new Set(finds.map(({ message }) => message.conversationId))];
    const names = await conversationNames(this.#database, principal, ids);
    return finds.flatMap(({ message, finds }) => {
      const conversation = names.get(message.conversationId);
      return conversation ? [presentFound(message, finds, conversation)] : [];
    });
  }
}

/** What the index says by hashes, said by the message. */
function fits(message: Message, { from, has, mentions, since, until }: SearchQuery, { personId }: Principal): boolean {
  const at = message.sentAt.getTime();
  return (
    (from === undefined || message.senderId === from.toLowerCase()) &&
    (has === undefined || attachmentsOf(message).length > 0) &&
    (mentions === undefined || message.mentionsAll || message.mentions.includes(personId)) &&
    (since === undefined || at >= Date.parse(since)) &&
    (until === undefined || at < Date.parse(until))
  );
}
