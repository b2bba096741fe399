import { describe, expect, it } from 'vitest';
import { type Applicant, type Door, decideAdmission } from '../../../src/signaling/admission.js';

const member: Applicant = { personId: 'p', guest: false, member: null };
const guest: Applicant = { ...member, guest: true };
const host: Applicant = { ...member, member: { role: 'host', admission: 'admitted' } };
const back: Applicant = { ...guest, member: { role: 'attendee', admission: 'admitted' } };
const removed: Applicant = { ...member, member: { role: 'attendee', admission: 'removed' } };
const door = (meeting: Partial<Door['meeting']> = {}, rest: Partial<Door> = {}): Door => ({
  meeting: { status: 'live', guests: true, lobby: 'guests', ...meeting },
  locked: false,
  someoneWasRemoved: false,
  ...rest,
});
const refusal = (code: string) => expect.objectContaining({ code });

describe('The door of a meeting', () => {
  it('lets members in and guests wait by default', () => {
    expect(decideAdmission(member, door())).toBe('enter');
    expect(decideAdmission(guest, door())).toBe('wait');
  });

  it('lets guests in where there is no lobby', () => {
    expect(decideAdmission(guest, door({ lobby: 'off' }))).toBe('enter');
  });

  it('lets everyone but the host wait where the lobby is for everyone', () => {
    expect(decideAdmission(member, door({ lobby: 'everyone' }))).toBe('wait');
    expect(decideAdmission(host, door({ lobby: 'everyone' }))).toBe('enter');
  });

  it('lets those back in who were in before, also when it is locked', () => {
    expect(decideAdmission(back, door({}, { locked: true }))).toBe('enter');
  });

  it('refuses newcomers when it is locked', () => {
    expect(() => decideAdmission(member, door({}, { locked: true }))).toThrow(refusal('MEETING_LOCKED'));
  });

  it('refuses who was removed', () => {
    expect(() => decideAdmission(removed, door({ lobby: 'off' }))).toThrow(refusal('MEETING_REMOVED'));
  });

  it('refuses guests where guests are off, also those who were in before', () => {
    expect(() => decideAdmission(guest, door({ guests: false }))).toThrow(refusal('MEETING_GUESTS_OFF'));
    expect(() => decideAdmission(back, door({ guests: false }))).toThrow(refusal('MEETING_GUESTS_OFF'));
  });

  it('lets guests wait after somebody was removed, though the lobby is off', () => {
    expect(decideAdmission(guest, door({ lobby: 'off' }, { someoneWasRemoved: true }))).toBe('wait');
  });

  it('is shut after the end, for hosts too', () => {
    expect(() => decideAdmission(host, door({ status: 'ended' }))).toThrow(refusal('MEETING_ENDED'));
  });
});
