import { describe, expect, it } from 'vitest';
import { Segmenter, type Utterance, type VoiceActivity, windowSamples } from '../../../../src/recording/captions/live/segmenter.js';

const rate = 16_000;

/** Says that somebody speaks as soon as a window is loud, and 400 ms after the last loud one that nobody does. */
class LoudnessActivity implements VoiceActivity {
  detected = false;
  resets = 0;
  #quiet = 0;

  accept(window: Float32Array): void {
    const loud = window.some((sample) => Math.abs(sample) > 0.1);
    this.#quiet = loud ? 0 : this.#quiet + window.length;
    if (loud) this.detected = true;
    else if (this.#quiet >= 0.4 * rate) this.detected = false;
  }

  reset(): void {
    this.detected = false;
    this.resets += 1;
  }
}

const sound = (seconds: number, loudness: number) => new Float32Array(Math.round(seconds * rate)).fill(loudness);

function segment() {
  const ended: Utterance[] = [];
  const activity = new LoudnessActivity();
  const segmenter = new Segmenter(activity, (utterance) => ended.push(utterance));
  return { segmenter, ended, activity };
}

const at = (position: number | undefined) => (position ?? Number.NaN) / rate;

describe('an utterance', () => {
  it('begins before the detector hears it, so that the first word is whole', () => {
    const { segmenter, ended } = segment();
    segmenter.push(sound(2, 0));
    segmenter.push(sound(1, 0.5));
    segmenter.push(sound(1, 0));
    expect(ended).toHaveLength(1);
    expect(at(ended[0]?.begin)).toBeGreaterThan(1.3);
    expect(at(ended[0]?.begin)).toBeLessThan(1.75);
    expect(at(ended[0]?.end)).toBeGreaterThanOrEqual(3);
    expect(at(ended[0]?.end)).toBeLessThan(3.2);
    expect(ended[0]?.audio).toHaveLength((ended[0]?.end ?? 0) - (ended[0]?.begin ?? 0));
  });

  it('never begins before the end of the one before', () => {
    const { segmenter, ended } = segment();
    for (let count = 0; count < 4; count += 1) {
      segmenter.push(sound(0.6, 0.5));
      segmenter.push(sound(0.46, 0));
    }
    segmenter.flush();
    expect(ended.length).toBeGreaterThanOrEqual(4);
    for (const [index, utterance] of ended.entries()) expect(utterance.begin).toBeGreaterThanOrEqual(ended[index - 1]?.end ?? 0);
  });

  it('of somebody who speaks without a pause is cut where it is quietest, and nothing is lost', () => {
    const { segmenter, ended } = segment();
    segmenter.push(sound(13.5, 0.5));
    segmenter.push(sound(0.2, 0.01));
    segmenter.push(sound(26, 0.5));
    segmenter.push(sound(1, 0));
    expect(ended.length).toBeGreaterThanOrEqual(3);
    expect(at(ended[0]?.end)).toBeGreaterThan(13.45);
    expect(at(ended[0]?.end)).toBeLessThan(13.75);
    for (const [index, { begin, end }] of ended.entries()) {
      expect(end - begin).toBeLessThanOrEqual(15.1 * rate);
      if (index > 0) expect(begin).toBe(ended[index - 1]?.end);
    }
    expect(at(ended.at(-1)?.end)).toBeGreaterThanOrEqual(39.7);
  });

  it('ends when the voice is interrupted', () => {
    const { segmenter, ended, activity } = segment();
    segmenter.push(sound(1, 0.5));
    expect(segmenter.current()?.audio.length).toBeGreaterThan(0.9 * rate);
    segmenter.flush();
    expect(ended).toHaveLength(1);
    expect(segmenter.current()).toBeNull();
    expect(activity.resets).toBe(1);
  });

  it('is none in hours of silence, which take no memory', () => {
    const { segmenter, ended } = segment();
    const minute = sound(60, 0);
    for (let count = 0; count < 30; count += 1) segmenter.push(minute);
    segmenter.flush();
    expect(ended).toHaveLength(0);
  });

  it('comes out the same whatever the packets are', () => {
    const whole = segment();
    const pieces = segment();
    const all = [...sound(1, 0), ...sound(1, 0.4), ...sound(1, 0)];
    whole.segmenter.push(Float32Array.from(all));
    for (let from = 0; from < all.length; from += 320) pieces.segmenter.push(Float32Array.from(all.slice(from, from + 320)));
    expect(pieces.ended.map(({ begin, end }) => [begin, end])).toEqual(whole.ended.map(({ begin, end }) => [begin, end]));
    expect(windowSamples).toBe(512);
  });
});
