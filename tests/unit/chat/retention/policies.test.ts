import { describe, expect, it } from 'vitest';
import { lastDue } from '../../../../src/chat/retention/exports.js';
import { decide } from '../../../../src/chat/retention/policies.js';
import type { Policy } from '../../../../src/chat/retention/schema.js';

const organisation: Policy = { scope: 'organisation', id: null, name: '', days: 365 };
const domain: Policy = { scope: 'domain', id: 'cn', name: 'Mainland', days: 90 };
const conversation: Policy = { scope: 'conversation', id: 'x', name: 'Board', days: null };
const none = { days: 0 };

describe('How long messages are kept', () => {
  it('is for ever where nothing is said', () => {
    expect(decide([], { days: 30 }, 'x', 'cn')).toEqual({ days: null, decidedBy: 'nothing', wanted: null });
  });

  it('is said by what is nearest to the conversation', () => {
    expect(decide([organisation, domain, conversation], none, 'y', 'hk')).toEqual({ days: 365, decidedBy: 'organisation', wanted: 365 });
    expect(decide([organisation, domain, conversation], none, 'y', 'cn')).toEqual({ days: 90, decidedBy: 'domain', wanted: 90 });
    expect(decide([organisation, domain, conversation], none, 'x', 'cn')).toEqual({ days: null, decidedBy: 'conversation', wanted: null });
  });

  it('is never less than the minimum, which then says that it decided', () => {
    expect(decide([organisation, domain], { days: 180 }, 'y', 'cn')).toEqual({ days: 180, decidedBy: 'minimum', wanted: 90 });
    expect(decide([organisation, domain], { days: 180 }, 'y', 'hk')).toMatchObject({ days: 365, decidedBy: 'organisation' });
    expect(decide([conversation], { days: 180 }, 'x', 'hk')).toMatchObject({ days: null, decidedBy: 'conversation' });
  });
});

describe('A monthly backup', () => {
  it.each([
    ['2026-05-10T03:00:00Z', '2026-05-10T03:00:00.000Z'],
    ['2026-05-10T02:59:59Z', '2026-04-10T03:00:00.000Z'],
    ['2026-01-01T00:00:00Z', '2025-12-10T03:00:00.000Z'],
    ['2026-12-31T23:59:59Z', '2026-12-10T03:00:00.000Z'],
  ])('that is looked at on %s was due on %s', (now, due) => {
    expect(lastDue(new Date(now), { day: 10, hour: 3 }).toISOString()).toBe(due);
  });
});
