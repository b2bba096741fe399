import { describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { apply, fromSnapshot } from '../../../../src/signaling/meeting-state.js';
import { noticesOf } from '../../../../web/src/core/notices';

const { RecordingKind, Role, Source } = causeway;
const before = fromSnapshot({
  meetingId: 'm',
  participants: [
    { id: 'me', name: 'Me', role: Role.ROLE_ATTENDEE, handRaisedAtMs: 5 },
    { id: 'anna', name: 'Anna', role: Role.ROLE_HOST },
  ],
});
const notices = (event: causeway.MeetingEvent.$Properties, myId = 'me') => noticesOf(before, apply(before, event, 1), event, myId);

describe('what an event of the meeting tells the person at the page', () => {
  it('is who came and who went, other than oneself', () => {
    expect(notices({ participantJoined: { id: 'ben', name: 'Ben' } })).toEqual([{ kind: 'joined', name: 'Ben' }]);
    expect(notices({ participantLeft: { participantId: 'anna' } })).toEqual([{ kind: 'left', name: 'Anna' }]);
    expect(notices({ participantJoined: { id: 'me', name: 'Me' } })).toEqual([]);
    expect(notices({ participantLeft: { participantId: 'me' } })).toEqual([]);
  });

  it('is nothing when somebody steps down from the stage of a webinar into the audience', () => {
    const reason = causeway.ParticipantLeft.Reason.REASON_OFF_STAGE;
    expect(notices({ participantLeft: { participantId: 'anna', reason } })).toEqual([]);
  });

  it('is nothing when somebody who is there comes again', () => {
    expect(notices({ participantJoined: { id: 'anna', name: 'Anna' } })).toEqual([]);
  });

  it("is the hand of others when it goes up, and one's own when it was taken down", () => {
    expect(notices({ participantChanged: { participantId: 'anna', handRaisedAtMs: 9 } })).toEqual([{ kind: 'hand', name: 'Anna' }]);
    expect(notices({ participantChanged: { participantId: 'me', handRaisedAtMs: 0 } })).toEqual([{ kind: 'hand-lowered' }]);
  });

  it("is one's own new role, not that of others", () => {
    expect(notices({ participantChanged: { participantId: 'me', role: Role.ROLE_CO_HOST } })).toEqual([
      { kind: 'role', role: Role.ROLE_CO_HOST },
    ]);
    expect(notices({ participantChanged: { participantId: 'anna', role: Role.ROLE_ATTENDEE } })).toEqual([]);
  });

  it('is a screen that somebody else shows, not a camera', () => {
    const added = (participantId: string, source: causeway.Source) =>
      notices({ producerAdded: { participantId, producer: { id: 'p', source } } });
    expect(added('anna', Source.SOURCE_SCREEN)).toEqual([{ kind: 'share', name: 'Anna' }]);
    expect(added('anna', Source.SOURCE_CAMERA)).toEqual([]);
    expect(added('me', Source.SOURCE_SCREEN)).toEqual([]);
  });

  it('is the lock', () => {
    expect(notices({ lockChanged: { locked: true } })).toEqual([{ kind: 'locked', locked: true }]);
  });

  it('is a recording that starts, pauses, goes on and stops', () => {
    const of = (paused: boolean, recordingId = 'r') => ({
      recordingChanged: { recording: { recordingId, paused, startedByName: 'Anna', kind: RecordingKind.RECORDING_KIND_RECORDING } },
    });
    const told = { kind: 'recording', by: 'Anna', transcript: false };
    expect(notices(of(false))).toEqual([{ ...told, what: 'started' }]);
    const on = apply(before, of(false), 1);
    const then = (event: causeway.MeetingEvent.$Properties, from = on) => noticesOf(from, apply(from, event, 2), event, 'me');
    expect(then(of(true))).toEqual([{ ...told, what: 'paused' }]);
    expect(then(of(false), apply(on, of(true), 2))).toEqual([{ ...told, what: 'resumed' }]);
    expect(then({ recordingChanged: {} })).toEqual([{ ...told, what: 'stopped' }]);
    const full = { recordingChanged: { recording: { ...of(false).recordingChanged.recording, trouble: true } } };
    expect(then(full)).toEqual([{ ...told, what: 'troubled' }]);
    expect(then(full, apply(on, full, 2))).toEqual([]);
    expect(then(of(false, 'another'))).toEqual([{ ...told, what: 'started' }]);
    expect(then(of(false))).toEqual([]);
    expect(notices({ recordingChanged: {} })).toEqual([]);
  });

  it('is captions that are turned on or off, not each choice about them', () => {
    expect(notices({ captionsChanged: { on: true, language: 'en' } })).toEqual([{ kind: 'captions', on: true }]);
    expect(notices({ captionsChanged: { on: false, optedOut: ['anna'] } })).toEqual([]);
  });

  it('is nothing for what changes all the time', () => {
    expect(notices({ heard: { participantIds: ['anna'] } })).toEqual([]);
    expect(notices({ activeSpeaker: { participantId: 'anna' } })).toEqual([]);
    expect(notices({ viewersCounted: { viewers: 300 } })).toEqual([]);
  });
});
