/**
 * What capturing a meeting costs: four people with cameras in three layers and microphones, one of them
 * shares a screen; the product's own media core and recorder, as they are built, and nobody who watches.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createMedia, type MediaRoom, type TapWish } from '../../src/media/index.js';
import { type BlobStore, openBlobs } from '../../src/platform/blobs/index.js';
import { openBus } from '../../src/platform/bus/index.js';
import { systemClock } from '../../src/platform/clock.js';
import { openCluster } from '../../src/platform/cluster/index.js';
import { EmbeddedServer } from '../../src/platform/database/embedded-server.js';
import { type Database, openDatabase } from '../../src/platform/database/index.js';
import { newId } from '../../src/platform/ids.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { packageRoot } from '../../src/platform/package-root.js';
import type { Recording } from '../../src/recording/recording.js';
import { testConfig, testLog } from '../../tests/support/config.js';
import { insertOffice, insertRecording } from '../../tests/support/recording-rows.js';
import { temporaryFolder } from '../../tests/support/temporary-folder.js';
import type { OptionTable, Run } from '../lib/benchmark.js';
import { Attendee } from '../media/attendee.js';
import { Pacer } from '../media/pacer.js';
import { cpuSeconds, residentBytes } from '../media/process-usage.js';
import { Tally } from '../media/tally.js';
import { slope } from '../media/trend.js';
import type { VideoSettings } from '../media/video-source.js';
import { makeCertificate } from '../media/wire/certificate.js';
import { RoomEntrance } from './room-entrance.js';

export interface CaptureWish {
  /** How long is measured. */
  readonly seconds: number;
}

type AnyRun = Pick<Run<OptionTable>, 'value' | 'samples' | 'progress' | 'cleanup' | 'setting' | 'notMeasured'>;

const people = 4;
const voice = { frameMs: 20, bitsPerSecond: 32_000, speaking: true };
const camera: VideoSettings = {
  framesPerSecond: 30,
  layers: [
    { width: 320, height: 180, bitsPerSecond: 150_000 },
    { width: 640, height: 360, bitsPerSecond: 500_000 },
    { width: 1280, height: 720, bitsPerSecond: 1_500_000 },
  ],
};
const screen: VideoSettings = { framesPerSecond: 15, layers: [{ width: 1920, height: 1080, bitsPerSecond: 1_500_000 }] };
/** Caches fill and code is compiled. */
const warmSeconds = 10;
const lookEveryMs = 1_000;

export async function measureCapture(run: AnyRun, { seconds }: CaptureWish): Promise<void> {
  run.setting('capture_seconds', seconds);
  run.progress('Starting PostgreSQL, a media worker and the recorder …');
  const folder = await temporaryFolder();
  run.cleanup(() => folder.remove());
  const server = await EmbeddedServer.start({
    dataDir: `${folder.path}/database`,
    connections: 10,
    applicationName: 'causeway bench',
    log: testLog(),
  });
  run.cleanup(() => server.stop({ evenIfUsed: true }));
  const config = testConfig({
    DATABASE_URL: server.url(),
    DATA_DIR: folder.path,
    RECORDING_SPOOL_MIN_FREE_MB: 1,
    MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
  });
  const log = testLog();
  const database = await openDatabase({ config, log });
  run.cleanup(() => database.close());
  const blobs: BlobStore = await openBlobs(config, log);
  const cluster = await openCluster({
    bus: await openBus(config, log),
    config,
    log,
    face: () => ({ mediaLoad: 0, gatewayUrl: '', draining: false }),
  });
  // As it runs: compiled, and its process without a loader.
  const built: typeof import('../../src/recording/capture/index.js') = await import(
    pathToFileURL(`${packageRoot}/dist/recording/capture/index.js`).href
  );
  const recorder = new built.Recorder({ config, database, blobs, cluster, clock: systemClock, log, metrics: createMetrics() });
  run.cleanup(() => recorder.close());
  const media = await createMedia({ config, log, metrics: createMetrics(), taps: { capture: recorder } });
  run.cleanup(() => media.close());
  const room = await media.openRoom('bench');
  const pacer = new Pacer();
  const producers = await fill(run, room, pacer);

  const worker = media.describe().workers[0]?.pid ?? 0;
  run.progress('Nobody is recorded …');
  await delay(warmSeconds * 1_000);
  const idle = await usage([worker], seconds / 2);

  const recording = await insertRecording(database, { orgId: await insertOffice(database) });
  room.setTaps(producers.map((producerId) => wishFor(producerId, recording)));
  run.progress(`Recording for ${seconds} s …`);
  await delay(warmSeconds * 1_000);
  const recorderPid = recorder.pid ?? 0;
  const memory = run.samples('capture_memory_bytes', 'bytes', 'Resident memory of the recorder process, each second.');
  const points: { x: number; y: number }[] = [];
  const begin = performance.now();
  const before = [await cpuSeconds([recorderPid]), await cpuSeconds([worker])] as const;
  while (performance.now() - begin < seconds * 1_000) {
    await delay(lookEveryMs);
    const bytes = await residentBytes(recorderPid);
    memory.add(bytes);
    points.push({ x: (performance.now() - begin) / 1_000, y: bytes });
  }
  const took = (performance.now() - begin) / 1_000;
  const [recorderSeconds, workerSeconds] = [(await cpuSeconds([recorderPid])) - before[0], (await cpuSeconds([worker])) - before[1]];
  room.setTaps([]);
  await recorder.seal({ orgId: recording.orgId, id: recording.id });
  const { packets, bytes, lost } = await captured(database, recording.id);
  const whole = took + warmSeconds;

  run.value(
    'capture_core_ratio',
    'ratio',
    recorderSeconds / took,
    'CPU of the recorder process, of one core. 4 cameras, 4 microphones, a screen.',
  );
  run.value('capture_cpu_us_per_packet', 'us', (recorderSeconds / took / (packets / whole)) * 1_000_000, 'The same by packets.');
  run.value('capture_packets_per_second', 'per_second', packets / whole, 'That were written.');
  run.value('capture_bytes_per_second', 'bytes', bytes / whole, 'Of the logs, with their heads.');
  run.value('capture_lost', 'count', lost, 'Packets that are missing.');
  run.value(
    'tap_worker_core_ratio',
    'ratio',
    Math.max(0, workerSeconds / took - idle),
    'What the media worker uses more than before it was tapped. Before, layers that nobody shows were not sent.',
  );
  const second = points.slice(Math.floor(points.length / 2));
  if (second.length >= 2)
    run.value(
      'capture_memory_growth_bytes_per_minute',
      'bytes',
      slope(second) * 60,
      'Slope of the second half, by least squares. The heap of a JavaScript process moves by megabytes: of a short run it means nothing.',
    );
  run.notMeasured('capture on a disk that others write to');
}

/** Everybody sends; gives the producers. */
async function fill(run: AnyRun, room: MediaRoom, pacer: Pacer): Promise<string[]> {
  const certificate = makeCertificate();
  const producers: string[] = [];
  const join = async (number: number, settings: { camera?: VideoSettings; microphone?: typeof voice }, picture: 'camera' | 'screen') => {
    const attendee = new Attendee(
      { number, ...settings },
      {
        entrance: new RoomEntrance({ room, peerId: `person-${number}`, picture }),
        certificate,
        clips: [],
        tally: new Tally(),
        pacer,
        onVoice: () => undefined,
        onTrouble: ({ message }) => run.progress(message),
      },
    );
    run.cleanup(() => attendee.close());
    const { cameraId, microphoneId } = await attendee.join();
    producers.push(...[cameraId, microphoneId].flatMap((id) => id ?? []));
  };
  run.cleanup(async () => pacer.close());
  for (let number = 1; number <= people; number += 1) await join(number, { camera, microphone: voice }, 'camera');
  await join(people + 1, { camera: screen }, 'screen');
  return producers;
}

function wishFor(producerId: string, { orgId, id, meetingId }: Pick<Recording, 'orgId' | 'id' | 'meetingId'>): TapWish {
  return {
    producerId,
    purpose: 'capture',
    context: { recordingId: id, orgId, meetingId, personId: newId(), personName: 'P', participantId: newId(), language: 'en' },
  };
}

/** Of one core. */
async function usage(pids: readonly number[], seconds: number): Promise<number> {
  const [begin, before] = [performance.now(), await cpuSeconds(pids)];
  await delay(seconds * 1_000);
  return (((await cpuSeconds(pids)) - before) * 1_000) / (performance.now() - begin);
}

async function captured(database: Database, recordingId: string): Promise<{ packets: number; bytes: number; lost: number }> {
  const [row] = await database.query<{ packets: number; bytes: number; lost: number }>(
    `select sum(packets)::float8 as packets, sum(bytes)::float8 as bytes,
       coalesce(sum((select sum((gap->>'packets')::int) from jsonb_array_elements(gaps) gap)), 0)::float8 as lost
     from recording_tracks where recording_id = $1`,
    [recordingId],
  );
  return row ?? { packets: 0, bytes: 0, lost: 0 };
}
