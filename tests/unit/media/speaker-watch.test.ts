import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SpeakerWatch } from '../../../src/media/speaker-watch.js';

describe('SpeakerWatch', () => {
  let changes: (string | null)[];
  let watch: SpeakerWatch;

  beforeEach(() => {
    vi.useFakeTimers();
    changes = [];
    watch = new SpeakerWatch({ onChange: (peerId) => changes.push(peerId), pauseMs: 1_000 });
  });
  afterEach(() => {
    watch.close();
    vi.useRealTimers();
  });

  test('names nobody while the room is silent, whatever the observer guesses', () => {
    watch.dominant('anna');
    expect(changes).toEqual([]);
  });

  test('names the dominant one of those who are heard', () => {
    watch.dominant('anna');
    watch.heard(['ben', 'anna']);
    expect(changes).toEqual(['anna']);
  });

  test('names the loudest when the dominant one is silent', () => {
    watch.dominant('anna');
    watch.heard(['ben']);
    expect(changes).toEqual(['ben']);
  });

  test('follows the observer at once while somebody speaks', () => {
    watch.dominant('anna');
    watch.heard(['anna']);
    watch.dominant('ben');
    expect(changes).toEqual(['anna', 'ben']);
  });

  test('does not take a pause in speech for silence', () => {
    watch.heard(['anna']);
    watch.silence();
    vi.advanceTimersByTime(900);
    watch.heard(['anna']);
    vi.advanceTimersByTime(5_000);
    expect(changes).toEqual(['anna']);
  });

  test('says null once after a silence', () => {
    watch.heard(['anna']);
    watch.silence();
    watch.silence();
    vi.advanceTimersByTime(1_000);
    expect(changes).toEqual(['anna', null]);
  });

  test('leaves a speaker who stopped while others make a noise', () => {
    watch.heard(['anna']);
    watch.heard(['fan']);
    watch.heard(['fan']);
    expect(changes).toEqual(['anna']);
    watch.heard(['fan']);
    expect(changes).toEqual(['anna', 'fan']);
  });

  test('says null when the speaker is muted or leaves, and does not name them by a late guess', () => {
    watch.dominant('anna');
    watch.heard(['anna']);
    watch.gone('anna');
    watch.dominant('ben');
    expect(changes).toEqual(['anna', null]);
  });
});
