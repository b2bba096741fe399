/**
 * What this page sends and receives, over mediasoup's transports.
 *
 * `setup` takes what Join or Rebuild answered, and replaces whatever was there. A connection that
 * breaks is mended in two steps: restart ICE (the same transports, a new path), and if that does
 * not help, Rebuild (new transports). The last picture of everybody stays until the new one comes.
 */

import { Device, type types } from 'mediasoup-client';
import { causeway } from '#proto';
import { backOff } from './back-off';
import type { LocalMedia } from './local-media';
import { Publisher, type SentSource } from './publisher';
import { type Counters, frozenTracks, judge, noQuality, type Quality, readCounters, type Scores } from './quality';
import { RpcError, toRpcError } from './rpc-error';
import { Store } from './store';
import { ViewReporter } from './view-reporter';

export interface MediaClientDeps {
  readonly meetingId: string;
  readonly rpc: causeway.MediaService;
  readonly local: LocalMedia;
  /** From `loadDevice`, as early as possible: it takes a moment. */
  readonly device: Promise<Device>;
  readonly onRefused: (source: SentSource, error: RpcError) => void;
}

/** Sound or picture of somebody else. */
export interface RemoteTrack {
  readonly consumerId: string;
  readonly producerId: string;
  /** Empty for a slot of the audio stage: `MeetingState.heard` says who is in it. */
  readonly participantId: string;
  /** From 1: a slot, in which the loudest are heard in turn. 0: what one participant sends. */
  readonly slot: number;
  readonly source: causeway.Source;
  readonly track: MediaStreamTrack;
  readonly stream: MediaStream;
  /** Its transport is gone; it is kept for its last picture until a new one comes. */
  readonly lost: boolean;
  /** It should move and does not: the connection is too weak for it. */
  readonly frozen: boolean;
  /** The server does not send it, because this page's connection has no bandwidth for it. */
  readonly starved: boolean;
}

export type MediaConnection = 'idle' | 'connecting' | 'connected' | 'recovering' | 'moving';

export interface MediaState {
  readonly connection: MediaConnection;
  /** By participant and source: see `remoteKey`. */
  readonly remote: ReadonlyMap<string, RemoteTrack>;
  readonly quality: Quality;
}

interface Live {
  readonly send: types.Transport;
  readonly receive: types.Transport;
  readonly consumers: Map<string, types.Consumer>;
}

const statsEveryMs = 5_000;
/** `disconnected` often heals by itself within a second or so. */
const graceMs = 1_500;
const restartMs = 4_000;
const rebuildMs = 8_000;
const keepLostMs = 6_000;

export class MediaClient extends Store<MediaState> {
  readonly view: ViewReporter;
  readonly #deps: MediaClientDeps;
  readonly #publisher: Publisher;
  #live: Live | null = null;
  /** Receive transports that are dead and still hold the last pictures. */
  readonly #retired: types.Transport[] = [];
  #waitingOffers: causeway.ConsumerOptions.$Properties[] = [];
  #recovering = false;
  #closed = false;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;
  #statsTimer: ReturnType<typeof setTimeout> | undefined;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;
  #counters: Counters | null = null;

  constructor(deps: MediaClientDeps) {
    super({ connection: 'idle', remote: new Map(), quality: noQuality });
    this.#deps = deps;
    this.#publisher = new Publisher({
      meetingId: deps.meetingId,
      local: deps.local,
      rpc: deps.rpc,
      onProblem: (source, error) => this.#refused(source, error),
    });
    this.view = new ViewReporter((shown) => {
      if (this.#live) deps.rpc.setView({ meetingId: deps.meetingId, shown: [...shown] }).catch(() => undefined);
    });
    globalThis.addEventListener('online', this.#check);
  }

  /** JSON for JoinRequest and RebuildRequest. */
  async rtpCapabilities(): Promise<string> {
    return JSON.stringify((await this.#deps.device).recvRtpCapabilities);
  }

  /** Makes transports and consumers as the server has them, and sends again what was sent. */
  async setup(media: causeway.MediaSetup.$Properties): Promise<void> {
    const device = await this.#deps.device;
    if (this.#closed) return;
    this.#dropLive();
    if (this.get().connection === 'idle') this.update({ connection: 'connecting' });
    const iceServers: RTCIceServer[] = JSON.parse(media.iceServers || '[]');
    const live: Live = {
      send: this.#transport(device, 'send', media.send, iceServers),
      receive: this.#transport(device, 'receive', media.receive, iceServers),
      consumers: new Map(),
    };
    this.#live = live;
    const known = new Set((media.consumers ?? []).map((c) => c.producerId));
    const late = this.#waitingOffers.filter((offer) => !known.has(offer.producerId));
    this.#waitingOffers = [];
    this.view.repeat();
    this.#counters = null;
    clearTimeout(this.#statsTimer);
    this.#statsTimer = setTimeout(() => void this.#stats(), statsEveryMs);
    // Seeing and hearing first: both sides negotiate on the same thread of the browser.
    const consuming = this.#consume(live, [...(media.consumers ?? []), ...late]);
    this.#publisher.attach(live.send, device);
    await consuming;
    this.#noticeConnection();
  }

  async consumersChanged(change: causeway.ConsumersChanged.$Properties): Promise<void> {
    for (const id of change.removed ?? []) this.#removeConsumer(id);
    const added = change.added ?? [];
    if (!this.#live) this.#waitingOffers.push(...added);
    else if (added.length > 0) await this.#consume(this.#live, added);
  }

  /** A host muted it or the server ended it. Says which source it was. */
  producerStopped(stopped: causeway.ProducerStopped.$Properties): SentSource | null {
    const source = this.#publisher.stopped(stopped.producerId ?? '', stopped.closed ?? false);
    if (source === 'microphone') void this.#deps.local.setMicrophone(false, false);
    if (source === 'camera') void this.#deps.local.setCamera(false, false);
    if (source === 'screen' || source === 'screenSound') this.#deps.local.stopScreen();
    return source;
  }

  /** The worker behind the transports is gone: all is to be made anew, now. */
  moved(): void {
    this.#waitingOffers = [];
    this.#dropLive();
    this.update({ connection: 'moving' });
    void this.#recover('rebuild');
  }

  /** The session is lost on the server: transports are gone, and Join will bring new ones. */
  suspend(): void {
    this.#waitingOffers = [];
    this.#dropLive();
    if (this.get().connection !== 'idle') this.update({ connection: 'recovering' });
  }

  /** The socket is back with the same session. */
  resumed(): void {
    this.#publisher.refresh();
    this.#check();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    globalThis.removeEventListener('online', this.#check);
    for (const timer of [this.#graceTimer, this.#statsTimer]) clearTimeout(timer);
    this.view.close();
    this.#publisher.close();
    this.#dropLive();
    clearTimeout(this.#lostTimer);
    this.#forgetLost();
    this.update({ connection: 'idle', remote: new Map() });
  }

  // Transports

  #transport(
    device: Device,
    direction: 'send' | 'receive',
    options: causeway.TransportOptions.$Properties | null | undefined,
    iceServers: RTCIceServer[],
  ): types.Transport {
    // mediasoup wrote these texts and mediasoup-client reads them; nothing in between needs their parts.
    const transportOptions: types.TransportOptions = {
      id: options?.id ?? '',
      iceParameters: JSON.parse(options?.iceParameters ?? '{}'),
      iceCandidates: JSON.parse(options?.iceCandidates ?? '[]'),
      dtlsParameters: JSON.parse(options?.dtlsParameters ?? '{}'),
      iceServers,
    };
    const transport = direction === 'send' ? device.createSendTransport(transportOptions) : device.createRecvTransport(transportOptions);
    transport.on('connect', ({ dtlsParameters }, done) => {
      this.#deps.rpc
        .connectTransport({ meetingId: this.#deps.meetingId, transportId: transport.id, dtlsParameters: JSON.stringify(dtlsParameters) })
        .catch(() => {
          if (this.#live?.send === transport || this.#live?.receive === transport) void this.#recover('rebuild');
        });
      // Not waited for: the first ICE check takes a round trip of its own, so the server knows in time.
      done();
    });
    transport.on('connectionstatechange', () => this.#noticeConnection());
    return transport;
  }

  #dropLive(): void {
    const live = this.#live;
    if (!live) return;
    this.#live = null;
    this.#publisher.detach();
    // Marked before the tracks end, so that their last pictures are never shown as closed.
    const remote = new Map<string, RemoteTrack>();
    for (const [key, track] of this.get().remote) remote.set(key, { ...track, lost: true });
    this.update({ remote });
    live.send.close();
    // Its tracks would turn black at once if it were closed now.
    this.#retired.push(live.receive);
    clearTimeout(this.#lostTimer);
    this.#lostTimer = setTimeout(() => this.#forgetLost(), keepLostMs);
  }

  #forgetLost(): void {
    for (const transport of this.#retired.splice(0)) transport.close();
    const remote = new Map([...this.get().remote].filter(([, track]) => !track.lost));
    if (remote.size !== this.get().remote.size) this.update({ remote });
  }

  // Receiving

  async #consume(live: Live, offers: readonly causeway.ConsumerOptions.$Properties[]): Promise<void> {
    // Asked for all at once, mediasoup-client makes one negotiation of them.
    const made = await Promise.allSettled(offers.map((offer) => this.#consumeOne(live, offer)));
    if (this.#live !== live) return;
    const consumerIds = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    if (consumerIds.length > 0)
      await this.#deps.rpc.resumeConsumers({ meetingId: this.#deps.meetingId, consumerIds }).catch(() => undefined);
  }

  async #consumeOne(live: Live, offer: causeway.ConsumerOptions.$Properties): Promise<string> {
    const source = offer.source ?? causeway.Source.SOURCE_UNSPECIFIED;
    const participantId = offer.participantId ?? '';
    const consumer = await live.receive.consume({
      id: offer.id ?? '',
      producerId: offer.producerId ?? '',
      kind: isPicture(source) ? 'video' : 'audio',
      rtpParameters: JSON.parse(offer.rtpParameters ?? '{}'),
      // Sound and picture of one source share a stream, so that the browser keeps them in step.
      streamId: `${participantId}-${source === causeway.Source.SOURCE_SCREEN || source === causeway.Source.SOURCE_SCREEN_AUDIO ? 'screen' : 'person'}`,
    });
    live.consumers.set(consumer.id, consumer);
    if (this.#live !== live) return consumer.id;
    const track: RemoteTrack = {
      consumerId: consumer.id,
      producerId: consumer.producerId,
      participantId,
      slot: offer.slot ?? 0,
      source,
      track: consumer.track,
      stream: new MediaStream([consumer.track]),
      lost: false,
      frozen: false,
      starved: false,
    };
    this.update({ remote: new Map(this.get().remote).set(remoteKey(participantId, source), track) });
    return consumer.id;
  }

  #removeConsumer(id: string): void {
    this.#waitingOffers = this.#waitingOffers.filter((offer) => offer.id !== id);
    const consumer = this.#live?.consumers.get(id);
    this.#live?.consumers.delete(id);
    consumer?.close();
    const remote = new Map([...this.get().remote].filter(([, track]) => track.consumerId !== id || track.lost));
    if (remote.size !== this.get().remote.size) this.update({ remote });
  }

  /** How loud each participant is right now, 0 to 1, by id. Read from the receivers, costs nothing. */
  levels(): ReadonlyMap<string, number> {
    const levels = new Map<string, number>();
    for (const remote of this.get().remote.values()) {
      if (remote.source !== causeway.Source.SOURCE_MICROPHONE || remote.lost) continue;
      const level = this.#live?.consumers.get(remote.consumerId)?.rtpReceiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
      levels.set(remote.participantId, level);
    }
    return levels;
  }

  // Mending

  #noticeConnection(): void {
    const live = this.#live;
    if (!live || this.#closed) return;
    const states = [live.send.connectionState, live.receive.connectionState];
    clearTimeout(this.#graceTimer);
    if (states.includes('failed')) void this.#recover('restart');
    else if (states.includes('disconnected')) this.#graceTimer = setTimeout(this.#check, graceMs);
    else if (!this.#recovering && !states.includes('connecting')) this.update({ connection: 'connected' });
  }

  readonly #check = (): void => {
    const live = this.#live;
    if (live && [live.send, live.receive].some(isBroken)) void this.#recover('restart');
  };

  async #recover(first: 'restart' | 'rebuild'): Promise<void> {
    if (this.#recovering || this.#closed) return;
    this.#recovering = true;
    if (this.get().connection !== 'moving') this.update({ connection: 'recovering' });
    let step = first;
    for (let attempt = 0; !this.#closed; attempt += 1) {
      try {
        if (step === 'restart' && this.#live) await this.#restartIce(this.#live);
        else await this.#rebuild();
        break;
      } catch (thrown) {
        const error = toRpcError(thrown);
        // The session is over; what comes next comes from Join.
        if (error.code === 'SOCKET_CLOSED' || error.code === 'MEETING_NOT_IN' || error.code === 'MEETING_NOT_FOUND') break;
        if (step === 'rebuild') await delay(backOff(attempt, { firstMs: 200, maxMs: 5_000 }));
        step = 'rebuild';
      }
    }
    this.#recovering = false;
    this.#noticeConnection();
  }

  async #restartIce(live: Live): Promise<void> {
    const broken = [live.send, live.receive].filter(isBroken);
    await Promise.all(
      broken.map(async (transport) => {
        const { iceParameters } = await within(
          restartMs,
          this.#deps.rpc.restartIce({ meetingId: this.#deps.meetingId, transportId: transport.id }),
        );
        await transport.restartIce({ iceParameters: JSON.parse(iceParameters) });
        await connected(transport, restartMs);
      }),
    );
  }

  async #rebuild(): Promise<void> {
    const { media } = await this.#deps.rpc.rebuild({ meetingId: this.#deps.meetingId, rtpCapabilities: await this.rtpCapabilities() });
    if (this.#closed) return;
    await this.setup(media ?? {});
    const live = this.#live;
    if (live && live.consumers.size > 0) await connected(live.receive, rebuildMs);
  }

  #refused(source: SentSource, error: RpcError): void {
    // The server still has what an answer that got lost had made. New transports begin with nothing.
    if (error.code === 'MEDIA_SOURCE_TAKEN' || error.code === 'MEDIA_NOT_FOUND') void this.#recover('rebuild');
    else this.#deps.onRefused(source, error);
  }

  // Quality

  async #stats(): Promise<void> {
    const live = this.#live;
    if (!live || this.#closed) return;
    try {
      const [report, scores] = await Promise.all([live.receive.getStats(), this.#scores()]);
      if (this.#live !== live) return;
      const counters = readCounters(report, performance.now());
      const frozen = document.visibilityState === 'visible' ? frozenTracks(this.#counters, counters) : new Set<string>();
      this.update({ quality: judge(this.#counters, counters, scores) });
      this.#markFrozen(frozen);
      this.#counters = counters;
    } catch {
      // The transport was closed meanwhile.
    }
    if (this.#live === live) this.#statsTimer = setTimeout(() => void this.#stats(), statsEveryMs);
  }

  async #scores(): Promise<Scores | null> {
    try {
      const reply = await this.#deps.rpc.stats({ meetingId: this.#deps.meetingId });
      return { send: reply.sendScore, receive: reply.receiveScore, known: reply.known };
    } catch {
      return null;
    }
  }

  #markFrozen(frozen: ReadonlySet<string>): void {
    let changed = false;
    const remote = new Map(this.get().remote);
    for (const [key, track] of remote) {
      // A screen on which nothing moves sends no frames; that is not a fault.
      const isFrozen = track.source === causeway.Source.SOURCE_CAMERA && frozen.has(track.track.id);
      if (track.frozen === isFrozen) continue;
      remote.set(key, { ...track, frozen: isFrozen });
      changed = true;
    }
    if (changed) this.update({ remote });
  }
}

/** What this browser can send and receive, given what the server can route. @throws RpcError BROWSER_UNSUPPORTED */
export async function loadDevice(routerRtpCapabilities: Readonly<Record<string, unknown>>): Promise<Device> {
  try {
    const device = new Device();
    // The server's answer is mediasoup's own object; `load` checks it field by field.
    await device.load({ routerRtpCapabilities });
    return device;
  } catch (thrown) {
    throw new RpcError('BROWSER_UNSUPPORTED', thrown instanceof Error ? thrown.message : '', false);
  }
}

export function remoteKey(participantId: string, source: causeway.Source): string {
  return `${participantId}:${source}`;
}

export function isPicture(source: causeway.Source): boolean {
  return source === causeway.Source.SOURCE_CAMERA || source === causeway.Source.SOURCE_SCREEN;
}

function isBroken(transport: types.Transport): boolean {
  return transport.connectionState === 'disconnected' || transport.connectionState === 'failed';
}

function connected(transport: types.Transport, timeoutMs: number): Promise<void> {
  if (transport.connectionState === 'connected') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      transport.off('connectionstatechange', look);
      transport.observer.off('close', gone);
      if (error) reject(error);
      else resolve();
    };
    const look = (state: types.ConnectionState): void => {
      if (state === 'connected') finish();
    };
    const gone = (): void => finish(RpcError.local('SOCKET_LOST'));
    const timer = setTimeout(() => finish(RpcError.local('CALL_TIMEOUT')), timeoutMs);
    transport.on('connectionstatechange', look);
    transport.observer.on('close', gone);
  });
}

function within<Result>(timeoutMs: number, promise: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(RpcError.local('CALL_TIMEOUT')), timeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
