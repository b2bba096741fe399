/**
 * The nodes over the bus: each says on one channel that it lives, and has a channel of its own for
 * what others ask it. Where the bus is not shared this node is alone and subscribes to nothing.
 */
import { EventEmitter } from 'node:events';
import type { Bus, Unsubscribe } from '../bus/index.js';
import { CausewayError, toCausewayError } from '../errors.js';
import type { Log } from '../log.js';
import type { CallName, Calls, Cluster, ClusterEvents, NodeFace, WordName, Words } from './cluster.js';
import { LivingNodes } from './living-nodes.js';
import { type NodeFrame, readFrame, readNews, readRefusal, writeFrame, writeNews, writeRefusal } from './node-frames.js';
import { Unsent } from './unsent.js';

export interface BusClusterDeps {
  readonly nodeId: string;
  readonly bus: Bus;
  readonly leaseMs: number;
  readonly log: Log;
  /** Asked at each heartbeat. */
  readonly face: () => Omit<NodeFace, 'id'>;
}

type Answer = (request: unknown, from: string) => Promise<unknown>;
type Hear = (word: unknown, from: string) => void;

interface PendingCall {
  readonly nodeId: string;
  readonly settle: (result: { reply: unknown } | { error: CausewayError }) => void;
}

const news = 'nodes';
/** A call that is not answered in this time fails, unless it says otherwise, milliseconds. */
const usualAnswerMs = 5_000;
/** After the bus was away, nodes find it again at different times, milliseconds apart. */
const reconnectMs = 2_000;

export class BusCluster extends EventEmitter<ClusterEvents> implements Cluster {
  readonly nodeId: string;
  readonly #deps: BusClusterDeps;
  /** The others. */
  readonly #living: LivingNodes;
  readonly #answers = new Map<string, Answer>();
  readonly #listeners = new Map<string, Hear[]>();
  readonly #pending = new Map<number, PendingCall>();
  /** The newest frame of each node: the bus's client may send one twice when its connection breaks. */
  readonly #received = new Map<string, number>();
  readonly #unsent: Unsent;
  readonly #unsubscribe: Unsubscribe[] = [];
  #lastSent = 0;
  #lastCall = 0;
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;
  /** When our own heartbeat came back: what others said before has come as well. */
  #echoAt = performance.now();
  #closing: Promise<void> | null = null;

  constructor(deps: BusClusterDeps) {
    super();
    // Every meeting and every room may listen.
    this.setMaxListeners(0);
    this.nodeId = deps.nodeId;
    this.#deps = deps;
    this.#living = new LivingNodes(deps.leaseMs);
    this.#unsent = new Unsent({ publish: (nodeId, frame) => deps.bus.publish(channelOf(nodeId), frame) });
  }

  get nodes(): readonly NodeFace[] {
    return [this.#face, ...this.#living.faces];
  }

  /** Resolves once the others are known. */
  async open(): Promise<void> {
    const { bus, leaseMs } = this.#deps;
    if (!bus.shared) return;
    this.#unsubscribe.push(await bus.subscribe(channelOf(this.nodeId), (bytes) => this.#take(bytes)));
    let heard = () => {};
    let echoed = false;
    const faces = new Set<string>();
    this.#unsubscribe.push(
      await bus.subscribe(news, (bytes) => {
        const id = this.#hearNews(bytes);
        if (id === this.nodeId) echoed = true;
        else if (id !== null) faces.add(id);
        heard();
      }),
    );
    this.#echoAt = performance.now();
    const receivers = await this.#sayAlive(true);
    await new Promise<void>((resolve) => {
      const enough = setTimeout(resolve, leaseMs / 2);
      heard = () => {
        if (!echoed || faces.size < receivers - 1) return;
        clearTimeout(enough);
        resolve();
      };
      heard();
    });
    heard = () => {};
    this.#timer = setInterval(() => this.#tick(), leaseMs / 8).unref();
  }

  call<Name extends CallName>(
    nodeId: string,
    name: Name,
    request: Calls[Name]['request'],
    { answerMs = usualAnswerMs }: { readonly answerMs?: number } = {},
  ): Promise<Calls[Name]['reply']> {
    // Both ends are this program: `Calls` says once what travels.
    if (nodeId === this.nodeId) return this.#callHere(name, request).then((reply) => reply as Calls[Name]['reply']);
    return new Promise((resolve, reject) => {
      this.#lastCall += 1;
      const id = this.#lastCall;
      const timer = setTimeout(() => settle({ error: new CausewayError('CLUSTER_NODE_GONE') }), answerMs);
      const settle: PendingCall['settle'] = (result) => {
        if (!this.#pending.delete(id)) return;
        clearTimeout(timer);
        if ('error' in result) reject(result.error);
        else resolve(result.reply as Calls[Name]['reply']);
      };
      this.#pending.set(id, { nodeId, settle });
      const gone = this.#unsent.has(nodeId) ? Promise.resolve(0) : null;
      (gone ?? this.#send(nodeId, (sequence) => ['call', this.nodeId, sequence, id, name, request])).then(
        (receivers) => {
          if (receivers === 0) settle({ error: new CausewayError('CLUSTER_NODE_GONE') });
        },
        (cause: unknown) => settle({ error: new CausewayError('CLUSTER_NODE_GONE', { cause }) }),
      );
    });
  }

  answer<Name extends CallName>(
    name: Name,
    answer: (request: Calls[Name]['request'], from: string) => Promise<Calls[Name]['reply']>,
  ): void {
    if (this.#answers.has(name)) throw new Error(`${name} is answered already`);
    this.#answers.set(name, (request, from) => answer(request as Calls[Name]['request'], from));
  }

  tell<Name extends WordName>(nodeId: string, name: Name, word: Words[Name]): void {
    if (nodeId === this.nodeId) {
      queueMicrotask(() => this.#hear(name, word, nodeId));
      return;
    }
    this.#say(nodeId, (sequence) => ['word', this.nodeId, sequence, name, word]);
  }

  hear<Name extends WordName>(name: Name, listener: (word: Words[Name], from: string) => void): void {
    const listeners = this.#listeners.get(name) ?? [];
    listeners.push((word, from) => listener(word as Words[Name], from));
    this.#listeners.set(name, listeners);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #face(): NodeFace {
    return { id: this.nodeId, ...this.#deps.face() };
  }

  async #close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    if (this.#deps.bus.shared) {
      await this.#deps.bus
        .publish(news, writeNews({ kind: 'goodbye', id: this.nodeId }))
        .catch((error: unknown) => this.#deps.log.debug({ err: error }, 'cluster: no goodbye'));
    }
    for (const unsubscribe of this.#unsubscribe.splice(0)) await unsubscribe();
    for (const { settle } of [...this.#pending.values()]) settle({ error: new CausewayError('SERVER_DRAINING') });
  }

  #tick(): void {
    this.#ticks += 1;
    if (this.#ticks % 2 === 0)
      this.#sayAlive(false).catch((error: unknown) => this.#deps.log.debug({ err: error }, 'cluster: no heartbeat'));
    // Who does not hear himself can't say that others are silent: the bus is away, or this process stood still.
    const now = performance.now();
    if (now - this.#echoAt > this.#deps.leaseMs / 2) return;
    for (const id of this.#living.takeSilent(now)) this.#tellGone(id);
  }

  /** Gives how many hear it. */
  #sayAlive(asks: boolean): Promise<number> {
    return this.#deps.bus.publish(news, writeNews({ kind: 'alive', face: this.#face, asks }));
  }

  /** Gives the node that it came from, if it lives. */
  #hearNews(bytes: Uint8Array): string | null {
    const message = readNews(bytes);
    if (message === null || this.#closing) return null;
    if (message.kind === 'goodbye') {
      if (this.#living.remove(message.id)) this.#tellGone(message.id);
      return null;
    }
    const { face, asks } = message;
    const now = performance.now();
    if (face.id === this.nodeId) {
      if (now - this.#echoAt > this.#deps.leaseMs) this.#living.forgive(now + reconnectMs);
      this.#echoAt = now;
      void this.#unsent.sendAll();
      return face.id;
    }
    if (this.#living.heard(face, now)) {
      this.#deps.log.info({ other: face.id, gateway: face.gatewayUrl }, 'cluster: a node is there');
      this.#emitSafely(() => this.emit('joined', face));
    }
    if (asks) void this.#sayAlive(false).catch(() => undefined);
    return face.id;
  }

  #tellGone(id: string): void {
    this.#deps.log.warn({ other: id }, 'cluster: a node is gone');
    this.#received.delete(id);
    this.#unsent.forget(id);
    for (const { nodeId, settle } of [...this.#pending.values()])
      if (nodeId === id) settle({ error: new CausewayError('CLUSTER_NODE_GONE') });
    this.#emitSafely(() => this.emit('gone', id));
  }

  #take(bytes: Uint8Array): void {
    const frame = readFrame(bytes);
    if (frame === null) {
      this.#deps.log.warn({ bytes: bytes.length }, 'cluster: a frame of another node could not be read');
      return;
    }
    const [, from, sequence] = frame;
    if (sequence <= (this.#received.get(from) ?? 0)) return;
    this.#received.set(from, sequence);
    if (frame[0] === 'call') void this.#answer(from, frame[3], frame[4], frame[5]);
    else if (frame[0] === 'word') this.#hear(frame[3], frame[4], from);
    else if (frame[0] === 'reply') this.#pending.get(frame[3])?.settle({ reply: frame[4] });
    else this.#pending.get(frame[3])?.settle({ error: readRefusal(frame[4]) });
  }

  async #callHere(name: string, request: unknown): Promise<unknown> {
    await Promise.resolve();
    return this.#answerOf(name)(request, this.nodeId);
  }

  async #answer(from: string, id: number, name: string, request: unknown): Promise<void> {
    try {
      const reply = await this.#answerOf(name)(request, from);
      this.#say(from, (sequence) => ['reply', this.nodeId, sequence, id, reply]);
    } catch (thrown) {
      const error = toCausewayError(thrown);
      if (error.code === 'SERVER_FAULT') this.#deps.log.error({ err: thrown, call: name, from }, 'cluster: a call failed unexpectedly');
      this.#say(from, (sequence) => ['refusal', this.nodeId, sequence, id, writeRefusal(error)]);
    }
  }

  #answerOf(name: string): Answer {
    const answer = this.#answers.get(name);
    if (!answer) throw new CausewayError('CLUSTER_NODE_GONE', { cause: new Error(`${name} is not answered here, or not yet`) });
    return answer;
  }

  #hear(name: string, word: unknown, from: string): void {
    for (const listener of this.#listeners.get(name) ?? []) this.#emitSafely(() => listener(word, from));
  }

  /** Says it now, or, to a node that lives, when the bus is there again. */
  #say(nodeId: string, frame: (sequence: number) => NodeFrame): void {
    if (!this.#deps.bus.shared) return;
    this.#lastSent += 1;
    const sequence = this.#lastSent;
    const bytes = writeFrame(frame(sequence));
    if (this.#unsent.has(nodeId)) {
      this.#keep(nodeId, sequence, bytes);
      return;
    }
    this.#deps.bus.publish(channelOf(nodeId), bytes).then(
      (receivers) => receivers === 0 && this.#keep(nodeId, sequence, bytes),
      (error: unknown) => {
        this.#deps.log.debug({ err: error, to: nodeId }, 'cluster: a node is told later');
        this.#keep(nodeId, sequence, bytes);
      },
    );
  }

  #keep(nodeId: string, sequence: number, bytes: Uint8Array): void {
    if (this.#closing || !this.#living.has(nodeId)) return;
    if (!this.#unsent.keep(nodeId, sequence, bytes)) this.#deps.log.error({ to: nodeId }, 'cluster: a node was not told');
  }

  /** Hands the frame to the bus in this very turn, so that frames go out in the order of the calls. */
  async #send(nodeId: string, frame: (sequence: number) => NodeFrame): Promise<number> {
    if (!this.#deps.bus.shared) return 0;
    this.#lastSent += 1;
    return this.#deps.bus.publish(channelOf(nodeId), writeFrame(frame(this.#lastSent)));
  }

  /** A listener that throws must not keep others from hearing. */
  #emitSafely(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#deps.log.error({ err: error }, 'cluster: a listener threw');
    }
  }
}

function channelOf(nodeId: string): string {
  return `node/${nodeId}`;
}
