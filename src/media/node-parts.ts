/**
 * The parts of rooms that are on this node, each directed from here or from another node. A part
 * whose director is gone lives on for a while: its peers see and hear each other, and the next
 * director takes it over.
 */
import type { Cluster } from '../platform/cluster/index.js';
import { CausewayError } from '../platform/errors.js';
import { LocalPart, type LocalPartDeps, type LocalPartOptions } from './local-part.js';
import { NodePipes, type NodePipesOptions } from './node-pipes.js';
import type {} from './part-calls.js';
import type { PartFace, PartListener } from './room-part.js';

export interface NodePartsDeps extends Omit<LocalPartDeps, 'onClosed' | 'bringDistant'> {
  /** Null: a node alone. */
  readonly cluster: Cluster | null;
  readonly pipes: NodePipesOptions;
  /** What other nodes tell of the rooms directed from here. */
  readonly onPartEvent: (room: string, node: string, ...event: Parameters<PartListener>) => void;
}

interface Kept {
  readonly part: LocalPart;
  /** The node that directs it. */
  director: string;
  orphaned: NodeJS.Timeout | undefined;
}

/** A part that nobody takes over is closed after this time, milliseconds. */
const orphanMs = 15_000;

export class NodeParts {
  readonly #options: Omit<LocalPartOptions, 'roomId'>;
  readonly #deps: NodePartsDeps;
  readonly #kept = new Map<string, Kept>();
  readonly #opening = new Map<string, Promise<LocalPart>>();
  readonly #pipes: NodePipes | null;

  constructor(options: Omit<LocalPartOptions, 'roomId'>, deps: NodePartsDeps) {
    this.#options = options;
    this.#deps = deps;
    const { cluster } = deps;
    const feed = (room: string, producerId: string) => this.#kept.get(room)?.part.ownFeed(producerId);
    this.#pipes = cluster && new NodePipes(deps.pipes, { cluster, feed });
    if (cluster) this.#serve(cluster);
  }

  get all(): LocalPart[] {
    return [...this.#kept.values()].map(({ part }) => part);
  }

  /** The part of the room here, directed by the node from now on; opened if need be. @throws MEDIA_UNAVAILABLE */
  async open(roomId: string, director: string, listener: PartListener): Promise<LocalPart> {
    const known = await this.#opening.get(roomId);
    if (known && this.#kept.get(roomId)?.part === known) return this.#direct(roomId, known, director, listener);
    const opening = LocalPart.open({ ...this.#options, roomId }, this.#partDeps(), listener);
    this.#opening.set(roomId, opening);
    try {
      const part = await opening;
      this.#kept.set(roomId, { part, director, orphaned: undefined });
      return part;
    } catch (error) {
      if (this.#opening.get(roomId) === opening) this.#opening.delete(roomId);
      throw error;
    }
  }

  /** What there is of the room here, for a director that takes it over; undefined: nothing. */
  take(roomId: string, director: string, listener: PartListener): LocalPart | undefined {
    const kept = this.#kept.get(roomId);
    return kept && this.#direct(roomId, kept.part, director, listener);
  }

  close(): void {
    for (const part of this.all) part.close();
  }

  #direct(roomId: string, part: LocalPart, director: string, listener: PartListener): LocalPart {
    const kept = this.#kept.get(roomId);
    clearTimeout(kept?.orphaned);
    this.#kept.set(roomId, { part, director, orphaned: undefined });
    part.listen(listener);
    return part;
  }

  #partDeps(): LocalPartDeps {
    return {
      ...this.#deps,
      onClosed: (part) => {
        const kept = this.#kept.get(part.roomId);
        if (kept?.part !== part) return;
        clearTimeout(kept.orphaned);
        this.#kept.delete(part.roomId);
        this.#opening.delete(part.roomId);
      },
      bringDistant: (roomId, feed, floor) => {
        if (!this.#pipes) throw new Error('there are no other nodes');
        return this.#pipes.bring(roomId, feed, floor);
      },
    };
  }

  // What directors on other nodes ask

  #serve(cluster: Cluster): void {
    const teller =
      (room: string, director: string): PartListener =>
      (event) => {
        if (this.#kept.get(room)?.director === director) cluster.tell(director, 'media.partEvent', { room, event });
      };
    cluster.answer('media.openPart', async ({ room }, from) => {
      await this.open(room, from, teller(room, from));
      return null;
    });
    cluster.answer('media.takePart', async ({ room }, from): Promise<PartFace | null> => {
      return this.take(room, from, teller(room, from))?.face ?? null;
    });
    cluster.answer('media.addPeer', ({ room, peerId, rtpCapabilities, sends }, from) =>
      this.#of(room, from).addPeer(peerId, rtpCapabilities, sends),
    );
    cluster.answer('media.connectTransport', async ({ room, peerId, transportId, dtlsParameters }, from) => {
      await this.#of(room, from).connectTransport(peerId, transportId, dtlsParameters);
      return null;
    });
    cluster.answer('media.restartIce', ({ room, peerId, transportId }, from) => this.#of(room, from).restartIce(peerId, transportId));
    cluster.answer('media.produce', ({ room, peerId, options }, from) => this.#of(room, from).produce(peerId, options));
    cluster.answer('media.setProducerPaused', async ({ room, peerId, producerId, paused }, from) => {
      await this.#of(room, from).setProducerPaused(peerId, producerId, paused);
      return null;
    });
    cluster.answer('media.resumeConsumers', async ({ room, peerId, consumerIds }, from) => {
      await this.#of(room, from).resumeConsumers(peerId, consumerIds);
      return null;
    });
    cluster.answer('media.setView', async ({ room, peerId, shown }, from) => {
      await this.#of(room, from).setView(peerId, shown);
      return null;
    });
    cluster.answer('media.scores', ({ room, peerId }, from) => this.#of(room, from).scores(peerId));
    cluster.hear('media.removePeer', ({ room, peerId }, from) => this.#find(room, from)?.removePeer(peerId));
    cluster.hear('media.closeProducer', ({ room, peerId, producerId }, from) => this.#find(room, from)?.closeProducer(peerId, producerId));
    cluster.hear('media.setDistant', ({ room, change }, from) => this.#find(room, from)?.setDistant(change));
    cluster.hear('media.setVoices', ({ room, voices }, from) => this.#find(room, from)?.setVoices(voices));
    cluster.hear('media.setTaps', ({ room, taps }, from) => this.#find(room, from)?.setTaps(taps));
    cluster.hear('media.closePart', ({ room }, from) => this.#find(room, from)?.close());
    // After the answers that came before it, whose askers go on in the same turn of the event loop.
    cluster.hear('media.partEvent', ({ room, event }, from) => void setImmediate(() => this.#deps.onPartEvent(room, from, event)));
    cluster.on('gone', (node) => this.#directorGone(node));
  }

  #directorGone(node: string): void {
    for (const kept of this.#kept.values()) {
      if (kept.director === node) kept.orphaned ??= setTimeout(() => kept.part.close(), orphanMs).unref();
    }
  }

  #find(room: string, director: string): LocalPart | undefined {
    const kept = this.#kept.get(room);
    return kept?.director === director ? kept.part : undefined;
  }

  /** @throws MEDIA_UNAVAILABLE when another node directs it by now, or it is gone. */
  #of(room: string, director: string): LocalPart {
    const part = this.#find(room, director);
    if (!part) throw new CausewayError('MEDIA_UNAVAILABLE');
    return part;
  }
}
