/**
 * Pipes between nodes. The node that wants a producer opens its end, asks the other for the one
 * there, and then for producer after producer through the same two ends (mediasoup's PipeTransport,
 * with SRTP, RFC 3711, and with retransmission, because there is a network in between).
 */
import type { types as mediasoup } from 'mediasoup';
import type { Cluster } from '../platform/cluster/index.js';
import type { Feed } from './feed.js';
import type { Floor } from './floor.js';
import type { Inflow } from './inflows.js';
import type { PipeEnd } from './part-calls.js';

export interface NodePipesOptions {
  /** Address of this node for the others, and the ports to use there. */
  readonly ip: string;
  readonly ports: { readonly min: number; readonly max: number };
}

export interface NodePipesDeps {
  readonly cluster: Cluster;
  /** A producer of this node. */
  readonly feed: (room: string, producerId: string) => Feed | undefined;
}

/** The end of a pipe that takes. */
interface Intake {
  readonly node: string;
  readonly transport: mediasoup.PipeTransport;
  /** Its name at the other node. */
  readonly pipe: string;
}

/** The end of a pipe that gives. */
interface Outlet {
  readonly node: string;
  readonly transport: mediasoup.PipeTransport;
  readonly consumers: Map<string, mediasoup.Consumer>;
}

const bufferBytes = 4 * 1024 * 1024;

export class NodePipes {
  readonly #options: NodePipesOptions;
  readonly #deps: NodePipesDeps;
  /** By floor here and floor there. */
  readonly #intakes = new Map<string, Promise<Intake>>();
  readonly #outlets = new Map<string, Outlet>();

  constructor(options: NodePipesOptions, deps: NodePipesDeps) {
    this.#options = options;
    this.#deps = deps;
    const { cluster } = deps;
    cluster.answer('media.connectPipe', ({ room, producerId, ...end }, from) => this.#connect(room, producerId, end, from));
    cluster.answer('media.consumePipe', ({ pipe, producerId }, from) => this.#consume(pipe, producerId, from));
    cluster.hear('media.releasePipe', ({ pipe, producerId }, from) => this.#release(pipe, producerId, from));
    cluster.hear('media.closePipe', ({ pipe }, from) => {
      const outlet = this.#outlets.get(pipe);
      if (outlet?.node === from) outlet.transport.close();
    });
    cluster.on('gone', (node) => this.#nodeGone(node));
  }

  get size(): number {
    return this.#intakes.size + this.#outlets.size;
  }

  /** Brings a producer of another node to a floor here. Rejects when it is gone, or the node is. */
  async bring(room: string, feed: Feed, floor: Floor): Promise<Inflow> {
    if (!feed.distant) throw new TypeError('the producer is here already');
    const { node, floor: floorThere } = feed.distant;
    const key = `${floor.id} ${node} ${floorThere}`;
    const opening = this.#intakes.get(key) ?? this.#open(key, room, feed.id, node, floor);
    const { transport, pipe } = await opening;
    const { kind, rtpParameters, paused } = await this.#deps.cluster.call(node, 'media.consumePipe', { pipe, producerId: feed.id });
    const producer = await transport.produce({ id: feed.id, kind, rtpParameters, paused });
    producer.observer.once('close', () => this.#deps.cluster.tell(node, 'media.releasePipe', { pipe, producerId: feed.id }));
    return { producer, close: () => producer.close() };
  }

  #open(key: string, room: string, producerId: string, node: string, floor: Floor): Promise<Intake> {
    const opening = this.#openIntake(room, producerId, node, floor);
    this.#intakes.set(key, opening);
    const forget = (): void => {
      if (this.#intakes.get(key) === opening) this.#intakes.delete(key);
    };
    opening.then(({ transport }) => transport.observer.once('close', forget), forget);
    return opening;
  }

  async #openIntake(room: string, producerId: string, node: string, floor: Floor): Promise<Intake> {
    const transport = await this.#createEnd(floor.router);
    try {
      const { pipe, ...end } = await this.#deps.cluster.call(node, 'media.connectPipe', { room, producerId, ...endOf(transport) });
      // With a worker that dies the end here is gone; the other one would keep its port.
      transport.observer.once('close', () => this.#deps.cluster.tell(node, 'media.closePipe', { pipe }));
      await transport.connect(end);
      return { node, transport, pipe };
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  async #connect(room: string, producerId: string, end: PipeEnd, from: string): Promise<{ pipe: string } & PipeEnd> {
    const floor = this.#deps.feed(room, producerId)?.origin?.floor;
    if (!floor) throw new Error('the producer is gone');
    const transport = await this.#createEnd(floor.router);
    try {
      await transport.connect(end);
    } catch (error) {
      transport.close();
      throw error;
    }
    this.#outlets.set(transport.id, { node: from, transport, consumers: new Map() });
    transport.observer.once('close', () => this.#outlets.delete(transport.id));
    return { pipe: transport.id, ...endOf(transport) };
  }

  async #consume(
    pipe: string,
    producerId: string,
    from: string,
  ): Promise<{ kind: mediasoup.MediaKind; rtpParameters: mediasoup.RtpParameters; paused: boolean }> {
    const outlet = this.#outlets.get(pipe);
    if (outlet?.node !== from) throw new Error('there is no such pipe');
    outlet.consumers.get(producerId)?.close();
    const consumer = await outlet.transport.consume({ producerId });
    outlet.consumers.set(producerId, consumer);
    consumer.observer.once('close', () => outlet.consumers.get(producerId) === consumer && outlet.consumers.delete(producerId));
    return { kind: consumer.kind, rtpParameters: consumer.rtpParameters, paused: consumer.producerPaused };
  }

  #release(pipe: string, producerId: string, from: string): void {
    const outlet = this.#outlets.get(pipe);
    if (outlet?.node === from) outlet.consumers.get(producerId)?.close();
  }

  #nodeGone(node: string): void {
    for (const { transport, node: other } of [...this.#outlets.values()]) if (other === node) transport.close();
    for (const opening of this.#intakes.values()) {
      opening.then(
        (intake) => intake.node === node && intake.transport.close(),
        () => undefined,
      );
    }
  }

  #createEnd(router: mediasoup.Router): Promise<mediasoup.PipeTransport> {
    const { ip, ports } = this.#options;
    return router.createPipeTransport({
      listenInfo: { protocol: 'udp', ip, portRange: ports, sendBufferSize: bufferBytes, recvBufferSize: bufferBytes },
      enableSrtp: true,
      enableRtx: true,
    });
  }
}

function endOf(transport: mediasoup.PipeTransport): PipeEnd {
  const { localAddress: ip, localPort: port } = transport.tuple;
  if (!transport.srtpParameters) throw new Error('mediasoup gave no SRTP keys');
  return { ip, port, srtpParameters: transport.srtpParameters };
}
