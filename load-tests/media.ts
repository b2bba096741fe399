/**
 * `npm run bench:media -- --scenario livestream|meeting|audio|pipe|churn`: what forwarding sound and
 * pictures costs, with generated people who speak ICE, DTLS and SRTP to the built server, and to a
 * bare mediasoup script beside it. How to read the figures: load-tests/README.md.
 */
import { benchmark } from './lib/benchmark.js';
import { type MediaRun, mediaOptions, scenarios } from './media/options.js';
import { measureAudio } from './media/scenarios/audio.js';
import { measureChurn } from './media/scenarios/churn.js';
import { measureLivestream } from './media/scenarios/livestream.js';
import { measureMeeting } from './media/scenarios/meeting.js';
import { measurePipe } from './media/scenarios/pipe.js';

const measure: Readonly<Record<(typeof scenarios)[number], (run: MediaRun) => Promise<void>>> = {
  livestream: measureLivestream,
  meeting: measureMeeting,
  audio: measureAudio,
  pipe: measurePipe,
  churn: measureChurn,
};

await benchmark('media', mediaOptions, async (run) => {
  const scenario = scenarios.find((name) => name === run.text('scenario')) ?? 'livestream';
  run.scenario(scenario);
  await measure[scenario](run);
});
