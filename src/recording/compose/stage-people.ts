/** Whom the picture can show, from what was captured of whom. */
import type { Recording } from '../recording.js';
import type { Picture, StagePerson } from './layout.js';
import { clip, union, without } from './spans.js';
import type { TrackFile } from './track-file.js';
import type { Span } from './track-scan.js';

/** A still screen is sent rarely: it stands this long after its last picture, milliseconds. */
const screenStandsMs = 30_000;

/** `speaking`: by the participant's id. */
export function stagePeople(
  { startedAt }: Pick<Recording, 'startedAt'>,
  files: readonly TrackFile[],
  durationMs: number,
  speaking: ReadonlyMap<string, readonly Span[]>,
): StagePerson[] {
  const ids = [...new Set(files.map(({ track }) => track.participantId))];
  return ids.map((id) => {
    const own = files.filter(({ track }) => track.participantId === id);
    const present = own.map(({ track, spans }) => ({
      from: track.startedAt.getTime() - startedAt.getTime(),
      to: track.endedAt ? track.endedAt.getTime() - startedAt.getTime() : (spans.at(-1)?.to ?? durationMs),
    }));
    return {
      id,
      name: own[0]?.track.personName ?? '',
      present: clip(union(present, 1_000), 0, durationMs),
      speaking: speaking.get(id) ?? [],
      cameras: own.filter((file) => file.track.source === 'camera').flatMap((file) => picture(file, file.spans, durationMs)),
      screens: own
        .filter((file) => file.track.source === 'screen')
        .flatMap((file) => picture(file, screenSpans(file, startedAt.getTime()), durationMs)),
    };
  });
}

function picture({ track, file, muted }: TrackFile, spans: readonly Span[], durationMs: number): Picture[] {
  const shown = clip(without(spans, muted), 0, durationMs);
  return file === null || shown.length === 0 ? [] : [{ trackId: track.id, spans: shown }];
}

function screenSpans({ spans, track }: TrackFile, startedAt: number): Span[] {
  const joined = union(spans, screenStandsMs);
  const last = joined.at(-1);
  if (!last) return [];
  const end = track.endedAt ? track.endedAt.getTime() - startedAt : last.to;
  return [...joined.slice(0, -1), { from: last.from, to: Math.max(last.to, Math.min(end, last.to + screenStandsMs)) }];
}
