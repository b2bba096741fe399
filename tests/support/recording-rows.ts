/** Rows of a recording that no server has made: its organisation, who started it, the meeting, and itself. */
import type { Database } from '../../src/platform/database/index.js';
import { newId } from '../../src/platform/ids.js';
import type { Recording } from '../../src/recording/recording.js';
import { recordingPolicy } from './recording-policy.js';

export interface RecordingRow extends Partial<Pick<Recording, 'kind' | 'state' | 'startedAt' | 'stoppedAt' | 'policy'>> {
  /** Of `insertOffice`. */
  readonly orgId: string;
}

/** An organisation with a notice, and nobody in it. Gives its id. */
export async function insertOffice(database: Database): Promise<string> {
  const orgId = newId();
  await database.query(`insert into organisations (id, name, created_at) values ($1, 'Office', now())`, [orgId]);
  await database.query(`insert into consent_notices (org_id, hash, version, texts, created_at) values ($1, 'notice', '1', '{}', now())`, [
    orgId,
  ]);
  return orgId;
}

/** Of a meeting of its own; one that is on, when nothing else is said. */
export async function insertRecording(
  database: Database,
  { orgId, kind = 'recording', state = 'on', startedAt = new Date(), stoppedAt = null, policy = recordingPolicy }: RecordingRow,
): Promise<Pick<Recording, 'orgId' | 'id' | 'meetingId'>> {
  const [personId, conversationId, meetingId, id] = [newId(), newId(), newId(), newId()];
  await database.query(
    `insert into people (org_id, id, name, role, email, created_at) values ($1, $2::uuid, 'Olivia', 'owner', $2::text, now())`,
    [orgId, personId],
  );
  await database.query(`insert into conversations (org_id, id, kind, created_at) values ($1, $2, 'meeting', now())`, [
    orgId,
    conversationId,
  ]);
  await database.query(
    `insert into meetings (org_id, id, code, title, status, host_id, conversation_id, lobby, guests, chat_history, created_at)
     values ($1, $2::uuid, $2::text, 'Weekly', $3, $4, $5, 'off', true, true, now())`,
    [orgId, meetingId, stoppedAt === null ? 'live' : 'ended', personId, conversationId],
  );
  await database.query(
    `insert into recordings (org_id, id, meeting_id, conversation_id, kind, state, title, started_by, started_by_name, started_at, stopped_at,
       notice_hash, policy, created_at)
     values ($1, $2, $3, $4, $5, $6, 'Weekly', $7, 'Olivia', $8, $9, 'notice', $10, now())`,
    [orgId, id, meetingId, conversationId, kind, state, personId, startedAt, stoppedAt, JSON.stringify(policy)],
  );
  return { orgId, id, meetingId };
}
