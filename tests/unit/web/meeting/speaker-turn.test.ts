import { describe, expect, it } from 'vitest';
import { dueAt, heardNow, nobodysTurn, type SpeakerTurn, settle, without } from '../../../../web/src/meeting/speaker-turn';

const first = heardNow(nobodysTurn, 'ada', 0);

function at(turn: SpeakerTurn, now: number): string | null {
  return settle(turn, now).shown;
}

describe('the turn of a speaker', () => {
  it('begins at once when nobody had one', () => {
    expect(first.shown).toBe('ada');
  });

  it('does not change within two seconds', () => {
    const turn = heardNow(first, 'bob', 500);
    expect(at(turn, 1_900)).toBe('ada');
    expect(at(turn, 2_000)).toBe('bob');
  });

  it('does not go to somebody who only says yes', () => {
    const turn = heardNow(heardNow(first, 'bob', 10_000), 'ada', 10_400);
    expect(dueAt(turn)).toBeNull();
    expect(at(turn, 20_000)).toBe('ada');
  });

  it('stays while nobody speaks', () => {
    expect(heardNow(first, null, 5_000).shown).toBe('ada');
  });

  it('goes to whoever speaks when it may change', () => {
    const turn = heardNow(heardNow(first, 'bob', 300), 'cid', 1_000);
    expect(at(turn, 2_000)).toBe('cid');
  });

  it('ends when the speaker leaves', () => {
    expect(without(first, (id) => id !== 'ada').shown).toBeNull();
    expect(without(first, () => true)).toBe(first);
  });
});
