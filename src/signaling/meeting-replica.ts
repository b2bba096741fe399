/**
 * What a node knows of a meeting whose home is another one: the snapshot that its sessions were
 * given, and the topic's events since. When the home dies the meeting goes on from here.
 */
import type { causeway } from '#proto';
import type { Topics } from '../platform/gateway/index.js';
import { apply, fromSnapshot, type MeetingState } from './meeting-state.js';
import { meetingTopic, type Snapshot } from './meeting-words.js';

export class MeetingReplica {
  readonly #fetch: () => Promise<Snapshot | null>;
  readonly #stop: () => void;
  #state: MeetingState | null = null;
  /** Events that came before the snapshot that they follow. */
  #early: { number: number; event: causeway.MeetingEvent.$Properties }[] = [];
  #fetching = false;

  constructor(meetingId: string, topics: Topics, fetch: () => Promise<Snapshot | null>) {
    this.#fetch = fetch;
    this.#stop = topics.watch(meetingTopic(meetingId), (number, { meeting }) => {
      if (meeting) this.#take(number, meeting);
    });
  }

  /** Null: nothing was seen yet. */
  get state(): MeetingState | null {
    return this.#state;
  }

  /** Takes a snapshot, if it is newer than what is known. */
  take(snapshot: Snapshot): void {
    const state = fromSnapshot(snapshot);
    if (this.#state && this.#state.number >= state.number) return;
    this.#state = state;
    const early = this.#early;
    this.#early = [];
    for (const { number, event } of early) this.#take(number, event);
  }

  /** What the home has replaces everything: its numbers may be lower than those of one that was cut off. */
  restart(): void {
    this.#state = null;
    this.#early = [];
    void this.#fill();
  }

  close(): void {
    this.#stop();
  }

  #take(number: number, event: causeway.MeetingEvent.$Properties): void {
    if (this.#state && (number === 0 || number === this.#state.number + 1)) this.#state = apply(this.#state, event, number);
    else if (number > (this.#state?.number ?? 0)) {
      this.#early.push({ number, event });
      // Before the first snapshot it is on the way.
      if (this.#state) void this.#fill();
    }
  }

  async #fill(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      const snapshot = await this.#fetch();
      if (snapshot) this.take(snapshot);
    } catch {
      // The home does not answer; the next event asks again, or another home begins.
    } finally {
      this.#fetching = false;
    }
  }
}
