/**
 * The recorder process: captures what the server tells it to. A fault of it does not touch the meeting;
 * it is started again. When the server is gone it closes its files and ends.
 */
import { realDisk } from './disk.js';
import { type FromRecorder, recorderOptionsSchema, toRecorderSchema } from './recorder-calls.js';
import { RecorderCore } from './recorder-core.js';

const aliveEveryMs = 2_000;

const options = recorderOptionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const core = new RecorderCore(options, { disk: realDisk, tell });

// Ctrl-C and a service manager tell all processes of a group; the server says when it is time.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('message', (message) => {
  const said = toRecorderSchema.parse(message);
  core.hear(said);
  if (said.do === 'close') void core.close(said.at, true).then(() => process.disconnect());
});
process.once('disconnect', () => {
  // Harmless after a close.
  void core.close(Date.now(), false).then(() => process.exit());
});

await core.open();
tell({ is: 'ready' });
setInterval(() => tell({ is: 'alive' }), aliveEveryMs);

function tell(message: FromRecorder): void {
  // Nobody hears it when the server has just gone.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
