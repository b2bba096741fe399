/** Many microphones are on, one after the other speaks: how soon is a new voice heard by the others? */
import { setTimeout as delay } from 'node:timers/promises';
import type { AttendeeSettings } from '../attendee.js';
import { Crowd } from '../crowd.js';
import type { MediaRun } from '../options.js';
import { Product } from '../product.js';

const settleMs = 3_000;
const speechMs = 1_500;
const pauseMs = 700;
const patienceMs = 3_000;
const joinsPerSecond = 25;
const microphone = { frameMs: 20, bitsPerSecond: 32_000 };

export async function measureAudio(run: MediaRun): Promise<void> {
  const people = run.option('people');
  const speakers = run.option('speakers');
  run.progress('Starting the product …');
  const product = await Product.start({ workers: run.option('workers'), kind: 'meeting' });
  run.cleanup(() => product.close());
  // The senders listen too: all are in one process.
  const crowd = new Crowd(0);
  run.cleanup(async () => crowd.close());

  run.progress(`${people} people join with their microphones on …`);
  const ways = [product.host, ...(await product.guests(Array.from({ length: people - 1 }, (_, at) => `Voice ${at + 2}`)))];
  for (const [at, way] of ways.entries()) {
    const settings: AttendeeSettings = { number: at + 1, microphone: { ...microphone, speaking: at < speakers }, listens: true };
    await Promise.all([crowd.open(settings, way), delay(1_000 / joinsPerSecond)]);
  }
  await delay(settleMs);
  await crowd.mark();

  const heard = run.samples(
    'voice_heard_ms',
    'ms',
    'From the first packet of a voice that begins to speak to the first packet with it at each of the others.',
  );
  const clipped = run.samples(
    'voice_clipped_ms',
    'ms',
    'How much of the beginning of the voice is missing: the time between its first packet and the first that arrived.',
  );
  let unheard = 0;
  const begin = performance.now();
  for (let turn = 0; turn < run.option('turns'); turn += 1) {
    const speaker = speakers + 1 + (turn % (people - speakers));
    await crowd.awaitVoice(speaker);
    const began = await crowd.speak(speaker, true);
    const deadline = performance.now() + patienceMs;
    await delay(speechMs);
    let voices = await crowd.voices();
    while (voices.length < people - 1 && performance.now() < deadline) {
      await delay(100);
      voices = await crowd.voices();
    }
    unheard += people - 1 - voices.length;
    heard.add(...voices.map(({ at }) => (at - began) / 1_000));
    clipped.add(...voices.map(({ sentAt }) => (sentAt - began) / 1_000));
    run.progress(`Turn ${turn + 1} of ${run.option('turns')}: ${voices.length} of ${people - 1} hear number ${speaker}`);
    await crowd.speak(speaker, false);
    await delay(pauseMs);
  }
  const { packets, lost, troubles } = await crowd.read();
  run.value(
    'voice_unheard',
    'count',
    unheard,
    `Of ${run.option('turns') * (people - 1)} times that somebody should have heard a new voice within ${patienceMs / 1_000} s.`,
  );
  run.value(
    'packets_per_second',
    'per_second',
    packets / ((performance.now() - begin) / 1_000),
    'Packets of sound that the server delivered.',
  );
  run.value('loss_ratio', 'ratio', lost / (lost + packets), 'Packets that did not arrive, by the gaps in the numbers.');
  const consumers = await product.metric('causeway_media_consumers');
  if (consumers !== undefined)
    run.value('consumers', 'count', consumers, `Streams that the server sends; all to all would be ${people * (people - 1)}.`);
  for (const trouble of new Set(troubles)) run.progress(`  trouble: ${trouble}`);
  run.notMeasured('voices of people: level and beginning of the generated ones are those of a switch');
}
