/** Somebody who comes to meetings and leaves them; the media is left out, which k6 can't speak. */
import { check } from 'k6';
import type { causeway } from '#proto';
import { now, until, wait } from './clock.js';
import { joinMs, joins, leaveMs, presenceMs, signalingDuplicated, signalingLost } from './metrics.js';
import { Person } from './person.js';
import { groupOf, stayMs, turnsOf } from './plan.js';
import { type Session, timed } from './session.js';

/** The least that a client of mediasoup may say that it can receive. */
const rtpCapabilities = JSON.stringify({
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 111, clockRate: 48_000, channels: 2, parameters: {}, rtcpFeedback: [] },
  ],
  headerExtensions: [],
});
const lookMs = 500;

export class Visitor extends Person {
  #participantId = '';
  /** The newest event of the meeting; null: not in it. */
  #seen: number | null = null;
  /** Events that came before the answer to Join, which says from where on they count. */
  #early: causeway.IEvent[] = [];
  #clockAhead = 0;

  get #meetingId(): string {
    const { stage, plan, index } = this.cast;
    return stage.groups[groupOf(plan, index).group]?.meetingId ?? '';
  }

  get #isHost(): boolean {
    return groupOf(this.cast.plan, this.cast.index).seat === 0;
  }

  async seat(): Promise<void> {
    const session = await this.connect();
    this.#clockAhead = this.cast.stage.sameClock ? 0 : session.clockAhead;
    if (this.#isHost) await this.#join(session);
  }

  async act(): Promise<void> {
    await Promise.all([this.#comeAndGo(), this.keep()]);
  }

  async settle(): Promise<void> {
    await until(this.cast.end);
    const deadline = now() + this.cast.plan.grace * 1_000;
    while (this.#isHost && this.#seen !== null) {
      const session = await this.session();
      const { snapshot } = await session.meeting.snapshot({ meetingId: this.#meetingId });
      const missing = (snapshot?.number ?? 0) - this.#seen;
      if (missing <= 0 || now() > deadline) {
        signalingLost.add(Math.max(0, missing));
        return;
      }
      await wait(lookMs);
    }
  }

  protected heard(event: causeway.IEvent): void {
    if (event.topic !== `meeting/${this.#meetingId}` || !event.number) return;
    if (this.#seen === null) this.#early.push(event);
    else this.#count(event, this.#seen);
  }

  protected seen(): causeway.ISeen[] {
    return this.#seen === null ? [] : [{ topic: `meeting/${this.#meetingId}`, number: this.#seen }];
  }

  /** A participant whose session is gone has to come in again. */
  protected async caughtUp(session: Session): Promise<void> {
    if (this.#seen !== null) await this.#join(session);
  }

  #count({ number, meeting }: causeway.IEvent, seen: number): void {
    if (!number) return;
    if (number <= seen) {
      signalingDuplicated.add(1);
      return;
    }
    if (number > seen + 1) signalingLost.add(number - seen - 1);
    this.#seen = number;
    const joined = meeting?.participantJoined;
    if (!joined || joined.id === this.#participantId || !this.isMeasured(now() - this.cast.begin)) return;
    presenceMs.add(Math.max(0, Date.now() + this.#clockAhead - (joined.joinedAtMs ?? 0)));
  }

  async #comeAndGo(): Promise<void> {
    const { plan, index, begin, end } = this.cast;
    for (const turn of turnsOf(plan, index)) {
      const due = begin + turn.dueMs;
      await until(due);
      try {
        await this.#join(await this.session(), turn.dueMs);
        joins.add(1);
        await until(due + stayMs(plan));
        await this.#leave(await this.session());
      } catch (error) {
        this.trouble(error);
      }
    }
    await until(end);
  }

  async #join(session: Session, dueMs = now() - this.cast.begin): Promise<void> {
    this.#seen = null;
    this.#early = [];
    const { joined } = await session.meeting.join({ meetingId: this.#meetingId, rtpCapabilities });
    if (this.isMeasured(dueMs)) joinMs.add(now() - this.cast.begin - dueMs);
    const snapshot = joined?.snapshot;
    check(joined, {
      'Join lets in, with both transports': (answer) => Boolean(answer?.media),
      'the snapshot has oneself in it': (answer) => snapshot?.participants?.some(({ id }) => id === answer?.participantId) === true,
    });
    this.#participantId = joined?.participantId ?? '';
    let seen = snapshot?.number ?? 0;
    this.#seen = seen;
    for (const event of this.#early) {
      if ((event.number ?? 0) <= (snapshot?.number ?? 0)) continue;
      this.#count(event, seen);
      seen = this.#seen;
    }
  }

  async #leave(session: Session): Promise<void> {
    const { ms } = await timed(session.meeting.leave({ meetingId: this.#meetingId }));
    leaveMs.add(ms);
    this.#seen = null;
  }
}
