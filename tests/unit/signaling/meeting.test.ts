import { beforeEach, describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { LeftReason, Meeting } from '../../../src/signaling/meeting.js';
import type { MemberRole } from '../../../src/signaling/meeting-records.js';
import { apply, fromSnapshot, type MeetingState, toSnapshot } from '../../../src/signaling/meeting-state.js';

const { MeetingKind, Role, Source } = causeway;

function newMeeting(
  options: { maxParticipants?: number; maxViewers?: number; maxWaiting?: number } = {},
  kind = MeetingKind.MEETING_KIND_MEETING,
) {
  let now = 1_000;
  const clock = { now: () => now++ };
  const initial = {
    meetingId: 'm',
    title: 'Weekly',
    code: 'abc-defg-hjk',
    locked: false,
    startedAt: 1_000,
    conversationId: 'c',
    kind,
  };
  const meeting = new Meeting(initial, { clock, maxParticipants: 10, maxViewers: 10, maxWaiting: 10, ...options });
  const events: { event: causeway.MeetingEvent.$Properties; number: number }[] = [];
  meeting.on('event', (event, number) => events.push({ event, number }));
  return { meeting, events };
}

function give(meeting: Meeting, actorId: string, participantId: string, role: causeway.Role) {
  return meeting.changeRole(meeting.roleChange(actorId, participantId, role));
}

function enter(meeting: Meeting, id: string, role: MemberRole = 'attendee', personId = `person-${id}`) {
  meeting.enter({ id, personId, name: id, guest: false, role });
}

describe('A meeting', () => {
  let meeting: Meeting;
  let events: { event: causeway.MeetingEvent.$Properties; number: number }[];

  beforeEach(() => {
    ({ meeting, events } = newMeeting());
    enter(meeting, 'host', 'host');
    enter(meeting, 'ana');
    enter(meeting, 'ben');
  });

  it('numbers its events from 1 without holes', () => {
    meeting.raiseHand('ana', true);
    meeting.leave('ben', LeftReason.REASON_LEFT);
    expect(events.map((e) => e.number)).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives a late joiner a snapshot that equals what those saw who were there from the beginning', () => {
    const beginning: MeetingState = { ...meeting.state, participants: new Map(), number: 0 };
    meeting.addProducer('ana', { id: 'p1', source: Source.SOURCE_MICROPHONE, paused: false });
    meeting.setProducerPaused('ana', 'p1', true);
    meeting.addProducer('ben', { id: 'p2', source: Source.SOURCE_CAMERA, paused: false });
    meeting.raiseHand('ben', true);
    give(meeting, 'host', 'ana', Role.ROLE_CO_HOST);
    meeting.setLocked(true);
    meeting.setConnected('ben', false);
    meeting.removeProducer('ben', 'p2');
    meeting.leave('host', LeftReason.REASON_LOST);
    const followed = events.reduce((state, { event, number }) => apply(state, event, number), beginning);
    const bytes = causeway.MeetingSnapshot.encode(toSnapshot(meeting.state)).finish();
    expect(fromSnapshot(causeway.MeetingSnapshot.decode(bytes))).toEqual(followed);
  });

  it('lets only hosts and co-hosts moderate', () => {
    for (const act of [
      () => meeting.assertModerates('ana'),
      () => meeting.setSpotlight('ana', 'ben', true),
      () => meeting.mutable('ana', ''),
      () => meeting.assertMayRemove('ana', 'ben'),
      () => meeting.waitsOf('ana', ''),
      () => meeting.lowerHand('ana', ''),
      () => meeting.roleChange('ana', 'ana', Role.ROLE_HOST),
      () => meeting.assertMayAsk('ana', 'ben'),
      () => meeting.assertMayEnd('ana'),
    ]) {
      expect(act).toThrow(expect.objectContaining({ code: 'MEETING_FORBIDDEN' }));
    }
    expect(events).toHaveLength(3);
  });

  it('does not let a co-host end it, make hosts, or remove a host', () => {
    give(meeting, 'host', 'ana', Role.ROLE_CO_HOST);
    const forbidden = expect.objectContaining({ code: 'MEETING_FORBIDDEN' });
    expect(() => meeting.assertMayEnd('ana')).toThrow(forbidden);
    expect(() => meeting.roleChange('ana', 'ben', Role.ROLE_CO_HOST)).toThrow(forbidden);
    expect(() => meeting.assertMayRemove('ana', 'host')).toThrow(forbidden);
  });

  it('keeps at least one host', () => {
    expect(() => meeting.roleChange('host', 'host', Role.ROLE_ATTENDEE)).toThrow(expect.objectContaining({ code: 'MEETING_LAST_HOST' }));
    give(meeting, 'host', 'ana', Role.ROLE_HOST);
    give(meeting, 'ana', 'host', Role.ROLE_ATTENDEE);
    expect(meeting.state.participants.get('host')?.role).toBe(Role.ROLE_ATTENDEE);
  });

  it('gives a role to a person on all devices', () => {
    enter(meeting, 'ana-phone', 'attendee', 'person-ana');
    give(meeting, 'host', 'ana', Role.ROLE_CO_HOST);
    expect(meeting.ofPerson('person-ana').map((p) => p.role)).toEqual([Role.ROLE_CO_HOST, Role.ROLE_CO_HOST]);
  });

  it('names the person who is to be put out, and lets nobody put himself out', () => {
    enter(meeting, 'ana-phone', 'attendee', 'person-ana');
    expect(meeting.assertMayRemove('host', 'ana-phone')).toBe('person-ana');
    expect(() => meeting.assertMayRemove('host', 'host')).toThrow(expect.objectContaining({ code: 'MEETING_FORBIDDEN' }));
  });

  it('mutes all but those who moderate, and only microphones that are on', () => {
    meeting.addProducer('host', { id: 'h', source: Source.SOURCE_MICROPHONE, paused: false });
    meeting.addProducer('ana', { id: 'a', source: Source.SOURCE_MICROPHONE, paused: false });
    meeting.addProducer('ana', { id: 'v', source: Source.SOURCE_CAMERA, paused: false });
    meeting.addProducer('ben', { id: 'b', source: Source.SOURCE_MICROPHONE, paused: true });
    expect(meeting.mutable('host', '').map((m) => m.producer.id)).toEqual(['a']);
  });

  it('orders raised hands by time and lowers all at once', () => {
    meeting.raiseHand('ben', true);
    meeting.raiseHand('ana', true);
    const queue = [...meeting.state.participants.values()]
      .filter((p) => p.handRaisedAt > 0)
      .sort((a, b) => a.handRaisedAt - b.handRaisedAt);
    expect(queue.map((p) => p.id)).toEqual(['ben', 'ana']);
    meeting.lowerHand('host', '');
    expect([...meeting.state.participants.values()].every((p) => p.handRaisedAt === 0)).toBe(true);
  });

  it('says nothing when nothing changes', () => {
    meeting.raiseHand('ana', false);
    meeting.setLocked(false);
    meeting.setConnected('ana', true);
    meeting.removeProducer('ana', 'none');
    meeting.leave('nobody', LeftReason.REASON_LEFT);
    expect(events).toHaveLength(3);
  });

  it('lets one person share a screen at a time', () => {
    meeting.addProducer('ana', { id: 's', source: Source.SOURCE_SCREEN, paused: false });
    expect(() => meeting.assertMaySend('ben', Source.SOURCE_SCREEN)).toThrow(expect.objectContaining({ code: 'MEDIA_SHARE_TAKEN' }));
    expect(() => meeting.assertMaySend('ana', Source.SOURCE_SCREEN_AUDIO)).not.toThrow();
    meeting.removeProducer('ana', 's');
    expect(() => meeting.assertMaySend('ben', Source.SOURCE_SCREEN)).not.toThrow();
  });

  it('takes nobody in after its end', () => {
    meeting.end();
    expect(() => enter(meeting, 'late')).toThrow(expect.objectContaining({ code: 'MEETING_ENDED' }));
  });

  it('refuses whoever comes when it is full', () => {
    const { meeting: small } = newMeeting({ maxParticipants: 1 });
    enter(small, 'one');
    expect(() => enter(small, 'two')).toThrow(expect.objectContaining({ code: 'MEETING_FULL' }));
  });

  it('does not count volatile events', () => {
    meeting.setSpeaker('ana');
    meeting.setSpeaker('ana');
    expect(events.slice(3)).toEqual([{ event: { activeSpeaker: { participantId: 'ana' } }, number: 0 }]);
    expect(meeting.state.number).toBe(3);
    meeting.leave('ana', LeftReason.REASON_LEFT);
    expect(meeting.state.activeSpeakerId).toBeNull();
  });
});

describe('A lobby', () => {
  const wait = (meeting: Meeting, id: string, personId = `person-${id}`) => meeting.wait({ id, personId, name: id, guest: true });

  it('answers a person on every device on which he waits', () => {
    const { meeting } = newMeeting();
    enter(meeting, 'host', 'host');
    wait(meeting, 'w1', 'person-cat');
    wait(meeting, 'w2', 'person-cat');
    wait(meeting, 'w3', 'person-dan');
    expect(meeting.waitsOf('host', 'w1').map((w) => w.id)).toEqual(['w1', 'w2']);
    expect(meeting.waitsOf('host', '').map((w) => w.id)).toEqual(['w1', 'w2', 'w3']);
  });

  it('answers nobody for a wait that is over', () => {
    const { meeting } = newMeeting();
    enter(meeting, 'host', 'host');
    wait(meeting, 'w1');
    meeting.stopWaiting('w1');
    expect(meeting.waitsOf('host', 'w1')).toEqual([]);
  });

  it('takes a limited number of people', () => {
    const { meeting } = newMeeting({ maxWaiting: 1 });
    wait(meeting, 'w1');
    expect(() => wait(meeting, 'w2')).toThrow(expect.objectContaining({ code: 'MEETING_FULL' }));
    expect(wait(meeting, 'w1').id).toBe('w1');
  });
});
