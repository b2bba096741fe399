/** The chapters of a recording, of all origins, as its player shows them. */
import type { Query } from '../platform/database/index.js';
import type { Recording } from './recording.js';
import type { chapterOrigins } from './schema.js';

export interface RecordedChapter {
  readonly atMs: number;
  readonly title: string;
  readonly origin: (typeof chapterOrigins)[number];
}

/** A screen or a topic that begins this near to an item of the agenda is that item, milliseconds. */
const sameMs = 10_000;

export async function chaptersOf(tx: Query, { orgId, id }: Pick<Recording, 'orgId' | 'id'>): Promise<RecordedChapter[]> {
  const rows = await tx.query<RecordedChapter>(
    'select at_ms as "atMs", title, origin from recording_chapters where org_id = $1 and recording_id = $2 order by at_ms, origin',
    [orgId, id],
  );
  return mergeChapters(rows);
}

/**
 * What people planned says best what was talked about: what a program found at the same moment, or calls as
 * the item that is on, gives way to it.
 */
export function mergeChapters(chapters: readonly RecordedChapter[]): RecordedChapter[] {
  const planned = chapters.filter(({ origin }) => origin === 'agenda');
  return chapters.filter(({ origin, atMs, title }) => {
    if (origin === 'agenda' || origin === 'person') return true;
    if (planned.some((chapter) => Math.abs(chapter.atMs - atMs) <= sameMs)) return false;
    return origin !== 'topic' || planned.findLast((chapter) => chapter.atMs <= atMs)?.title !== title;
  });
}
