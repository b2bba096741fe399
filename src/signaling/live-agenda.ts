/**
 * The agenda of a meeting that is on. Each change is written down first and told then, one after the
 * other. What is written down counts: a home that was just moved, or was cut off for a moment, looks there.
 */
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import type { Agendas, PlannedItem } from './agendas.js';
import type { Meeting } from './meeting.js';
import type { MeetingRecord } from './meeting-records.js';
import type { AgendaNow } from './meeting-state.js';
import type { Presences } from './presences.js';

export interface LiveAgendaDeps {
  readonly log: Log;
  readonly agendas: Agendas;
  readonly record: () => MeetingRecord;
  readonly machine: Meeting;
  readonly presences: Presences;
}

export class LiveAgenda {
  readonly #deps: LiveAgendaDeps;
  #known = false;
  #changing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(deps: LiveAgendaDeps) {
    this.#deps = deps;
  }

  /** What everybody is shown who comes in must be known by then. */
  async ready(): Promise<void> {
    if (!this.#known) await this.#change(() => this.#look());
  }

  /** It may have been changed elsewhere. Never rejects. */
  changed(): void {
    this.#change(() => this.#look()).catch((error: unknown) => {
      if (!this.#closed) this.#deps.log.error({ err: error, meeting: this.#deps.record().id }, 'live-agenda: could not be read');
    });
  }

  /** @throws MEETING_NOT_IN, MEETING_FORBIDDEN, MEETING_AGENDA_CHANGED, MEETING_ENDED */
  async set(session: Session, revision: number, items: readonly PlannedItem[]): Promise<AgendaNow> {
    const { agendas, machine, record } = this.#deps;
    this.#assertMay(session);
    await this.#change(async () => {
      try {
        this.#take(await agendas.set(record(), revision, items));
      } catch (error) {
        // Whoever is told that another one was faster must be able to see what that one did.
        if (error instanceof CausewayError && error.code === 'MEETING_AGENDA_CHANGED') await this.#look();
        throw error;
      }
    });
    return machine.state.agenda;
  }

  /** @throws MEETING_NOT_IN, MEETING_FORBIDDEN, MEETING_NO_AGENDA_ITEM, MEETING_ENDED */
  async turn(session: Session, itemId: string | null): Promise<void> {
    this.#assertMay(session);
    await this.#change(async () => this.#take(await this.#deps.agendas.turn(this.#deps.record(), itemId)));
  }

  /** Tells nothing more. Idempotent. */
  close(): void {
    this.#closed = true;
  }

  #assertMay(session: Session): void {
    this.#deps.machine.assertModerates(this.#deps.presences.get(session).participantId);
  }

  async #look(): Promise<void> {
    this.#take(await this.#deps.agendas.of(this.#deps.record()));
  }

  /** @throws SERVER_DRAINING when another node tells by now: what was written down it finds there. */
  #take(agenda: AgendaNow): void {
    if (this.#closed) throw new CausewayError(this.#deps.machine.state.ended ? 'MEETING_ENDED' : 'SERVER_DRAINING');
    this.#known = true;
    this.#deps.machine.setAgenda(agenda);
  }

  #change(act: () => Promise<void>): Promise<void> {
    const done = this.#changing.then(act);
    this.#changing = done.catch(() => undefined);
    return done;
  }
}
