/**
 * Looks every few seconds at how the connection does: for the sign on the screen, for pictures that
 * stand still, and for the report after the call.
 */
import type { types } from 'mediasoup-client';
import type { causeway } from '#proto';
import { type Change, type Counters, changeBetween, noCounters, readCounters } from './connection-stats';
import { judge, type Quality, type Scores, sampleOf } from './quality';
import { within } from './time-limit';

export interface QualityWatchDeps {
  readonly meetingId: string;
  readonly rpc: causeway.MediaService;
  /** Pictures that are shown and do not come, now. */
  readonly starved: () => number;
  readonly onLook: (quality: Quality, change: Change) => void;
}

interface Watched {
  readonly send: types.Transport | null;
  readonly receive: types.Transport;
}

const lookEveryMs = 5_000;
const reportEveryMs = 10_000;
/** Viewers come by the thousand, and send nothing that could suffer. */
const viewerReportEveryMs = 30_000;
const scoresMs = 2_000;
/** What is shorter says nothing. */
const leastMs = 2_000;

export class QualityWatch {
  readonly #deps: QualityWatchDeps;
  #watched: Watched | null = null;
  /** At the last look, and at the last report. */
  #looked: Counters = noCounters(0);
  #reported: Counters = noCounters(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: QualityWatchDeps) {
    this.#deps = deps;
  }

  /** Watches these from now on. What was counted of the ones before is reported. */
  watch(watched: Watched): void {
    this.stop();
    this.#watched = watched;
    this.#looked = noCounters(performance.now());
    this.#reported = this.#looked;
    this.#later();
  }

  /** Reports what was counted since the last report; nothing is watched any more. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#watched && this.#looked.atMs - this.#reported.atMs >= leastMs) this.#report();
    this.#watched = null;
  }

  #later(): void {
    this.#timer = setTimeout(() => void this.#look(), lookEveryMs);
  }

  async #look(): Promise<void> {
    const watched = this.#watched;
    if (!watched) return;
    try {
      const scores = await this.#scores();
      const [receive, send] = await Promise.all([watched.receive.getStats(), watched.send?.getStats() ?? null]);
      if (this.#watched !== watched) return;
      const now = readCounters({ receive, send }, performance.now());
      const change = changeBetween(this.#looked, now);
      this.#looked = now;
      this.#deps.onLook(judge(change, scores), change);
      // A timer may be a little early.
      if (now.atMs - this.#reported.atMs >= (watched.send ? reportEveryMs : viewerReportEveryMs) - lookEveryMs / 2) this.#report();
    } catch {
      // The transport was closed meanwhile.
    }
    if (this.#watched === watched) this.#later();
  }

  #report(): void {
    const { meetingId, rpc, starved } = this.#deps;
    const sample = sampleOf(changeBetween(this.#reported, this.#looked), starved());
    this.#reported = this.#looked;
    rpc.reportQuality({ meetingId, sample }).catch(() => undefined);
  }

  async #scores(): Promise<Scores | null> {
    try {
      // While the socket is away, what the browser counts is worth more than ever.
      const reply = await within(scoresMs, this.#deps.rpc.stats({ meetingId: this.#deps.meetingId }));
      return { send: reply.sendScore, receive: reply.receiveScore, known: reply.known };
    } catch {
      return null;
    }
  }
}
