/**
 * Chat as others see it: sending and reading. A message travels so: form, membership, guards (may it
 * be kept?), log (durable), topic "conversation/<id>", acknowledgement; whoever else is interested hears
 * of it afterwards.
 */
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { isId } from '../platform/ids.js';
import type { Principal } from '../platform/principal.js';
import { badMentions, checkAttachmentIds, checkBody, checkMentions, checkOptions, type Draft } from './draft.js';
import type { Members, Membership } from './members.js';
import type { Extra, Message, StoredAttachment } from './message.js';
import type { MessageLog } from './message-log.js';
import type { CaughtUp, MessageReader, Page, Place, Selection } from './message-reader.js';
import type { AttachmentDesk, ConversationFace, Guard, UrgentDesk, WithMessage } from './ports.js';

export interface ChatDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: MessageLog;
  readonly members: Members;
  readonly reader: MessageReader;
  readonly guards: readonly Guard[];
  readonly attachments: AttachmentDesk;
  readonly urgent: UrgentDesk;
  readonly bodyCharacters: number;
}

interface Forwarded {
  readonly message: Message;
  readonly conversation: ConversationFace;
}

/** In larger conversations only admins call everybody. */
const everybodyUpTo = 50;
const everybodyMs = 60_000;
const announced: ReadonlySet<ConversationFace['kind']> = new Set(['announcement', 'department']);

export class Chat {
  readonly #deps: ChatDeps;
  /** When somebody last called everybody, and with which message, by conversation and person. */
  readonly #calledEverybody = new Map<string, { readonly at: number; readonly clientId: string }>();

  constructor(deps: ChatDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when the message is durable. The same client id again gives the message of the first time.
   *
   * @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN, CHAT_ARCHIVED, CHAT_EMPTY, CHAT_TOO_LONG, CHAT_BAD_CLIENT_ID, CHAT_MENTIONS,
   * CHAT_MESSAGE_NOT_FOUND, CHAT_ATTACHMENT, REQUEST_INVALID, CHAT_DOMAIN_REFUSED, CHAT_DLP_WARNED, CHAT_DLP_REASON, CHAT_DLP_BLOCKED
   */
  async send(principal: Principal, draft: Draft): Promise<Message> {
    const attachmentIds = checkAttachmentIds(draft.attachmentIds ?? []);
    // Beside what somebody else said nothing may stand that looks as if he had said it too.
    if (draft.forward && (draft.body !== '' || attachmentIds.length > 0 || draft.poll)) throw notAlone();
    const mayBeEmpty = attachmentIds.length > 0 || draft.forward !== undefined;
    const body = checkBody(draft.body, this.#deps.bodyCharacters, mayBeEmpty);
    const mentions = checkMentions(draft.mentions ?? []);
    const options = draft.poll ? checkOptions(draft.poll.options) : [];
    if (!isId(draft.clientId)) throw new CausewayError('CHAT_BAD_CLIENT_ID', { field: 'clientId' });
    const membership = await this.#deps.members.of(principal, draft.conversationId);
    const { conversation } = membership;
    mayWrite(membership);
    // What can be had once is gone when a message is sent again: its files, the call to everybody.
    const known = mayBeEmpty || draft.mentionsAll ? await this.#sentBefore(principal, draft.clientId) : null;
    if (known) return sameConversation(known, conversation.id);
    await this.#checkMentioned(membership, mentions, draft.mentionsAll ?? false);
    const place = placeOf(membership);
    const thread = draft.thread ? await this.#threadOf(place, draft.thread) : null;
    const replyTo = draft.replyTo ? (await this.#messageThere(place, draft.replyTo, 'replyTo')).number : null;
    const forwarded = draft.forward ? await this.#forwardable(principal, draft.forward) : null;
    if (draft.urgent) await this.#deps.urgent.check(principal, conversation, membership.role, draft.clientId);

    const text = forwarded?.message.body ?? body;
    const own = attachmentIds.length > 0 ? await this.#deps.attachments.forMessage(principal, conversation.id, attachmentIds) : [];
    const theirs = forwarded?.message.extra?.attachments ?? [];
    const written = [text, ...options, ...(draft.alias === undefined ? [] : [draft.alias])].join('\n');
    await this.#guard(principal, draft, { conversation, text: written, attachments: [...own, ...theirs], forwarded });
    // Copied when it is allowed: a copy that lay there could be sent by itself, where no rule sees that it was forwarded.
    const copies =
      forwarded && theirs.length > 0 ? await this.#deps.attachments.copyForForward(principal, forwarded.message, conversation.id) : [];
    const attachments = [...own, ...copies];
    if (draft.mentionsAll) this.#callEverybody(principal, conversation.id, draft.clientId.toLowerCase());

    const stored = await this.#deps.log.append(
      {
        orgId: principal.orgId,
        conversationId: conversation.id,
        senderId: principal.personId,
        senderName: draft.alias ?? principal.name,
        clientId: draft.clientId.toLowerCase(),
        body: text,
        kind: draft.poll ? 'poll' : 'text',
        thread,
        replyTo,
        mentions,
        mentionsAll: draft.mentionsAll ?? false,
        urgent: draft.urgent ?? false,
        byApp: principal.role === 'app',
        extra: extraOf(draft, options, attachments, forwarded),
      },
      this.#withMessage(attachments, draft.urgent ?? false),
      { asMember: true },
    );
    return sameConversation(stored, conversation.id);
  }

  /** @throws CHAT_NOT_FOUND */
  async read(principal: Principal, conversationId: string, selection: Selection, limit: number): Promise<Page & { latest: number }> {
    const place = placeOf(await this.#deps.members.of(principal, conversationId));
    // The newest number first: what comes in between is then in the page or after `latest`, never lost.
    const latest = await this.#deps.reader.latest(place.orgId, place.conversationId);
    const page = await this.#deps.reader.read(place, selection, limit);
    return { ...page, latest: Math.max(latest, page.messages.at(-1)?.number ?? 0) };
  }

  /** @throws CHAT_NOT_FOUND */
  async catchUp(principal: Principal, conversationId: string, after: number, limit: number): Promise<CaughtUp> {
    return this.#deps.reader.changedAfter(placeOf(await this.#deps.members.of(principal, conversationId)), after, limit);
  }

  /** One message. @throws CHAT_NOT_FOUND, CHAT_MESSAGE_NOT_FOUND */
  async message(principal: Principal, conversationId: string, number: number): Promise<Message> {
    return this.#messageThere(placeOf(await this.#deps.members.of(principal, conversationId)), number, 'number');
  }

  async #messageThere(place: Place, number: number, field: string): Promise<Message> {
    const message = await this.#deps.reader.one(place, number);
    if (!message) throw new CausewayError('CHAT_MESSAGE_NOT_FOUND', { field });
    return message;
  }

  /** Threads have one level: a reply to a reply stands in the same thread. */
  async #threadOf(place: Place, number: number): Promise<number> {
    const root = await this.#messageThere(place, number, 'thread');
    return root.thread ?? root.number;
  }

  async #forwardable(principal: Principal, from: { conversationId: string; number: number }): Promise<Forwarded> {
    const membership = await this.#deps.members.of(principal, from.conversationId);
    const message = await this.#messageThere(placeOf(membership), from.number, 'forward');
    if (message.recalledAt !== null || message.kind === 'system') throw new CausewayError('CHAT_MESSAGE_NOT_FOUND', { field: 'forward' });
    return { message, conversation: membership.conversation };
  }

  async #checkMentioned({ conversation, role }: Membership, mentions: readonly string[], all: boolean): Promise<void> {
    if (mentions.length > 0 && (await this.#deps.members.among(conversation.id, mentions)).size < mentions.length) throw badMentions();
    if (all && role !== 'admin' && (announced.has(conversation.kind) || conversation.memberCount > everybodyUpTo))
      throw new CausewayError('CHAT_FORBIDDEN');
  }

  /** Once a minute. Asked last, so that a question of a rule does not use it up. What is sent again is the same call. */
  #callEverybody({ personId }: Principal, conversationId: string, clientId: string): void {
    const who = `${conversationId}/${personId}`;
    const now = this.#deps.clock.now();
    const last = this.#calledEverybody.get(who);
    if (last?.clientId === clientId) return;
    if (last && now - last.at < everybodyMs) throw badMentions();
    for (const [key, { at }] of this.#calledEverybody) if (now - at >= everybodyMs) this.#calledEverybody.delete(key);
    this.#calledEverybody.set(who, { at: now, clientId });
  }

  /** A resend finds its files sent already, by itself. */
  async #sentBefore(principal: Principal, clientId: string): Promise<Message | null> {
    const [row] = await this.#deps.database.query<{ conversation_id: string; number: number }>(
      'select conversation_id, number from messages where sender_id = $1 and client_id = $2',
      [principal.personId, clientId],
    );
    return row ? this.#deps.reader.one({ orgId: principal.orgId, conversationId: row.conversation_id, visibleAfter: 0 }, row.number) : null;
  }

  async #guard(
    principal: Principal,
    draft: Draft,
    what: { conversation: ConversationFace; text: string; attachments: readonly StoredAttachment[]; forwarded: Forwarded | null },
  ): Promise<void> {
    for (const guard of this.#deps.guards) {
      await guard.check({
        purpose: 'send',
        principal,
        conversation: what.conversation,
        text: what.text,
        attachments: what.attachments,
        forwardedFrom: what.forwarded?.conversation ?? null,
        acknowledged: draft.acknowledged ?? false,
        reason: draft.reason ?? '',
      });
    }
  }

  #withMessage(attachments: readonly StoredAttachment[], urgent: boolean): WithMessage | undefined {
    if (attachments.length === 0 && !urgent) return undefined;
    return async (tx, message) => {
      if (attachments.length > 0) await this.#deps.attachments.attach(tx, message);
      if (urgent) await this.#deps.urgent.inTransaction(tx, message);
    };
  }
}

export function placeOf({ conversation, visibleAfter }: Membership): Place {
  return { orgId: conversation.orgId, conversationId: conversation.id, visibleAfter };
}

/** @throws CHAT_ARCHIVED, CHAT_FORBIDDEN */
export function mayWrite({ conversation, role }: Membership): void {
  if (conversation.archived) throw new CausewayError('CHAT_ARCHIVED');
  if (conversation.kind === 'announcement' && role !== 'admin') throw new CausewayError('CHAT_FORBIDDEN');
}

function notAlone(): CausewayError {
  const detail = 'forward: a forwarded message has no text, files or poll of its own; send them as another message';
  return new CausewayError('REQUEST_INVALID', { field: 'forward', fill: { detail } });
}

/** The client id was used for another conversation: that message is not this one. */
function sameConversation(message: Message, conversationId: string): Message {
  if (message.conversationId !== conversationId) throw new CausewayError('CHAT_BAD_CLIENT_ID', { field: 'clientId' });
  return message;
}

function extraOf(
  draft: Draft,
  options: readonly string[],
  attachments: readonly StoredAttachment[],
  forwarded: Forwarded | null,
): Extra | null {
  const extra: Extra = {
    ...(attachments.length > 0 && { attachments }),
    ...(draft.poll && {
      poll: {
        options,
        votes: options.map(() => 0),
        voters: 0,
        multiple: draft.poll.multiple,
        anonymous: draft.poll.anonymous,
        closed: false,
      },
    }),
    ...(forwarded && {
      forwarded: {
        conversationId: forwarded.message.conversationId,
        number: forwarded.message.number,
        senderName: forwarded.message.senderName,
        sentAtMs: forwarded.message.sentAt.getTime(),
      },
    }),
  };
  return Object.keys(extra).length === 0 ? null : extra;
}
