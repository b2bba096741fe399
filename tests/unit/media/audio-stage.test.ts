import { describe, expect, test } from 'vitest';
import { AudioStage } from '../../../src/media/audio-stage.js';

const stageOf = (microphones: number, slots = 3) => {
  const stage = new AudioStage({ slots, warm: 4 });
  for (let n = 0; n < microphones; n += 1) stage.on(`m${n}`, n);
  return stage;
};

describe('the audio stage', () => {
  test('gives everybody a slot while there is one for each, heard or not', () => {
    expect(stageOf(3).choose(100).slots.toSorted()).toEqual(['m0', 'm1', 'm2']);
  });

  test('gives slots to those who speak where there are more microphones', () => {
    const stage = stageOf(20);
    stage.heard('m7', 1_000, -20);
    expect(stage.choose(1_000).slots).toEqual(['m7', null, null]);
  });

  test('leaves a speaker in his slot while he breathes, and while nobody needs it', () => {
    const stage = stageOf(20);
    stage.heard('m7', 1_000, -20);
    stage.choose(1_000);
    stage.heard('m8', 60_000, -20);
    expect(stage.choose(60_000).slots).toEqual(['m7', 'm8', null]);
  });

  test('gives a newcomer the slot of the one who has been silent longest', () => {
    const stage = stageOf(20);
    for (const [index, id] of ['m1', 'm2', 'm3'].entries()) stage.heard(id, 1_000 + index, -20);
    stage.choose(1_010);
    for (const id of ['m1', 'm3']) stage.heard(id, 4_000, -20);
    stage.heard('m9', 4_000, -40);
    expect(stage.choose(4_000).slots).toEqual(['m1', 'm9', 'm3']);
  });

  test('lets a quiet newcomer wait while all others speak, and takes a clearly louder one for the quietest', () => {
    const stage = stageOf(20);
    const speak = (now: number) => {
      stage.heard('m1', now, -20);
      stage.heard('m2', now, -30);
      stage.heard('m3', now, -25);
    };
    speak(1_000);
    stage.choose(1_000);
    speak(1_100);
    stage.heard('m9', 1_100, -28);
    expect(stage.choose(1_100).slots).not.toContain('m9');
    stage.heard('m9', 1_150, -15);
    expect(stage.choose(1_150).slots.toSorted()).toEqual(['m1', 'm3', 'm9']);
  });

  test('believes a hint at once, but not against one who was measured', () => {
    const stage = stageOf(20);
    stage.hinted('m5', 1_000);
    expect(stage.choose(1_000).slots).toContain('m5');
    for (const id of ['m1', 'm2', 'm3']) stage.heard(id, 2_000, -20);
    stage.choose(2_000);
    stage.hinted('m6', 2_010);
    expect(stage.choose(2_010).slots).not.toContain('m6');
  });

  test('does not let one who was loud keep his slot by hints alone', () => {
    const stage = stageOf(20);
    stage.heard('m5', 1_000, 0);
    for (const id of ['m1', 'm2']) stage.heard(id, 1_000, -20);
    stage.choose(1_000);
    for (let now = 1_100; now <= 4_000; now += 200) stage.hinted('m5', now);
    for (const id of ['m1', 'm2', 'm9']) stage.heard(id, 4_000, -20);
    expect(stage.choose(4_000).slots.toSorted()).toEqual(['m1', 'm2', 'm9']);
  });

  test('empties the slot of a microphone that is muted', () => {
    const stage = stageOf(20);
    stage.heard('m7', 1_000, -20);
    stage.choose(1_000);
    stage.off('m7');
    expect(stage.choose(1_001).slots).toEqual([null, null, null]);
  });

  test('keeps those warm who were switched on or heard last', () => {
    const stage = stageOf(20);
    stage.heard('m0', 5_000, -20);
    for (const id of ['m1', 'm2', 'm3']) stage.heard(id, 6_000, -20);
    stage.on('late', 7_000);
    expect(stage.choose(6_000).warm.slice(0, 2)).toEqual(['late', 'm0']);
    expect(stage.choose(6_000).warm).toHaveLength(4);
  });

  test('passes over microphones that it does not know', () => {
    const stage = stageOf(1);
    stage.heard('stranger', 1, -10);
    stage.hinted('stranger', 1);
    expect(stage.choose(1).slots).toEqual(['m0', null, null]);
  });
});
