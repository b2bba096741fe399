import { describe, expect, it } from 'vitest';
import { figuresOf, limitsOf, readSummary } from '../../../../load-tests/k6/summary.js';
import { makeReport } from '../../../../load-tests/lib/result.js';

const trend = { count: 40, min: 1, max: 90, 'p(0.5)': 1, 'p(50)': 12.3456, 'p(95)': 60, 'p(99)': 80, 'p(99.5)': 85, 'p(99.9)': 88 };
const text = JSON.stringify({
  metrics: {
    'chat_ack_ms{phase:spike}': { type: 'trend', values: trend, thresholds: { 'max>=0': { ok: true } } },
    chat_ack_ms: { type: 'trend', contains: 'time', values: trend, thresholds: { 'p(99)<=50': { ok: false } } },
    chat_lost: { type: 'counter', values: { count: 0, rate: 0 }, thresholds: { 'count==0': { ok: true } } },
    call_errors: { type: 'rate', values: { rate: 0.25, passes: 1, fails: 3 } },
    vus: { type: 'gauge', values: { value: 2, min: 2, max: 2 } },
    meeting_join_ms: { type: 'trend', values: { count: 0 } },
  },
});

describe("k6's summary", () => {
  it('becomes figures of the report, those of a phase behind those of all', () => {
    const { result } = makeReport(
      {
        name: 'load',
        at: '',
        machine: { cpu: '', cores: 1, memory_bytes: 1, node: '', system: '', load_before: 0 },
        settings: {},
        not_measured: [],
      },
      figuresOf(readSummary(text), ['before', 'spike']),
    );
    expect(Object.keys(result.figures)).toEqual(['chat_ack_ms', 'chat_ack_ms_spike', 'chat_lost', 'call_errors']);
    expect(result.figures.chat_ack_ms).toEqual({ unit: 'ms', n: 40, p50: 12.35, p95: 60, p99: 80, p999: 88, max: 90 });
    expect(result.figures.call_errors).toEqual({ unit: 'ratio', value: 0.25 });
  });

  it('tells the limits, and leaves out those that only make k6 tell of a phase', () => {
    expect(limitsOf(readSummary(text))).toEqual([
      { metric: 'chat_ack_ms', expression: 'p(99)<=50', isKept: false },
      { metric: 'chat_lost', expression: 'count==0', isKept: true },
    ]);
  });

  it('is refused where it is something else', () => {
    expect(() => readSummary('{"metrics":{"x":{"type":"wonder","values":{}}}}')).toThrow();
    expect(() => readSummary('no JSON')).toThrow();
  });
});
