/** Looks up what is not in a recording: pauses, cuts, withdrawals, and the gaps of its tracks. */
import { z } from 'zod';
import type { BlobStore } from '../platform/blobs/index.js';
import type { Database } from '../platform/database/index.js';
import { gapSchema } from './capture/index.js';
import { composedName, readComposed } from './composed.js';
import { type GapFacts, gapList } from './gap-list.js';
import type { Recording, RecordingTrack } from './recording.js';
import type { RecordingGap } from './schema.js';
import type { StoredFile } from './stored-file.js';

export interface GapFactsDeps {
  readonly database: Database;
  readonly blobs: Pick<BlobStore, 'get'>;
}

const gapsSchema = z.array(gapSchema);

/** `names`: the reader may know who withdrew. */
export async function gapsIn(
  { database, blobs }: GapFactsDeps,
  recording: Recording,
  files: readonly StoredFile[],
  names: boolean,
): Promise<RecordingGap[]> {
  const of = [recording.orgId, recording.id];
  const [pauses, redactions, tracks, ledger, composed] = await Promise.all([
    database.query<{ from: Date; to: Date | null; by: string; name: string | null }>(
      `select p.paused_at as "from", p.resumed_at as "to", p.paused_by as by, n.name
       from recording_pauses p left join people n on n.org_id = p.org_id and n.id = p.paused_by
       where p.org_id = $1 and p.recording_id = $2 order by p.paused_at`,
      of,
    ),
    database.query<{ from: number; to: number }>(
      `select from_ms as "from", to_ms as "to" from recording_edits
       where org_id = $1 and recording_id = $2 and what = 'redact' and undone_at is null order by from_ms`,
      of,
    ),
    database.query<{
      id: string;
      personId: string;
      name: string;
      source: RecordingTrack['source'];
      removed: boolean;
      from: Date;
      to: Date | null;
      gaps: unknown;
    }>(
      `select id, person_id as "personId", person_name as name, source, state = 'removed' as removed, started_at as "from", ended_at as "to", gaps
       from recording_tracks where org_id = $1 and recording_id = $2 order by started_at, id`,
      of,
    ),
    database.query<{ personId: string; name: string; what: string; at: Date }>(
      `select person_id as "personId", person_name as name, what, at from consent_ledger
       where org_id = $1 and recording_id = $2 and what in ('yes', 'withdrawn', 'withdrawn-all') order by number`,
      of,
    ),
    readComposed(
      blobs,
      files.find(({ name }) => name === composedName),
    ),
  ]);
  const start = recording.startedAt.getTime();
  const since = (at: Date): number => at.getTime() - start;
  const stopped = recording.stoppedAt && since(recording.stoppedAt);
  return gapList({
    extent:
      composed?.durationMs != null
        ? { from: composed.beginMs, to: composed.beginMs + composed.durationMs }
        : { from: composed?.beginMs ?? 0, to: stopped },
    pauses: pauses.map(({ from, to, by, name }) => ({
      from: since(from),
      to: to && since(to),
      by: name === null ? null : { id: by, name },
    })),
    redactions,
    tracks: tracks.map(({ id, personId, name, source, removed, from, to, gaps }) => ({
      id,
      person: { id: personId, name },
      source,
      removed,
      from: since(from),
      to: to && since(to),
      gaps: gapsSchema.parse(gaps),
    })),
    composed: composed?.gaps ?? [],
    withdrawn: withdrawnOf(ledger, since),
    names,
  });
}

/** From each withdrawal until the person agreed again. After the recording it changes nothing that was not taken: the tracks say that. */
function withdrawnOf(
  ledger: readonly { readonly personId: string; readonly name: string; readonly what: string; readonly at: Date }[],
  since: (at: Date) => number,
): GapFacts['withdrawn'] {
  return ledger.flatMap(({ personId, name, what, at }, index) => {
    if (what === 'yes') return [];
    const again = ledger.slice(index + 1).find((later) => later.personId === personId && later.what === 'yes');
    return [{ from: since(at), to: again ? since(again.at) : null, person: { id: personId, name } }];
  });
}
