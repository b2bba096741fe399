import { describe, expect, it } from 'vitest';
import { toMessage } from '../../../../web/src/core/chat-model';
import { coalesce } from '../../../../web/src/meeting/announcements';

const message = (senderName: string, body: string) => toMessage({ number: 1, senderId: 's', senderName, clientId: 'c', body });

describe('what is said to screen readers', () => {
  it('puts those who joined together into one sentence', () => {
    expect(
      coalesce([
        { kind: 'joined', name: 'Ada' },
        { kind: 'joined', name: 'Ben' },
      ]),
    ).toEqual([{ kind: 'joined', names: ['Ada', 'Ben'] }]);
  });

  it('says nothing of somebody who was gone for a moment', () => {
    expect(
      coalesce([
        { kind: 'left', name: 'Ada' },
        { kind: 'joined', name: 'Ada' },
      ]),
    ).toEqual([]);
    expect(
      coalesce([
        { kind: 'joined', name: 'Ada' },
        { kind: 'left', name: 'Ada' },
      ]),
    ).toEqual([]);
  });

  it('reads one message out and counts several', () => {
    expect(coalesce([{ kind: 'chat', message: message('Ada', 'Hello') }])).toEqual([
      { kind: 'chat', name: 'Ada', text: 'Hello', count: 1 },
    ]);
    const two = coalesce([
      { kind: 'chat', message: message('Ada', 'Hello') },
      { kind: 'chat', message: message('Ben', 'Hi') },
    ]);
    expect(two).toEqual([{ kind: 'chat', name: 'Ben', text: 'Hi', count: 2 }]);
  });

  it('says first who waits at the door', () => {
    const kinds = coalesce([
      { kind: 'hand', name: 'Ada' },
      { kind: 'joined', name: 'Ben' },
      { kind: 'lobby', name: 'Cai' },
    ]).map((told) => told.kind);
    expect(kinds).toEqual(['lobby', 'joined', 'hand']);
  });

  it('says what is talked about, and nothing of what was only stepped through', () => {
    expect(
      coalesce([
        { kind: 'agenda', title: 'Budget' },
        { kind: 'joined', name: 'Ada' },
        { kind: 'agenda', title: 'Move' },
      ]),
    ).toEqual([
      { kind: 'joined', names: ['Ada'] },
      { kind: 'agenda', title: 'Move' },
    ]);
  });

  it('leaves to the screen what has a message there', () => {
    expect(
      coalesce([
        { kind: 'muted', by: 'Ada' },
        { kind: 'locked', locked: true },
      ]),
    ).toEqual([]);
  });

  it('says that a recording starts; what follows it is read from the screen', () => {
    const of = (what: 'started' | 'paused') => ({ kind: 'recording', what, by: 'Anna', transcript: false }) as const;
    expect(coalesce([of('started'), of('paused')])).toEqual([of('started')]);
  });
});
