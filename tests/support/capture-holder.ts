/** A server process for tests: captures one track, says by which port and process, and is killed by the test. */
import { z } from 'zod';
import { openBlobs } from '../../src/platform/blobs/index.js';
import { openBus } from '../../src/platform/bus/index.js';
import { systemClock } from '../../src/platform/clock.js';
import { openCluster } from '../../src/platform/cluster/index.js';
import { openDatabase } from '../../src/platform/database/index.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { Recorder } from '../../src/recording/capture/index.js';
import { testConfig, testLog } from './config.js';

const streamSchema = z.object({
  id: z.string(),
  source: z.enum(['microphone', 'camera', 'screen', 'screen-audio']),
  context: z.record(z.string(), z.string()),
  ssrc: z.number(),
  payloadType: z.number(),
  mimeType: z.string(),
  clockRate: z.number(),
  channels: z.number(),
});
const [databaseUrl = '', folder = '', stream = ''] = process.argv.slice(2);
const config = testConfig({ DATABASE_URL: databaseUrl, DATA_DIR: folder, RECORDING_SPOOL_MIN_FREE_MB: 1 });
const log = testLog();
const recorder = new Recorder({
  config,
  database: await openDatabase({ config, log }),
  blobs: await openBlobs(config, log),
  cluster: await openCluster({
    bus: await openBus(config, log),
    config,
    log,
    face: () => ({ mediaLoad: 0, gatewayUrl: '', draining: false }),
  }),
  clock: systemClock,
  log,
  metrics: createMetrics(),
});
const { port } = await recorder.begin({ ...streamSchema.parse(JSON.parse(stream)), requestKeyFrame: () => undefined });
process.stdout.write(`${JSON.stringify({ port, recorder: recorder.pid })}\n`);
