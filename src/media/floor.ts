/**
 * What a room has in one worker: a router, the observers of who speaks there, and what is piped to
 * it. It ends with the worker.
 */
import { randomUUID } from 'node:crypto';
import type { types as mediasoup } from 'mediasoup';
import { mediaCodecs } from './codecs.js';
import { Inflows } from './inflows.js';
import type { MediaWorker, Resident } from './media-worker.js';

export interface FloorOptions {
  readonly worker: MediaWorker;
  readonly initialOutgoingBitrate: number;
  readonly maxIncomingBitrate: number;
  readonly onVolumes: (floor: Floor, volumes: readonly Volume[]) => void;
  readonly onDominant: (producerId: string) => void;
  /** The worker died; mediasoup has closed everything by itself. */
  readonly onDied: (floor: Floor) => void;
}

/** A microphone above the threshold. */
export interface Volume {
  readonly producerId: string;
  /** dBov. */
  readonly level: number;
}

/** What takes its share of the worker. */
export interface Guest {
  readonly load: number;
}

const speakerIntervalMs = 300;
/** The worker wants ten packets in an interval: 500 ms has them for frames of up to 50 ms. */
const levelIntervalMs = 500;
/** dBov. A quiet voice at a usual microphone is above it, a fan is below. */
const levelThreshold = -60;
const loudest = 16;
/** A path that has answered no check for so long gets no more media (RFC 7675 section 5.1 says 30 s). */
const iceConsentSeconds = 20;
/** Bursts of key frames overflow the usual 208 KiB. The kernel cuts it to net.core.rmem_max. */
const bufferBytes = 4 * 1024 * 1024;

export class Floor implements Resident {
  readonly id = randomUUID();
  readonly inflows = new Inflows();
  readonly guests = new Set<Guest>();
  #extraLoad = 0;

  private constructor(
    readonly worker: MediaWorker,
    readonly router: mediasoup.Router,
    readonly options: FloorOptions,
    readonly observers: readonly mediasoup.RtpObserver[],
  ) {}

  /** Rejects, with nothing left on the worker, when the worker is gone. */
  static async open(options: FloorOptions): Promise<Floor> {
    const router = await options.worker.process.createRouter({ mediaCodecs });
    try {
      const [dominant, levels] = await Promise.all([
        router.createActiveSpeakerObserver({ interval: speakerIntervalMs }),
        router.createAudioLevelObserver({ interval: levelIntervalMs, threshold: levelThreshold, maxEntries: loudest }),
      ]);
      const floor = new Floor(options.worker, router, options, [dominant, levels]);
      dominant.on('dominantspeaker', ({ producer }) => options.onDominant(producer.id));
      levels.on('volumes', (volumes) =>
        options.onVolumes(
          floor,
          volumes.map(({ producer, volume }) => ({ producerId: producer.id, level: volume })),
        ),
      );
      levels.on('silence', () => options.onVolumes(floor, []));
      options.worker.residents.add(floor);
      return floor;
    } catch (error) {
      router.close();
      throw error;
    }
  }

  get load(): number {
    let load = 1 + this.#extraLoad + this.inflows.size;
    for (const guest of this.guests) load += guest.load;
    return load;
  }

  createTransport(): Promise<mediasoup.WebRtcTransport> {
    return this.router.createWebRtcTransport({
      webRtcServer: this.worker.server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      iceConsentTimeout: iceConsentSeconds,
      initialAvailableOutgoingBitrate: this.options.initialOutgoingBitrate,
    });
  }

  /** From now on this microphone counts when somebody speaks. It leaves by itself when it closes. */
  async observe(microphone: mediasoup.Producer): Promise<void> {
    await Promise.all(this.observers.map((observer) => observer.addProducer({ producerId: microphone.id })));
  }

  /** Brings a producer of this floor to another one of this node. */
  async pipeTo(target: Floor, producerId: string): Promise<mediasoup.Producer> {
    const { pipeProducer } = await this.router.pipeToRouter({
      producerId,
      router: target.router,
      enableSctp: false,
      listenInfo: { protocol: 'udp', ip: '127.0.0.1', sendBufferSize: bufferBytes, recvBufferSize: bufferBytes },
    });
    if (!pipeProducer) throw new Error('mediasoup gave no pipe');
    return pipeProducer;
  }

  /** After a move: what it had counts for a while, so that not all go to the same worker. */
  rememberLoad(load: number, ms: number): void {
    this.#extraLoad = load;
    setTimeout(() => {
      this.#extraLoad = 0;
    }, ms).unref();
  }

  close(): void {
    this.worker.residents.delete(this);
    this.inflows.close();
    this.router.close();
  }

  /** The pool calls it. */
  workerDied(): void {
    this.inflows.close();
    this.options.onDied(this);
  }
}
