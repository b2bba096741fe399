/**
 * What this page sends and receives, over mediasoup's transports.
 *
 * `setup` takes what Join or Rebuild answered, and replaces whatever was there. A connection that
 * breaks is mended in two steps: restart ICE (the same transports, a new path), and if that does
 * not help, Rebuild (new transports). The last picture of everybody stays until the new one comes.
 */

import { Device, type types } from 'mediasoup-client';
import type { causeway } from '#proto';
import { backOff } from './back-off';
import type { LocalMedia } from './local-media';
import { Publisher, type SentSource } from './publisher';
import { noQuality, type Quality } from './quality';
import { QualityWatch } from './quality-watch';
import { Receiver } from './receiver';
import type { RemoteTracks } from './remote-tracks';
import { RpcError, toRpcError } from './rpc-error';
import { Store } from './store';
import { delay, within } from './time-limit';
import { connected, createTransport, isBroken, type TransportDeps } from './transports';
import { ViewReporter } from './view-reporter';

export interface MediaClientDeps {
  readonly meetingId: string;
  readonly rpc: causeway.MediaService;
  readonly local: LocalMedia;
  /** From `loadDevice`, as early as possible: it takes a moment. */
  readonly device: Promise<Device>;
  /** Who is heard through which slot, from slot 1. */
  readonly heard: () => readonly (string | null)[];
  readonly onRefused: (source: SentSource, error: RpcError) => void;
  /** Nothing comes through any more; the socket may be dead as well. */
  readonly onTrouble: () => void;
}

export type MediaConnection = 'idle' | 'connecting' | 'connected' | 'recovering' | 'moving';

export interface MediaState {
  readonly connection: MediaConnection;
  /** By participant and source (see `remoteKey`), or by slot of the audio stage. */
  readonly remote: RemoteTracks;
  readonly quality: Quality;
}

interface Live {
  /** Null for a viewer, who sends nothing. */
  readonly send: types.Transport | null;
  readonly receive: types.Transport;
}

/** `disconnected` often heals by itself within a second or so. */
const graceMs = 1_500;
const restartMs = 4_000;
const rebuildMs = 8_000;

export class MediaClient extends Store<MediaState> {
  readonly view: ViewReporter;
  readonly #deps: MediaClientDeps;
  readonly #publisher: Publisher;
  readonly #receiver: Receiver;
  readonly #quality: QualityWatch;
  #live: Live | null = null;
  #recovering = false;
  /** Join is under way, and will bring other transports. */
  #awaitsSetup = false;
  #setups = 0;
  #closed = false;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: MediaClientDeps) {
    super({ connection: 'idle', remote: new Map(), quality: noQuality });
    this.#deps = deps;
    const { meetingId, rpc, local, heard } = deps;
    this.#publisher = new Publisher({ meetingId, local, rpc, onProblem: (source, error) => this.#refused(source, error) });
    this.#receiver = new Receiver({ meetingId, rpc, heard, onTracks: (remote) => this.update({ remote }) });
    this.#quality = new QualityWatch({
      meetingId,
      rpc,
      starved: () => this.#receiver.starved,
      onLook: (quality, change) => {
        this.update({ quality });
        this.#receiver.looked(change);
      },
    });
    this.view = new ViewReporter((shown) => {
      if (this.#live) rpc.setView({ meetingId, shown: [...shown] }).catch(() => undefined);
    });
  }

  /** JSON for JoinRequest and RebuildRequest. */
  async rtpCapabilities(): Promise<string> {
    return JSON.stringify((await this.#deps.device).recvRtpCapabilities);
  }

  /** Makes transports and consumers as the server has them, and sends again what was sent. */
  async setup(media: causeway.MediaSetup.$Properties): Promise<void> {
    const device = await this.#deps.device;
    if (this.#closed) return;
    const isFirst = this.get().connection === 'idle';
    this.#dropLive();
    this.#awaitsSetup = false;
    this.#setups += 1;
    if (isFirst) this.update({ connection: 'connecting' });
    const { meetingId, rpc } = this.#deps;
    const transportDeps: TransportDeps = {
      device,
      iceServers: JSON.parse(media.iceServers || '[]'),
      connect: (transportId, dtlsParameters) => rpc.connectTransport({ meetingId, transportId, dtlsParameters }),
      onRefused: (transport) => {
        if (this.#live?.send === transport || this.#live?.receive === transport) void this.#recover('rebuild');
      },
      onState: () => this.#noticeConnection(),
    };
    const live: Live = {
      send: media.send ? createTransport('send', media.send, transportDeps) : null,
      receive: createTransport('receive', media.receive ?? {}, transportDeps),
    };
    this.#live = live;
    this.view.repeat();
    this.#quality.watch(live);
    // Seeing and hearing first: both sides negotiate on the same thread of the browser.
    const receiving = this.#receiver.attach(live.receive, media.consumers ?? [], !isFirst);
    if (live.send) this.#publisher.attach(live.send, device);
    await receiving;
    this.#noticeConnection();
  }

  consumersChanged(change: causeway.ConsumersChanged.$Properties): Promise<void> {
    return this.#receiver.changed(change);
  }

  /** A host muted it or the server ended it. Says which source it was. */
  producerStopped(stopped: causeway.ProducerStopped.$Properties): SentSource | null {
    const source = this.#publisher.stopped(stopped.producerId ?? '', stopped.closed ?? false);
    if (source === 'microphone') void this.#deps.local.setMicrophone(false, false);
    if (source === 'camera') void this.#deps.local.setCamera(false, false);
    if (source === 'screen' || source === 'screenSound') this.#deps.local.stopScreen();
    return source;
  }

  producerDemand({ producerId, maxSpatialLayer }: causeway.ProducerDemand.$Properties): void {
    this.#publisher.demand(producerId ?? '', maxSpatialLayer ?? 0);
  }

  producerUndecodable({ producerId }: causeway.ProducerUndecodable.$Properties): void {
    this.#publisher.undecodable(producerId ?? '');
  }

  videoStarved({ consumerIds }: causeway.VideoStarved.$Properties): void {
    this.#receiver.setStarved(new Set(consumerIds ?? []));
  }

  /** The worker behind the transports is gone: all is to be made anew, now. */
  moved(): void {
    this.#receiver.forgetOffers();
    this.#dropLive();
    this.update({ connection: 'moving' });
    void this.#recover('rebuild');
  }

  /** The session is lost on the server: transports are gone, and Join will bring new ones. */
  suspend(): void {
    this.#receiver.forgetOffers();
    this.#awaitsSetup = true;
    this.#dropLive();
    if (this.get().connection !== 'idle') this.update({ connection: 'recovering' });
  }

  /** Join was called again, and replaces all that is here; until then it goes on as it can. */
  awaitSetup(): void {
    this.#awaitsSetup = true;
  }

  /** The socket is back with the same session. Where it was lost, the path of media may have been too. */
  resumed(): void {
    this.#publisher.refresh();
    this.networkChanged(true);
  }

  /** `moved`: nobody waits for the browser to find out that the path is dead. */
  networkChanged(moved: boolean): void {
    const live = this.#live;
    if (live && (moved || transportsOf(live).some(isBroken))) void this.#recover('restart', moved);
  }

  /** Tells the server what was counted up to now: before leaving. */
  reportQuality(): void {
    this.#quality.stop();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#graceTimer);
    this.view.close();
    this.#publisher.close();
    this.#dropLive();
    this.#receiver.close();
    this.update({ connection: 'idle' });
  }

  #dropLive(): void {
    const live = this.#live;
    if (!live) return;
    this.#live = null;
    this.#publisher.detach();
    this.#quality.stop();
    this.#receiver.detach();
    live.send?.close();
  }

  /** How loud each participant is right now, 0 to 1, by id. */
  levels(): ReadonlyMap<string, number> {
    return this.#receiver.levels();
  }

  // Mending

  #noticeConnection(): void {
    const live = this.#live;
    if (!live || this.#closed || this.#awaitsSetup) return;
    const states = transportsOf(live).map((transport) => transport.connectionState);
    clearTimeout(this.#graceTimer);
    if (states.includes('failed') || states.includes('disconnected')) this.#deps.onTrouble();
    if (states.includes('failed')) void this.#recover('restart');
    else if (states.includes('disconnected')) this.#graceTimer = setTimeout(() => this.networkChanged(false), graceMs);
    else if (!this.#recovering && !states.includes('connecting')) this.update({ connection: 'connected' });
  }

  /** `all`: transports that seem to be well, too. */
  async #recover(first: 'restart' | 'rebuild', all = false): Promise<void> {
    if (this.#recovering || this.#closed || this.#awaitsSetup) return;
    this.#recovering = true;
    // What seems to be well is looked after without words.
    const isDown = first === 'rebuild' || (this.#live !== null && transportsOf(this.#live).some(isBroken));
    if (isDown && this.get().connection !== 'moving') this.update({ connection: 'recovering' });
    let step = first;
    for (let attempt = 0; !this.#closed && !this.#awaitsSetup; attempt += 1) {
      const live = this.#live;
      try {
        if (step === 'restart' && live) await this.#restartIce(live, all);
        else await this.#rebuild();
        break;
      } catch (thrown) {
        const error = toRpcError(thrown);
        // The session is over; what comes next comes from Join.
        if (error.code === 'SOCKET_CLOSED' || error.code === 'MEETING_NOT_IN' || error.code === 'MEETING_NOT_FOUND') break;
        // The socket went with the old network. It comes back, and the transports may still do.
        const isSocket = error.code === 'SOCKET_LOST' && live !== null && live === this.#live;
        if (step === 'restart' && isSocket && attempt < 3) continue;
        if (step === 'rebuild') await delay(backOff(attempt, { firstMs: 200, maxMs: 5_000 }));
        step = 'rebuild';
      }
    }
    this.#recovering = false;
    this.#noticeConnection();
  }

  async #restartIce(live: Live, all: boolean): Promise<void> {
    // What has not been connected yet has no path that could be another one.
    const lame = transportsOf(live).filter((one) => isBroken(one) || (all && one.connectionState === 'connected'));
    await Promise.all(
      lame.map(async (transport) => {
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
    const setups = this.#setups;
    const { media } = await this.#deps.rpc.rebuild({ meetingId: this.#deps.meetingId, rtpCapabilities: await this.rtpCapabilities() });
    // What Join brought meanwhile is newer.
    if (this.#closed || this.#awaitsSetup || this.#setups !== setups) return;
    await this.setup(media ?? {});
    const live = this.#live;
    if (live && this.#receiver.count > 0) await connected(live.receive, rebuildMs);
  }

  #refused(source: SentSource, error: RpcError): void {
    // The server still has what an answer that got lost had made. New transports begin with nothing.
    if (error.code === 'MEDIA_SOURCE_TAKEN' || error.code === 'MEDIA_NOT_FOUND') void this.#recover('rebuild');
    else this.#deps.onRefused(source, error);
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

function transportsOf({ send, receive }: Live): types.Transport[] {
  return send ? [send, receive] : [receive];
}
