import { expect, it } from 'vitest';
import { createMetrics } from '../../../src/platform/metrics.js';

it('keeps the figures of two servers apart', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.counter({ name: 'causeway_calls_total', help: 'Calls.' }).inc(3);
  expect(await one.registry.metrics()).toContain('causeway_calls_total 3');
  expect(await other.registry.metrics()).not.toContain('causeway_calls_total');
});

it('asks for the value of a gauge at each scrape', async () => {
  const metrics = createMetrics();
  let people = 0;
  metrics.gauge({ name: 'causeway_people', help: 'People.', labels: ['room'] }, (gauge) => gauge.set({ room: 'a' }, people));
  people = 7;
  expect(await metrics.registry.metrics()).toContain('causeway_people{room="a"} 7');
});

it('counts durations into the buckets that were asked for', async () => {
  const metrics = createMetrics();
  metrics.histogram({ name: 'causeway_wait_seconds', help: 'Wait.', buckets: [0.1, 1] }).observe(0.5);
  expect(await metrics.registry.metrics()).toContain('causeway_wait_seconds_bucket{le="1"} 1');
});
