/** Puts the SFU core together: workers, rooms, figures. */
import { type types as mediasoup, setLogEventListeners } from 'mediasoup';
import type { Config } from '../config.js';
import { type Clock, systemClock } from '../platform/clock.js';
import type { Cluster } from '../platform/cluster/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Log } from '../platform/log.js';
import type { Metrics } from '../platform/metrics.js';
import { announcedAddresses } from './announced-addresses.js';
import { routerCapabilities } from './codecs.js';
import type { LocalPart } from './local-part.js';
import type { Media, MediaDescription, MediaRoom } from './media.js';
import { createMediaCounters, registerMediaGauges } from './media-metrics.js';
import { NodeParts } from './node-parts.js';
import type { NodePipesOptions } from './node-pipes.js';
import { RemotePart } from './remote-part.js';
import { Room, type RoomDeps, type RoomOptions } from './room.js';
import type { PartListener, RoomPart } from './room-part.js';
import { defaultPolicy, type StagePolicy } from './stage.js';
import { type TapSinks, tapPurposes } from './tap.js';
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
  | 'MEDIA_AUDIO_SLOTS'
  | 'MEDIA_AUDIO_DIRECT'
  | 'MEDIA_JOINS_PER_SECOND'
  | 'MEDIA_PIPE_IP'
  | 'MEDIA_PIPE_PORTS'
>;

/** About a third of what one core carries. */
const defaultGrowLoad = 150;

export interface MediaDeps {
  readonly config: MediaConfig;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The other nodes, whose workers carry rooms too. */
  readonly cluster?: Cluster;
  readonly clock?: Clock;
  readonly policy?: Partial<StagePolicy>;
  /** A room grows to another worker when it gives one this much to do: see `Resident.load`. */
  readonly growLoad?: number;
  /** A room whose worker died waits this long for another one before it is lost, milliseconds. */
  readonly reopenMs?: number;
  /** Who takes what is tapped on this node. */
  readonly taps?: TapSinks;
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
      announcedAddress: await announcedAddresses(config.MEDIA_ANNOUNCED_ADDRESS),
      workerBin: config.MEDIASOUP_WORKER_BIN,
      joinsPerSecond: config.MEDIA_JOINS_PER_SECOND,
    },
    { log, clock, onDeath: () => counters.deaths.inc() },
  );
  const media = new SfuMedia({ deps, log, clock, pool, counters });
  registerMediaGauges(metrics, { pool, parts: () => media.parts, rooms: media.rooms });
  return media;
}

interface SfuMediaOptions {
  readonly deps: MediaDeps;
  readonly log: Log;
  readonly clock: Clock;
  readonly pool: WorkerPool;
  readonly counters: ReturnType<typeof createMediaCounters>;
}

class SfuMedia implements Media {
  readonly rtpCapabilities: mediasoup.RtpCapabilities = routerCapabilities();
  /** Directed from here. */
  readonly rooms = new Map<string, Room>();
  readonly #parts: NodeParts;
  readonly #pool: WorkerPool;
  readonly #cluster: Cluster | null;
  readonly #roomOptions: Omit<RoomOptions, 'id'>;
  readonly #roomDeps: Omit<RoomDeps, 'onClosed' | 'openPart'>;
  #closed = false;

  constructor({
    deps: { config, cluster, policy, reopenMs, growLoad = defaultGrowLoad, taps = {} },
    log,
    clock,
    pool,
    counters,
  }: SfuMediaOptions) {
    this.#pool = pool;
    this.#cluster = cluster ?? null;
    const node = cluster?.nodeId ?? 'here';
    const stagePolicy = { ...defaultPolicy, ...policy };
    this.#roomOptions = {
      slots: config.MEDIA_AUDIO_SLOTS,
      directVoices: config.MEDIA_AUDIO_DIRECT,
      firstPictures: stagePolicy.firstPictures,
    };
    this.#roomDeps = { log, clock, node };
    this.#parts = new NodeParts(
      {
        node,
        policy: stagePolicy,
        slots: config.MEDIA_AUDIO_SLOTS,
        initialOutgoingBitrate: config.MEDIA_INITIAL_OUTGOING_KBPS * 1_000,
        maxIncomingBitrate: config.MEDIA_MAX_INCOMING_KBPS * 1_000,
        growLoad,
        reopenMs: reopenMs ?? 10_000,
      },
      {
        pool,
        log,
        clock,
        cluster: this.#cluster,
        taps,
        pipes: pipeOptions(config),
        onMoved: () => counters.moves.inc(),
        onLost: () => counters.losses.inc(),
        onPartEvent: (room, from, event) => this.rooms.get(room)?.hear(from, event),
      },
    );
    for (const purpose of tapPurposes) {
      taps[purpose]?.onRestarted(() => {
        for (const part of this.parts) part.sinkRestarted(purpose);
      });
    }
    this.#cluster?.on('gone', (gone) => {
      for (const room of [...this.rooms.values()]) room.nodeGone(gone);
    });
  }

  get parts(): LocalPart[] {
    return this.#parts.all;
  }

  async openRoom(id: string): Promise<MediaRoom> {
    if (this.#closed) throw new CausewayError('MEDIA_UNAVAILABLE');
    const room = new Room(
      { ...this.#roomOptions, id },
      {
        ...this.#roomDeps,
        openPart: (node, listener) => this.#openPart(id, node, listener),
        onClosed: (closed) => this.rooms.get(id) === closed && this.rooms.delete(id),
      },
    );
    this.rooms.set(id, room);
    try {
      const taken = await this.#takeOver(room);
      await room.begin();
      if (taken > 0) room.resume();
    } catch (error) {
      room.close();
      throw error;
    }
    if (this.#closed) {
      room.close();
      throw new CausewayError('MEDIA_UNAVAILABLE');
    }
    return room;
  }

  describe(): MediaDescription {
    const parts = this.parts.map((part) => part.counts);
    const sum = (name: 'consumers' | 'producers' | 'transports') => parts.reduce((total, counts) => total + counts[name], 0);
    return {
      workers: this.#pool.workers.map(({ pid, port, residents }) => ({ pid, port, rooms: residents.size })),
      load: this.#pool.workers.reduce((total, { cpu }) => total + cpu, 0) / Math.max(1, this.#pool.workers.length),
      consumers: sum('consumers'),
      producers: sum('producers'),
      transports: sum('transports'),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    // What other nodes have of these rooms lives on there, for the next director.
    for (const room of [...this.rooms.values()]) room.abandon();
    this.#parts.close();
    await this.#pool.close();
  }

  async #openPart(id: string, node: string, listener: PartListener): Promise<RoomPart> {
    if (node === this.#roomDeps.node) return this.#parts.open(id, node, listener);
    if (!this.#cluster) throw new CausewayError('MEDIA_UNAVAILABLE');
    await this.#cluster.call(node, 'media.openPart', { room: id });
    return new RemotePart(node, id, this.#cluster);
  }

  /** Parts of the room that another node directed before it was lost; gives how many there are. */
  async #takeOver(room: Room): Promise<number> {
    const { node } = this.#roomDeps;
    const here = this.#parts.take(room.id, node, (event) => room.hear(node, event));
    if (here) room.takeOver(here, here.face);
    const cluster = this.#cluster;
    const others = cluster ? cluster.nodes.filter(({ id }) => id !== node) : [];
    const taken = await Promise.all(
      others.map(async ({ id }) => {
        // A node that does not answer is gone, and its part with it.
        const face = await cluster?.call(id, 'media.takePart', { room: room.id }).catch(() => null);
        if (cluster && face) room.takeOver(new RemotePart(id, room.id, cluster), face);
        return Number(Boolean(face));
      }),
    );
    return taken.reduce((sum, one) => sum + one, Number(here !== undefined));
  }
}

function pipeOptions({ MEDIA_PIPE_IP, MEDIA_LISTEN_IP, MEDIA_PIPE_PORTS }: MediaConfig): NodePipesOptions {
  const anyAddress = MEDIA_LISTEN_IP === '0.0.0.0' || MEDIA_LISTEN_IP === '::';
  const [min = 0, max = 0] = MEDIA_PIPE_PORTS.split('-').map(Number);
  return { ip: MEDIA_PIPE_IP ?? (anyAddress ? '127.0.0.1' : MEDIA_LISTEN_IP), ports: { min, max } };
}

/** mediasoup's own lines; there is one sink for the whole process. Its debug lines are one for each request, so they are traces here. */
function logMediasoup(log: Log): void {
  setLogEventListeners({
    ...(log.isLevelEnabled('trace') && { ondebug: (part, line) => log.trace({ mediasoup: part }, line) }),
    onwarn: (part, line) => log.debug({ mediasoup: part }, line),
    onerror: (part, line, error) => log.warn({ mediasoup: part, err: error }, line),
  });
}
