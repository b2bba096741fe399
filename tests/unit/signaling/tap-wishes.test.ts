import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { type CaptionsNow, type MeetingState, noAgenda, noCaptions, type ParticipantState } from '../../../src/signaling/meeting-state.js';
import { type TapView, tapWishes } from '../../../src/signaling/tap-wishes.js';

const { MeetingKind, Role, Source } = causeway;

function participant(id: string, producers: readonly causeway.Source[], joinedAt = 0): ParticipantState {
  return {
    id,
    personId: `person ${id}`,
    name: id,
    role: Role.ROLE_ATTENDEE,
    guest: false,
    connected: true,
    handRaisedAt: 0,
    joinedAt,
    producers: producers.map((source) => ({ id: `${id} ${source}`, source, paused: false })),
  };
}

function view(participants: readonly ParticipantState[], over: Partial<TapView> = {}, captions: Partial<CaptionsNow> = {}): TapView {
  const state: MeetingState = {
    meetingId: 'm',
    title: '',
    code: '',
    locked: false,
    ended: false,
    participants: new Map(participants.map((one) => [one.id, one])),
    activeSpeakerId: null,
    number: 1,
    startedAt: 0,
    conversationId: 'c',
    kind: MeetingKind.MEETING_KIND_MEETING,
    viewers: 0,
    spotlight: [],
    heard: [],
    recording: null,
    captions: { ...noCaptions, ...captions },
    agenda: noAgenda,
  };
  const recording = { id: 'r', kind: 'recording' as const, isPaused: false };
  return { state, orgId: 'o', recording, agrees: () => true, spoke: [], cameras: new Set(), maxCameras: 9, ...over };
}

const all = [Source.SOURCE_MICROPHONE, Source.SOURCE_CAMERA, Source.SOURCE_SCREEN, Source.SOURCE_SCREEN_AUDIO];
const captured = (given: TapView) =>
  tapWishes(given).wishes.flatMap(({ purpose, producerId }) => (purpose === 'capture' ? [producerId] : []));
const captioned = (given: TapView) => tapWishes(given).wishes.filter(({ purpose }) => purpose === 'captions');

describe('What is tapped', () => {
  it('is all that somebody sends who agreed, and nothing of who did not, whatever else is so', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ id: fc.nat({ max: 50 }), agrees: fc.boolean(), sends: fc.subarray(all) }), {
          maxLength: 12,
          selector: ({ id }) => id,
        }),
        fc.boolean(),
        (people, captionsOn) => {
          const agreed = new Set(people.filter(({ agrees }) => agrees).map(({ id }) => `person ${id}`));
          const given = view(
            people.map(({ id, sends }) => participant(String(id), sends)),
            { agrees: (personId) => agreed.has(personId), maxCameras: 50 },
            { on: captionsOn },
          );
          const { wishes } = tapWishes(given);
          for (const { purpose, context } of wishes) {
            const isAgreed = agreed.has(context.personId ?? '');
            expect([purpose, isAgreed]).toEqual([purpose, true]);
            expect(context.recordingId).toBe('r');
          }
          expect(captured(given).sort()).toEqual(
            people.flatMap(({ id, agrees, sends }) => (agrees ? sends.map((source) => `${id} ${source}`) : [])).sort(),
          );
        },
      ),
    );
  });

  it('is nothing while no recording is on, or it is paused', () => {
    expect(captured(view([participant('a', all)], { recording: null }))).toEqual([]);
    expect(captured(view([participant('a', all)], { recording: { id: 'r', kind: 'recording', isPaused: true } }))).toEqual([]);
  });

  it('is no sound and no picture for a transcript', () => {
    expect(captured(view([participant('a', all)], { recording: { id: 'r', kind: 'transcript', isPaused: false } }))).toEqual([]);
  });

  it.each([
    ['is on', false],
    ['is paused', true],
  ])('is for captions nobody who did not agree to the recording that %s, but who turned on captions of himself', (_, isPaused) => {
    const people = ['a', 'b', 'c', 'd'].map((id) => participant(id, [Source.SOURCE_MICROPHONE]));
    const given = view(
      people,
      { recording: { id: 'r', kind: 'recording', isPaused }, agrees: (personId) => personId === 'person a' },
      { on: true, language: 'en', optedIn: new Set(['person c', 'person d']), optedOut: new Set(['person d']) },
    );
    expect(captioned(given).map(({ context }) => [context.personId, context.recordingId])).toEqual([
      ['person a', isPaused ? '' : 'r'],
      ['person c', ''],
    ]);
    // Without a recording there is nothing to refuse.
    expect(captioned({ ...given, recording: null }).map(({ context }) => context.personId)).toEqual(['person a', 'person b', 'person c']);
  });

  it('is for captions every microphone, but of who opted out', () => {
    const given = view([participant('a', all), participant('b', all)], {}, { on: true, language: 'en', optedOut: new Set(['person b']) });
    expect(captioned(given).map(({ producerId }) => producerId)).toEqual([`a ${Source.SOURCE_MICROPHONE}`]);
  });

  it('names the language that somebody speaks, or else that of the meeting', () => {
    const languages = new Map([['person b', 'yue']]);
    const given = view([participant('a', all), participant('b', all)], {}, { on: true, language: 'en', languages });
    expect(captioned(given).map(({ context }) => context.language)).toEqual(['en', 'yue']);
  });

  it('is of cameras as many as a stage shows: those in front and those who spoke first, and who is on stays', () => {
    const cameras = ['a', 'b', 'c', 'd', 'e'].map((id, at) => participant(id, [Source.SOURCE_CAMERA], at));
    const id = (name: string) => `${name} ${Source.SOURCE_CAMERA}`;
    const given = view(cameras, { maxCameras: 2 });
    expect(captured(given)).toEqual([id('a'), id('b')]);
    expect(captured({ ...given, spoke: ['d'] })).toContain(id('d'));
    expect(captured({ ...given, state: { ...given.state, spotlight: ['e'] } })).toContain(id('e'));
    expect(captured({ ...given, cameras: new Set([id('c'), id('e')]) })).toEqual([id('c'), id('e')]);
  });
});
