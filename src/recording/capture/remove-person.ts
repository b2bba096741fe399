/** Deletes all that was captured of somebody who withdrew: spool, blobs, rows of segments. That there was a track stays known. */
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Cluster } from '../../platform/cluster/index.js';
import type { Database } from '../../platform/database/index.js';
import type { Log } from '../../platform/log.js';
import type { Recording } from '../recording.js';
import type { Recorder } from './recorder.js';
import { trackPrefix } from './seal-track.js';
import { TrackRows } from './track-rows.js';

export interface RemovePersonDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
}

/**
 * Take his wishes for taps away before: what begins afterwards is another track. Cut off at any
 * moment, it is to be called again; again is harmless. What was captured since he agreed once more stays.
 * @returns how many tracks there were.
 */
export async function removePerson(
  { database, blobs, cluster, clock, log, recorder }: RemovePersonDeps,
  { orgId, id: recordingId }: Pick<Recording, 'orgId' | 'id'>,
  personId: string,
): Promise<number> {
  const rows = new TrackRows(database);
  // First of all, so that nothing is moved into the blob store behind our back.
  const trackIds = await rows.remove({ orgId, id: recordingId }, personId, clock.now());
  await dropTracks({ cluster, log, recorder }, recordingId, trackIds);
  for (const id of trackIds) {
    for await (const { key } of blobs.list(`${trackPrefix({ orgId, recordingId, id })}/`)) await blobs.delete(key);
  }
  await rows.removeSegments({ orgId }, trackIds);
  return trackIds.length;
}

/** Deletes tracks from the spools of all nodes. */
export async function dropTracks(
  { cluster, log, recorder }: Pick<RemovePersonDeps, 'cluster' | 'log' | 'recorder'>,
  recordingId: string,
  trackIds: readonly string[],
): Promise<void> {
  await recorder.drop(recordingId, trackIds);
  const others = cluster.nodes.filter(({ id }) => id !== cluster.nodeId);
  await Promise.all(
    others.map(({ id: node }) =>
      cluster.call(node, 'recording.drop', { recordingId, trackIds: [...trackIds] }).catch((error: unknown) => {
        // It finds out by itself when it looks through its spool.
        log.warn({ err: error, node, recording: recordingId }, 'capture: a node has not been told to delete tracks');
      }),
    ),
  );
}
