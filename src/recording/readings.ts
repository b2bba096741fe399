/**
 * Who has read the words of a recording, for the audit log: a row for each reader within an hour, however
 * often his page asks and whichever node answers it.
 */
import type { Audit, AuditEntry } from '../platform/audit.js';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database/index.js';
import type { Principal } from '../platform/principal.js';
import type { Recording } from './recording.js';

export interface ReadingsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** A visitor by a link, as he called himself. */
export interface Visitor {
  readonly viewingId: string;
  readonly shareId: string;
  readonly name: string;
}

type What = 'transcript' | 'summary';

/** Milliseconds within which it is the same reading. */
const readingMs = 3_600_000;

export class Readings {
  readonly #deps: ReadingsDeps;

  constructor(deps: ReadingsDeps) {
    this.#deps = deps;
  }

  by({ personId, name }: Principal, recording: Recording, what: What, detail: AuditEntry['detail'] = {}): Promise<void> {
    return this.#note(recording, what, personId, { actor: { id: personId, name }, subject: {}, detail });
  }

  byLink({ viewingId, shareId, name }: Visitor, recording: Recording, what: What): Promise<void> {
    return this.#note(recording, what, viewingId, {
      actor: null,
      subject: { viewing: viewingId, share: shareId },
      detail: { visitor: name },
    });
  }

  async #note(
    { orgId, id, version }: Recording,
    what: What,
    readerId: string,
    { actor, subject, detail }: Pick<AuditEntry, 'actor' | 'subject' | 'detail'>,
  ): Promise<void> {
    const { database, clock, audit } = this.#deps;
    const now = clock.now();
    const since = new Date(now - readingMs);
    // Most often it stands there, and nothing is locked nor written.
    const [known] = await database.query(
      'select 1 from recording_readings where recording_id = $1 and reader_id = $2 and what = $3 and read_at > $4',
      [id, readerId, what, since],
    );
    if (known) return;
    await database.transaction(async (tx) => {
      // Of two at the same moment the second waits here for the first, and then changes nothing.
      const [first] = await tx.query(
        `insert into recording_readings (org_id, recording_id, reader_id, what, read_at) values ($1, $2, $3, $4, $5)
         on conflict (recording_id, reader_id, what) do update set read_at = excluded.read_at
         where recording_readings.read_at <= $6 returning 1`,
        [orgId, id, readerId, what, new Date(now), since],
      );
      if (!first) return;
      await audit.record(tx, {
        orgId,
        actor,
        action: `recording.${what}-read`,
        subject: { recording: id, ...subject },
        detail: { version, ...detail },
      });
    });
  }
}
