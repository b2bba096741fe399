import { describe, expect, it } from 'vitest';
import { nextBackup } from '@/pages/admin/retention/next-backup';

const next = (now: string, day: number, hour: number) => nextBackup(new Date(now), { day, hour }).toISOString();

describe('the next monthly backup', () => {
  it('is in this month while its hour has not come', () => {
    expect(next('2026-11-03T02:59:59Z', 3, 3)).toBe('2026-11-03T03:00:00.000Z');
  });
  it('is in the next month from its hour on', () => {
    expect(next('2026-11-03T03:00:00Z', 3, 3)).toBe('2026-12-03T03:00:00.000Z');
  });
  it('goes over the end of a year', () => {
    expect(next('2026-12-28T23:30:00Z', 28, 23)).toBe('2027-01-28T23:00:00.000Z');
  });
});
