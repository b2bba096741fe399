import { expect, test } from 'vitest';
import { RepeatedTask } from '../../../src/media/repeated-task.js';

function controlled() {
  const finish: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const task = new RepeatedTask(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => finish.push(resolve));
    running -= 1;
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { task, finish, settle, most: () => most };
}

test('many requests during a run make one more run, after it', async () => {
  const { task, finish, settle, most } = controlled();
  const first = task.run();
  await settle();
  const later = [task.run(), task.run(), task.run()];
  await settle();
  expect(finish).toHaveLength(1);
  finish[0]?.();
  await first;
  await settle();
  expect(finish).toHaveLength(2);
  finish[1]?.();
  await Promise.all(later);
  expect(finish).toHaveLength(2);
  expect(most()).toBe(1);
});

test('a request during a run is answered by a run that began after it', async () => {
  const { task, finish, settle } = controlled();
  void task.run();
  await settle();
  let answered = false;
  const second = task.run().then(() => {
    answered = true;
  });
  finish[0]?.();
  await settle();
  expect(answered).toBe(false);
  finish[1]?.();
  await second;
});
