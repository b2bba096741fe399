/** Conversations as one person sees them: what a list shows of each. */
import type { Database } from '../platform/database/index.js';
import type { ConversationKind, MemberRole } from './members.js';
import type { Message, PersonName } from './message.js';
import { type MessageRow, messageColumns, toMessage } from './message-rows.js';

export type NotifyLevel = 'all' | 'mentions' | 'nothing';

export interface Head {
  readonly orgId: string;
  readonly id: string;
  readonly kind: ConversationKind;
  readonly title: string;
  readonly description: string;
  readonly domainId: string | null;
  readonly domainName: string;
  readonly latest: number;
  readonly memberCount: number;
  readonly archived: boolean;
  readonly historyFromJoin: boolean;
  readonly createdAt: Date;
  readonly role: MemberRole;
  readonly visibleAfter: number;
  readonly readNumber: number;
  readonly version: number;
  readonly unread: number;
  readonly unreadMentions: number;
  readonly notify: NotifyLevel;
  readonly mutedUntil: Date | null;
  readonly draft: string;
  readonly canPost: boolean;
  readonly canManage: boolean;
  /** Of a direct conversation. */
  readonly counterpart: PersonName | null;
  readonly lastMessage: Message | null;
}

/** What is cheap to know of all conversations of a person. */
export interface Standing {
  readonly conversationId: string;
  readonly latest: number;
  readonly visibleAfter: number;
  readonly readNumber: number;
  readonly version: number;
}

interface HeadRow {
  id: string;
  kind: ConversationKind;
  title: string;
  description: string;
  domain_id: string | null;
  domain_name: string | null;
  last_number: number;
  member_count: number;
  archived: boolean;
  history_from_join: boolean;
  created_at: Date;
  role: MemberRole;
  visible_after: number;
  read_number: number;
  version: number;
  unread: number;
  unread_mentions: number;
  notify: NotifyLevel;
  muted_until: Date | null;
  draft: string;
  counterpart_id: string | null;
  counterpart_name: string | null;
  counterpart_role: string | null;
}

/** More are not counted. */
const mostUnread = 1_000;

/**
 * Unread messages of person $2 in conversation c, of which m is his membership: of others, not recalled,
 * and of threads only those that he takes part in.
 */
const unreadOf = `
  select count(*)::int as unread, (count(*) filter (where x.mentioned))::int as mentions from (
    select x.mentions_all or $2 = any(x.mentions) as mentioned from messages x
    where x.conversation_id = c.id and x.number > greatest(m.read_number, m.visible_after)
      and x.sender_id <> $2 and x.kind <> 'system' and x.recalled_at is null
      and (x.thread is null or x.mentions_all or $2 = any(x.mentions) or exists (
        select 1 from messages f where f.conversation_id = c.id and f.sender_id = $2 and (f.number = x.thread or f.thread = x.thread)))
    order by x.number limit ${mostUnread}) x`;

export class Heads {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Of all conversations of a person, or of some. */
  async standings(orgId: string, personId: string, only: readonly string[] | null): Promise<Standing[]> {
    return this.#database.query<Standing>(
      `select m.conversation_id as "conversationId", c.last_number as latest, m.visible_after as "visibleAfter",
              m.read_number as "readNumber", m.version
       from conversation_members m join conversations c on c.id = m.conversation_id
       where m.org_id = $1 and m.person_id = $2 and ($3::uuid[] is null or m.conversation_id = any($3))`,
      [orgId, personId, only],
    );
  }

  /** Heads of these conversations, as far as the person is a member. */
  async heads(orgId: string, personId: string, ids: readonly string[]): Promise<Head[]> {
    if (ids.length === 0) return [];
    const [rows, last] = await Promise.all([
      this.#database.query<HeadRow>(headQuery, [orgId, personId, ids]),
      this.#lastMessages(orgId, personId, ids),
    ]);
    return rows.map((row) => toHead(orgId, row, personId, last.get(row.id) ?? null));
  }

  async unread(orgId: string, personId: string, conversationId: string): Promise<{ unread: number; mentions: number }> {
    const [row] = await this.#database.query<{ unread: number; mentions: number }>(
      `select u.unread, u.mentions from conversation_members m join conversations c on c.id = m.conversation_id
       cross join lateral (${unreadOf}) u where m.org_id = $1 and m.person_id = $2 and m.conversation_id = $3`,
      [orgId, personId, conversationId],
    );
    return row ?? { unread: 0, mentions: 0 };
  }

  async #lastMessages(orgId: string, personId: string, ids: readonly string[]): Promise<Map<string, Message>> {
    const rows = await this.#database.query<MessageRow>(
      `select ${messageColumns} from conversation_members n
       cross join lateral (
         select * from messages x
         where x.conversation_id = n.conversation_id and x.number > n.visible_after and x.kind <> 'system' and x.thread is null
         order by x.number desc limit 1) m
       where n.org_id = $1 and n.person_id = $2 and n.conversation_id = any($3)`,
      [orgId, personId, ids],
    );
    return new Map(rows.map((row) => [row.conversation_id, toMessage(row)]));
  }
}

const headQuery = `
  with counts as (
    select conversation_id, count(*)::int as members from conversation_members where org_id = $1 and conversation_id = any($3) group by 1
  )
  select c.id, c.kind, c.title, c.description, c.domain_id, d.name as domain_name, c.last_number, counts.members as member_count,
         c.archived_at is not null as archived, c.history_from_join, c.created_at,
         m.role, m.visible_after, m.read_number, m.version, m.notify, m.muted_until, m.draft, u.unread, u.mentions as unread_mentions,
         other.id as counterpart_id, other.name as counterpart_name, other.role as counterpart_role
  from conversation_members m
  join conversations c on c.id = m.conversation_id
  join counts on counts.conversation_id = c.id
  left join domains d on d.id = c.domain_id
  left join lateral (
    select p.id, p.name, p.role from conversation_members o join people p on p.id = o.person_id
    where c.kind = 'direct' and o.conversation_id = c.id order by o.person_id = $2 limit 1) other on true
  cross join lateral (${unreadOf}) u
  where m.org_id = $1 and m.person_id = $2 and m.conversation_id = any($3)`;

function toHead(orgId: string, row: HeadRow, personId: string, lastMessage: Message | null): Head {
  const mayWrite = row.kind !== 'announcement' || row.role === 'admin';
  return {
    orgId,
    id: row.id,
    kind: row.kind,
    title: row.title,
    description: row.description,
    domainId: row.domain_id,
    domainName: row.domain_name ?? '',
    latest: row.last_number,
    memberCount: row.member_count,
    archived: row.archived,
    historyFromJoin: row.history_from_join,
    createdAt: row.created_at,
    role: row.role,
    visibleAfter: row.visible_after,
    readNumber: row.read_number,
    version: row.version,
    unread: row.unread,
    unreadMentions: row.unread_mentions,
    notify: row.notify,
    mutedUntil: row.muted_until,
    draft: row.draft,
    canPost: !row.archived && mayWrite,
    canManage: row.role === 'admin' && row.kind !== 'direct' && row.kind !== 'meeting',
    counterpart: row.counterpart_id
      ? {
          id: row.counterpart_id,
          name: row.counterpart_name ?? '',
          external: row.counterpart_role === 'guest' && row.counterpart_id !== personId,
          app: row.counterpart_role === 'app',
        }
      : null,
    lastMessage,
  };
}
