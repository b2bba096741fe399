/** What captions and summaries keep of a recording that is deleted, for the transaction that deletes it. */
import type { Query } from '../platform/database/index.js';
import type { Recording } from './recording.js';

const tables = {
  captionChoices: 'caption_choices',
  captionCoverage: 'caption_coverage',
  captionGaps: 'caption_left',
  summaries: 'recording_summaries',
  summaryRequests: 'recording_summary_requests',
  posts: 'recording_posts',
  readings: 'recording_readings',
} as const;

/** Gives how many rows went, by what they were. */
export async function forgetWords(tx: Query, { orgId, id }: Pick<Recording, 'orgId' | 'id'>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const count = async (what: string, sql: string) => {
    const [row] = await tx.query<{ n: number }>(`with gone as (${sql} returning 1) select count(*)::int as n from gone`, [orgId, id]);
    counts[what] = row?.n ?? 0;
  };
  for (const [what, table] of Object.entries(tables)) await count(what, `delete from ${table} where org_id = $1 and recording_id = $2`);
  await count('actionItems', `delete from action_items where org_id = $1 and recording_id = $2 and state in ('proposed', 'dismissed')`);
  // Somebody works on it: the task stays, what it was taken from goes.
  await tx.query(
    `update action_items set line_id = null, said_by = null, said = '', at_ms = null, due_text = null, origin = 'person'
     where org_id = $1 and recording_id = $2`,
    [orgId, id],
  );
  return counts;
}
