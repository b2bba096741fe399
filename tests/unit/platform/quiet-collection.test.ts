import { describe, expect, it } from 'vitest';
import { QuietCollection } from '../../../src/platform/quiet-collection.js';

const megabyte = 1_024 * 1_024;

/** A heap in which 60 MB live. */
function heapOf() {
  const heap = {
    load: 0.01,
    used: 100 * megabyte,
    collected: 0,
    busy: () => heap.load,
    usedBytes: () => heap.used,
    collect: () => {
      heap.collected += 1;
      heap.used = 60 * megabyte;
    },
  };
  return heap;
}

describe('garbage', () => {
  it('is collected when nothing went on at two looks in a row', () => {
    const heap = heapOf();
    const collection = new QuietCollection(heap);
    collection.look();
    expect(heap.collected).toBe(0);
    collection.look();
    expect(heap.collected).toBe(1);
  });

  it('is left where it is while there is something to do', () => {
    const heap = heapOf();
    const collection = new QuietCollection(heap);
    for (const load of [0.01, 0.3, 0.01, 0.06]) {
      heap.load = load;
      collection.look();
    }
    expect(heap.collected).toBe(0);
  });

  it('is collected again when enough has come together, and not for less', () => {
    const heap = heapOf();
    const collection = new QuietCollection(heap);
    const look = (times: number) => Array.from({ length: times }, () => collection.look());
    look(2);
    heap.used += 10 * megabyte;
    look(10);
    expect(heap.collected).toBe(1);
    heap.used += 10 * megabyte;
    look(2);
    expect(heap.collected).toBe(2);
  });
});
