/** Conversations: what others call. Making them and who is in them have files of their own. */
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import type { CausewayError } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import type { Principal } from '../platform/principal.js';
import { mayWrite } from './chat.js';
import type { ChatSessions } from './chat-sessions.js';
import { ConversationMembers, managed } from './conversation-members.js';
import { ConversationNews } from './conversation-news.js';
import type { ConversationKind, Members } from './members.js';
import type { SystemLine, SystemWhat } from './message.js';
import type { MessageLog } from './message-log.js';
import { NewConversations } from './new-conversations.js';
import type { ChatEvents, ConversationFace, MemberGuard, WithMessage } from './ports.js';

export interface ConversationsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: MessageLog;
  readonly members: Members;
  readonly sessions: ChatSessions;
  readonly guards: readonly MemberGuard[];
  /** Whether a conversation may be called this. @throws CHAT_DLP_BLOCKED */
  readonly checkTitle: (by: Principal, conversation: ConversationFace, text: string) => Promise<void>;
  /** What must not be sent is not kept as a draft either. */
  readonly refusalOfDraft: (conversation: ConversationFace, text: string) => Promise<CausewayError | null>;
  /** The data domain of a new conversation of these people when nobody said which; null: the default one. */
  readonly domainOf: (orgId: string, personIds: readonly string[]) => Promise<string | null>;
  readonly emit: (...event: ['members', ...ChatEvents['members']]) => void;
  readonly maxMembers: number;
  /** Conversations that one person may begin, in an hour and in a day. */
  readonly perHour: number;
  readonly perDay: number;
}

export interface ConversationPatch {
  readonly title?: string;
  readonly description?: string;
  readonly archived?: boolean;
}

export interface MinePatch {
  readonly notify?: 'all' | 'mentions' | 'nothing';
  readonly mutedUntil?: Date | null;
  readonly draft?: string;
}

export class Conversations {
  readonly #deps: ConversationsDeps;
  readonly #news: ConversationNews;
  readonly #members: ConversationMembers;
  readonly #new: NewConversations;

  constructor(deps: ConversationsDeps) {
    this.#deps = deps;
    this.#news = new ConversationNews(deps);
    this.#members = new ConversationMembers({ ...deps, news: this.#news });
    this.#new = new NewConversations({ ...deps, news: this.#news, people: this.#members });
  }

  readonly make: NewConversations['make'] = (...wish) => this.#new.make(...wish);
  readonly addMembers: ConversationMembers['addMembers'] = (...who) => this.#members.addMembers(...who);
  readonly takeOut: ConversationMembers['takeOut'] = (...who) => this.#members.takeOut(...who);
  readonly setRole: ConversationMembers['setRole'] = (...who) => this.#members.setRole(...who);
  readonly list: ConversationMembers['list'] = (...of) => this.#members.list(...of);

  /** Title, description, archive. @throws CHAT_NOT_FOUND, CHAT_FORBIDDEN, CHAT_DLP_BLOCKED */
  async patch(principal: Principal, conversationId: string, patch: ConversationPatch): Promise<void> {
    const { conversation } = managed(await this.#deps.members.of(principal, conversationId));
    await this.#deps.checkTitle(principal, conversation, `${patch.title ?? ''}\n${patch.description ?? ''}`);
    const archived = patch.archived !== undefined && patch.archived !== conversation.archived ? patch.archived : undefined;
    const renamed = patch.title !== undefined && patch.title !== conversation.title;
    const change: WithMessage = async (tx) => {
      await tx.query(
        `update conversations set title = coalesce($3, title), description = coalesce($4, description),
           archived_at = case when $5::boolean is null then archived_at when $5 then coalesce(archived_at, now()) else null end
         where org_id = $1 and id = $2`,
        [conversation.orgId, conversation.id, patch.title ?? null, patch.description ?? null, patch.archived ?? null],
      );
    };
    const what: SystemWhat = archived === undefined ? 'renamed' : archived ? 'archived' : 'unarchived';
    await this.#news.say(principal, conversation, what, [], renamed ? (patch.title ?? '') : conversation.title, change);
    this.#deps.members.changed(conversation.id);
    await this.#news.everybody(conversation);
  }

  /** What is the member's own. @throws CHAT_NOT_FOUND, CHAT_DLP_BLOCKED */
  async patchMine(principal: Principal, conversationId: string, patch: MinePatch): Promise<void> {
    const { conversation } = await this.#deps.members.of(principal, conversationId);
    const refusal = patch.draft ? await this.#deps.refusalOfDraft(conversation, patch.draft) : null;
    // The draft before was the beginning of this one. The device hears of it, so that it keeps what is in its field.
    const draft = refusal ? '' : patch.draft;
    await this.#deps.database.query(
      `update conversation_members set notify = coalesce($4, notify), draft = coalesce($5, draft),
         muted_until = case when $6 then $7::timestamptz else muted_until end, version = version + 1
       where org_id = $1 and conversation_id = $2 and person_id = $3`,
      [
        conversation.orgId,
        conversation.id,
        principal.personId,
        patch.notify ?? null,
        draft ?? null,
        patch.mutedUntil !== undefined,
        patch.mutedUntil ?? null,
      ],
    );
    if (refusal) throw refusal;
  }

  // For other parts, which have decided already who may

  /** Those that somebody is in. */
  async of({ orgId, personId }: Pick<Principal, 'orgId' | 'personId'>): Promise<{ id: string; title: string }[]> {
    return this.#deps.database.query<{ id: string; title: string }>(
      `select c.id, c.title from conversation_members m join conversations c on c.id = m.conversation_id
       where m.org_id = $1 and m.person_id = $2 order by c.id`,
      [orgId, personId],
    );
  }

  readonly addMember: ConversationMembers['addMember'] = (...who) => this.#members.addMember(...who);
  readonly removeMember: ConversationMembers['removeMember'] = (...who) => this.#members.removeMember(...who);
  readonly removeGuests: ConversationMembers['removeGuests'] = (...of) => this.#members.removeGuests(...of);

  /** A conversation without members yet, in the caller's transaction. */
  async create(tx: Query, orgId: string, kind: ConversationKind, title: string): Promise<string> {
    const id = newId(this.#deps.clock.now());
    await tx.query('insert into conversations (org_id, id, kind, title, created_at) values ($1, $2, $3, $4, $5)', [
      orgId,
      id,
      kind,
      title,
      new Date(this.#deps.clock.now()),
    ]);
    return id;
  }

  /** In the caller's transaction. */
  async rename(tx: Query, orgId: string, conversationId: string, title: string): Promise<void> {
    await tx.query('update conversations set title = $3 where org_id = $1 and id = $2', [orgId, conversationId, title]);
  }

  /** Another part has changed who is in the conversation, or where it is: a system line, and everybody hears of it. After its commit. */
  async announce(
    by: Pick<Principal, 'personId' | 'name'>,
    conversation: { orgId: string; id: string },
    line: SystemLine,
    { added = [], removed = [] }: { added?: readonly string[]; removed?: readonly string[] } = {},
  ): Promise<void> {
    this.#deps.members.changed(conversation.id);
    await this.#news.report(by, conversation, line);
    if (added.length > 0) this.#news.added(conversation, added);
    this.#news.gone(conversation, removed);
    await this.#news.everybody(conversation);
  }

  /**
   * A system line of what a member did elsewhere, where he may write. The same client id again writes nothing more.
   * @throws CHAT_NOT_FOUND, CHAT_ARCHIVED, CHAT_FORBIDDEN
   */
  async report(
    by: Pick<Principal, 'personId' | 'name'>,
    { orgId, id }: { orgId: string; id: string },
    line: SystemLine,
    clientId: string,
  ): Promise<void> {
    mayWrite(await this.#deps.members.of({ orgId, personId: by.personId }, id));
    await this.#news.report(by, { orgId, id }, line, { clientId, asMember: true });
  }

  /** Ids of all members. */
  membersOf(orgId: string, conversationId: string): Promise<readonly string[]> {
    return this.#deps.members.all(this.#deps.database, orgId, conversationId);
  }

  /** Another part has changed what members see of it: their pages look again. After its commit. */
  async refresh(conversation: { orgId: string; id: string }): Promise<void> {
    this.#deps.members.changed(conversation.id);
    await this.#news.everybody(conversation);
  }
}
