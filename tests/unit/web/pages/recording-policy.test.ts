import { describe, expect, it } from 'vitest';
import { recordingPolicyBody } from '../../../../src/recording/consent/schema.js';
import type { RecordingPolicy } from '../../../../web/src/api';
import { areDays, factsOf, toDraft, toPolicy } from '../../../../web/src/pages/admin/recording/policy-draft';

const policy: RecordingPolicy = {
  meetingKind: 'webinar',
  consent: 'ask',
  starters: 'host',
  keepDays: null,
  viewers: 'moderators',
  download: false,
  watermark: true,
  contact: null,
  changedAt: null,
};
const about = { organisation: 'Harbour Ltd', transcript: false };

describe('a policy of recordings as it is filled in', () => {
  it('comes back as it was', () => {
    const { changedAt: _, ...same } = policy;
    expect(toPolicy('webinar', toDraft(policy))).toEqual(same);
    const other = { ...policy, keepDays: 30, contact: 'Privacy officer' };
    expect(toPolicy('webinar', toDraft(other))).toMatchObject({ keepDays: 30, contact: 'Privacy officer' });
  });

  it('is what the server takes', () => {
    expect(recordingPolicyBody.safeParse(toPolicy('meeting', { ...toDraft(policy), keep: 'days', days: '7' })).success).toBe(true);
  });

  it('has no contact where only spaces stand', () => {
    expect(toPolicy('meeting', { ...toDraft(policy), contact: '  ' }).contact).toBeNull();
  });

  it('keeps for whole days, from one to a hundred years', () => {
    expect(['1', '365', '36500'].every(areDays)).toBe(true);
    expect(['', ' ', '0', '-1', '1.5', '36501', 'a week', '1e9'].some(areDays)).toBe(false);
  });

  it('leads to a notice that names the organisation where nobody else is to be asked', () => {
    expect(factsOf('webinar', toDraft(policy), about)).toEqual({
      organisation: 'Harbour Ltd',
      contact: 'Harbour Ltd',
      webinar: true,
      transcript: false,
      asks: true,
      keepDays: null,
      viewers: 'moderators',
      download: false,
      outside: false,
    });
  });

  it('leads to no notice where nothing is recorded, or the days are wrong', () => {
    expect(factsOf('meeting', { ...toDraft(policy), consent: 'forbidden' }, about)).toBeNull();
    expect(factsOf('meeting', { ...toDraft(policy), keep: 'days', days: 'soon' }, about)).toBeNull();
  });
});
