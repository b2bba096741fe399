/** Questions to the record of what a page received. Pure. */
import type { Sample } from './relayed-person.js';

/** Sound between two moments: counted by track, because a track that is made anew counts from 0. */
export interface Heard {
  readonly packets: number;
  readonly samples: number;
  readonly concealed: number;
}

export function heardBetween(samples: readonly Sample[], from: number, to: number): Heard {
  const sum = { packets: 0, samples: 0, concealed: 0 };
  const inside = samples.filter(({ at }) => at >= from && at <= to);
  for (const [index, now] of inside.entries()) {
    const before = inside[index - 1];
    if (!before) continue;
    for (const [track, counted] of Object.entries(now.sounds)) {
      const last = before.sounds[track] ?? { packets: 0, samples: 0, concealed: 0 };
      sum.packets += Math.max(0, counted.packets - last.packets);
      sum.samples += Math.max(0, counted.samples - last.samples);
      sum.concealed += Math.max(0, counted.concealed - last.concealed);
    }
  }
  return sum;
}

/** The longest time between two moments in which not one packet of sound came, milliseconds. */
export function longestSilence(samples: readonly Sample[], from: number, to: number): number {
  const inside = samples.filter(({ at }) => at >= from && at <= to);
  let longest = 0;
  let since = from;
  for (const [index, now] of inside.entries()) {
    const before = inside[index - 1];
    if (before && heardBetween([before, now], before.at, now.at).packets > 0) {
      longest = Math.max(longest, before.at - since);
      since = now.at;
    }
  }
  return Math.max(longest, to - since);
}

/** The longest time between two samples: the page itself stood still. */
export function longestGap(samples: readonly Sample[], from: number, to: number): number {
  const times = samples.filter(({ at }) => at >= from && at <= to).map(({ at }) => at);
  return Math.max(0, ...times.map((at, index) => at - (times[index - 1] ?? at)));
}

export function framesBetween(samples: readonly Sample[], from: number, to: number): number {
  const inside = samples.filter(({ at }) => at >= from && at <= to);
  let frames = 0;
  for (const [index, now] of inside.entries()) {
    const before = inside[index - 1];
    if (!before) continue;
    for (const [track, counted] of Object.entries(now.pictures)) {
      frames += Math.max(0, counted.frames - (before.pictures[track]?.frames ?? 0));
    }
  }
  return frames;
}

/** The largest picture that moves now, in lines; 0: none moves. */
export function lines(samples: readonly Sample[]): number {
  const now = samples.at(-1);
  const before = samples.at(-4);
  if (!now || !before) return 0;
  const moving = Object.entries(now.pictures).filter(([track, { frames }]) => frames > (before.pictures[track]?.frames ?? 0));
  return Math.max(0, ...moving.map(([, { height }]) => height));
}
