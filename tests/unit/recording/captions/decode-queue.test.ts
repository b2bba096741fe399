import { describe, expect, it } from 'vitest';
import { DecodeQueue, TooLate } from '../../../../src/recording/captions/engines/decode-queue.js';
import { EngineError, type Recognized, type SpeechEngine } from '../../../../src/recording/captions/engines/speech-engine.js';

/** Answers when it is told to. */
class PatientEngine implements SpeechEngine {
  readonly name = 'patient';
  readonly languages = ['en'];
  readonly problem = null;
  readonly asked: { readonly language: string; answer(text: string): void; fail(error: Error): void }[] = [];

  constructor(readonly parallel = 1) {}

  recognize(_audio: Float32Array, language: string): Promise<Recognized> {
    return new Promise((resolve, reject) => {
      this.asked.push({ language, answer: (text) => resolve({ text, language: null }), fail: reject });
    });
  }

  warm(): void {}

  async close(): Promise<void> {}
}

const audio = new Float32Array(16_000);
/** Promises that are done have been heard. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue of an engine', () => {
  it('takes final lines before partial ones, and those before what is left for after the meeting', async () => {
    const engine = new PatientEngine();
    const queue = new DecodeQueue({ engine, patienceMs: 5_000 });
    const results = (['backlog', 'backlog', 'partial', 'final'] as const).map((urgency, index) =>
      queue.decode(audio, String(index), urgency),
    );
    for (const expected of ['0', '3', '2', '1']) {
      await settled();
      expect(engine.asked.at(-1)?.language).toBe(expected);
      engine.asked.at(-1)?.answer('done');
    }
    await Promise.all(results);
  });

  it('has no time for partial lines while somebody waits', async () => {
    const engine = new PatientEngine();
    const queue = new DecodeQueue({ engine, patienceMs: 5_000 });
    expect(queue.idle).toBe(true);
    const first = queue.decode(audio, 'en', 'final');
    expect(queue.idle).toBe(false);
    engine.asked[0]?.answer('one');
    await first;
    await settled();
    expect(queue.idle).toBe(true);
  });

  it('gives a final line back that waited too long, and goes on with the next', async () => {
    let now = 0;
    const engine = new PatientEngine();
    const queue = new DecodeQueue({ engine, patienceMs: 5_000, now: () => now });
    const first = queue.decode(audio, 'first', 'final');
    const second = queue.decode(audio, 'second', 'final');
    const late = expect(second).rejects.toBeInstanceOf(TooLate);
    now = 4_000;
    const third = queue.decode(audio, 'third', 'final');
    now = 6_000;
    expect(queue.waitedMs).toBe(6_000);
    engine.asked[0]?.answer('one');
    await first;
    await late;
    await settled();
    expect(engine.asked.at(-1)?.language).toBe('third');
    engine.asked.at(-1)?.answer('three');
    expect((await third).text).toBe('three');
  });

  it('tries a final line again over which a process was lost, once', async () => {
    const engine = new PatientEngine();
    const queue = new DecodeQueue({ engine, patienceMs: 5_000 });
    const result = queue.decode(audio, 'en', 'final');
    engine.asked[0]?.fail(new EngineError('crashed', 'gone'));
    await settled();
    engine.asked[1]?.answer('said');
    expect((await result).text).toBe('said');
    const hopeless = queue.decode(audio, 'en', 'final');
    await settled();
    engine.asked[2]?.fail(new EngineError('crashed', 'gone'));
    await settled();
    engine.asked[3]?.fail(new EngineError('crashed', 'gone again'));
    await expect(hopeless).rejects.toThrow('gone again');
    expect(queue.idle).toBe(true);
  });

  it('keeps a place for those who speak now', async () => {
    const engine = new PatientEngine(3);
    const queue = new DecodeQueue({ engine, patienceMs: 5_000 });
    const backlog = Array.from({ length: 4 }, () => queue.decode(audio, 'old', 'backlog'));
    await settled();
    expect(engine.asked).toHaveLength(2);
    const live = queue.decode(audio, 'now', 'final');
    expect(engine.asked.at(-1)?.language).toBe('now');
    while (engine.asked.length > 0) {
      engine.asked.shift()?.answer('x');
      await settled();
    }
    await Promise.all([...backlog, live]);
  });
});
