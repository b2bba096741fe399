/** Whom the recording covers, as persons: who is here on two devices is one. Pure. */
import type { ParticipantState } from '@server/signaling/meeting-state';

export interface CoveredPerson {
  readonly personId: string;
  readonly name: string;
}

export interface Coverage {
  readonly recorded: readonly CoveredPerson[];
  readonly others: readonly CoveredPerson[];
}

/** Those who are here; oneself first, then in the order of joining. */
export function coverageOf(
  participants: Iterable<ParticipantState>,
  recorded: ReadonlySet<string>,
  ownPersonId: string | undefined,
): Coverage {
  const persons = new Map<string, CoveredPerson>();
  for (const { personId, name } of participants) if (!persons.has(personId)) persons.set(personId, { personId, name });
  const own = persons.get(ownPersonId ?? '');
  const inOrder = [...new Set([...(own ? [own] : []), ...persons.values()])];
  return {
    recorded: inOrder.filter(({ personId }) => recorded.has(personId)),
    others: inOrder.filter(({ personId }) => !recorded.has(personId)),
  };
}
