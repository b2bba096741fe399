/** Sessions that wait at the door of a meeting, and who was turned away a moment ago. */
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import type { Meeting, Wait } from './meeting.js';

export interface WaitingRoomDeps {
  readonly clock: Clock;
  readonly meetingId: string;
  readonly machine: Meeting;
}

/** Somebody who was denied may knock again after this time. */
const deniedMs = 60_000;

export class WaitingRoom {
  readonly #deps: WaitingRoomDeps;
  readonly #waiting = new Map<string, { session: Session; forget: () => void }>();
  readonly #deniedUntil = new Map<string, number>();

  constructor(deps: WaitingRoomDeps) {
    this.#deps = deps;
  }

  get sessions(): Session[] {
    return [...this.#waiting.values()].map(({ session }) => session);
  }

  /** The same wait again changes nothing. @throws MEETING_DENIED, MEETING_FULL */
  wait(session: Session, wait: Omit<Wait, 'since'>): Wait {
    const { clock, machine } = this.#deps;
    if ((this.#deniedUntil.get(wait.personId) ?? 0) > clock.now()) throw new CausewayError('MEETING_DENIED');
    const waiting = machine.wait(wait);
    if (!this.#waiting.has(session.id)) {
      const watcher = { ended: () => this.leave(session.id) };
      session.watch(watcher);
      this.#waiting.set(session.id, { session, forget: () => session.unwatch(watcher) });
    }
    return waiting;
  }

  /** Tells those who waited what a host has said; they wait no longer. */
  answer(asked: readonly Wait[], admitted: boolean): void {
    const { clock, meetingId } = this.#deps;
    for (const [personId, until] of this.#deniedUntil) if (until <= clock.now()) this.#deniedUntil.delete(personId);
    for (const { id, personId } of asked) {
      if (!admitted) this.#deniedUntil.set(personId, clock.now() + deniedMs);
      this.#waiting.get(id)?.session.send({ lobbyAnswer: { meetingId, admitted } });
    }
    this.leave(...asked.map(({ id }) => id));
  }

  /** Harmless for those who don't wait. */
  leave(...sessionIds: readonly string[]): void {
    for (const id of sessionIds) {
      this.#waiting.get(id)?.forget();
      this.#waiting.delete(id);
    }
    this.#deps.machine.stopWaiting(...sessionIds);
  }

  /** Listens to nobody any more. */
  close(): void {
    for (const { forget } of this.#waiting.values()) forget();
    this.#waiting.clear();
  }
}
