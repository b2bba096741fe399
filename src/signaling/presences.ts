/** Who is in a meeting by which session: one presence is one participant. */
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';

export interface Presence {
  readonly participantId: string;
  readonly personId: string;
  readonly session: Session;
  /** The row that says since when. */
  readonly stayId: string;
  /** Stops listening to the session. */
  readonly forget: () => void;
}

export class Presences {
  readonly #bySession = new Map<string, Presence>();
  readonly #byParticipant = new Map<string, Presence>();
  readonly #byPerson = new Map<string, Set<Presence>>();

  get size(): number {
    return this.#bySession.size;
  }

  [Symbol.iterator](): IterableIterator<Presence> {
    return [...this.#bySession.values()].values();
  }

  add(presence: Presence): void {
    this.#bySession.set(presence.session.id, presence);
    this.#byParticipant.set(presence.participantId, presence);
    const ofPerson = this.#byPerson.get(presence.personId) ?? new Set();
    this.#byPerson.set(presence.personId, ofPerson.add(presence));
  }

  /** False: it was gone already. */
  delete(presence: Presence): boolean {
    this.#byParticipant.delete(presence.participantId);
    const ofPerson = this.#byPerson.get(presence.personId);
    ofPerson?.delete(presence);
    if (ofPerson?.size === 0) this.#byPerson.delete(presence.personId);
    return this.#bySession.delete(presence.session.id);
  }

  clear(): void {
    this.#bySession.clear();
    this.#byParticipant.clear();
    this.#byPerson.clear();
  }

  find(session: Session): Presence | undefined {
    return this.#bySession.get(session.id);
  }

  /** @throws MEETING_NOT_IN */
  get(session: Session): Presence {
    const presence = this.#bySession.get(session.id);
    if (!presence) throw new CausewayError('MEETING_NOT_IN');
    return presence;
  }

  /** On all devices. */
  ofPerson(personId: string): Presence[] {
    return [...(this.#byPerson.get(personId) ?? [])];
  }

  sessionOf(participantId: string): Session | undefined {
    return this.#byParticipant.get(participantId)?.session;
  }
}
