/**
 * How fast a recording is put together, and how well sound and picture stay together: real media, packetized
 * by FFmpeg, captured as the product captures it, composed by the product's own step.
 */
import { EmbeddedServer } from '../../src/platform/database/embedded-server.js';
import { openDatabase } from '../../src/platform/database/index.js';
import { findFfmpeg } from '../../src/recording/compose/ffmpeg.js';
import { composeBeepFlash } from '../../tests/integration/recording/compose/beep-flash.js';
import { Captured } from '../../tests/integration/recording/compose/captured.js';
import { makeMedia } from '../../tests/integration/recording/compose/rtp-media.js';
import { testConfig, testLog } from '../../tests/support/config.js';
import { temporaryFolder } from '../../tests/support/temporary-folder.js';
import type { OptionTable, Run } from '../lib/benchmark.js';

export interface ComposeWish {
  /** Of the meeting that is composed. */
  readonly seconds: number;
  readonly height: number;
  /** Pieces that are composed at once. */
  readonly processes: number;
}

type AnyRun = Pick<Run<OptionTable>, 'value' | 'samples' | 'progress' | 'cleanup' | 'setting' | 'program' | 'notMeasured'>;

const tiles = 3;
/** Long enough for the clocks' speeds to be known. */
const clipSeconds = 120;

export async function measureCompose(run: AnyRun, { seconds, height, processes }: ComposeWish): Promise<void> {
  const folder = await temporaryFolder();
  run.cleanup(() => folder.remove());
  const server = await EmbeddedServer.start({
    dataDir: `${folder.path}/database`,
    connections: 10,
    applicationName: 'causeway bench',
    log: testLog(),
  });
  run.cleanup(() => server.stop());
  const database = await openDatabase({ config: testConfig({ DATABASE_URL: server.url() }), log: testLog() });
  run.cleanup(() => database.close());
  run.program('ffmpeg', await findFfmpeg());
  run.setting('compose_seconds', seconds);
  run.setting('compose_height', height);
  run.setting('compose_processes', processes);

  run.progress(`Making ${seconds} s of media for ${tiles} people …`);
  const camera = await makeMedia({ codec: 'vp8', source: `testsrc2=size=640x360:rate=30:duration=${seconds}`, keyEvery: 300 });
  const voice = await makeMedia({ codec: 'opus', source: voiceSource(seconds) });
  const meeting = await Captured.open(`${folder.path}/meeting`, seconds, database);
  for (let index = 0; index < tiles; index += 1) {
    const person = { name: `陳大文 ${index + 1}`, participant: `p${index}` };
    await meeting.track({ ...person, source: 'camera' }, camera, { from: index * 0.5 });
    await meeting.track({ ...person, source: 'microphone' }, voice, { from: index * 0.5 });
  }
  run.progress('Composing …');
  const cpu = process.resourceUsage();
  const begin = performance.now();
  await meeting.compose({ COMPOSE_HEIGHT: height, COMPOSE_PROCESSES: processes });
  const took = (performance.now() - begin) / 1_000;
  const used = process.resourceUsage();
  run.value('compose_speed_ratio', 'ratio', seconds / took, `Seconds of a meeting of ${tiles} cameras that are composed in one second.`);
  const own = (used.userCPUTime + used.systemCPUTime - cpu.userCPUTime - cpu.systemCPUTime) / 1e6;
  run.value(
    'compose_own_cpu_ratio',
    'ratio',
    own / took,
    'Processor time of the server itself meanwhile, in cores; FFmpeg runs beside it at low priority.',
  );

  await measureOffset(run, await Captured.open(`${folder.path}/clip`, clipSeconds + 4, database));
  run.notMeasured('disks and stores of blobs that are slower than this machine’s');
}

/** A clip that beeps and flashes at once; sound card and camera run apart by 0.2 %, forty times what devices do. */
async function measureOffset(run: AnyRun, clip: Captured): Promise<void> {
  run.progress('Composing a clip that beeps and flashes …');
  const pace = 1.002;
  const { offsets } = await composeBeepFlash(clip, {
    seconds: clipSeconds,
    sound: { from: 1, pace, jitter: 0.03, delay: 0.1 },
    picture: { from: 1, pace: 1, jitter: 0.03 },
  });
  const figure = run.samples('av_offset_ms', 'ms', 'Between a beep and the picture of its flash in the composed file, either way.');
  figure.add(...offsets.map((seconds) => seconds * 1_000));
}

/** Loud and quiet by turns, so that the floor changes. */
function voiceSource(seconds: number): string {
  return `aevalsrc='if(lt(mod(t,7),4),0.3*sin(2*PI*(200+50*sin(t))*t),0)':s=48000:d=${seconds}`;
}
