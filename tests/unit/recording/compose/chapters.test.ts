import { describe, expect, it } from 'vitest';
import { mergeChapters, type RecordedChapter } from '../../../../src/recording/chapters.js';
import { agendaChapters } from '../../../../src/recording/compose/chapters.js';

const minute = 60_000;
const turn = (atMs: number, title: string | null) => ({ atMs, title });
const told = (chapters: ReturnType<typeof agendaChapters>) => chapters.map(({ atMs, title }) => [atMs, title]);

describe('Chapters of the agenda', () => {
  const whole = { from: 0, to: 30 * minute };

  it('begin when the meeting turned to an item', () => {
    const turns = [turn(minute, 'Budget'), turn(9 * minute, 'Move'), turn(20 * minute, null)];
    expect(told(agendaChapters(turns, whole, []))).toEqual([
      [minute, 'Budget'],
      [9 * minute, 'Move'],
    ]);
  });

  it('begin with the recording when it began later than the item', () => {
    expect(told(agendaChapters([turn(-5 * minute, 'Budget'), turn(minute, 'Move')], whole, []))).toEqual([
      [0, 'Budget'],
      [minute, 'Move'],
    ]);
  });

  it('leave out what was only stepped through, and what was talked about before or after', () => {
    const turns = [
      turn(-9 * minute, 'Before'),
      turn(-8 * minute, 'First'),
      turn(1_000, 'Passed'),
      turn(2_500, 'Third'),
      turn(31 * minute, 'After'),
    ];
    expect(told(agendaChapters(turns, whole, []))).toEqual([
      [0, 'First'],
      [2_500, 'Third'],
    ]);
  });

  it('have no second one for going on after nothing was marked, and one for coming back to an item', () => {
    const turns = [turn(0, 'A'), turn(minute, null), turn(2 * minute, 'A'), turn(3 * minute, 'B'), turn(4 * minute, 'A')];
    expect(told(agendaChapters(turns, whole, []))).toEqual([
      [0, 'A'],
      [3 * minute, 'B'],
      [4 * minute, 'A'],
    ]);
  });

  it('begin after a pause or what was taken out, when they were still talked about then', () => {
    const silent = [
      { from: 2 * minute, to: 4 * minute },
      { from: 4 * minute, to: 5 * minute },
      { from: 25 * minute, to: Number.MAX_SAFE_INTEGER },
    ];
    const turns = [turn(minute, 'A'), turn(2 * minute, 'Secret'), turn(3 * minute, 'B'), turn(26 * minute, 'Unheard')];
    expect(told(agendaChapters(turns, whole, silent))).toEqual([
      [minute, 'A'],
      [5 * minute, 'B'],
    ]);
  });

  it('stand within what a trim has left', () => {
    const turns = [turn(0, 'A'), turn(5 * minute, 'B'), turn(10 * minute, 'C'), turn(20 * minute, 'D')];
    expect(told(agendaChapters(turns, { from: 6 * minute, to: 20 * minute }, []))).toEqual([
      [6 * minute, 'B'],
      [10 * minute, 'C'],
    ]);
  });
});

describe('Chapters of all origins', () => {
  const chapter = (atMs: number, origin: RecordedChapter['origin'], title: string = origin) => ({ atMs, title, origin });

  it('are those of the agenda where a screen or a topic begins at the same moment', () => {
    const rows = [
      chapter(0, 'agenda', 'Budget'),
      chapter(4_000, 'screen'),
      chapter(9_000, 'person'),
      chapter(20_000, 'topic', 'Budget'),
      chapter(40_000, 'screen'),
      chapter(81_000, 'topic'),
      chapter(90_000, 'agenda', 'Move'),
      chapter(120_000, 'topic', 'Budget'),
    ];
    expect(mergeChapters(rows).map(({ atMs, origin }) => [atMs, origin])).toEqual([
      [0, 'agenda'],
      [9_000, 'person'],
      [40_000, 'screen'],
      [90_000, 'agenda'],
      [120_000, 'topic'],
    ]);
  });

  it('are all there where there was no agenda', () => {
    const rows = [chapter(0, 'topic'), chapter(0, 'screen'), chapter(5, 'person')];
    expect(mergeChapters(rows)).toEqual(rows);
  });
});
