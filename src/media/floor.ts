/** What a room has in a worker: a router, and the observers of who speaks. It ends with the worker; the room then gets another. */
import type { types as mediasoup } from 'mediasoup';
import { mediaCodecs } from './codecs.js';
import type { MediaWorker } from './media-worker.js';
import { SpeakerWatch } from './speaker-watch.js';

export interface FloorOptions {
  readonly worker: MediaWorker;
  readonly initialOutgoingBitrate: number;
  readonly maxIncomingBitrate: number;
  /** The peer of a microphone's producer. */
  readonly peerOf: (producerId: string) => string | undefined;
  readonly onSpeaker: (peerId: string | null) => void;
}

const speakerIntervalMs = 300;
/** The worker wants ten packets in an interval: 500 ms has them for frames of up to 50 ms. */
const levelIntervalMs = 500;
/** dBov. A quiet voice at a usual microphone is above it, a fan is below. */
const levelThreshold = -60;
/** A path that has answered no check for so long gets no more media (RFC 7675 section 5.1 says 30 s). */
const iceConsentSeconds = 20;

export class Floor {
  readonly #watch: SpeakerWatch;

  private constructor(
    readonly worker: MediaWorker,
    readonly router: mediasoup.Router,
    readonly options: FloorOptions,
    readonly observers: readonly mediasoup.RtpObserver[],
    watch: SpeakerWatch,
  ) {
    this.#watch = watch;
  }

  /** Rejects, with nothing left on the worker, when the worker is gone. */
  static async open(options: FloorOptions): Promise<Floor> {
    const router = await options.worker.process.createRouter({ mediaCodecs });
    try {
      const [dominant, levels] = await Promise.all([
        router.createActiveSpeakerObserver({ interval: speakerIntervalMs }),
        router.createAudioLevelObserver({ interval: levelIntervalMs, threshold: levelThreshold, maxEntries: 8 }),
      ]);
      const watch = new SpeakerWatch({ onChange: options.onSpeaker });
      dominant.on('dominantspeaker', ({ producer }) => {
        const peerId = options.peerOf(producer.id);
        if (peerId !== undefined) watch.dominant(peerId);
      });
      levels.on('volumes', (volumes) => watch.heard(volumes.flatMap(({ producer }) => options.peerOf(producer.id) ?? [])));
      levels.on('silence', () => watch.silence());
      return new Floor(options.worker, router, options, [dominant, levels], watch);
    } catch (error) {
      router.close();
      throw error;
    }
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

  microphoneGone(peerId: string): void {
    this.#watch.gone(peerId);
  }

  close(): void {
    this.#watch.close();
    this.router.close();
  }

  /** mediasoup has closed everything by itself. */
  workerDied(): void {
    this.#watch.close();
  }
}
