import { describe, expect, it } from 'vitest';
import { alignTracks } from '../../../../src/recording/compose/track-clock.js';
import { ntpToMs, type Report, type Run, type TrackScan } from '../../../../src/recording/compose/track-scan.js';

const start = Date.UTC(2026, 2, 2);

interface Told {
  readonly clockRate: number;
  readonly baseTicks: number;
  readonly delayMs: number;
  readonly publisherAheadMs?: number;
  /** Of the reports. */
  readonly reportSsrc?: number;
}

/** A track of two minutes, told as a first reading would. */
function scan({ clockRate, baseTicks, delayMs, publisherAheadMs = 0, reportSsrc = 1 }: Told, extra: readonly Report[] = []): TrackScan {
  const seconds = Array.from({ length: 24 }, (_, index) => index * 5);
  const ticksAt = (second: number) => baseTicks + second * clockRate;
  const run: Run = {
    run: 0,
    ssrc: 1,
    firstAt: start + delayMs,
    lastAt: start + 120_000 + delayMs,
    fastest: seconds.map((second) => ({ x: (ticksAt(second) / clockRate) * 1_000, y: start + second * 1_000 + delayMs })),
  };
  const reports = seconds.map((second) => ({
    at: start + second * 1_000 + delayMs,
    ssrc: reportSsrc,
    ntpMs: start + second * 1_000 + publisherAheadMs,
    rtp: ticksAt(second) % 2 ** 32,
  }));
  return { clockRate, runs: [run], reports: [...reports, ...extra], muted: [], gaps: [] };
}

const at = (clock: ReturnType<typeof alignTracks>[number] | undefined, told: Told, second: number) =>
  (clock?.(0, told.baseTicks + second * told.clockRate) ?? Number.NaN) - start;

describe('tracks of one participant', () => {
  const sound: Told = { clockRate: 48_000, baseTicks: 4_000_000_000, delayMs: 180, publisherAheadMs: 90_000 };
  const picture: Told = { clockRate: 90_000, baseTicks: 17, delayMs: 20, publisherAheadMs: 90_000 };

  it('are in step by their reports, though one comes slower than the other', () => {
    const [heard, seen] = alignTracks([scan(sound), scan(picture)]);
    expect(at(heard, sound, 60) - at(seen, picture, 60)).toBeCloseTo(0, 2);
  });

  it('stand on our clock by the packets that came fastest', () => {
    const [, seen] = alignTracks([scan(sound), scan(picture)]);
    expect(at(seen, picture, 60)).toBeCloseTo(60_020, 0);
  });

  it('use the reports of the layer that was captured, by its own clock', () => {
    const other = { ...picture, baseTicks: 3_000_000 };
    const wrong = scan(other).reports.map((report) => ({ ...report, ssrc: 9, ntpMs: report.ntpMs + 5_000 }));
    const [seen] = alignTracks([scan(picture, wrong)]);
    expect(at(seen, picture, 60)).toBeCloseTo(60_020, 0);
  });

  it('take reports under another number when their clock is that of the packets', () => {
    const told = { ...sound, reportSsrc: 5 };
    const [heard, seen] = alignTracks([scan(told), scan(picture)]);
    expect(at(heard, told, 60) - at(seen, picture, 60)).toBeCloseTo(0, 2);
  });

  it('are placed by when they came where no report did', () => {
    const silent = { ...scan(sound), reports: [] };
    const [heard] = alignTracks([silent]);
    expect(at(heard, sound, 60)).toBeCloseTo(60_180, 0);
  });

  it('of somebody who came back with another wall clock have each their own', () => {
    const back = { ...picture, publisherAheadMs: -3_000_000 };
    const [first, second] = alignTracks([scan(picture), scan(back)]);
    expect(at(first, picture, 60)).toBeCloseTo(60_020, 0);
    expect(at(second, back, 60)).toBeCloseTo(60_020, 0);
  });
});

it('NTP counts from 1900 in fixed point', () => {
  expect(ntpToMs((2_208_988_800n << 32n) + (1n << 31n))).toBe(500);
});
