/** One media worker: a process of mediasoup on one core, with the one port that all its transports share. */
import { networkInterfaces } from 'node:os';
import { createWorker, type types as mediasoup } from 'mediasoup';
import { describePortHolder } from '../platform/port-holder.js';
import { freePort } from './free-port.js';
import { type ListenOptions, listenInfos } from './listen-infos.js';
import { Turns } from './turns.js';

export interface MediaWorkerOptions extends Omit<ListenOptions, 'port'> {
  /** 0: any free one. */
  readonly port: number;
  readonly workerBin: string | undefined;
  readonly joinsPerSecond: number;
}

/** What lives on a worker and has to be told when it dies. */
export interface Resident {
  /** How much of the worker it takes, in consumers. */
  readonly load: number;
  workerDied(): void;
}

/** mediasoup's own figure: about this many consumers keep one core busy. */
const consumersOfOneCore = 500;
const freePortAttempts = 20;
const closeMs = 2_000;

export class MediaWorker {
  /** Peers that join at once are taken one after the other, so that those who are in are not disturbed. */
  readonly joins: Turns;
  readonly residents = new Set<Resident>();
  /** Share of one core since the last sample. */
  cpu = 0;
  #sampled: { readonly at: number; readonly cpuMs: number } | undefined;

  private constructor(
    readonly process: mediasoup.Worker,
    readonly server: mediasoup.WebRtcServer,
    readonly port: number,
    joinsPerSecond: number,
  ) {
    this.joins = new Turns(joinsPerSecond);
  }

  /** @throws Error with a sentence that names the port and its setting, when the port is taken. */
  static async start(options: MediaWorkerOptions): Promise<MediaWorker> {
    const worker = await startProcess(options.workerBin);
    try {
      const { server, port } = await listen(worker, options);
      return new MediaWorker(worker, server, port, options.joinsPerSecond);
    } catch (error) {
      worker.close();
      throw error;
    }
  }

  get pid(): number {
    return this.process.pid;
  }

  /** For placement: what is here already, and what the core says. */
  get load(): number {
    let load = 0;
    for (const resident of this.residents) load += resident.load;
    return Math.max(load, this.cpu * consumersOfOneCore);
  }

  /** Rejects when the worker is gone. */
  async sample(now: number): Promise<void> {
    const usage = await this.process.getResourceUsage();
    const cpuMs = usage.ru_utime + usage.ru_stime;
    const before = this.#sampled;
    this.#sampled = { at: now, cpuMs };
    if (before && now > before.at) this.cpu = (cpuMs - before.cpuMs) / (now - before.at);
  }

  /** Resolves when the process has ended and its port is free. */
  async close(): Promise<void> {
    if (this.process.subprocessClosed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => killProcess(this.pid), closeMs);
      this.process.once('subprocessclose', () => {
        clearTimeout(timer);
        resolve();
      });
      this.process.close();
    });
  }

  /** For a worker that hangs: it then dies like any other. */
  kill(): void {
    if (!this.process.closed) killProcess(this.pid);
  }
}

/**
 * mediasoup closes its workers by itself at SIGINT and SIGTERM. Causeway drains first, and closes
 * them when nobody is in a room any more, so these listeners are taken away again.
 */
async function startProcess(workerBin: string | undefined): Promise<mediasoup.Worker> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  const starting = createWorker({ logLevel: 'warn', ...(workerBin !== undefined && { workerBin }) });
  signals.forEach((signal, index) => {
    for (const listener of process.listeners(signal)) {
      if (!before[index]?.has(listener)) process.removeListener(signal, listener);
    }
  });
  return starting;
}

async function listen(worker: mediasoup.Worker, options: MediaWorkerOptions): Promise<{ server: mediasoup.WebRtcServer; port: number }> {
  const attempts = options.port === 0 ? freePortAttempts : 1;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port || (await freePort(options.listenIp));
    try {
      const server = await worker.createWebRtcServer({ listenInfos: listenInfos({ ...options, port }, networkInterfaces()) });
      return { server, port };
    } catch (error) {
      if (attempt >= attempts) throw await listenError(error, port);
    }
  }
}

async function listenError(error: unknown, port: number): Promise<Error> {
  const reason = error instanceof Error ? error.message : String(error);
  if (/address already in use/.test(reason)) {
    const holder = (await describePortHolder(port, 'udp')) ?? (await describePortHolder(port, 'tcp')) ?? 'another program';
    return new Error(`Media port ${port} is taken by ${holder}. Free it, or set CAUSEWAY_MEDIA_PORT to another first port.`, {
      cause: error,
    });
  }
  return new Error(`Media port ${port} can't be opened (${reason}). See CAUSEWAY_MEDIA_PORT and CAUSEWAY_MEDIA_LISTEN_IP.`, {
    cause: error,
  });
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
