/** What people do to messages that are there: edit, recall, react, pin, vote. Each takes a number of the log. */
import type { Clock } from '../platform/clock.js';
import type { Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Principal } from '../platform/principal.js';
import { mayWrite } from './chat.js';
import { badMentions, checkBody, checkMentions } from './draft.js';
import { isEmoji } from './emoji.js';
import type { Members, Membership } from './members.js';
import type { Change, Message, StoredCard, StoredPoll } from './message.js';
import type { Alteration, MessageLog } from './message-log.js';
import type { AttachmentDesk, Guard } from './ports.js';

export interface MessageActsDeps {
  readonly clock: Clock;
  readonly log: MessageLog;
  readonly members: Members;
  readonly guards: readonly Guard[];
  readonly attachments: AttachmentDesk;
  /** Whether a legal hold keeps something of the conversation. */
  readonly held: (tx: Query, conversation: { readonly orgId: string; readonly conversationId: string }) => Promise<boolean>;
  readonly bodyCharacters: number;
  readonly recallMs: number;
}

export interface Edit {
  readonly body: string;
  readonly mentions: readonly string[];
  readonly acknowledged: boolean;
  readonly reason: string;
}

/** Where a message stands. */
export interface MessagePlace {
  readonly orgId: string;
  readonly conversationId: string;
  readonly number: number;
}

export interface Acted {
  readonly message: Message;
  /** Null: it was so already. */
  readonly change: Change | null;
}

type Act = (
  message: Message,
  tx: Query,
  now: Date,
) => Promise<(Omit<Alteration, 'actorId' | 'actorName'> & { readonly isAnonymous?: boolean }) | null>;

const mostEmoji = 20;
const mostPins = 100;
/** Everybody may pin in small groups. */
const pinnedByAllUpTo = 50;

export class MessageActs {
  readonly #deps: MessageActsDeps;

  constructor(deps: MessageActsDeps) {
    this.#deps = deps;
  }

  /** Another text for one's own message; the one before stays in the log. @throws as Chat.send, and CHAT_RECALLED */
  async edit(principal: Principal, conversationId: string, number: number, edit: Edit): Promise<Acted> {
    const mentions = checkMentions(edit.mentions);
    const membership = await this.#deps.members.of(principal, conversationId);
    mayWrite(membership);
    const { conversation } = membership;
    if (mentions.length > 0 && (await this.#deps.members.among(conversation.id, mentions)).size < mentions.length) throw badMentions();
    const body = checkBody(edit.body, this.#deps.bodyCharacters, true);
    for (const guard of this.#deps.guards) {
      await guard.check({
        purpose: 'edit',
        principal,
        conversation,
        text: body,
        attachments: [],
        forwardedFrom: null,
        acknowledged: edit.acknowledged,
        reason: edit.reason,
      });
    }
    return this.#act(principal, membership, number, async (message, _tx, now) => {
      if (message.senderId !== principal.personId || message.kind !== 'text') throw new CausewayError('CHAT_FORBIDDEN');
      // It says whose words they are.
      if (message.extra?.forwarded) throw new CausewayError('CHAT_FORBIDDEN');
      if (body === '' && !message.extra?.attachments?.length) throw new CausewayError('CHAT_EMPTY', { field: 'body' });
      if (body === message.body && sameIds(mentions, message.mentions)) return null;
      return { kind: 'edit', keepsText: true, patch: { body, mentions, editedAt: now } };
    });
  }

  /** A tombstone stays. @throws CHAT_NOT_FOUND, CHAT_MESSAGE_NOT_FOUND, CHAT_FORBIDDEN, CHAT_RECALL_LATE */
  async recall(principal: Principal, conversationId: string, number: number): Promise<Acted> {
    const membership = await this.#deps.members.of(principal, conversationId);
    const { recallMs, attachments } = this.#deps;
    const moderates = membership.role === 'admin' && membership.conversation.kind !== 'direct';
    return this.#act(
      principal,
      membership,
      number,
      async (message, tx, now) => {
        if (message.recalledAt !== null) return null;
        if (message.kind === 'system') throw new CausewayError('CHAT_FORBIDDEN');
        if (!moderates) {
          if (message.senderId !== principal.personId) throw new CausewayError('CHAT_FORBIDDEN');
          if (now.getTime() - message.sentAt.getTime() > recallMs)
            throw new CausewayError('CHAT_RECALL_LATE', { fill: { minutes: Math.ceil(recallMs / 60_000) } });
        }
        await attachments.drop(tx, message);
        return { kind: 'recall', keepsText: true, patch: tombstone(message, now) };
      },
      true,
    );
  }

  /** @throws CHAT_NOT_FOUND, CHAT_MESSAGE_NOT_FOUND, CHAT_RECALLED, CHAT_REACTION, CHAT_ARCHIVED */
  async react(principal: Principal, conversationId: string, number: number, emoji: string, on: boolean): Promise<Acted> {
    const refused = new CausewayError('CHAT_REACTION', { field: 'emoji', fill: { limit: mostEmoji } });
    if (!isEmoji(emoji)) throw refused;
    const membership = await this.#deps.members.of(principal, conversationId);
    if (membership.conversation.archived) throw new CausewayError('CHAT_ARCHIVED');
    return this.#act(principal, membership, number, async (message) => {
      if (message.kind === 'system') throw new CausewayError('CHAT_FORBIDDEN');
      const people = message.reactions[emoji] ?? [];
      if (people.includes(principal.personId) === on) return null;
      if (on && people.length === 0 && Object.keys(message.reactions).length >= mostEmoji) throw refused;
      const now = on ? [...people, principal.personId] : people.filter((id) => id !== principal.personId);
      const { [emoji]: _before, ...others } = message.reactions;
      // An emoji keeps its place while somebody has chosen it.
      const reactions = now.length === 0 ? others : { ...message.reactions, [emoji]: now };
      return { kind: 'reaction', detail: { emoji, on }, patch: { reactions } };
    });
  }

  /** @throws CHAT_NOT_FOUND, CHAT_MESSAGE_NOT_FOUND, CHAT_RECALLED, CHAT_FORBIDDEN, CHAT_PINS */
  async pin(principal: Principal, conversationId: string, number: number, on: boolean): Promise<Acted> {
    const membership = await this.#deps.members.of(principal, conversationId);
    const { conversation, role } = membership;
    mayWrite(membership);
    if (role !== 'admin' && (conversation.kind === 'department' || conversation.memberCount > pinnedByAllUpTo))
      throw new CausewayError('CHAT_FORBIDDEN');
    return this.#act(principal, membership, number, async (message, tx, now) => {
      if (message.kind === 'system') throw new CausewayError('CHAT_FORBIDDEN');
      if ((message.pinnedAt !== null) === on) return null;
      if (on) {
        const [row] = await tx.query<{ count: number }>(
          'select count(*)::int as count from messages where conversation_id = $1 and pinned_at is not null',
          [conversation.id],
        );
        if ((row?.count ?? 0) >= mostPins) throw new CausewayError('CHAT_PINS', { fill: { limit: mostPins } });
      }
      return { kind: 'pin', detail: { on }, patch: { pinnedAt: on ? now : null } };
    });
  }

  /** Chooses these options and no others. @throws CHAT_NOT_FOUND, CHAT_MESSAGE_NOT_FOUND, CHAT_RECALLED, CHAT_POLL */
  async vote(principal: Principal, conversationId: string, number: number, options: readonly number[]): Promise<Acted> {
    const membership = await this.#deps.members.of(principal, conversationId);
    if (membership.conversation.archived) throw new CausewayError('CHAT_ARCHIVED');
    const chosen = [...new Set(options)].sort((a, b) => a - b);
    return this.#act(principal, membership, number, async (message, tx, now) => {
      const poll = pollOf(message);
      const good =
        !poll.closed && (poll.multiple || chosen.length <= 1) && chosen.every((option) => option >= 0 && option < poll.options.length);
      if (!good) throw new CausewayError('CHAT_POLL');
      const key = [message.conversationId, message.number, principal.personId];
      const [row] = await tx.query<{ options: number[] }>(
        'select options from poll_votes where conversation_id = $1 and number = $2 and person_id = $3',
        key,
      );
      const before = row?.options ?? [];
      if (before.join() === chosen.join()) return null;
      if (chosen.length === 0) await tx.query('delete from poll_votes where conversation_id = $1 and number = $2 and person_id = $3', key);
      else
        await tx.query(
          `insert into poll_votes (conversation_id, number, person_id, org_id, options, voted_at) values ($1, $2, $3, $4, $5, $6)
           on conflict (conversation_id, number, person_id) do update set options = excluded.options, voted_at = excluded.voted_at`,
          [...key, message.orgId, chosen, now],
        );
      const votes = poll.votes.map((count, option) => count - Number(before.includes(option)) + Number(chosen.includes(option)));
      const voters = poll.voters - Number(before.length > 0) + Number(chosen.length > 0);
      return { kind: 'vote', isAnonymous: poll.anonymous, patch: { extra: { ...message.extra, poll: { ...poll, votes, voters } } } };
    });
  }

  /** By who asked, or an admin. @throws CHAT_NOT_FOUND, CHAT_MESSAGE_NOT_FOUND, CHAT_FORBIDDEN, CHAT_POLL */
  async closePoll(principal: Principal, conversationId: string, number: number): Promise<Acted> {
    const membership = await this.#deps.members.of(principal, conversationId);
    return this.#act(principal, membership, number, async (message) => {
      const poll = pollOf(message);
      if (message.senderId !== principal.personId && membership.role !== 'admin') throw new CausewayError('CHAT_FORBIDDEN');
      if (poll.closed) return null;
      return { kind: 'poll-closed', patch: { extra: { ...message.extra, poll: { ...poll, closed: true } } } };
    });
  }

  /** Cards of the pages that a message links to. Harmless when it was recalled or deleted meanwhile. */
  async setCards(orgId: string, conversationId: string, number: number, cards: readonly StoredCard[]): Promise<void> {
    await this.#deps.log.change({ orgId, conversationId, number }, (message) => {
      // The text may be another one since its links were followed: what was taken out of it does not come back as a card.
      const wanted = cards.filter(({ url }) => message.body.includes(url));
      if (message.recalledAt !== null || (wanted.length === 0 && !message.extra?.cards?.length)) return null;
      return { kind: 'cards', actorId: null, actorName: '', patch: { extra: { ...message.extra, cards: wanted } } };
    });
  }

  /**
   * On the server's own authority: another text in the place of one that nobody may read any more, null for a
   * tombstone, here and wherever it was forwarded to. `keeps`, as where a legal hold keeps a conversation: a
   * tombstone, and what it was stays in the log, for exports alone; otherwise the texts before are deleted from
   * there. Again is harmless. Gives what became of it.
   */
  async replace(at: MessagePlace, body: string | null, keeps: boolean): Promise<'rewritten' | 'recalled' | 'gone'> {
    const seen = new Set<string>();
    const replaceAll = async (place: MessagePlace): Promise<'rewritten' | 'recalled' | 'gone'> => {
      seen.add(`${place.conversationId}/${place.number}`);
      const { done, copies } = await this.#replaceOne(place, body, keeps);
      for (const copy of copies) if (!seen.has(`${copy.conversationId}/${copy.number}`)) await replaceAll(copy);
      return done;
    };
    return replaceAll(at);
  }

  async #replaceOne(
    at: MessagePlace,
    body: string | null,
    keeps: boolean,
  ): Promise<{ readonly done: 'rewritten' | 'recalled' | 'gone'; readonly copies: readonly MessagePlace[] }> {
    let copies: MessagePlace[] = [];
    try {
      const { message } = await this.#deps.log.change(at, async (before, tx, now) => {
        copies = await tx.query<{ orgId: string; conversationId: string; number: number }>(
          `select org_id as "orgId", conversation_id as "conversationId", number from messages
           where extra ? 'forwarded' and org_id = $1 and extra->'forwarded'->>'conversationId' = $2::text
             and (extra->'forwarded'->>'number')::int = $3`,
          [at.orgId, at.conversationId, at.number],
        );
        const isKept = keeps || (await this.#deps.held(tx, at));
        if (!isKept)
          await tx.query(
            'update message_changes set before = null where conversation_id = $1 and message_number = $2 and before is not null',
            [at.conversationId, at.number],
          );
        if (before.recalledAt !== null) return null;
        const nobody = { actorId: null, actorName: '', keepsText: isKept };
        if (body !== null && !isKept)
          return body === before.body ? null : { ...nobody, kind: 'edit', patch: { body, mentions: [], editedAt: now } };
        await this.#deps.attachments.drop(tx, before);
        return { ...nobody, kind: 'recall', patch: tombstone(before, now) };
      });
      return { done: message.recalledAt === null ? 'rewritten' : 'recalled', copies };
    } catch (error) {
      // It was deleted: its time was over, or its conversation's.
      if (error instanceof CausewayError && (error.code === 'CHAT_MESSAGE_NOT_FOUND' || error.code === 'CHAT_NOT_FOUND'))
        return { done: 'gone', copies };
      throw error;
    }
  }

  async #act(principal: Principal, membership: Membership, number: number, act: Act, recalledToo = false): Promise<Acted> {
    const { orgId, id: conversationId } = membership.conversation;
    if (number <= membership.visibleAfter || number > 0x7fff_ffff) throw new CausewayError('CHAT_MESSAGE_NOT_FOUND', { field: 'number' });
    return this.#deps.log.change({ orgId, conversationId, number }, async (message, tx, now) => {
      // Once more under the lock: another node's word that he was put out may be late.
      const member = await tx.query('select 1 from conversation_members where conversation_id = $1 and person_id = $2', [
        conversationId,
        principal.personId,
      ]);
      if (member.length === 0) throw new CausewayError('CHAT_NOT_FOUND');
      if (message.recalledAt !== null && !recalledToo) throw new CausewayError('CHAT_RECALLED');
      const done = await act(message, tx, now);
      if (!done) return null;
      const { isAnonymous = false, ...alteration } = done;
      return { ...alteration, actorId: isAnonymous ? null : principal.personId, actorName: isAnonymous ? '' : principal.name };
    });
  }
}

/** What a message is that was recalled. Where it was forwarded from stays known: what is taken back there is taken back from its log, too. */
function tombstone({ extra }: Message, now: Date): Alteration['patch'] {
  const from = extra?.forwarded ? { forwarded: extra.forwarded } : null;
  return { body: '', mentions: [], mentionsAll: false, extra: from, reactions: {}, recalledAt: now, pinnedAt: null };
}

function pollOf(message: Message): StoredPoll {
  const poll = message.extra?.poll;
  if (!poll) throw new CausewayError('CHAT_POLL');
  return poll;
}

function sameIds(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}
