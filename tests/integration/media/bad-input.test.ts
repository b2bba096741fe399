import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMedia, type Media, parseDtlsParameters, parseRtpCapabilities, parseRtpParameters } from '../../../src/media/index.js';
import { CausewayError } from '../../../src/platform/errors.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import { testConfig, testLog } from '../../support/index.js';
import { cameraParameters, dtlsParameters, microphoneParameters } from '../../unit/media/parameters.js';
import { Page } from './page.js';
import { WorkerView } from './worker-view.js';

let view: WorkerView;
let media: Media;

beforeAll(async () => {
  view = new WorkerView();
  media = await createMedia({
    config: testConfig({ MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN }),
    log: testLog(),
    metrics: createMetrics(),
  });
});
afterAll(async () => {
  await media.close();
  view.stop();
});

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const strange = fc.oneof(
  fc.constantFrom<Json>(
    null,
    '',
    0,
    -1,
    1,
    127,
    255,
    65_535,
    2 ** 31,
    2 ** 32 - 1,
    1e308,
    true,
    [],
    {},
    'video/rtx',
    'audio/opus',
    'L3T3_KEY',
    'S9T9',
    '\u0000',
    '\ud800',
  ),
  fc.string({ maxLength: 12 }),
  fc.integer(),
);

/** A text like those that pages send, with a few places replaced, left out or doubled. */
function mutated(original: unknown): fc.Arbitrary<string> {
  const steps = fc.array(fc.tuple(fc.nat(), fc.constantFrom('replace', 'remove', 'double'), strange), { minLength: 1, maxLength: 4 });
  return steps.map((list) => {
    const copy: unknown = structuredClone(original);
    for (const [at, how, value] of list) {
      const places: [Record<string, unknown>, string][] = [];
      collect(copy, places);
      const place = places[at % places.length];
      if (!place) continue;
      const [parent, key] = place;
      if (how === 'replace') parent[key] = value;
      else if (how === 'remove') delete parent[key];
      else if (Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
    }
    return JSON.stringify(copy);
  });
}

function collect(value: unknown, places: [Record<string, unknown>, string][]): void {
  if (!isParent(value)) return;
  for (const key of Object.keys(value)) {
    places.push([value, key]);
    collect(value[key], places);
  }
}

function isParent(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const settle = async (act: () => Promise<unknown>): Promise<void> => {
  try {
    await act();
  } catch (error) {
    expect(error).toBeInstanceOf(CausewayError);
    if (error instanceof CausewayError) expect(error.code).toMatch(/^MEDIA_/);
  }
};

test('whatever a page sends, the worker lives, goes on working, and has nothing left of what was refused', async () => {
  const room = await media.openRoom('room');
  const pid = media.describe().workers[0]?.pid;
  const ben = await new Page(room, 'ben', media.rtpCapabilities).join();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(mutated(cameraParameters()), mutated(microphoneParameters())),
      mutated(media.rtpCapabilities),
      mutated(dtlsParameters()),
      async (rtpText, capabilitiesText, dtlsText) => {
        await settle(async () => {
          const anna = await new Page(room, 'anna', parseRtpCapabilities(capabilitiesText)).join();
          expect(anna.faults).toEqual([]);
        });
        const anna = await new Page(room, 'anna', media.rtpCapabilities).join();
        await settle(() => room.connectTransport('anna', anna.offer.receive.id, parseDtlsParameters(dtlsText)));
        await settle(() => anna.send('camera', parseRtpParameters(rtpText)));
        await settle(() => anna.send('microphone', parseRtpParameters(rtpText)));
        await room.setView('ben', []);
        const { producers, consumers, transports } = media.describe();
        expect(await view.counts()).toEqual({ producers, consumers, transports });
        anna.leave();
        await room.setView('ben', []);
        expect(media.describe()).toMatchObject({ producers: 0, consumers: 0, transports: 2, workers: [{ pid }] });
        room.removeAllListeners();
      },
    ),
    // FUZZ_RUNS=5000 looks further.
    { numRuns: Number(process.env.FUZZ_RUNS ?? 200) },
  );
  expect(await view.counts()).toEqual({ transports: 2, producers: 0, consumers: 0 });
  ben.leave();
  room.close();
});
