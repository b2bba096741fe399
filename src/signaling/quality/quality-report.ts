/** The report on a call's quality, from samples to people. Pure. */
import type { causeway } from '#proto';
import { emptyStretch, extend, gradeOf, lossIn, lossOut, type Points, pointsOf, type Stretch } from './grade.js';
import type { Sample } from './sample.js';
import { type Impairment, impairments, type PersonQuality } from './schema.js';

export interface Stay {
  readonly personId: string;
  readonly name: string;
  readonly guest: boolean;
  readonly joinedAt: Date;
  /** Null: he is still in. */
  readonly leftAt: Date | null;
}

const minuteMs = 60_000;
/** An impairment that took less than this much of the grade is not named. */
const worthNaming = 0.5;
const limits = ['none', 'cpu', 'bandwidth', 'other'] as const satisfies readonly (keyof PersonQuality['limited'])[];

/** Takes the samples of one meeting one by one, so that nobody has to hold all of them. */
export class QualityReportBuilder {
  /** The full minute in which the first came; null when nobody did. */
  readonly from: number | null;
  readonly #people = new Map<string, Person>();

  constructor(stays: readonly Stay[], now: number) {
    const first = stays.reduce((least, { joinedAt }) => Math.min(least, joinedAt.getTime()), Number.POSITIVE_INFINITY);
    this.from = Number.isFinite(first) ? Math.floor(first / minuteMs) * minuteMs : null;
    for (const stay of stays) {
      const person = this.#people.get(stay.personId) ?? new Person(stay, this.from ?? 0);
      person.stays.push([stay.joinedAt.getTime(), stay.leftAt?.getTime() ?? now]);
      this.#people.set(stay.personId, person);
    }
  }

  add(personId: string, at: number, sample: Sample | causeway.QualitySample): void {
    this.#people.get(personId)?.add(at, sample);
  }

  /** One by one, in no order: of many people it is work. */
  *reports(): Generator<PersonQuality> {
    for (const person of this.#people.values()) yield person.report();
  }
}

/** Worst first; those of whom nothing is known last, by name. */
export function worstFirst(people: readonly PersonQuality[]): PersonQuality[] {
  return people.toSorted(
    (a, b) => (a.grade ?? Number.POSITIVE_INFINITY) - (b.grade ?? Number.POSITIVE_INFINITY) || a.name.localeCompare(b.name),
  );
}

class Person {
  readonly stays: [from: number, to: number][] = [];
  readonly #face: Pick<PersonQuality, 'personId' | 'name' | 'guest'>;
  readonly #from: number;
  readonly #all = emptyStretch();
  readonly #minutes = new Map<number, Stretch>();
  readonly #roundTrips = new TimeByValue();
  readonly #jitters = new TimeByValue();
  readonly #pictures = new Map<string, { width: number; height: number; ms: number; frames: number }>();
  readonly #limitedMs = { none: 0, cpu: 0, bandwidth: 0, other: 0 };
  #freezes = 0;
  #frozenMs = 0;
  #relayedMs = 0;
  #bitsIn = 0;
  #bitsOut = 0;

  constructor({ personId, name, guest }: Stay, from: number) {
    this.#face = { personId, name, guest };
    this.#from = from;
  }

  add(at: number, sample: Sample): void {
    const ms = sample.durationMs;
    extend(this.#all, sample);
    extend(this.#minuteOf(at - ms / 2), sample);
    if (sample.roundTripMs > 0) this.#roundTrips.add(sample.roundTripMs, ms);
    if (sample.packetsReceived > 0) this.#jitters.add(sample.jitterMs, ms);
    this.#freezes += sample.freezes;
    this.#frozenMs += sample.freezesMs;
    this.#limitedMs[limits[sample.limit] ?? 'other'] += ms;
    if (sample.relayed) this.#relayedMs += ms;
    this.#bitsIn += sample.bitsPerSecondIn * ms;
    this.#bitsOut += sample.bitsPerSecondOut * ms;
    if (sample.width > 0 && sample.height > 0) this.#addPicture(sample);
  }

  report(): PersonQuality {
    const { ms } = this.#all;
    const of = (part: number) => (ms === 0 ? 0 : part / ms);
    const share = (part: number) => rounded(of(part), 4);
    return {
      ...this.#face,
      seconds: Math.round(together(this.stays) / 1_000),
      measuredSeconds: Math.round(ms / 1_000),
      ...this.#graded(),
      lossIn: roundedOrNull(lossIn(this.#all)),
      lossOut: roundedOrNull(lossOut(this.#all)),
      roundTripMs: this.#roundTrips.percentiles(),
      jitterMs: this.#jitters.percentiles(),
      concealed: share(this.#all.concealed),
      freezes: { count: this.#freezes, seconds: rounded(this.#frozenMs / 1_000, 1) },
      picture: this.#picture(),
      bitsPerSecondIn: Math.round(of(this.#bitsIn)),
      bitsPerSecondOut: Math.round(of(this.#bitsOut)),
      limited: {
        none: share(this.#limitedMs.none),
        cpu: share(this.#limitedMs.cpu),
        bandwidth: share(this.#limitedMs.bandwidth),
        other: share(this.#limitedMs.other),
      },
      starved: share(this.#all.starvedMs),
      relayed: share(this.#relayedMs),
    };
  }

  #minuteOf(at: number): Stretch {
    const index = Math.max(0, Math.floor((at - this.#from) / minuteMs));
    const minute = this.#minutes.get(index) ?? emptyStretch();
    this.#minutes.set(index, minute);
    return minute;
  }

  #addPicture({ width, height, framesPerSecond, durationMs }: Sample): void {
    const key = `${width}x${height}`;
    const picture = this.#pictures.get(key) ?? { width, height, ms: 0, frames: 0 };
    picture.ms += durationMs;
    picture.frames += framesPerSecond * durationMs;
    this.#pictures.set(key, picture);
  }

  #picture(): PersonQuality['picture'] {
    const sizes = [...this.#pictures.values()];
    const [first, ...others] = sizes;
    if (!first) return null;
    const best = others.reduce((most, size) => (size.width * size.height > most.width * most.height ? size : most), first);
    const typical = others.reduce((most, size) => (size.ms > most.ms ? size : most), first);
    const face = ({ width, height, ms, frames }: typeof first) => ({ width, height, framesPerSecond: Math.round(frames / ms) });
    return { best: face(best), typical: face(typical) };
  }

  /** The grade is that of the worst quarter of his minutes: five bad ones are remembered, whatever the other fifty were like. */
  #graded(): Pick<PersonQuality, 'grade' | 'causes' | 'grades'> {
    const minutes = [...this.#minutes].map(([index, stretch]) => {
      const points = pointsOf(stretch);
      return { index, points, grade: gradeOf(points) };
    });
    if (minutes.length === 0) return { grade: null, causes: [], grades: [] };
    const worst = minutes.toSorted((a, b) => a.grade - b.grade).slice(0, Math.ceil(minutes.length / 4));
    const grades: (number | null)[] = Array.from({ length: Math.max(...minutes.map(({ index }) => index)) + 1 }, () => null);
    for (const { index, grade } of minutes) grades[index] = grade;
    return {
      grade: rounded(mean(worst.map(({ grade }) => grade)), 1),
      causes: causesOf(worst.map(({ points }) => points)),
      grades,
    };
  }
}

/** How long each value held. */
class TimeByValue {
  readonly #ms = new Map<number, number>();
  #total = 0;

  add(value: number, ms: number): void {
    this.#ms.set(value, (this.#ms.get(value) ?? 0) + ms);
    this.#total += ms;
  }

  percentiles(): { p50: number; p95: number } | null {
    if (this.#total === 0) return null;
    const ascending = [...this.#ms].sort(([a], [b]) => a - b);
    const at = (share: number): number => {
      let passed = 0;
      for (const [value, ms] of ascending) {
        passed += ms;
        if (passed >= share * this.#total) return value;
      }
      return ascending.at(-1)?.[0] ?? 0;
    };
    return { p50: at(0.5), p95: at(0.95) };
  }
}

function causesOf(all: readonly Points[]): Impairment[] {
  return impairments
    .map((impairment) => ({ impairment, points: mean(all.map((points) => points[impairment])) }))
    .filter(({ points }) => points >= worthNaming)
    .sort((a, b) => b.points - a.points)
    .map(({ impairment }) => impairment);
}

/** Length of the time that the spans cover; one who is there with two devices is there once. */
function together(spans: readonly (readonly [from: number, to: number])[]): number {
  let sum = 0;
  let covered = Number.NEGATIVE_INFINITY;
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    sum += Math.max(0, to - Math.max(from, covered));
    covered = Math.max(covered, to);
  }
  return sum;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : rounded(value, 4);
}
