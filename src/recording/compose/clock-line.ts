/**
 * What one clock showed when another one showed something: a line through what was seen of both. Clocks
 * of sound cards run some tens of millionths off, and not the same all day.
 */

export interface ClockPoint {
  /** Milliseconds of the one clock. */
  readonly x: number;
  /** Milliseconds of the other. */
  readonly y: number;
}

export type ClockLine = (x: number) => number;

/** Below this a slope would be made of noise, milliseconds. */
const shortMs = 60_000;
/** Up to this one line is enough; longer, it bends at knots. */
const straightMs = 600_000;
const knotMs = 300_000;
const pointsAtLeast = 4;
/** No clock runs that far off: such a slope is made of wrong points. */
const slopeOff = 0.1;

/** Null: nothing was seen. */
export function fitClock(points: readonly ClockPoint[]): ClockLine | null {
  const sorted = [...points].sort((a, b) => a.x - b.x);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (!first || !last) return null;
  if (last.x - first.x < shortMs || sorted.length < pointsAtLeast) return parallel(sorted);
  if (last.x - first.x <= straightMs) return straight(sorted);
  return bent(sorted, first.x, last.x);
}

/** Both run at the same speed. */
function parallel(points: readonly ClockPoint[]): ClockLine {
  const offset = median(points.map(({ x, y }) => y - x));
  return (x) => x + offset;
}

/** Least squares, twice: the second time without what lies far from the first line. */
function straight(points: readonly ClockPoint[]): ClockLine {
  const rough = leastSquares(points);
  const distances = points.map(({ x, y }) => Math.abs(y - rough(x)));
  const far = Math.max(10, 5 * median(distances));
  const near = points.filter((_, index) => (distances[index] ?? 0) <= far);
  return near.length < pointsAtLeast ? rough : leastSquares(near);
}

function leastSquares(points: readonly ClockPoint[]): ClockLine {
  const middle = { x: mean(points.map(({ x }) => x)), y: mean(points.map(({ y, x }) => y - x)) };
  let squares = 0;
  let products = 0;
  for (const { x, y } of points) {
    squares += (x - middle.x) ** 2;
    products += (x - middle.x) * (y - x - middle.y);
  }
  const slope = squares === 0 ? 0 : products / squares;
  if (Math.abs(slope) > slopeOff) return parallel(points);
  return (x) => x + middle.y + slope * (x - middle.x);
}

/** A line for every five minutes, through what was seen within five minutes of it; between them from one to the next. */
function bent(points: readonly ClockPoint[], from: number, to: number): ClockLine {
  const count = Math.max(2, Math.round((to - from) / knotMs) + 1);
  const knots: { readonly x: number; readonly line: ClockLine }[] = [];
  for (let index = 0; index < count; index += 1) {
    const x = from + ((to - from) * index) / (count - 1);
    const around = points.filter((point) => Math.abs(point.x - x) <= knotMs);
    const span = (around.at(-1)?.x ?? 0) - (around[0]?.x ?? 0);
    if (around.length >= pointsAtLeast && span >= shortMs) knots.push({ x, line: straight(around) });
  }
  const [first] = knots;
  const last = knots.at(-1);
  if (!first || !last) return straight(points);
  return (x) => {
    if (x <= first.x) return first.line(x);
    if (x >= last.x) return last.line(x);
    const after = knots.findIndex((knot) => knot.x > x);
    const [left, right] = [knots[after - 1] ?? first, knots[after] ?? last];
    const ratio = (x - left.x) / (right.x - left.x);
    return left.line(x) * (1 - ratio) + right.line(x) * ratio;
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
