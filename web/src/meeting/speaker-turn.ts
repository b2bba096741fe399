/**
 * Whose turn it is on the stage. The server says who is loudest; somebody who coughs or says "yes"
 * is not worth a change of the picture, and nothing changes twice within two seconds. Pure.
 */

export interface SpeakerTurn {
  /** Who has the stage; stays while nobody speaks. */
  readonly shown: string | null;
  readonly shownAt: number;
  /** Who would come next, and since when he speaks. */
  readonly next: string | null;
  readonly nextAt: number;
}

/** The picture of one speaker stays for this long at least. */
const stayMs = 2_000;
/** What is shorter is no turn. */
const turnMs = 700;

export const nobodysTurn: SpeakerTurn = { shown: null, shownAt: Number.NEGATIVE_INFINITY, next: null, nextAt: 0 };

/** The one who is heard now, or null. */
export function heardNow(turn: SpeakerTurn, speakerId: string | null, now: number): SpeakerTurn {
  const due = settle(turn, now);
  if (speakerId === due.next) return due;
  if (speakerId === null || speakerId === due.shown) return due.next === null ? due : { ...due, next: null };
  // Nobody has the stage yet: there is nothing to jump away from.
  if (due.shown === null) return { shown: speakerId, shownAt: now, next: null, nextAt: 0 };
  return { ...due, next: speakerId, nextAt: now };
}

/** When `settle` changes something, or null. */
export function dueAt({ next, nextAt, shownAt }: SpeakerTurn): number | null {
  return next === null ? null : Math.max(shownAt + stayMs, nextAt + turnMs);
}

export function settle(turn: SpeakerTurn, now: number): SpeakerTurn {
  const due = dueAt(turn);
  return due === null || now < due ? turn : { shown: turn.next, shownAt: now, next: null, nextAt: 0 };
}

/** The one who left has no turn. */
export function without(turn: SpeakerTurn, isThere: (id: string) => boolean): SpeakerTurn {
  const shown = turn.shown !== null && isThere(turn.shown) ? turn.shown : null;
  const next = turn.next !== null && isThere(turn.next) ? turn.next : null;
  return shown === turn.shown && next === turn.next ? turn : { ...turn, shown, next };
}
