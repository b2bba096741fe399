/** What an organisation allows of recordings, by kind of meeting. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { RecordingPolicy } from '../recording.js';
import { type RecordedMeetingKind, type RecordingPolicyFace, recordedMeetingKinds } from './schema.js';

export interface PoliciesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

type StoredPolicy = Omit<RecordingPolicyFace, 'meetingKind'>;

/**
 * Where nobody has said otherwise. Only who agrees is recorded: consent that is a yes stands everywhere.
 * A year: minutes are looked up until the next annual meeting, appraisal or audit, and Cap. 486 (section 26,
 * Principle 2(2)) forbids to keep longer than the purpose needs; who must keep longer (SFC: orders of
 * clients two years) sets it. Downloads are allowed because they bear the name of who took them.
 */
export const defaultPolicy: StoredPolicy = {
  consent: 'ask',
  starters: 'moderators',
  keepDays: 365,
  viewers: 'participants',
  download: true,
  watermark: true,
  contact: null,
  changedAt: null,
};

export class Policies {
  readonly #deps: PoliciesDeps;

  constructor(deps: PoliciesDeps) {
    this.#deps = deps;
  }

  /** What counts for a recording that is started now. */
  async get(orgId: string, meetingKind: RecordedMeetingKind, tx: Query = this.#deps.database): Promise<RecordingPolicy> {
    const { changedAt: _, ...policy } = (await this.#stored(tx, orgId)).get(meetingKind) ?? defaultPolicy;
    if (policy.contact !== null) return { ...policy, contact: policy.contact };
    const [organisation] = await tx.query<{ name: string }>('select name from organisations where id = $1', [orgId]);
    return { ...policy, contact: organisation?.name ?? '' };
  }

  /** For everybody with an account: how personal data is handled is open to those whose data it is (Cap. 486, Principle 5). */
  async list(orgId: string, tx: Query = this.#deps.database): Promise<RecordingPolicyFace[]> {
    const stored = await this.#stored(tx, orgId);
    return recordedMeetingKinds.map((meetingKind) => ({ meetingKind, ...(stored.get(meetingKind) ?? defaultPolicy) }));
  }

  /** Recordings that are on, or were made, keep what they were started with. @throws AUTH_FORBIDDEN */
  async set(by: Principal, { meetingKind, ...policy }: Omit<RecordingPolicyFace, 'changedAt'>): Promise<RecordingPolicyFace[]> {
    if (by.role !== 'owner' && by.role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
    const { database, clock, audit } = this.#deps;
    const { orgId } = by;
    return database.transaction(async (tx) => {
      // Two changes at once would both be told of the same state before.
      await tx.query('select 1 from organisations where id = $1 for no key update', [orgId]);
      const { changedAt: _, ...before } = (await this.#stored(tx, orgId)).get(meetingKind) ?? defaultPolicy;
      await tx.query(
        `insert into recording_policies (org_id, meeting_kind, consent, starters, keep_days, viewers, download, watermark, contact, changed_by, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (org_id, meeting_kind) do update set consent = excluded.consent, starters = excluded.starters,
           keep_days = excluded.keep_days, viewers = excluded.viewers, download = excluded.download, watermark = excluded.watermark,
           contact = excluded.contact, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
        [
          orgId,
          meetingKind,
          policy.consent,
          policy.starters,
          policy.keepDays,
          policy.viewers,
          policy.download,
          policy.watermark,
          policy.contact ?? '',
          by.personId,
          new Date(clock.now()),
        ],
      );
      const policies = await this.list(orgId, tx);
      await audit.record(tx, {
        orgId,
        actor: { id: by.personId, name: by.name },
        action: 'recording.policy-changed',
        subject: {},
        detail: { meetingKind, before, after: policy },
      });
      return policies;
    });
  }

  async #stored(tx: Query, orgId: string): Promise<Map<RecordedMeetingKind, StoredPolicy>> {
    const rows = await tx.query<
      Omit<StoredPolicy, 'contact' | 'changedAt'> & { meetingKind: RecordedMeetingKind; contact: string; changedAt: Date }
    >(
      `select meeting_kind as "meetingKind", consent, starters, keep_days as "keepDays", viewers, download, watermark, contact,
              changed_at as "changedAt"
       from recording_policies where org_id = $1`,
      [orgId],
    );
    return new Map(
      rows.map(({ meetingKind, contact, changedAt, ...policy }) => [
        meetingKind,
        { ...policy, contact: contact || null, changedAt: changedAt.toISOString() },
      ]),
    );
  }
}
