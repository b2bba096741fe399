/** Puts the SFU core together: workers, rooms, figures. */
import { type types as mediasoup, setLogEventListeners } from 'mediasoup';
import type { Config } from '../config.js';
import { type Clock, systemClock } from '../platform/clock.js';
import type { Cluster } from '../platform/cluster/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Log } from '../platform/log.js';
import type { Metrics } from '../platform/metrics.js';
import { routerCapabilities } from './codecs.js';
import type { Media, MediaDescription, MediaRoom } from './media.js';
import { createMediaCounters, registerMediaGauges } from './media-metrics.js';
import { Room, type RoomDeps, type RoomOptions } from './room.js';
import { defaultPolicy, type StagePolicy } from './stage.js';
import { WorkerPool } from './worker-pool.js';

export type MediaConfig = Pick<
  Config,
  | 'MEDIA_WORKERS'
  | 'MEDIA_PORT'
  | 'MEDIA_LISTEN_IP'
  | 'MEDIA_ANNOUNCED_ADDRESS'
  | 'MEDIASOUP_WORKER_BIN'
  | 'MEDIA_MAX_INCOMING_KBPS'
  | 'MEDIA_INITIAL_OUTGOING_KBPS'
>;

export interface MediaDeps {
  readonly config: MediaConfig;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The other nodes, whose workers carry rooms too. */
  readonly cluster?: Cluster;
  readonly clock?: Clock;
  readonly policy?: Partial<StagePolicy>;
  /** A room whose worker died waits this long for another one before it is lost, milliseconds. */
  readonly reopenMs?: number;
}

/** @throws Error with a sentence for the operator, when a worker can't start or its port is taken. */
export async function createMedia(deps: MediaDeps): Promise<Media> {
  const { config, metrics, clock = systemClock } = deps;
  const log = deps.log.child({ part: 'media' });
  logMediasoup(log);
  const counters = createMediaCounters(metrics);
  const pool = await WorkerPool.start(
    {
      count: config.MEDIA_WORKERS,
      firstPort: config.MEDIA_PORT,
      listenIp: config.MEDIA_LISTEN_IP,
      announcedAddress: config.MEDIA_ANNOUNCED_ADDRESS,
      workerBin: config.MEDIASOUP_WORKER_BIN,
    },
    { log, clock, onDeath: () => counters.deaths.inc() },
  );
  const media = new SfuMedia(
    {
      reopenMs: deps.reopenMs ?? 10_000,
      policy: { ...defaultPolicy, ...deps.policy },
      initialOutgoingBitrate: config.MEDIA_INITIAL_OUTGOING_KBPS * 1_000,
      maxIncomingBitrate: config.MEDIA_MAX_INCOMING_KBPS * 1_000,
    },
    { pool, log, clock, onMoved: () => counters.moves.inc(), onLost: () => counters.losses.inc() },
  );
  registerMediaGauges(metrics, { pool, rooms: media.rooms });
  return media;
}

class SfuMedia implements Media {
  readonly rtpCapabilities: mediasoup.RtpCapabilities = routerCapabilities();
  readonly rooms = new Set<Room>();
  readonly #options: Omit<RoomOptions, 'id'>;
  readonly #deps: Omit<RoomDeps, 'onClosed'>;
  #closed = false;

  constructor(options: Omit<RoomOptions, 'id'>, deps: Omit<RoomDeps, 'onClosed'>) {
    this.#options = options;
    this.#deps = deps;
  }

  async openRoom(id: string): Promise<MediaRoom> {
    if (this.#closed) throw new CausewayError('MEDIA_UNAVAILABLE');
    const room = await Room.open({ ...this.#options, id }, { ...this.#deps, onClosed: (closed) => this.rooms.delete(closed) });
    if (this.#closed) {
      room.close();
      throw new CausewayError('MEDIA_UNAVAILABLE');
    }
    this.rooms.add(room);
    return room;
  }

  describe(): MediaDescription {
    const rooms = [...this.rooms].map((room) => room.counts);
    const sum = (name: 'consumers' | 'producers' | 'transports') => rooms.reduce((total, counts) => total + counts[name], 0);
    return {
      workers: this.#deps.pool.workers.map(({ pid, port, residents }) => ({ pid, port, rooms: residents.size })),
      consumers: sum('consumers'),
      producers: sum('producers'),
      transports: sum('transports'),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const room of [...this.rooms]) room.close();
    await this.#deps.pool.close();
  }
}

/** mediasoup's own lines; there is one sink for the whole process. Its debug lines are one for each request, so they are traces here. */
function logMediasoup(log: Log): void {
  setLogEventListeners({
    ...(log.isLevelEnabled('trace') && { ondebug: (part, line) => log.trace({ mediasoup: part }, line) }),
    onwarn: (part, line) => log.debug({ mediasoup: part }, line),
    onerror: (part, line, error) => log.warn({ mediasoup: part, err: error }, line),
  });
}
