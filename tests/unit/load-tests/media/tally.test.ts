import { describe, expect, it } from 'vitest';
import { Tally } from '../../../../load-tests/media/tally.js';

describe('the tally of received packets', () => {
  it('finds what is missing between the numbers, over a wrap and out of order', () => {
    const stream = new Tally().stream('audio', 1);
    for (const sequence of [65_533, 65_535, 65_534, 1, 3]) stream.take(sequence, 10);
    expect(stream.packets).toBe(5);
    expect(stream.lost).toBe(2);
  });

  it('counts anew from the mark, and not what was lost before', () => {
    const tally = new Tally();
    const stream = tally.stream('video', 1);
    stream.take(1, 10);
    stream.take(5, 10);
    tally.mark();
    stream.take(6, 10);
    stream.take(8, 10);
    expect(tally.read().counts).toMatchObject([{ kind: 'video', port: 1, streams: 1, silent: 0, packets: 2, bytes: 20, lost: 1 }]);
  });

  it('says which streams are silent, and keeps the counts of those that ended', () => {
    const tally = new Tally();
    const ended = tally.stream('audio', 1);
    tally.stream('audio', 1);
    ended.take(9, 10);
    tally.remove(ended);
    expect(tally.read().counts).toMatchObject([{ streams: 1, silent: 1, packets: 1, lost: 0 }]);
  });
});
