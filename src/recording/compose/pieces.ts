/** Which part of a recording is made, and in which pieces. */
import { framesPerSecond } from './layout.js';
import type { Edit } from './ports.js';
import type { Span } from './track-scan.js';
import type { ChunkPlan } from './video-chunk.js';

/** One run of FFmpeg makes this much of the picture, milliseconds: what a crash loses at most. Whole groups of pictures. */
const chunkMs = 300_000;

/** What is left after all trims, on the borders of frames, and never nothing. */
export function windowOf(edits: readonly Edit[], durationMs: number): Span {
  const frameMs = 1_000 / framesPerSecond;
  const onFrame = (ms: number) => Math.round(ms / frameMs) * frameMs;
  const end = Math.max(frameMs, Math.ceil(durationMs / frameMs) * frameMs);
  let [from, to] = [0, end];
  for (const edit of edits) {
    if (edit.what !== 'trim') continue;
    from = Math.max(from, onFrame(edit.fromMs));
    to = Math.min(to, onFrame(edit.toMs));
  }
  // What leaves nothing leaves the last picture: a file without one is none.
  from = Math.min(from, end - frameMs);
  return { from, to: Math.max(to, from + frameMs) };
}

export function cut({ from, to, height, scenes, captions }: ChunkPlan): ChunkPlan[] {
  const within = (span: Span, part: Span) => span.from < part.to && span.to > part.from;
  const plans: ChunkPlan[] = [];
  for (let begin = from; begin < to; begin += chunkMs) {
    const part = { from: begin, to: Math.min(begin + chunkMs, to) };
    const plan = {
      ...part,
      height,
      scenes: scenes.filter((scene) => within(scene, part)).map((scene) => ({ ...scene, ...overlap(scene, part) })),
      captions: captions.filter((caption) => within(caption, part)).map((caption) => ({ ...caption, ...overlap(caption, part) })),
    };
    plans.push(hasVideo(plan) ? plan : earlier(plan, begin));
  }
  return plans;
}

function overlap(span: Span, part: Span): Span {
  return { from: Math.max(span.from, part.from), to: Math.min(span.to, part.to) };
}

export function hasVideo({ scenes }: ChunkPlan): boolean {
  return scenes.some(({ tiles }) => tiles.some(({ trackId }) => trackId !== null));
}

/** The same, as if it were at the beginning. */
function earlier({ from, to, height, scenes, captions }: ChunkPlan, by: number): ChunkPlan {
  const moved = <One extends Span>(span: One): One => ({ ...span, from: span.from - by, to: span.to - by });
  return { from: from - by, to: to - by, height, scenes: scenes.map(moved), captions: captions.map(moved) };
}
