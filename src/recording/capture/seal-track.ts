/** Moves one track from the spool into the blob store, segment by segment: what was moved is never there twice for long, and a kill at any moment leaves each in at least one place. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { Log } from '../../platform/log.js';
import { blobPrefix } from '../recording.js';
import type { Gap } from './gaps.js';
import { deleteTrack, readTrack, type SpoolSegment, segmentName, type TrackHeader } from './spool.js';
import { unlessMissing } from './spool-files.js';
import type { TrackRows } from './track-rows.js';

export interface SealTrackDeps {
  readonly blobs: BlobStore;
  readonly rows: TrackRows;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

/** Of the blobs of one track. */
export function trackPrefix({ orgId, recordingId, id }: Pick<TrackHeader, 'orgId' | 'recordingId' | 'id'>): string {
  return `${blobPrefix({ orgId, id: recordingId })}/tracks/${id}`;
}

export async function sealTrack(folder: string, { blobs, rows, log, signal }: SealTrackDeps): Promise<void> {
  const track = await readTrack(folder);
  if (!track) return;
  const { header } = track;
  const sealed = await rows.sealedNumbers(header);
  const missing: Gap[] = [];
  for (const segment of track.segments) {
    signal?.throwIfAborted();
    const file = path.join(folder, segmentName(segment.number));
    if (!sealed.has(segment.number)) {
      const content = await unlessMissing(readFile(file), null);
      if (!content || !isWhole(content, segment)) {
        log.error({ track: header.id, segment: segment.number }, 'capture: a segment is not what was written');
        missing.push({ what: 'damaged', from: segment.firstAt, to: segment.lastAt, packets: segment.packets });
        continue;
      }
      const blobKey = `${trackPrefix(header)}/${segmentName(segment.number)}`;
      await blobs.put(blobKey, content);
      const { number, bytes, sha256, firstAt, lastAt } = segment;
      if (!(await rows.addSegment(header, { number, blobKey, bytes, sha256, firstAt, lastAt }))) {
        // Its person withdrew in this moment.
        await blobs.delete(blobKey);
        await deleteTrack(folder);
        return;
      }
    }
    await rm(file, { force: true });
  }
  await rows.seal(header, missing);
  await deleteTrack(folder);
}

/** The evidence is worth what this says: a hash that was made when the packets came. */
function isWhole(content: Buffer, { bytes, sha256 }: SpoolSegment): boolean {
  return content.length === bytes && createHash('sha256').update(content).digest('hex') === sha256;
}
