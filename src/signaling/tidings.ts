/**
 * What changes with every single one of a crowd, and is therefore told now and then instead of each
 * time: how many view, to all; who waits, and which viewers raised their hands, to hosts and co-hosts.
 */
import type { causeway } from '#proto';
import type { Session } from '../platform/gateway/index.js';
import { Coalesced } from './coalesced.js';
import { type Meeting, moderates } from './meeting.js';
import { fromParticipant } from './meeting-state.js';
import type { Presences } from './presences.js';
import { toWaiting } from './wire.js';

export interface TidingsDeps {
  readonly meetingId: string;
  readonly machine: Meeting;
  readonly presences: Presences;
}

const viewersEveryMs = 1_000;
const handsEveryMs = 500;
const lobbyEveryMs = 250;
/** Hands that are shown, at most; ListViewers has all. */
const handsShown = 50;

export class Tidings {
  readonly #deps: TidingsDeps;
  readonly #viewers: Coalesced;
  readonly #hands: Coalesced;
  readonly #lobby: Coalesced;

  constructor(deps: TidingsDeps) {
    this.#deps = deps;
    const { machine } = deps;
    this.#viewers = new Coalesced(() => machine.countViewers(), viewersEveryMs);
    this.#hands = new Coalesced(() => this.#tellModerators(this.#viewerHands()), handsEveryMs);
    this.#lobby = new Coalesced(() => this.#tellModerators(this.#lobbyList()), lobbyEveryMs);
    machine.on('audience', () => this.#viewers.ask());
    machine.on('hands', () => this.#hands.ask());
    machine.on('lobby', () => this.#lobby.ask());
  }

  /** To one who has just become host or co-host. */
  bringUpToDate(session: Session): void {
    session.send(this.#lobbyList());
    this.showHands(session);
  }

  /** To a host or co-host who comes in: what the answer to Join does not say. */
  showHands(session: Session): void {
    if (this.#deps.machine.audience.hands.length > 0) session.send(this.#viewerHands());
  }

  /** Idempotent. */
  close(): void {
    for (const coalesced of [this.#viewers, this.#hands, this.#lobby]) coalesced.close();
  }

  #lobbyList(): causeway.SessionEvent.$Properties {
    return { lobbyList: { waiting: this.#deps.machine.waiting.map(toWaiting) } };
  }

  #viewerHands(): causeway.SessionEvent.$Properties {
    const { machine, meetingId } = this.#deps;
    return { viewerHands: { meetingId, viewers: machine.audience.hands.slice(0, handsShown).map(fromParticipant) } };
  }

  #tellModerators(event: causeway.SessionEvent.$Properties): void {
    const { machine, presences } = this.#deps;
    for (const participant of machine.state.participants.values())
      if (moderates(participant)) presences.sessionOf(participant.id)?.send(event);
  }
}
