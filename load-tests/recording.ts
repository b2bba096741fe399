/** `npm run bench:recording`: what capturing a meeting costs, and how fast and how exactly it is put together. */
import { benchmark } from './lib/benchmark.js';
import { measureCapture } from './recording/capture.js';
import { measureCompose } from './recording/compose.js';

const options = {
  part: { default: 'all', among: ['all', 'capture', 'compose'], help: 'what is measured: all, capture or compose' },
  seconds: { default: 60, help: 'how long is captured' },
  compose: { default: 120, help: 'seconds of the meeting that is composed' },
  height: { default: 720, help: 'of the composed picture' },
  processes: { default: 2, help: 'pieces that are composed at once' },
} as const;

await benchmark('recording', options, async (run) => {
  const part = run.text('part');
  if (part !== 'compose') await measureCapture(run, { seconds: run.option('seconds') });
  if (part !== 'capture')
    await measureCompose(run, { seconds: run.option('compose'), height: run.option('height'), processes: run.option('processes') });
});
