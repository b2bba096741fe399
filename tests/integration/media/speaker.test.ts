import { setInterval } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Floor } from '../../../src/media/floor.js';
import { MediaWorker } from '../../../src/media/media-worker.js';
import { SpeakerWatch } from '../../../src/media/speaker-watch.js';
import { waitFor } from '../../support/index.js';
import { microphoneParameters } from '../../unit/media/parameters.js';
import { Microphone } from './microphone.js';

let worker: MediaWorker;

beforeAll(async () => {
  worker = await MediaWorker.start({
    listenIp: '127.0.0.1',
    announcedAddress: undefined,
    port: 0,
    workerBin: process.env.MEDIASOUP_WORKER_BIN,
    joinsPerSecond: 100,
  });
});
afterAll(() => worker.close());

test('who speaks is named, then who speaks next, then nobody', async () => {
  const peers = new Map<string, string>();
  const said: (string | null)[] = [];
  const watch = new SpeakerWatch({ onChange: (peerId) => said.push(peerId) });
  const floor = await Floor.open({
    worker,
    initialOutgoingBitrate: 1_000_000,
    maxIncomingBitrate: 1_000_000,
    onVolumes: (_, volumes) => {
      if (volumes.length === 0) watch.silence();
      else watch.heard(volumes.flatMap(({ producerId }) => peers.get(producerId) ?? []));
    },
    onDominant: (producerId) => watch.dominant(peers.get(producerId) ?? ''),
    onDied: () => undefined,
  });
  const transport = await floor.router.createDirectTransport();
  const microphone = async (peerId: string) => {
    const producer = await transport.produce({ kind: 'audio', rtpParameters: microphoneParameters() });
    peers.set(producer.id, peerId);
    await floor.observe(producer);
    return new Microphone(producer);
  };
  const [anna, ben] = [await microphone('anna'), await microphone('ben')];
  const stop = new AbortController();
  const sending = (async () => {
    for await (const _ of setInterval(20, undefined, { signal: stop.signal })) {
      anna.send();
      ben.send();
    }
  })().catch(() => undefined);

  anna.level = -20;
  await waitFor(() => said.at(-1) === 'anna', 'anna is named');
  anna.level = -127;
  ben.level = -20;
  await waitFor(() => said.at(-1) === 'ben', 'ben is named');
  ben.level = -127;
  await waitFor(() => said.at(-1) === null, 'nobody is named');

  ben.level = -20;
  await waitFor(() => said.at(-1) === 'ben', 'ben is named again');
  await ben.producer.pause();
  watch.gone('ben');
  expect(said.at(-1)).toBe(null);

  stop.abort();
  await sending;
  watch.close();
  floor.close();
});
