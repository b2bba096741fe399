/** Programs for media: the worker, FFmpeg. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as mediasoup from 'mediasoup';
import { type Check, ok, reasonOf, wrong } from './check.js';

export const workerCheck: Check = {
  name: 'Media worker',
  async look({ config }) {
    const place = config.MEDIASOUP_WORKER_BIN ?? 'the one in node_modules/mediasoup';
    try {
      const worker = await mediasoup.createWorker({
        logLevel: 'none',
        ...(config.MEDIASOUP_WORKER_BIN !== undefined && { workerBin: config.MEDIASOUP_WORKER_BIN }),
      });
      await worker.dump();
      worker.close();
      return ok(`mediasoup ${mediasoup.version} starts (${place}); ${config.MEDIA_WORKERS} will run`);
    } catch (error) {
      const advice = 'npm start (or npm run build) fetches or builds one; MEDIASOUP_WORKER_BIN names one of your own.';
      return wrong(`mediasoup ${mediasoup.version}: ${place} does not start (${reasonOf(error)})`, advice);
    }
  },
};

export const ffmpegCheck: Check = {
  name: 'FFmpeg',
  async look() {
    const program = process.env.FFMPEG_PATH ?? 'ffmpeg';
    try {
      const { stdout } = await promisify(execFile)(program, ['-version'], { timeout: 10_000 });
      return ok(`${/^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'of unknown version'} (${program})`);
    } catch {
      return ok(`${program} not found; nothing needs it yet (recordings will)`);
    }
  },
};
