/** Makes conversations. */
import type { Clock } from '../platform/clock.js';
import type { Database, Query } from '../platform/database/index.js';
import { CausewayError } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import type { Principal } from '../platform/principal.js';
import { type ConversationMembers, insertMembers } from './conversation-members.js';
import type { ConversationNews } from './conversation-news.js';
import type { ConversationKind, Members } from './members.js';
import type { ConversationFace, MemberGuard } from './ports.js';

export interface NewConversationsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly members: Members;
  readonly guards: readonly MemberGuard[];
  readonly people: Pick<ConversationMembers, 'people'>;
  readonly news: ConversationNews;
  /** Whether a conversation may be called this. @throws CHAT_DLP_BLOCKED */
  readonly checkTitle: (by: Principal, conversation: ConversationFace, text: string) => Promise<void>;
  /** The data domain of a new conversation of these people when nobody said which; null: the default one. */
  readonly domainOf: (orgId: string, personIds: readonly string[]) => Promise<string | null>;
  /** That one person may begin, in an hour and in a day. */
  readonly perHour: number;
  readonly perDay: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export interface NewConversation {
  readonly kind: Exclude<ConversationKind, 'meeting'>;
  readonly title: string;
  readonly description: string;
  /** Besides the one who makes it. */
  readonly memberIds: readonly string[];
  readonly domainId: string | null;
  readonly historyFromJoin: boolean;
}

export class NewConversations {
  readonly #deps: NewConversationsDeps;

  constructor(deps: NewConversationsDeps) {
    this.#deps = deps;
  }

  /**
   * Makes a conversation. Two people have one direct conversation: asked for again, it is given again.
   *
   * @throws AUTH_FORBIDDEN, CHAT_MEMBERS, CHAT_DOMAIN_REFUSED, CHAT_DLP_BLOCKED, CHAT_CONVERSATIONS_RATE, REQUEST_INVALID
   */
  async make(principal: Principal, wish: NewConversation): Promise<string> {
    mayMake(principal, wish.kind);
    const others = [...new Set(wish.memberIds.map((id) => id.toLowerCase()))].filter((id) => id !== principal.personId);
    if (wish.kind === 'direct' && others.length > 1)
      throw new CausewayError('CHAT_MEMBERS', { field: 'memberIds', fill: { detail: 'a direct conversation has two' } });
    const { database, clock, members } = this.#deps;
    const people = await this.#deps.people.people(principal, others, others.length + 1);
    const directKey = wish.kind === 'direct' ? [principal.personId, others[0] ?? principal.personId].sort().join(' ') : null;
    if (directKey) {
      const known = await this.#direct(principal.orgId, directKey);
      if (known) return known;
    }
    const face: ConversationFace = {
      orgId: principal.orgId,
      id: newId(clock.now()),
      kind: wish.kind,
      title: wish.title,
      domainId: wish.domainId ?? (await this.#deps.domainOf(principal.orgId, [principal.personId, ...others])),
    };
    for (const guard of this.#deps.guards) await guard.checkMembers(principal, face, [principal.personId, ...others]);
    await this.#deps.checkTitle(principal, face, `${wish.title}\n${wish.description}`);
    const made = await database.transaction(async (tx) => {
      const now = new Date(clock.now());
      await this.#checkRate(tx, principal);
      const rows = await tx.query(
        `insert into conversations (org_id, id, kind, title, description, domain_id, direct_key, created_by, history_from_join, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (org_id, direct_key) where direct_key is not null do nothing returning 1`,
        [
          face.orgId,
          face.id,
          face.kind,
          face.title,
          wish.description,
          face.domainId,
          directKey,
          principal.personId,
          wish.historyFromJoin,
          now,
        ],
      );
      if (rows.length === 0) return false;
      await insertMembers(tx, face, [principal.personId], 'admin', 0, now);
      await insertMembers(tx, face, others, wish.kind === 'direct' ? 'admin' : 'member', 0, now);
      return true;
    });
    // Both began at the same time: the other one's is it.
    if (!made) return (await this.#direct(principal.orgId, directKey ?? '')) ?? face.id;
    if (wish.kind !== 'direct') await this.#deps.news.say(principal, face, 'created', people, wish.title);
    members.changed(face.id);
    this.#deps.news.added(face, [principal.personId, ...others]);
    return face.id;
  }

  /** Counts what is there, so that a restart or another node forgets nothing. @throws CHAT_CONVERSATIONS_RATE */
  async #checkRate(tx: Query, { orgId, personId }: Principal): Promise<void> {
    const { clock, perHour, perDay } = this.#deps;
    const now = clock.now();
    // Conversations that one person begins at once are counted one after the other.
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 16))', [personId]);
    const [begun] = await tx.query<{ hour: number; day: number }>(
      `select (count(*) filter (where created_at > $3))::int as hour, count(*)::int as day
       from conversations where org_id = $1 and created_by = $2 and created_at > $4`,
      [orgId, personId, new Date(now - hourMs), new Date(now - dayMs)],
    );
    const { hour, day } = begun ?? { hour: 0, day: 0 };
    if (hour >= perHour || day >= perDay) throw new CausewayError('CHAT_CONVERSATIONS_RATE', { fill: { hour: perHour, day: perDay } });
  }

  async #direct(orgId: string, directKey: string): Promise<string | null> {
    const [row] = await this.#deps.database.query<{ id: string }>('select id from conversations where org_id = $1 and direct_key = $2', [
      orgId,
      directKey,
    ]);
    return row?.id ?? null;
  }
}

function mayMake(principal: Principal, kind: ConversationKind): void {
  if (principal.role === 'guest' || principal.role === 'app') throw new CausewayError('AUTH_FORBIDDEN');
  const forAdministrators = kind === 'department' || kind === 'announcement';
  if (forAdministrators && principal.role === 'member') throw new CausewayError('AUTH_FORBIDDEN');
}
