import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Demand } from '../../../src/media/demand.js';

const calmMs = 5_000;
let told: number[];
let demand: Demand;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  demand = new Demand({ layers: 3, calmMs, onChange: (layer) => told.push(layer) });
});
afterEach(() => {
  demand.close();
  vi.useRealTimers();
});

describe('the demand for a picture', () => {
  test('is the whole picture at first, and nothing when nobody has wanted it for a while', () => {
    vi.advanceTimersByTime(calmMs - 1);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([-1]);
  });

  test('is the highest that any node wants', () => {
    demand.want('a', 0);
    demand.want('b', 1);
    vi.advanceTimersByTime(calmMs);
    expect(told).toEqual([1]);
    demand.forget('b');
    vi.advanceTimersByTime(calmMs);
    expect(told).toEqual([1, 0]);
  });

  test('rises at once', () => {
    demand.want('a', 0);
    vi.advanceTimersByTime(calmMs);
    demand.want('a', 2);
    expect(told).toEqual([0, 2]);
  });

  test('does not fall for a moment only', () => {
    demand.want('a', 2);
    demand.want('a', 0);
    vi.advanceTimersByTime(calmMs - 1);
    demand.want('a', 2);
    vi.advanceTimersByTime(calmMs * 2);
    expect(told).toEqual([]);
  });

  test('never falls below what flows in any case', () => {
    demand.setLeast(0);
    vi.advanceTimersByTime(calmMs);
    expect(told).toEqual([0]);
    demand.setLeast(-1);
    vi.advanceTimersByTime(calmMs);
    expect(told).toEqual([0, -1]);
  });

  test('says nothing any more when it is closed', () => {
    demand.close();
    vi.advanceTimersByTime(calmMs * 2);
    expect(told).toEqual([]);
  });
});
