/**
 * Which of the publisher's sender reports are about the clock that a track's packets carry.
 *
 * With simulcast every layer has a clock of its own, begun at a random time (RFC 3550 section 5.1).
 * The worker sends all layers under the clock of the one that it began with, and says nowhere which
 * that was; but a report of another layer is off by hours, where one of this layer agrees with when
 * packets came. Pure.
 */

export interface ClockReading {
  /** Of the RTP clock, 32 bits. */
  readonly rtp: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Longer than what a network or a machine under load delays. The clock of another layer is this near once in 4,000 times. */
const toleranceMs = 5_000;
const times = 2 ** 32;

/** Whether the two are of one clock. */
export function fits(report: ClockReading, packet: ClockReading, clockRate: number): boolean {
  const ticks = ((report.rtp - packet.rtp + times * 1.5) % times) - times / 2;
  return Math.abs((ticks / clockRate) * 1_000 - (report.at - packet.at)) < toleranceMs;
}
