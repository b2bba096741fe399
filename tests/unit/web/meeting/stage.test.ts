import { describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { type MeetingState, noAgenda, noCaptions, type ParticipantState } from '../../../../src/signaling/meeting-state.js';
import { layoutStage } from '../../../../web/src/meeting/stage-layout';
import { bringForward, orderPeople, planStage } from '../../../../web/src/meeting/stage-plan';

const { Source, Role } = causeway;

function person(id: string, sources: readonly causeway.Source[] = []): ParticipantState {
  return {
    id,
    personId: id,
    name: id,
    role: Role.ROLE_ATTENDEE,
    guest: false,
    connected: true,
    handRaisedAt: 0,
    joinedAt: 0,
    producers: sources.map((source) => ({ id: `${id}-${source}`, source, paused: false })),
  };
}

function meetingOf(...people: readonly ParticipantState[]): MeetingState {
  return {
    meetingId: 'm',
    title: 'Review',
    code: 'abc',
    locked: false,
    ended: false,
    participants: new Map(people.map((p) => [p.id, p])),
    activeSpeakerId: null,
    number: 1,
    startedAt: 0,
    conversationId: 'c',
    kind: causeway.MeetingKind.MEETING_KIND_MEETING,
    viewers: 0,
    spotlight: [],
    heard: [],
    recording: null,
    captions: noCaptions,
    agenda: noAgenda,
  };
}

const gallery = { view: 'gallery', pinned: null, speakerId: null, myId: 'me' } as const;
const ids = (meeting: MeetingState) => [...meeting.participants.keys()];
const crowd = (count: number) => meetingOf(...Array.from({ length: count }, (_, i) => person(i === 0 ? 'me' : `p${i}`)));

describe('the order of the tiles', () => {
  const meeting = meetingOf(person('a'), person('b', [Source.SOURCE_CAMERA]), person('me'), person('c'));

  it('begins with oneself, then those with a picture, then by arrival', () => {
    expect(orderPeople(meeting.participants, null, 'me')).toEqual(['me', 'b', 'a', 'c']);
  });

  it('stays as it is while somebody turns on a camera', () => {
    const before = orderPeople(meeting.participants, null, 'me');
    const now = meetingOf(person('a'), person('b'), person('me'), person('c', [Source.SOURCE_CAMERA]));
    expect(orderPeople(now.participants, before, 'me')).toBe(before);
  });

  it('puts who comes at the end, and closes the gap of who goes', () => {
    const now = meetingOf(person('a'), person('me'), person('c'), person('d', [Source.SOURCE_CAMERA]));
    expect(orderPeople(now.participants, ['me', 'b', 'a', 'c'], 'me')).toEqual(['me', 'a', 'c', 'd']);
  });
});

describe('who speaks on a later page', () => {
  const order = ['me', 'a', 'b', 'c', 'd', 'e'];
  const page = { size: 4, fixed: new Set(['me']), recent: ['c', 'a'] };

  it('changes places with the one on the first page who has been silent for the longest', () => {
    expect(bringForward(order, 'e', page)).toEqual(['me', 'a', 'e', 'c', 'd', 'b']);
  });

  it('moves nobody while he is on the first page', () => {
    expect(bringForward(order, 'c', page)).toBe(order);
    expect(bringForward(order, null, page)).toBe(order);
  });

  it('never takes the place of oneself, of the spotlight, or of a pin', () => {
    const fixed = new Set(['me', 'a', 'b', 'c']);
    expect(bringForward(order, 'e', { ...page, fixed })).toBe(order);
  });
});

describe('the plan of the stage', () => {
  it('is a gallery of all while nobody shares and nothing is pinned', () => {
    const meeting = meetingOf(person('me'), person('a'));
    const plan = planStage(meeting, ids(meeting), gallery);
    expect(plan.focus).toEqual([]);
    expect(plan.others.map((one) => one.participant.id)).toEqual(['me', 'a']);
  });

  it('shows a shared screen large, with everybody beside it', () => {
    const meeting = meetingOf(person('me'), person('a', [Source.SOURCE_SCREEN]));
    const plan = planStage(meeting, ids(meeting), gallery);
    expect(plan.focus).toMatchObject([{ participant: { id: 'a' }, source: Source.SOURCE_SCREEN }]);
    expect(plan.others.map((one) => one.participant.id)).toEqual(['me', 'a']);
  });

  it("does not show one's own screen to oneself", () => {
    const meeting = meetingOf(person('me', [Source.SOURCE_SCREEN]), person('a'));
    expect(planStage(meeting, ids(meeting), gallery).focus).toEqual([]);
  });

  it('lets a pin win over a shared screen', () => {
    const meeting = meetingOf(person('me'), person('a', [Source.SOURCE_SCREEN]), person('b'));
    const plan = planStage(meeting, ids(meeting), { ...gallery, pinned: `b:${Source.SOURCE_CAMERA}` });
    expect(plan.focus.map((one) => one.participant.id)).toEqual(['b']);
    expect(plan.others).toHaveLength(3);
  });

  it('puts whom a host has in the spotlight in front for all, in the order of the host', () => {
    const meeting = { ...meetingOf(person('me'), person('a'), person('b'), person('c')), spotlight: ['c', 'a'] };
    const plan = planStage(meeting, ids(meeting), gallery);
    expect(plan.focus.map((one) => one.participant.id)).toEqual(['c', 'a']);
    expect(plan.others.map((one) => one.participant.id)).toEqual(['me', 'b']);
  });

  it('shows what one pinned beside the spotlight', () => {
    const meeting = { ...meetingOf(person('me'), person('a'), person('b')), spotlight: ['a'] };
    const plan = planStage(meeting, ids(meeting), { ...gallery, pinned: `b:${Source.SOURCE_CAMERA}` });
    expect(plan.focus.map((one) => one.participant.id)).toEqual(['a', 'b']);
  });

  it('lets the spotlight lead those beside a shared screen', () => {
    const meeting = { ...meetingOf(person('me'), person('a', [Source.SOURCE_SCREEN]), person('b')), spotlight: ['b'] };
    const plan = planStage(meeting, ids(meeting), gallery);
    expect(plan.focus).toMatchObject([{ source: Source.SOURCE_SCREEN }]);
    expect(plan.others.map((one) => one.participant.id)).toEqual(['b', 'me', 'a']);
  });

  it('forgets a pin on somebody who has left', () => {
    const meeting = meetingOf(person('me'), person('a'));
    expect(planStage(meeting, ids(meeting), { ...gallery, pinned: `b:${Source.SOURCE_CAMERA}` }).focus).toEqual([]);
  });

  it('shows who speaks in the speaker view, and somebody else than oneself in a pause', () => {
    const meeting = meetingOf(person('me'), person('a'), person('b'));
    expect(planStage(meeting, ids(meeting), { ...gallery, view: 'speaker', speakerId: 'b' }).focus[0]?.participant.id).toBe('b');
    expect(planStage(meeting, ids(meeting), { ...gallery, view: 'speaker' }).focus[0]?.participant.id).toBe('a');
  });
});

describe('the places on the stage', () => {
  it('never show more than 49 on a page, and everybody on some page', () => {
    const meeting = crowd(300);
    const plan = planStage(meeting, ids(meeting), gallery);
    const { pages, perPage } = layoutStage(plan, 1920, 1080, 0);
    expect(perPage).toBe(49);
    const seen = new Set<string>();
    for (let page = 0; page < pages; page += 1) {
      const { placed } = layoutStage(plan, 1920, 1080, page);
      expect(placed.length).toBeLessThanOrEqual(49);
      for (const { shown } of placed) seen.add(shown.key);
    }
    expect(seen.size).toBe(300);
  });

  it('go back to the last page when the one that was wanted is gone', () => {
    const meeting = crowd(60);
    expect(layoutStage(planStage(meeting, ids(meeting), gallery), 1440, 800, 7)).toMatchObject({ page: 1, pages: 2 });
  });

  it('leave tiles and arrows apart', () => {
    for (const [width, height] of [
      [1280, 700],
      [360, 600],
      [740, 290],
    ] as const) {
      for (const view of ['gallery', 'speaker'] as const) {
        const meeting = crowd(60);
        const { placed, pager, pages } = layoutStage(planStage(meeting, ids(meeting), { ...gallery, view }), width, height, 0);
        expect(pages).toBeGreaterThan(1);
        for (const { box } of placed) {
          const isApart = box.y + box.height <= pager.y + 1 || box.x + box.width <= pager.x + 1;
          expect(isApart, `${view} ${width}x${height}`).toBe(true);
          expect(box.x + box.width).toBeLessThanOrEqual(width + 1);
        }
      }
    }
  });

  it('give a shared screen most of the stage', () => {
    const meeting = meetingOf(person('me'), person('a', [Source.SOURCE_SCREEN]));
    const { placed } = layoutStage(planStage(meeting, ids(meeting), gallery), 1440, 800, 0);
    const large = placed.find((one) => one.large)!;
    expect((large.box.width * large.box.height) / (1440 * 800)).toBeGreaterThan(0.7);
  });
});
