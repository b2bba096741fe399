/**
 * What is still there of people who took their consent back for everything: a legal hold keeps it, or the
 * job that removes it is not through. So long the recording is nothing that others should see.
 */
import type { Query } from '../platform/database/index.js';
import type { Recording } from './recording.js';

/** As SQL, a row for each recording and person: orgId, recordingId, personId. `of`: SQL for the id of one recording. */
export function pendingRemovals(of?: string): string {
  return `select w.org_id as "orgId", w.recording_id as "recordingId", w.person_id as "personId"
    from (select l.org_id, l.recording_id, l.person_id, taken_back_until(l.recording_id, l.person_id) as until
          from consent_ledger l where l.what = 'withdrawn-all' ${of === undefined ? '' : `and l.recording_id = ${of}`} group by 1, 2, 3) w
    join recordings r on r.id = w.recording_id and r.state <> 'deleted'
    where exists (select 1 from recording_tracks t
                  where t.recording_id = w.recording_id and t.person_id = w.person_id and (
                    (t.state <> 'removed' and t.started_at < w.until)
                    or (t.state = 'removed' and exists (select 1 from recording_segments s where s.track_id = t.id))))
       or exists (select 1 from recording_posts p
                  where p.recording_id = w.recording_id and p.state in ('stale', 'held') and (p.people is null or w.person_id = any(p.people)))
       or exists (select 1 from transcript_lines l
                  where l.recording_id = w.recording_id and l.person_id = w.person_id
                    and r.started_at + l.begin_ms * interval '1 millisecond' < w.until)`;
}

export async function removalPends(tx: Query, { id }: Pick<Recording, 'id'>): Promise<boolean> {
  const rows = await tx.query(`${pendingRemovals('$1')} limit 1`, [id]);
  return rows.length > 0;
}
