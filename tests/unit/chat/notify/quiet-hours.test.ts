import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QuietHours, quietUntil } from '../../../../src/chat/notify/quiet-hours.js';

const everyDay = [0, 1, 2, 3, 4, 5, 6];
const night: QuietHours = { from: '22:00', to: '07:30', days: everyDay, timeZone: 'Asia/Hong_Kong' };
const at = (text: string) => Date.parse(text);
const until = (quiet: QuietHours | null, text: string) => {
  const end = quietUntil(quiet, at(text));
  return end === null ? null : new Date(end).toISOString();
};

describe('Quiet hours', () => {
  it('are by the clock of the person, over midnight', () => {
    expect(until(night, '2026-03-02T21:59:59+08:00')).toBeNull();
    expect(until(night, '2026-03-02T22:00:00+08:00')).toBe('2026-03-02T23:30:00.000Z');
    expect(until(night, '2026-03-03T03:12:45+08:00')).toBe('2026-03-02T23:30:00.000Z');
    expect(until(night, '2026-03-03T07:29:59+08:00')).toBe('2026-03-02T23:30:00.000Z');
    expect(until(night, '2026-03-03T07:30:00+08:00')).toBeNull();
  });

  it('begin on the chosen days only, and last into the next', () => {
    // 2026-03-06 is a Friday.
    const weekend = { ...night, days: [5, 6] };
    expect(until(weekend, '2026-03-05T23:00:00+08:00')).toBeNull();
    expect(until(weekend, '2026-03-06T23:00:00+08:00')).not.toBeNull();
    expect(until(weekend, '2026-03-08T06:00:00+08:00')).not.toBeNull();
    expect(until(weekend, '2026-03-08T23:00:00+08:00')).toBeNull();
  });

  it('from a time to the same time are a whole day', () => {
    const sunday = { ...night, from: '00:00', to: '00:00', days: [0] };
    expect(until(sunday, '2026-03-07T23:59:59+08:00')).toBeNull();
    expect(until(sunday, '2026-03-08T00:00:00+08:00')).toBe('2026-03-08T16:00:00.000Z');
    expect(until(sunday, '2026-03-09T00:00:00+08:00')).toBeNull();
  });

  it('end by the clock on the wall when clocks are changed in between', () => {
    const london = { ...night, timeZone: 'Europe/London' };
    // Clocks go forward on 2026-03-29 at 01:00 UTC, and back on 2026-10-25.
    expect(until(london, '2026-03-28T23:00:00Z')).toBe('2026-03-29T06:30:00.000Z');
    expect(until(london, '2026-10-24T22:00:00Z')).toBe('2026-10-25T07:30:00.000Z');
  });

  it('that nobody set, or without a day, never are', () => {
    expect(until(null, '2026-03-03T03:00:00Z')).toBeNull();
    expect(until({ ...night, days: [] }, '2026-03-03T03:00:00+08:00')).toBeNull();
  });

  it('always end later than now, and within a day and the change of clocks', () => {
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(([hour, minute]) => {
      const two = (number: number) => String(number).padStart(2, '0');
      return `${two(hour)}:${two(minute)}`;
    });
    const zone = fc.constantFrom('Asia/Hong_Kong', 'Europe/London', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC');
    fc.assert(
      fc.property(
        fc.record({ from: time, to: time, days: fc.subarray(everyDay), timeZone: zone }),
        fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') }),
        (quiet, now) => {
          const end = quietUntil(quiet, now);
          if (end === null) return true;
          return end > now && end - now <= 25.5 * 3_600_000;
        },
      ),
    );
  });
});
