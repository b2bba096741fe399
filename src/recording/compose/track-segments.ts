/** The segments of a track as they were sealed: whole, or named as missing. */
import { createHash } from 'node:crypto';
import type { BlobStore } from '../../platform/blobs/index.js';
import { readSegment, type TrackEntry } from '../capture/track-log.js';
import type { RecordingSegment } from '../recording.js';

/** Something of a track that is not in what was made of it. */
export interface Gap {
  /** altered: the bytes are not those that were sealed. missing: there are none. lost: packets never came. damaged: pictures that can't be shown. */
  readonly what: 'altered' | 'missing' | 'lost' | 'damaged';
  /** Since 1970, milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly segment?: number;
}

export interface SegmentSource {
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly segments: readonly RecordingSegment[];
  readonly signal: AbortSignal;
}

/** All entries in the order in which they were written. What can't be read goes to `gap`, and reading goes on after it. */
export async function* readEntries({ blobs, segments, signal }: SegmentSource, gap?: (gap: Gap) => void): AsyncGenerator<TrackEntry> {
  for (const segment of segments) {
    signal.throwIfAborted();
    const missed = (what: 'altered' | 'missing') =>
      gap?.({ what, from: segment.firstAt.getTime(), to: segment.lastAt.getTime(), segment: segment.number });
    const bytes = await bytesOf(blobs, segment.blobKey);
    if (!bytes) missed('missing');
    else if (createHash('sha256').update(bytes).digest('hex') !== segment.sha256) missed('altered');
    else yield* entriesOf(bytes, () => missed('altered'));
  }
}

/** The hash was right, so what can't be read was written so. */
function* entriesOf(bytes: Buffer, unreadable: () => void): Generator<TrackEntry> {
  const entries = readSegment(bytes);
  for (;;) {
    let next: IteratorResult<TrackEntry>;
    try {
      next = entries.next();
    } catch {
      unreadable();
      return;
    }
    if (next.done) return;
    yield next.value;
  }
}

async function bytesOf(blobs: Pick<BlobStore, 'get'>, key: string): Promise<Buffer | null> {
  const stream = await blobs.get(key);
  if (!stream) return null;
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
