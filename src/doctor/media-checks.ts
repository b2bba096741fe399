/** Media: the worker, the addresses that browsers send to, FFmpeg. */
import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import * as mediasoup from 'mediasoup';
import { type Check, ok, reasonOf, warning, wrong } from './check.js';

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

export const addressCheck: Check = {
  name: 'Media address',
  async look({ config }) {
    const announced = config.MEDIA_ANNOUNCED_ADDRESS;
    if (announced !== undefined) {
      try {
        const { address } = await lookup(announced);
        return ok(`${announced}${address === announced ? '' : ` (${address})`} is announced to browsers`);
      } catch (error) {
        return wrong(`${announced} has no address (${reasonOf(error)})`, 'Correct CAUSEWAY_MEDIA_ANNOUNCED_ADDRESS.');
      }
    }
    if (config.MEDIA_LISTEN_IP !== '0.0.0.0' && config.MEDIA_LISTEN_IP !== '::')
      return ok(`${config.MEDIA_LISTEN_IP}, as CAUSEWAY_MEDIA_LISTEN_IP says`);
    const own = Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).filter(({ internal, family }) => !internal && family === 'IPv4'),
    );
    const found = own.map(({ address }) => address).join(', ');
    const advice =
      'For people outside this network set CAUSEWAY_MEDIA_ANNOUNCED_ADDRESS to the public address (docs/operations/firewall.md).';
    return own.length === 0
      ? warning('only this machine itself can take part: it has no other address', advice)
      : ok(`found ${found}`, advice);
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
