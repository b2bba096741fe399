/** What a meeting talked about while it was recorded, as its agenda was marked. Written by the meeting; only read here. */
import type { Query } from '../platform/database/index.js';
import type { Recording } from './recording.js';

export interface AgendaTurn {
  /** Since the recording's start; before it, negative. */
  readonly atMs: number;
  /** Null: none of the items from then on. */
  readonly title: string | null;
}

export interface RecordedAgenda {
  /** In order, talked about or not. */
  readonly titles: readonly string[];
  /** By when they were. What was over before the recording began, or came after it, is not among them. */
  readonly turns: readonly AgendaTurn[];
}

export async function agendaOf(tx: Query, { orgId, meetingId, startedAt, stoppedAt }: Recording): Promise<RecordedAgenda> {
  const [row] = await tx.query<{ titles: string[] }>(
    `select array(select jsonb_array_elements(items) ->> 'title') as titles from meeting_agendas where org_id = $1 and meeting_id = $2`,
    [orgId, meetingId],
  );
  const turns = await tx.query<{ title: string | null; at: Date }>(
    'select title, at from meeting_agenda_turns where org_id = $1 and meeting_id = $2 order by number',
    [orgId, meetingId],
  );
  const within = turns.filter(({ at }, index) => {
    const next = turns[index + 1]?.at;
    return (stoppedAt === null || at < stoppedAt) && (next === undefined || next > startedAt);
  });
  return { titles: row?.titles ?? [], turns: within.map(({ title, at }) => ({ atMs: at.getTime() - startedAt.getTime(), title })) };
}
