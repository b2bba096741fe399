import { describe, expect, it } from 'vitest';
import { clock, isoDuration, readClock } from '@/pages/archive/clock';
import { linesAt } from '@/pages/archive/player/captions';
import { Player } from '@/pages/archive/player/player';
import { readExtent, readThumbnails, readWaveform, thumbnailAt } from '@/pages/archive/player/scrubber-data';
import { bodyOf, draftOf } from '@/pages/archive/summary/summary-draft';
import { cutText, findHits } from '@/pages/archive/transcript/transcript-search';
import { lineAt, turnsOf } from '@/pages/archive/transcript/turns';

const line = (id: string, speaker: string, beginMs: number, text = id) => ({
  id,
  speaker,
  beginMs,
  endMs: beginMs + 1_000,
  language: 'en',
  text,
});

describe('times', () => {
  it('stand as players write them', () => {
    expect([0, 59_999, 61_000, 3_723_000, -5].map(clock)).toEqual(['0:00', '0:59', '1:01', '1:02:03', '0:00']);
    expect(isoDuration(3_723_400)).toBe('PT1H2M3S');
  });

  it.each([
    ['75', 75_000],
    ['1:15', 75_000],
    [' 1:02:03.5 ', 3_723_500],
    ['90:00', 5_400_000],
    ['1:75', null],
    ['1:75:00', null],
    ['soon', null],
    ['', null],
    ['-3', null],
  ])('are read from %j', (text, ms) => {
    expect(readClock(text)).toBe(ms);
  });
});

describe('the search in a transcript', () => {
  const lines = [
    line('a', 'Ming', 0, 'The budget, and the Budget again'),
    line('b', 'Ming', 1, '預算：budget'),
    line('c', 'Ming', 2, 'Nothing'),
  ];

  it('finds every place, whatever the case, in order', () => {
    expect(findHits(lines, ' BUDGET ')).toEqual([
      { lineId: 'a', at: 4 },
      { lineId: 'a', at: 20 },
      { lineId: 'b', at: 3 },
    ]);
    expect(findHits(lines, '   ')).toEqual([]);
  });

  it('cuts a text where places begin and end', () => {
    const hits = findHits(lines, 'budget').filter(({ lineId }) => lineId === 'a');
    const pieces = cutText(lines[0]?.text ?? '', 'budget', hits, 5);
    expect(pieces.map(({ text }) => text).join('')).toBe(lines[0]?.text);
    expect(pieces.filter(({ hit }) => hit !== null)).toEqual([
      { text: 'budget', hit: 5 },
      { text: 'Budget', hit: 6 },
    ]);
  });

  it('keeps its places where a letter grows when it is folded', () => {
    const odd = [line('a', 'Ming', 0, 'İstanbul budget')];
    const [hit] = findHits(odd, 'budget');
    expect(odd[0]?.text.slice(hit?.at)).toBe('budget');
  });
});

describe('lines of a transcript', () => {
  it('stand under one name as long as one person speaks without a long silence', () => {
    const turns = turnsOf([line('a', 'Ming', 0), line('b', 'Ming', 2_000), line('c', 'Chan', 4_000), line('d', 'Chan', 90_000)]);
    expect(turns.map(({ speaker, lines }) => [speaker, lines.length])).toEqual([
      ['Ming', 2],
      ['Chan', 1],
      ['Chan', 1],
    ]);
  });

  it('are found by their time', () => {
    const lines = [line('a', 'Ming', 1_000), line('b', 'Ming', 3_000)];
    expect([0, 1_000, 2_999, 3_000, 9_000].map((at) => lineAt(lines, at))).toEqual([-1, 0, 0, 1, 1]);
    expect(lineAt([], 5)).toBe(-1);
  });

  it('are captions while they are said and a little longer', () => {
    const lines = [line('a', 'Ming', 1_000), line('b', 'Ming', 1_500), line('c', 'Ming', 1_800)];
    expect(linesAt(lines, 900)).toEqual([]);
    expect(linesAt(lines, 2_000).map(({ id }) => id)).toEqual(['b', 'c']);
    expect(linesAt(lines, 60_000)).toEqual([]);
  });
});

describe('the line of time', () => {
  it('reads the list of small pictures, and passes by what is none', () => {
    const thumbnails = readThumbnails(
      'WEBVTT\n\n00:00:00.000 --> 00:00:10.000\nthumb-0000.jpg\n\nNOTE no\n\n00:00:10.000 --> 00:00:20.000\n../secret\n\n01:00:00.000 --> 01:00:10.000\nthumb-0360.jpg\n',
    );
    expect(thumbnails.map(({ fromMs, name }) => [fromMs, name])).toEqual([
      [0, 'thumb-0000.jpg'],
      [3_600_000, 'thumb-0360.jpg'],
    ]);
    expect(thumbnailAt(thumbnails, 5_000)?.name).toBe('thumb-0000.jpg');
    expect(thumbnailAt(thumbnails, 4_000_000)?.name).toBe('thumb-0360.jpg');
    expect(thumbnailAt([], 0)).toBeNull();
  });

  it('draws how loud it was as parts of the loudest', () => {
    expect(readWaveform({ data: [-1, 1, -4, 2, 0, 0, -2, 2] }, 4)).toEqual([0.25, 1, 0, 0.5]);
    expect(readWaveform({ data: [0, 0] }, 1)).toEqual([0]);
  });

  it.each([null, 'x', {}, { data: [] }, { data: ['1'] }, { data: [Number.NaN] }])('draws nothing of %j', (given) => {
    expect(readWaveform(given, 4)).toBeNull();
  });

  it('knows which part of the recording there is', () => {
    expect(readExtent({ beginMs: 5, durationMs: 10, gaps: [] })).toEqual({ beginMs: 5, durationMs: 10 });
    expect([null, {}, { beginMs: -1, durationMs: 1 }, { beginMs: 0, durationMs: 0 }].map(readExtent)).toEqual([null, null, null, null]);
  });
});

describe('the player', () => {
  it('stays within the recording', () => {
    const player = new Player({ durationMs: 10_000 });
    player.seek(60_000);
    expect(player.state.get().atMs).toBe(10_000);
    player.skip(-60_000);
    expect(player.state.get().atMs).toBe(0);
    player.setExtent({ beginMs: 2_000, durationMs: 8_000 });
    expect(player.state.get().atMs).toBe(2_000);
  });

  it('has speeds one after the other, and ends', () => {
    const player = new Player({ durationMs: 1 });
    for (let step = 0; step < 9; step += 1) player.stepRate(1);
    expect(player.state.get().rate).toBe(2.5);
    for (let step = 0; step < 9; step += 1) player.stepRate(-1);
    expect(player.state.get().rate).toBe(0.5);
  });

  it('is heard again when the sound comes back from nothing', () => {
    const player = new Player({ durationMs: 1 });
    player.setVolume(0);
    expect(player.state.get().isMuted).toBe(true);
    player.toggleMuted();
    expect(player.state.get()).toMatchObject({ isMuted: false, volume: 1 });
  });
});

describe('a summary that is edited', () => {
  const sentence = { text: 'One', atMs: 5, lineId: 'l', origin: 'speech' as const, personId: null, speaker: null };

  it('keeps the moments of what stays, and leaves away what was emptied', () => {
    const draft = draftOf({
      overview: [sentence, { ...sentence, text: 'Two' }],
      topics: [{ title: 'Budget', beginMs: 1, endMs: 9, sentences: [sentence] }],
      decisions: [],
      questions: [],
    });
    const body = bodyOf(
      {
        ...draft,
        overview: draft.overview.map((one, at) => (at === 1 ? { ...one, text: '  ' } : one)),
        topics: [...draft.topics, { key: 'new', title: ' ', beginMs: 0, endMs: 0, sentences: [] }],
        decisions: [{ key: 'new', text: ' We go ', lineId: null, atMs: 0 }],
      },
      3,
    );
    expect(body).toEqual({
      number: 3,
      overview: [{ text: 'One', lineId: 'l', atMs: 5 }],
      topics: [{ title: 'Budget', beginMs: 1, endMs: 9, sentences: [{ text: 'One', lineId: 'l', atMs: 5 }] }],
      decisions: [{ text: 'We go', lineId: null, atMs: 0 }],
      questions: [],
    });
  });
});
