/** What it asks of the worker, step by step; tests/browser/network shows that it helps. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Downlink, type Received } from '../../../src/media/downlink.js';

/** Stands for the worker's side of a transport: what it estimates, and what it is told. */
class Line extends EventEmitter {
  closed = false;
  estimate = 100_000;
  loss = 0;
  readonly told: string[] = [];

  async getStats() {
    return [{ availableOutgoingBitrate: this.estimate, rtpPacketLossSent: this.loss }];
  }
  async setMaxOutgoingBitrate(bitrate: number) {
    this.told.push(`at most ${bitrate}`);
  }
  async setMinOutgoingBitrate(bitrate: number) {
    this.told.push(`at least ${bitrate}`);
  }
  async enableTraceEvent(types: readonly string[] = []) {
    this.told.push(`trace ${types.join()}`);
  }
  estimates(bitrate: number) {
    this.estimate = bitrate;
    this.emit('trace', { type: 'bwe', info: { availableBitrate: bitrate } });
  }
}

let line: Line;
let received: (Received & { starved: boolean; limited: boolean })[];
let starved: (readonly string[])[];
let downlink: Downlink;

beforeEach(() => {
  vi.useFakeTimers();
  line = new Line();
  received = [
    { consumer: { id: 'a' }, starved: false, limited: false },
    { consumer: { id: 'b' }, starved: false, limited: false },
  ];
  starved = [];
  downlink = new Downlink(line, {
    received: () => received,
    onStarved: (ids) => starved.push(ids),
    clock: { now: () => Date.now() },
  });
});
afterEach(() => {
  downlink.close();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const limit = (limited: boolean) => {
  for (const media of received) media.limited = limited;
  downlink.look();
};

describe('Downlink', () => {
  test('asks nothing of the worker while all is well', async () => {
    downlink.look();
    await pass(60_000);
    expect(line.told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('raises the highest bitrate in a step, again and again, while a picture is too small', async () => {
    limit(true);
    await pass(2_500);
    expect(line.told).toEqual(['trace bwe', 'at least 100000', 'at most 120000', 'at most 1000000']);
    await pass(10_000);
    expect(line.told.filter((what) => what === 'at most 1000000').length).toBeGreaterThan(2);
  });

  test('lets the worker probe alone at first', async () => {
    limit(true);
    await pass(1_400);
    limit(false);
    await pass(5_000);
    expect(line.told).toEqual([]);
  });

  test('holds what a probe has shown against the next jitter', async () => {
    limit(true);
    await pass(2_500);
    line.estimates(800_000);
    line.estimates(60_000);
    line.told.length = 0;
    await pass(600);
    expect(line.told).toContain('at least 640000');
    await pass(4_000);
    expect(line.told).toContain('at least 100000');
  });

  test('holds nothing while packets are lost', async () => {
    limit(true);
    await pass(2_500);
    line.loss = 0.3;
    line.told.length = 0;
    await pass(600);
    expect(line.told).toEqual(['at least 0']);
  });

  test('leaves the worker alone again when every picture is as it should be', async () => {
    limit(true);
    await pass(2_500);
    line.told.length = 0;
    limit(false);
    await pass(600);
    expect([...line.told].sort()).toEqual(['at least 0', 'at most 0', 'trace ']);
    line.told.length = 0;
    await pass(60_000);
    expect(line.told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('tells of a picture that stays away for a second, and when it is back', async () => {
    const [first] = received;
    if (!first) throw new Error('nothing is received');
    first.starved = true;
    downlink.look();
    await pass(900);
    expect(starved).toEqual([]);
    await pass(1_000);
    expect(starved).toEqual([['a']]);
    first.starved = false;
    await pass(1_000);
    expect(starved).toEqual([['a'], []]);
  });

  test('says nothing of a picture that comes within a second', async () => {
    const [first] = received;
    if (!first) throw new Error('nothing is received');
    first.starved = true;
    downlink.look();
    await pass(700);
    first.starved = false;
    await pass(5_000);
    expect(starved).toEqual([]);
  });
});
