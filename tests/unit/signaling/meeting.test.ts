import { beforeEach, describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { LeftReason, Meeting } from '../../../src/signaling/meeting.js';
import type { MemberRole } from '../../../src/signaling/meeting-records.js';
import { type AgendaNow, apply, fromSnapshot, type MeetingState, toSnapshot, turned } from '../../../src/signaling/meeting-state.js';

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

describe('The spotlight', () => {
  it('shows whom a host puts there, in this order, until they leave', () => {
    const { meeting, events } = newMeeting();
    enter(meeting, 'host', 'host');
    for (const id of ['ana', 'ben', 'cat']) enter(meeting, id);
    for (const id of ['ben', 'ana', 'cat', 'ben']) meeting.setSpotlight('host', id, true);
    expect(meeting.state.spotlight).toEqual(['ben', 'ana', 'cat']);
    meeting.setSpotlight('host', 'ana', false);
    meeting.setSpotlight('host', 'ana', false);
    meeting.leave('ben', LeftReason.REASON_LEFT);
    expect(meeting.state.spotlight).toEqual(['cat']);
    expect(events.filter(({ event }) => event.spotlightChanged)).toHaveLength(4);
  });

  it('has room for 9, who are there', () => {
    const { meeting } = newMeeting({ maxParticipants: 20 });
    enter(meeting, 'host', 'host');
    for (let i = 0; i < 10; i += 1) enter(meeting, `p${i}`);
    for (let i = 0; i < 9; i += 1) meeting.setSpotlight('host', `p${i}`, true);
    expect(() => meeting.setSpotlight('host', 'p9', true)).toThrow(expect.objectContaining({ code: 'MEETING_SPOTLIGHT_FULL' }));
    expect(() => meeting.setSpotlight('host', 'nobody', true)).toThrow(expect.objectContaining({ code: 'MEETING_NO_PARTICIPANT' }));
    meeting.setSpotlight('host', 'p0', true);
    meeting.leave('p3', LeftReason.REASON_LOST);
    meeting.setSpotlight('host', 'p9', true);
    expect(meeting.state.spotlight).toEqual(['p0', 'p1', 'p2', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9']);
  });
});

describe('Who is heard through slots', () => {
  it('is told by slot, is nobody who has left, and does not count as an event', () => {
    const { meeting, events } = newMeeting();
    for (const id of ['ana', 'ben']) enter(meeting, id);
    meeting.setHeard(['ben', 'gone', 'ana', null]);
    meeting.setHeard(['ben', null, 'ana', null]);
    expect(events.slice(2)).toEqual([{ event: { heard: { participantIds: ['ben', '', 'ana', ''] } }, number: 0 }]);
    expect(fromSnapshot(toSnapshot(meeting.state)).heard).toEqual(['ben', null, 'ana', null]);
    meeting.leave('ben', LeftReason.REASON_LEFT);
    expect(meeting.state.heard).toEqual([null, null, 'ana', null]);
    meeting.setHeard([]);
    expect(meeting.state.heard).toEqual([]);
  });
});

describe('The sound of a screen', () => {
  it('can be muted of one whose microphone is off, and not with the microphones of all', () => {
    const { meeting } = newMeeting();
    enter(meeting, 'host', 'host');
    enter(meeting, 'ana');
    meeting.addProducer('ana', { id: 'microphone', source: Source.SOURCE_MICROPHONE, paused: false });
    meeting.addProducer('ana', { id: 'sound', source: Source.SOURCE_SCREEN_AUDIO, paused: false });
    const muted = (participantId: string) => meeting.mutable('host', participantId).map(({ producer }) => producer.id);
    expect([muted(''), muted('ana')]).toEqual([['microphone'], ['microphone']]);
    meeting.setProducerPaused('ana', 'microphone', true);
    expect([muted(''), muted('ana')]).toEqual([[], ['sound']]);
  });
});

describe('A webinar', () => {
  let meeting: Meeting;
  let events: { event: causeway.MeetingEvent.$Properties; number: number }[];
  const forbidden = expect.objectContaining({ code: 'MEETING_FORBIDDEN' });
  const onStage = () => [...meeting.state.participants.keys()];

  beforeEach(() => {
    ({ meeting, events } = newMeeting({ maxParticipants: 4, maxViewers: 3 }, MeetingKind.MEETING_KIND_WEBINAR));
    enter(meeting, 'host', 'host');
    enter(meeting, 'co', 'co-host');
    enter(meeting, 'pia', 'presenter');
    enter(meeting, 'vic');
    enter(meeting, 'val');
  });

  it('has its viewers beside the stage, where no event tells of a single one', () => {
    expect(onStage()).toEqual(['host', 'co', 'pia']);
    expect(meeting.state.participants.get('pia')?.role).toBe(Role.ROLE_PRESENTER);
    expect(meeting.audience.get('vic')).toMatchObject({ role: Role.ROLE_VIEWER, name: 'vic' });
    meeting.setConnected('vic', false);
    meeting.raiseHand('vic', true);
    meeting.leave('val', LeftReason.REASON_LEFT);
    expect(events).toHaveLength(3);
    meeting.countViewers();
    meeting.countViewers();
    expect(events.slice(3)).toEqual([{ event: { viewersCounted: { viewers: 1 } }, number: 0 }]);
  });

  it('takes a limited number of viewers, and of people on stage', () => {
    enter(meeting, 'vera');
    expect(() => enter(meeting, 'vito')).toThrow(expect.objectContaining({ code: 'MEETING_FULL' }));
    enter(meeting, 'second host', 'host');
    expect(() => enter(meeting, 'third host', 'host')).toThrow(expect.objectContaining({ code: 'MEETING_FULL' }));
    expect(() => meeting.roleChange('host', 'vic', Role.ROLE_PRESENTER)).toThrow(expect.objectContaining({ code: 'MEETING_FULL' }));
  });

  it('lets viewers send nothing and moderate nothing', () => {
    for (const act of [
      () => meeting.assertMaySend('vic', Source.SOURCE_MICROPHONE),
      () => meeting.assertModerates('vic'),
      () => meeting.setSpotlight('vic', 'host', true),
      () => meeting.mutable('vic', ''),
      () => meeting.assertMayRemove('vic', 'val'),
      () => meeting.lowerHand('vic', ''),
      () => meeting.roleChange('vic', 'vic', Role.ROLE_PRESENTER),
      () => meeting.assertMayEnd('vic'),
    ])
      expect(act).toThrow(forbidden);
  });

  it('brings a viewer on stage as the same participant, when his page is ready', () => {
    meeting.raiseHand('vic', true);
    expect(give(meeting, 'host', 'vic', Role.ROLE_PRESENTER)).toEqual([{ participantId: 'vic', joinAgain: true }]);
    expect(onStage()).not.toContain('vic');
    expect(meeting.isCalled('vic')).toBe(true);
    // Asking twice tells nothing twice.
    expect(give(meeting, 'host', 'vic', Role.ROLE_PRESENTER)).toEqual([]);
    meeting.stepUp('vic');
    expect(meeting.state.participants.get('vic')).toMatchObject({ role: Role.ROLE_PRESENTER, handRaisedAt: 0, personId: 'person-vic' });
    expect([meeting.audience.get('vic'), meeting.audience.hands]).toEqual([undefined, []]);
  });

  it('leaves a viewer where he is who was not called, or called back', () => {
    meeting.stepUp('vic');
    give(meeting, 'host', 'vic', Role.ROLE_PRESENTER);
    expect(give(meeting, 'host', 'vic', Role.ROLE_VIEWER)).toEqual([{ participantId: 'vic', joinAgain: true }]);
    meeting.stepUp('vic');
    expect(onStage()).toEqual(['host', 'co', 'pia']);
  });

  it('leaves a viewer where he is when the stage has filled up before he came', () => {
    give(meeting, 'host', 'vic', Role.ROLE_PRESENTER);
    enter(meeting, 'second host', 'host');
    expect(meeting.isCalled('vic')).toBe(false);
    meeting.stepUp('vic');
    expect(meeting.audience.get('vic')).toBeDefined();
  });

  it('takes somebody off the stage, who views from then on', () => {
    meeting.setSpotlight('host', 'pia', true);
    expect(give(meeting, 'host', 'pia', Role.ROLE_VIEWER)).toEqual([{ participantId: 'pia', joinAgain: true }]);
    expect(events.at(-1)?.event).toEqual({ participantLeft: { participantId: 'pia', reason: LeftReason.REASON_OFF_STAGE } });
    expect(meeting.state).toMatchObject({ spotlight: [] });
    expect(meeting.audience.get('pia')).toMatchObject({ role: Role.ROLE_VIEWER, producers: [] });
  });

  it('lets a co-host bring people on stage and back, and give no other role', () => {
    give(meeting, 'co', 'vic', Role.ROLE_PRESENTER);
    give(meeting, 'co', 'pia', Role.ROLE_VIEWER);
    for (const [id, role] of [
      ['vic', Role.ROLE_CO_HOST],
      ['vic', Role.ROLE_HOST],
      ['host', Role.ROLE_VIEWER],
      ['co', Role.ROLE_PRESENTER],
    ] as const)
      expect(() => meeting.roleChange('co', id, role)).toThrow(forbidden);
  });

  it('knows other roles than a meeting', () => {
    const invalid = expect.objectContaining({ code: 'REQUEST_INVALID', field: 'role' });
    const { meeting: ordinary } = newMeeting();
    enter(ordinary, 'host', 'host');
    enter(ordinary, 'ana');
    for (const role of [Role.ROLE_PRESENTER, Role.ROLE_VIEWER, Role.ROLE_UNSPECIFIED])
      expect(() => ordinary.roleChange('host', 'ana', role)).toThrow(invalid);
    for (const role of [Role.ROLE_ATTENDEE, Role.ROLE_UNSPECIFIED]) expect(() => meeting.roleChange('host', 'vic', role)).toThrow(invalid);
  });

  it('keeps at least one host', () => {
    expect(() => meeting.roleChange('host', 'host', Role.ROLE_VIEWER)).toThrow(expect.objectContaining({ code: 'MEETING_LAST_HOST' }));
  });

  it('gives a role to a person on all devices, on stage and beside it', () => {
    enter(meeting, 'vic-phone', 'attendee', 'person-vic');
    expect(
      give(meeting, 'host', 'vic', Role.ROLE_PRESENTER)
        .map(({ participantId }) => participantId)
        .sort(),
    ).toEqual(['vic', 'vic-phone']);
    meeting.stepUp('vic');
    expect(
      give(meeting, 'host', 'vic', Role.ROLE_VIEWER)
        .map(({ participantId }) => participantId)
        .sort(),
    ).toEqual(['vic', 'vic-phone']);
    expect(meeting.isCalled('vic-phone')).toBe(false);
  });

  it('lowers all hands, those of viewers too', () => {
    for (const id of ['vic', 'pia', 'val']) meeting.raiseHand(id, true);
    expect(meeting.audience.hands.map(({ id }) => id)).toEqual(['vic', 'val']);
    meeting.lowerHand('co', 'val');
    meeting.lowerHand('host', '');
    expect(meeting.audience.hands).toEqual([]);
    expect(meeting.state.participants.get('pia')?.handRaisedAt).toBe(0);
  });
});

describe('The agenda of a meeting', () => {
  const item = (id: string, minutes: number | null = null) => ({ id, title: id.toUpperCase(), minutes, spentMs: 0 });
  const agenda: AgendaNow = { items: [item('a'), item('b', 15)], revision: 1, currentId: null, since: 0 };

  it('is told whole when it is another list, and by one word when another item is talked about', () => {
    const { meeting, events } = newMeeting();
    meeting.setAgenda(agenda);
    meeting.setAgenda(agenda);
    meeting.setAgenda(turned(agenda, 'a', 1_000));
    meeting.setAgenda(turned(turned(agenda, 'a', 1_000), 'b', 61_000));
    expect(events.map(({ event }) => Object.keys(event))).toEqual([['agendaChanged'], ['agendaTurned'], ['agendaTurned']]);
    expect(meeting.state.agenda).toEqual({
      ...agenda,
      items: [{ ...item('a'), spentMs: 60_000 }, item('b', 15)],
      currentId: 'b',
      since: 61_000,
    });
    expect(fromSnapshot(toSnapshot(meeting.state)).agenda).toEqual(meeting.state.agenda);
  });

  it('counts the time of an item that was come back to', () => {
    const times: [string | null, number][] = [
      ['a', 10],
      ['b', 20],
      ['a', 50],
      [null, 90],
    ];
    const after = times.reduce((now, [id, at]) => turned(now, id, at), agenda);
    expect(after.items.map(({ spentMs }) => spentMs)).toEqual([50, 30]);
    expect(after).toMatchObject({ currentId: null, since: 90 });
  });

  it('knows no item that is no longer there', () => {
    expect(turned(agenda, 'gone', 5)).toMatchObject({ currentId: null, since: 5 });
  });
});
