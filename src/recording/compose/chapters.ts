/** Chapters where a screen was shown, and where the meeting turned to an item of its agenda. Those of other origins are not ours, and stay. */
import type { Database } from '../../platform/database/index.js';
import type { AgendaTurn } from '../agenda.js';
import type { Recording } from '../recording.js';
import type { StagePerson } from './layout.js';
import { union } from './spans.js';
import type { Span } from './track-scan.js';

export interface Chapter {
  readonly atMs: number;
  /** Who shared it, or the item: neither needs a translation. */
  readonly title: string;
  readonly origin: 'screen' | 'agenda';
}

/** A screen that comes back this soon is the same one, milliseconds. */
const sameMs = 10_000;
/** Who steps through the list has not talked about what he passed this quickly, milliseconds. */
const passedMs = 2_000;

export function screenChapters(people: readonly StagePerson[]): Chapter[] {
  const chapters = new Map<number, Chapter>();
  for (const { name, screens } of people) {
    let until = Number.NEGATIVE_INFINITY;
    const spans = screens.flatMap((screen) => screen.spans).sort((a, b) => a.from - b.from);
    for (const { from, to } of spans) {
      const atMs = Math.round(from);
      if (from - until > sameMs && !chapters.has(atMs)) chapters.set(atMs, { atMs, title: name, origin: 'screen' });
      until = Math.max(until, to);
    }
  }
  return [...chapters.values()].sort((a, b) => a.atMs - b.atMs);
}

/**
 * `silent`: nothing is recorded there, or shown any more. What was turned to in it begins after it, when
 * it was still talked about then; what began before there is anything to see begins with that.
 */
export function agendaChapters(turns: readonly AgendaTurn[], window: Span, silent: readonly Span[]): Chapter[] {
  const chapters = new Map<number, string | null>();
  const dark = union(silent);
  for (const [index, { atMs, title }] of turns.entries()) {
    const next = turns[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const shown = dark.find(({ from, to }) => from <= atMs && atMs < to)?.to ?? atMs;
    const at = Math.round(Math.max(shown, window.from));
    // The last of those that begin at the same moment is the one that goes on.
    if (next - atMs >= passedMs && at < window.to && next > at) chapters.set(at, title);
  }
  let before: string | null = null;
  return [...chapters].flatMap(([atMs, title]) => {
    // Going on with it after a while of nothing is no other chapter.
    if (title === null || title === before) return [];
    before = title;
    return [{ atMs, title, origin: 'agenda' as const }];
  });
}

export async function writeChapters(
  database: Database,
  { orgId, id }: Pick<Recording, 'orgId' | 'id'>,
  chapters: readonly Chapter[],
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(`delete from recording_chapters where org_id = $1 and recording_id = $2 and origin in ('screen', 'agenda')`, [
      orgId,
      id,
    ]);
    await tx.query(
      `insert into recording_chapters (org_id, recording_id, at_ms, title, origin)
       select $1, $2, at, title, origin from unnest($3::integer[], $4::text[], $5::text[]) as chapter (at, title, origin)`,
      [orgId, id, chapters.map(({ atMs }) => atMs), chapters.map(({ title }) => title), chapters.map(({ origin }) => origin)],
    );
  });
}
