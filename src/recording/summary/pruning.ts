/**
 * What is not in the transcript any more must not be in the summary: a person withdrew, a passage was
 * redacted, a message was recalled. Every version is gone through, those that people wrote too.
 */
import type { Query } from '../../platform/database/index.js';
import { cutText } from './cut-text.js';
import type { MeetingLine } from './meeting-text.js';
import { bounds, type Content, type Sentence } from './schema.js';
import { type ActionRow, actionsOf, type Of, summariesOf } from './summary-rows.js';

/** The place where it stands now; null: nowhere. */
type Place = (at: Pick<Sentence, 'origin' | 'lineId' | 'personId' | 'atMs'>) => { readonly lineId: string | null } | null;

type Spoken = Pick<MeetingLine, 'id' | 'personId' | 'beginMs' | 'endMs'>;

/** A line that was transcribed anew has another id: then the speaker and the time decide. */
function placeAmong(spoken: readonly Spoken[], written: ReadonlySet<string> | null): Place {
  const ids = new Set(spoken.map((line) => line.id));
  return ({ origin, lineId, personId, atMs }) => {
    if (lineId === null || ids.has(lineId)) return { lineId };
    if (origin !== 'speech') return written === null || written.has(lineId) ? { lineId } : null;
    const now = spoken.find((line) => line.personId === personId && line.beginMs <= atMs && atMs <= line.endMs);
    return now ? { lineId: now.id } : null;
  };
}

/** Cuts out what stands on none of these lines. */
export async function pruneToLines(tx: Query, of: Of, lines: readonly MeetingLine[]): Promise<void> {
  const spoken = lines.filter((line) => line.origin === 'speech');
  await prune(tx, of, placeAmong(spoken, new Set(lines.map((line) => line.id))));
}

/**
 * What may be shown while the rows still hold more: a passage was cut a moment ago, and the step that cuts
 * it out of the summary comes after hours of video were put together anew. Messages are left to the step.
 */
export function shownOn(spoken: readonly Spoken[]): {
  content(content: Content): Content;
  actions(rows: readonly ActionRow[]): ActionRow[];
} {
  const place = placeAmong(spoken, null);
  return {
    content: (content) => pruneContent(content, place),
    actions: (rows) => rows.flatMap((row) => pruneAction(row, place) ?? []),
  };
}

/** A model mixes what people said: what it wrote of an earlier version can't be cut, so it goes. What a person has edited stays, and is cut. */
export async function dropModelWritten(tx: Query, { orgId, id }: Of, beforeVersion: number | null): Promise<void> {
  await tx.query(
    `delete from recording_summaries where org_id = $1 and recording_id = $2 and engine = 'server' and edited_by is null
       and ($3::int is null or recording_version < $3)`,
    [orgId, id, beforeVersion],
  );
}

/**
 * Cuts out what this person said or wrote until he agreed again. Gives the confirmed items that went: a task is
 * what he said, unless somebody has put it into words of his own.
 */
export async function prunePerson(tx: Query, of: Of, personId: string): Promise<readonly ActionRow[]> {
  const [again] = await tx.query<{ ms: number | null }>(
    `select (extract(epoch from nullif(taken_back_until(id, $3), 'infinity') - started_at) * 1000)::float8 as ms
     from recordings where org_id = $1 and id = $2`,
    [of.orgId, of.id, personId],
  );
  const untilMs = again?.ms ?? Number.POSITIVE_INFINITY;
  await dropModelWritten(tx, of, null);
  return prune(tx, of, (at) => (at.personId === personId && at.atMs < untilMs ? null : { lineId: at.lineId }), true);
}

/** `wordsToo`: confirmed items go whole that are in words of who said them. Gives those. */
async function prune(tx: Query, of: Of, place: Place, wordsToo = false): Promise<readonly ActionRow[]> {
  for (const { number, content } of await summariesOf(tx, of)) {
    const pruned = pruneContent(content, place);
    if (JSON.stringify(pruned) === JSON.stringify(content)) continue;
    await tx.query('update recording_summaries set content = $4 where org_id = $1 and recording_id = $2 and number = $3', [
      of.orgId,
      of.id,
      number,
      JSON.stringify(pruned),
    ]);
  }
  const gone: ActionRow[] = [];
  for (const item of await actionsOf(tx, of)) {
    const pruned = pruneAction(item, place);
    if (pruned === item) continue;
    const isTask = pruned !== null && pruned.line_id === null;
    const goes = wordsToo && isTask && !item.reworded;
    if (goes) gone.push(item);
    const now = goes ? null : wordsToo && isTask ? { ...pruned, said_by: null } : pruned;
    if (now) {
      await tx.query(
        `update action_items set line_id = $3, said_by = $4, said = $5, at_ms = $6, due_text = $7, origin = $8 where org_id = $1 and id = $2`,
        [of.orgId, item.id, now.line_id, now.said_by, now.said, now.at_ms, now.due_text, now.origin],
      );
    } else await tx.query('delete from action_items where org_id = $1 and id = $2', [of.orgId, item.id]);
  }
  return gone;
}

/** The same row when nothing changed; null: it goes. */
function pruneAction(item: ActionRow, place: Place): ActionRow | null {
  if (item.line_id === null && item.said_by === null) return item;
  const now = place({ origin: item.origin, lineId: item.line_id, personId: item.said_by, atMs: item.at_ms ?? 0 });
  if (now) return now.lineId === item.line_id ? item : { ...item, line_id: now.lineId };
  if (item.state === 'proposed' || item.state === 'dismissed') return null;
  // Somebody works on it: the task stays, what it was taken from goes. Whose words it is in stays known: he may take them back.
  return { ...item, line_id: null, said: '', at_ms: null, due_text: null, origin: 'person' };
}

function pruneContent(content: Content, place: Place): Content {
  const keep = (sentences: readonly Sentence[]): Sentence[] =>
    sentences.flatMap((sentence) => {
      const now = place(sentence);
      return now ? [{ ...sentence, lineId: now.lineId }] : [];
    });
  return {
    overview: keep(content.overview),
    topics: content.topics.flatMap((topic) => {
      const sentences = keep(topic.sentences);
      if (sentences.length === topic.sentences.length) return [{ ...topic, sentences }];
      // Its title may be made of what was cut out: what is left says what it is about, if anything does.
      const [first] = sentences;
      return first ? [{ ...topic, title: cutText(first.text, bounds.title), sentences }] : [];
    }),
    decisions: keep(content.decisions),
    questions: keep(content.questions),
  };
}
