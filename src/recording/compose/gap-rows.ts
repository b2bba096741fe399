/** What of a sealed track could not be read any more is written to its row, where the manifest finds it. */
import type { Database } from '../../platform/database/index.js';
import type { TrackFile } from './track-file.js';

/** In the words of capture's list of gaps: what was kept is not there any more, or is not what it was. */
export async function writeGaps(database: Database, files: readonly TrackFile[]): Promise<void> {
  for (const { track, gaps } of files) {
    for (const { what, from, to } of gaps) {
      if (what !== 'altered' && what !== 'missing') continue;
      const row = [{ what: 'damaged', from: Math.round(from), to: Math.round(to), packets: 0 }];
      await database.query('update recording_tracks set gaps = gaps || $3::jsonb where org_id = $1 and id = $2 and not gaps @> $3::jsonb', [
        track.orgId,
        track.id,
        JSON.stringify(row),
      ]);
    }
  }
}
