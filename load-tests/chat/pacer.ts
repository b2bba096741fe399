/** Does something at a steady rate, whatever it takes: who is late is not spared the next (no coordinated omission). */
import { setTimeout as delay } from 'node:timers/promises';

const stepMs = 2;

/** `act` is called `rate` times a second with the time at which it should have been. Resolves when all that it gave have. */
export async function paced(rate: number, seconds: number, act: (turn: number, due: number) => Promise<void>): Promise<void> {
  const begin = performance.now();
  const total = Math.round(rate * seconds);
  const running: Promise<void>[] = [];
  for (let turn = 0; turn < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - begin) / 1_000) * rate) + 1);
    for (; turn < due; turn += 1) running.push(act(turn, begin + (turn / rate) * 1_000));
    await delay(stepMs);
  }
  await Promise.all(running);
}
