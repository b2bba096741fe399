/** Options of `npm run bench:media`. */
import type { Run } from '../lib/benchmark.js';

export const scenarios = ['livestream', 'meeting', 'audio', 'pipe', 'churn'] as const;

export const mediaOptions = {
  scenario: { default: 'livestream', help: `one of ${scenarios.join(', ')}`, among: scenarios },
  seconds: { default: 20, help: 'how long packets are counted, for each server under test' },
  workers: { default: 2, help: 'media workers of each server' },
  receivers: { default: 1, help: 'processes of the generator that only receive' },
  rounds: { default: 2, help: 'livestream, pipe: product and bare script by turns, so often' },
  viewers: { default: 200, help: 'livestream: viewers while packets are counted' },
  burst: { default: 500, help: 'livestream: viewers who join at once; 0: none' },
  'burst-seconds': { default: 10, help: 'livestream: within this time' },
  search: { default: 1, help: 'livestream: 1 searches the most viewers' },
  'search-from': { default: 200, help: 'livestream: where the search begins' },
  'search-most': { default: 3_000, help: 'livestream: where it ends' },
  fan: { default: 20, help: 'pipe: receivers on each worker' },
  people: { default: 300, help: 'meeting, audio: people; all have a microphone that is on' },
  speakers: { default: 2, help: 'meeting, audio: how many speak all the time' },
  cameras: { default: 100, help: 'meeting: of 100 people so many have a camera that is on' },
  shown: { default: 9, help: 'meeting: pictures on each page' },
  browsing: { default: 5, help: 'meeting: of 100 people so many look at other pictures than the first' },
  'rate-scale': { default: 10, help: 'meeting: percent of 24 frames a second that a camera gives' },
  pages: { default: 0, help: 'meeting: real Chromium pages beside the generated people' },
  screenshot: { default: '', help: 'meeting: file for a picture of one of the pages' },
  turns: { default: 30, help: 'audio: how often another begins to speak' },
  cycles: { default: 1_000, help: 'churn: joins and leaves' },
  idle: { default: 100, help: 'churn: people who are just in, for the memory of one' },
} as const;

export type MediaRun = Run<typeof mediaOptions>;
