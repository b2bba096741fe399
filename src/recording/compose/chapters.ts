/** Chapters where a screen was shown. Those of other origins are not ours, and stay. */
import type { Database } from '../../platform/database/index.js';
import type { Recording } from '../recording.js';
import type { StagePerson } from './layout.js';

export interface Chapter {
  readonly atMs: number;
  /** Who shared it: a name needs no translation. */
  readonly title: string;
}

/** A screen that comes back this soon is the same one, milliseconds. */
const sameMs = 10_000;

export function screenChapters(people: readonly StagePerson[]): Chapter[] {
  const chapters = new Map<number, Chapter>();
  for (const { name, screens } of people) {
    let until = Number.NEGATIVE_INFINITY;
    const spans = screens.flatMap((screen) => screen.spans).sort((a, b) => a.from - b.from);
    for (const { from, to } of spans) {
      const atMs = Math.round(from);
      if (from - until > sameMs && !chapters.has(atMs)) chapters.set(atMs, { atMs, title: name });
      until = Math.max(until, to);
    }
  }
  return [...chapters.values()].sort((a, b) => a.atMs - b.atMs);
}

export async function writeChapters(
  database: Database,
  { orgId, id }: Pick<Recording, 'orgId' | 'id'>,
  chapters: readonly Chapter[],
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(`delete from recording_chapters where org_id = $1 and recording_id = $2 and origin = 'screen'`, [orgId, id]);
    await tx.query(
      `insert into recording_chapters (org_id, recording_id, at_ms, title, origin)
       select $1, $2, at, title, 'screen' from unnest($3::integer[], $4::text[]) as chapter (at, title)`,
      [orgId, id, chapters.map(({ atMs }) => atMs), chapters.map(({ title }) => title)],
    );
  });
}
