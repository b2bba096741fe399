/** Digits with single separators between them, in the groups in which they are written. */
export interface DigitGroup {
  readonly digits: string;
  readonly start: number;
  readonly end: number;
  /** What stands between it and the group before; empty for the first. */
  readonly separator: string;
}

/** Everything that may stand between two groups of one number, on one line. */
const run = /\d+(?: ?[ .()-] ?\d+)*/g;
/** No known way of writing a number has more groups, but one digit at a time. */
export const mostGroups = 5;
/** Longer runs are tables or bombs; they are read in pieces of this many groups. */
const maxGroups = 64;

export function digitRuns(text: string): DigitGroup[][] {
  const runs: DigitGroup[][] = [];
  for (const found of text.matchAll(run)) {
    let groups: DigitGroup[] = [];
    for (const part of found[0].matchAll(/(\D*)(\d+)/g)) {
      const [whole, separator = '', digits = ''] = part;
      const end = found.index + part.index + whole.length;
      if (groups.length === maxGroups) {
        runs.push(groups);
        // A number that lies across the border is found in the next piece.
        groups = groups.slice(-20);
      }
      groups.push({ digits, start: end - digits.length, end, separator });
    }
    runs.push(groups);
  }
  return runs;
}

/** Whether the groups belong together by their looks: one kind of separator, and lengths such as "4-4-4-4". */
export function hasShape(groups: readonly DigitGroup[], shapes: ReadonlySet<string>): boolean {
  if (groups.length === 1 || groups.length > mostGroups) return groups.length === 1;
  if (groups.slice(2).some(({ separator }) => separator !== groups[1]?.separator)) return false;
  return shapes.has(groups.map(({ digits }) => digits.length).join('-'));
}

export function digitsOf(groups: readonly DigitGroup[]): string {
  return groups.map(({ digits }) => digits).join('');
}
