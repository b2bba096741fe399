import { describe, expect, test } from 'vitest';
import { QualityReportBuilder, type Stay, worstFirst } from '../../../../src/signaling/quality/quality-report.js';
import type { Sample } from '../../../../src/signaling/quality/sample.js';
import { personQualitySchema } from '../../../../src/signaling/quality/schema.js';

const start = Date.parse('2026-03-02T09:00:20Z');
const minute = (n: number) => start + n * 60_000;

/** Ten seconds without a fault. */
const good: Sample = {
  durationMs: 10_000,
  packetsReceived: 1_000,
  packetsLost: 0,
  packetsSent: 500,
  sentPacketsLost: 0,
  roundTripMs: 30,
  jitterMs: 5,
  freezes: 0,
  freezesMs: 0,
  concealedPermille: 0,
  width: 640,
  height: 360,
  framesPerSecond: 30,
  bitsPerSecondIn: 1_000_000,
  bitsPerSecondOut: 500_000,
  limit: 0,
  starved: 0,
  relayed: false,
};
const silent: Sample = {
  ...good,
  packetsReceived: 0,
  packetsSent: 0,
  roundTripMs: 0,
  jitterMs: 0,
  width: 0,
  height: 0,
  framesPerSecond: 0,
  bitsPerSecondIn: 0,
  bitsPerSecondOut: 0,
};
const idOf = (name: string) => `00000000-0000-7000-8000-${Buffer.from(name.slice(0, 6).padEnd(6)).toString('hex')}`;
const stay = (name: string, from = start, to: number | null = minute(10)): Stay => ({
  personId: idOf(name),
  name,
  guest: false,
  joinedAt: new Date(from),
  leftAt: to === null ? null : new Date(to),
});

/** The report on people by name, each with samples that follow each other from the start. */
function reportOn(people: Readonly<Record<string, readonly Partial<Sample>[]>>, stays = Object.keys(people).map((name) => stay(name))) {
  const builder = new QualityReportBuilder(stays, minute(30));
  for (const [name, samples] of Object.entries(people)) {
    let at = start;
    for (const given of samples) {
      const sample = { ...good, ...given };
      at += sample.durationMs;
      builder.add(idOf(name), at, sample);
    }
  }
  return worstFirst([...builder.reports()]);
}
const only = (samples: readonly Partial<Sample>[]) => {
  const [person] = reportOn({ Ana: samples });
  if (!person) throw new Error('nobody');
  return person;
};
const times = <Value>(n: number, value: Value): Value[] => Array.from({ length: n }, () => value);

describe('The report on a call', () => {
  test('gives ten to a call without a fault, and names no cause', () => {
    const person = only(times(30, {}));
    expect(person).toMatchObject({ grade: 10, causes: [], lossIn: 0, lossOut: 0, measuredSeconds: 300, seconds: 600 });
    expect(person).toMatchObject({ roundTripMs: { p50: 30, p95: 30 }, jitterMs: { p50: 5, p95: 5 }, relayed: 0, starved: 0 });
    expect(person).toMatchObject({ bitsPerSecondIn: 1_000_000, bitsPerSecondOut: 500_000, limited: { none: 1 } });
    expect(personQualitySchema.parse(person)).toEqual(person);
  });

  test('puts those who suffered most first, and those of whom nothing is known last', () => {
    const people = reportOn({
      Quiet: [],
      Good: times(6, {}),
      Bad: times(6, { packetsLost: 200 }),
      Middling: times(6, { packetsLost: 20 }),
    });
    expect(people.map(({ name }) => name)).toEqual(['Bad', 'Middling', 'Good', 'Quiet']);
    expect(people.at(-1)).toMatchObject({ grade: null, causes: [], grades: [], lossIn: null, roundTripMs: null, picture: null });
  });

  test('counts loss over packets and not over samples, in both directions', () => {
    const person = only([{ packetsReceived: 900, packetsLost: 100, packetsSent: 100, sentPacketsLost: 50 }, { packetsReceived: 9_000 }]);
    expect(person.lossIn).toBe(0.01);
    expect(person.lossOut).toBeCloseTo(50 / 600, 4);
  });

  test('says that nothing is known where nothing was sent', () => {
    const person = only([silent]);
    expect(person).toMatchObject({ lossIn: null, lossOut: null, jitterMs: null, roundTripMs: null, picture: null, grade: 10 });
  });

  test('weighs percentiles by time', () => {
    const person = only([
      { durationMs: 50_000, roundTripMs: 20 },
      { durationMs: 44_000, roundTripMs: 80 },
      { durationMs: 6_000, roundTripMs: 900 },
    ]);
    expect(person.roundTripMs).toEqual({ p50: 20, p95: 900 });
  });

  test.each<[string, Partial<Sample>]>([
    ['loss-in', { packetsLost: 80 }],
    ['loss-in', { concealedPermille: 150 }],
    ['loss-out', { sentPacketsLost: 80 }],
    ['delay', { roundTripMs: 400 }],
    ['jitter', { jitterMs: 80 }],
    ['freezes', { freezes: 3, freezesMs: 2_000 }],
    ['starved', { starved: 2 }],
    ['bandwidth', { limit: 2 }],
    ['cpu', { limit: 1 }],
  ])('names %s as what spoiled it', (cause, fault) => {
    const person = only(times(12, fault));
    expect(person.causes).toEqual([cause]);
    expect(person.grade).toBeLessThan(9.5);
  });

  test('names several causes, the worst first', () => {
    expect(only(times(6, { packetsLost: 100, roundTripMs: 300, limit: 2 })).causes).toEqual(['loss-in', 'delay', 'bandwidth']);
  });

  test('remembers bad minutes in a call that was good otherwise', () => {
    const person = only([...times(54, {}), ...times(6, { packetsLost: 300 })]);
    expect(person.grade).toBeLessThan(8.5);
    expect(person.causes).toEqual(['loss-in']);
  });

  test('never goes below 0, whatever came together', () => {
    const worst = {
      packetsLost: 1_000,
      sentPacketsLost: 500,
      roundTripMs: 5_000,
      jitterMs: 900,
      freezes: 9,
      freezesMs: 100_000,
      concealedPermille: 1_000,
      limit: 2,
      starved: 9,
    };
    expect(only(times(6, worst)).grade).toBe(0);
  });

  test('tells the grade of each minute from the full minute in which the first came, with gaps', () => {
    // It began at 20 s past the minute: four samples belong to the first, six to each after.
    const builder = new QualityReportBuilder([stay('Ana'), stay('Ben', start - 60_000)], minute(30));
    builder.add(idOf('Ana'), start + 10_000, good);
    builder.add(idOf('Ana'), start + 130_000, { ...good, packetsLost: 1_000 });
    expect(builder.from).toBe(Date.parse('2026-03-02T08:59:00Z'));
    expect([...builder.reports()].find(({ name }) => name === 'Ana')?.grades).toEqual([null, 10, null, 3]);
  });

  test('tells the best picture and the usual one, with their frames per second', () => {
    const person = only([
      { width: 1_280, height: 720, framesPerSecond: 24 },
      ...times(5, { width: 320, height: 180, framesPerSecond: 14 }),
      { width: 320, height: 180, framesPerSecond: 20 },
      { width: 0, height: 0, framesPerSecond: 0 },
    ]);
    expect(person.picture).toEqual({
      best: { width: 1_280, height: 720, framesPerSecond: 24 },
      typical: { width: 320, height: 180, framesPerSecond: 15 },
    });
  });

  test('shares the time by what limited the picture that was sent', () => {
    const person = only([{}, { limit: 1 }, { limit: 2 }, { limit: 2 }, { limit: 3, relayed: true, starved: 1 }]);
    expect(person.limited).toEqual({ none: 0.2, cpu: 0.2, bandwidth: 0.4, other: 0.2 });
    expect(person).toMatchObject({ relayed: 0.2, starved: 0.2 });
  });

  test('counts somebody with two devices once, and until now who is still in', () => {
    const [ana] = reportOn({ Ana: [] }, [
      stay('Ana', start, minute(10)),
      stay('Ana', minute(5), minute(12)),
      stay('Ana', minute(20), null),
    ]);
    expect(ana?.seconds).toBe(22 * 60);
  });

  test('of a meeting that nobody was in is empty', () => {
    const builder = new QualityReportBuilder([], start);
    expect([builder.from, [...builder.reports()]]).toEqual([null, []]);
  });

  test('passes over samples of somebody who is not among the people', () => {
    const builder = new QualityReportBuilder([stay('Ana')], minute(30));
    builder.add(idOf('Eve'), start, good);
    expect([...builder.reports()].map(({ name }) => name)).toEqual(['Ana']);
  });
});
