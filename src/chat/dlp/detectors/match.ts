/** What detectors give. */
export interface Match {
  /** The same for the same number, however it is written. */
  readonly value: string;
  /** Where it stands in the text that was read. */
  readonly start: number;
  readonly end: number;
}

export type Detector = (text: string) => Match[];

/** In one text. Whoever sends more than this is not helped by a higher count. */
export const maxMatches = 200;

/**
 * All places of a pattern that a check confirms. One that it refuses is looked at again from its next
 * character, so that digits before a number don't hide it. `pattern` has the flag g, and a bounded length.
 */
export function matchesOf(text: string, pattern: RegExp, check: (found: RegExpExecArray) => string | null): Match[] {
  const matches: Match[] = [];
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null && matches.length < maxMatches; found = pattern.exec(text)) {
    const value = check(found);
    if (value === null) pattern.lastIndex = found.index + 1;
    else matches.push({ value, start: found.index, end: found.index + found[0].length });
  }
  return matches;
}
