import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  groupOf,
  leaves,
  type Plan,
  phaseAt,
  planOf,
  scenarios,
  stayMs,
  thresholds,
  turnCount,
  turnsOf,
  variableOf,
} from '../../../../load-tests/k6/plan.js';

function plan(scenario: string, given: Readonly<Record<string, number>> = {}): Plan {
  return planOf(scenario, (knob) => given[knob]?.toString(), variableOf);
}

/** When something is due, of everybody, the earliest first. */
function dues(of: Plan): number[] {
  return Array.from({ length: of.users }, (_, index) => turnsOf(of, index))
    .flat()
    .sort((one, other) => one.number - other.number)
    .map(({ dueMs }) => dueMs);
}

describe('The plan of a load test', () => {
  it('deals every turn to exactly one person, in time', () => {
    const some = fc.record({
      scenario: fc.constantFrom(...scenarios),
      groups: fc.integer({ min: 1, max: 12 }),
      rate: fc.integer({ min: 1, max: 50 }),
      seconds: fc.integer({ min: 10, max: 60 }),
    });
    fc.assert(
      fc.property(some, ({ scenario, groups, rate, seconds }) => {
        const made = plan(scenario, { users: groups * 5, rate, seconds, back: 5, churn: 0 });
        const all = dues(made);
        expect(all).toHaveLength(turnCount(made));
        expect([...all].sort((a, b) => a - b)).toEqual(all);
        expect(all.every((due) => due >= 0 && due <= seconds * 1_000)).toBe(true);
      }),
    );
  });

  it('keeps the rate of chat-steady', () => {
    expect(dues(plan('chat-steady', { users: 10, rate: 4, seconds: 3 }))).toEqual(Array.from({ length: 12 }, (_, at) => at * 250));
  });

  it('climbs evenly in chat-ramp', () => {
    const made = plan('chat-ramp', { users: 10, rate: 40, seconds: 20 });
    const all = dues(made);
    // Half of the rate on average, and a quarter of it all in the first half.
    expect(all).toHaveLength(400);
    expect(all.filter((due) => due < 10_000)).toHaveLength(100);
    expect(phaseAt(made, all.at(-1)!)).toBe('quarter4');
  });

  it('is higher by its factor in the middle third of chat-spike', () => {
    const made = plan('chat-spike', { users: 10, rate: 10, factor: 5, seconds: 30 });
    const phases = dues(made).map((due) => phaseAt(made, due));
    const counted = (phase: string) => phases.filter((other) => other === phase).length;
    expect(['before', 'spike', 'after'].map(counted)).toEqual([100, 500, 100]);
  });

  it('cuts off every second one in chat-storm, who does not write', () => {
    const made = plan('chat-storm', { users: 20, seconds: 30 });
    const leaving = Array.from({ length: 20 }, (_, index) => index).filter((index) => leaves(made, index));
    expect(leaving).toHaveLength(10);
    for (const index of leaving) expect(turnsOf(made, index)).toEqual([]);
    expect(phaseAt(made, 12_000)).toBe('before');
    expect(phaseAt(made, 13_000)).toBe('storm');
    expect(phaseAt(made, 18_000)).toBe('after');
  });

  it('leaves the host in the meeting, and half of the others', () => {
    const made = plan('signaling-steady', { users: 10, members: 5, rate: 2, seconds: 8 });
    expect(turnsOf(made, 0)).toEqual([]);
    expect(turnsOf(made, 5)).toEqual([]);
    expect(groupOf(made, 5)).toEqual({ group: 1, seat: 0 });
    // Eight take turns, two a second: each joins every four seconds.
    expect(turnsOf(made, 1).map(({ dueMs }) => dueMs)).toEqual([0, 4_000]);
    expect(stayMs(made)).toBe(2_000);
  });

  it('fails a run in which nothing happened', () => {
    const limits = thresholds(plan('chat-steady', { users: 10, rate: 10, seconds: 10, errors: 0 }));
    expect(limits).toMatchObject({ chat_acknowledged: ['count>=100'], people_finished: ['count==10'], chat_lost: ['count==0'] });
  });

  it('limits coming back only where somebody is cut off', () => {
    expect(thresholds(plan('chat-steady'))).not.toHaveProperty('chat_resume_ms');
    expect(thresholds(plan('chat-storm', { 'resume-p99': 700 })).chat_resume_ms).toEqual(['p(99)<=700']);
    expect(thresholds(plan('chat-soak'))).toHaveProperty('chat_resume_ms');
  });
});
