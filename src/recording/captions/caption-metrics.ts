/** Figures of captions for Prometheus. */
import type { Metrics } from '../../platform/metrics.js';

export type CaptionMetrics = ReturnType<typeof captionMetrics>;

export function captionMetrics(metrics: Metrics) {
  return {
    lines: metrics.counter({
      name: 'causeway_captions_lines_total',
      help: 'Lines of live captions: partial, final, or left for after the meeting.',
      labels: ['kind'],
    }),
    delay: metrics.histogram({
      name: 'causeway_captions_final_delay_seconds',
      help: 'From the end of what was said to its final line.',
      buckets: [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20],
    }),
  };
}
