/** Reads the log of a captured track: packets in order, on the recording's clock. */
import type { BlobStore } from '../../platform/blobs/index.js';
import type { RecordingRows } from '../ports.js';
import type { TrackAudio } from './ports.js';

export function openTrackAudio(_deps: { readonly rows: Pick<RecordingRows, 'segments'>; readonly blobs: BlobStore }): TrackAudio {
  return {
    async *frames() {},
  };
}
